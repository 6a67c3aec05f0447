/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_TOPIC_H
#define FLAGSHIP_TOPIC_H

#include <flagship/error.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLAGSHIP_SERIAL_LENGTH_MAX  32
#define FLAGSHIP_USER_ID_LENGTH_MAX 64
#define FLAGSHIP_TOPIC_LENGTH_MAX   128
#define FLAGSHIP_CLIENT_TOPICS      5

/* protocol.md 1, Topics. */
enum flagship_topic_kind {
	FLAGSHIP_TOPIC_NOTICE,             /* /phone/maker/SN/notice */
	FLAGSHIP_TOPIC_COMMAND_REPLY,      /* /phone/maker/SN/command/reply */
	FLAGSHIP_TOPIC_QUERY_REPLY,        /* /phone/maker/SN/query/reply */
	FLAGSHIP_TOPIC_CHANGE_NOTICE,      /* /phone/maker/SN/change_notice */
	FLAGSHIP_TOPIC_COMMAND,            /* /device/maker/SN/command */
	FLAGSHIP_TOPIC_QUERY,              /* /device/maker/SN/query */
	FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, /* /phone/user/UID/change_notice */
	/* Printers subscribe to these two as well; what they carry was never seen. */
	FLAGSHIP_TOPIC_SMART_COMMAND,  /* /smart/maker/SN/command */
	FLAGSHIP_TOPIC_SERVER_COMMAND, /* /server/maker/SN/command */
};

#define FLAGSHIP_TOPIC_KINDS (FLAGSHIP_TOPIC_SERVER_COMMAND + 1)

/* What a topic says. owner is the serial number, or the user id of a USER_CHANGE_NOTICE. */
struct flagship_topic {
	enum flagship_topic_kind kind;
	char owner[FLAGSHIP_USER_ID_LENGTH_MAX + 1];
};

/* 1 to 32 ASCII letters and digits: nothing that could be a level or a wildcard of MQTT. */
bool flagship_serial_valid(const char *serial);

/*
 * owner: a serial number, or for USER_CHANGE_NOTICE a user id of 1 to 64 letters, digits, - and _.
 * Errors: SERIAL, BUFFER (FLAGSHIP_TOPIC_LENGTH_MAX + 1 always suffices), ARGUMENT (no such kind).
 */
FLAGSHIP_CHECKED int flagship_topic_build(enum flagship_topic_kind kind, const char *owner,
					  char *out, size_t capacity);

/* The inverse, of a topic of `length` bytes. Errors: TOPIC, SERIAL. */
FLAGSHIP_CHECKED int flagship_topic_parse(const char *topic, size_t length,
					  struct flagship_topic *out);

/*
 * What a client subscribes to for one printer, each by name, since the cloud refuses wildcards:
 * notice, command/reply, query/reply, change_notice, and the user's change_notice. Returns how
 * many were written: 5, or 4 where user_id is NULL or empty; or an error: SERIAL.
 */
FLAGSHIP_CHECKED int flagship_topic_client(
	const char *serial, const char *user_id,
	char topics[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1]);

#ifdef __cplusplus
}
#endif

#endif
