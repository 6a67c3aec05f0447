/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_FIELD_H
#define FLAGSHIP_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a message or a field is seen (protocol.md 3). */
#define FLAGSHIP_DIRECTION_NOTICE  1u
#define FLAGSHIP_DIRECTION_COMMAND 2u
#define FLAGSHIP_DIRECTION_QUERY   4u
#define FLAGSHIP_DIRECTION_REPLY   8u

enum flagship_field_kind {
	FLAGSHIP_FIELD_INT,  /* int64_t */
	FLAGSHIP_FIELD_REAL, /* double */
	FLAGSHIP_FIELD_TEXT, /* struct flagship_text */
	FLAGSHIP_FIELD_JSON, /* struct flagship_json */
};

/* One field of a message, as mqtt.stf describes it. Its presence bit is 1 << its place in the
 * table. */
struct flagship_field_info {
	const char *name; /* in the JSON */
	const char *key;  /* the same as printers write it: with quotes and colon */
	uint8_t name_length;
	uint8_t kind;       /* enum flagship_field_kind */
	uint16_t offset;    /* in the message's struct */
	uint8_t directions; /* FLAGSHIP_DIRECTION_… */
	bool required;      /* a command or query without it is refused */
	bool has_range;
	int64_t minimum;
	int64_t maximum;
	const char *unit; /* "" where it has none */
	const char *description;
};

/* One type of message, as mqtt.stf describes it. */
struct flagship_message_info {
	int64_t id;
	const char *name;        /* ours: nozzle_temp */
	const char *vendor_name; /* ZZ_MQTT_CMD_NOZZLE_TEMP, or "" */
	uint8_t directions;
	char grade;          /* 'A', 'B' or 'C' */
	uint8_t field_count; /* at most 32 */
	const struct flagship_field_info *fields;
	const char *description;
};

/* NULL where mqtt.stf does not know the type. */
const struct flagship_message_info *flagship_message_info(int64_t id);

/* By our name or the vendor's, whole or without ZZ_MQTT_CMD_, in either case. NULL if unknown. */
const struct flagship_message_info *flagship_message_info_by_name(const char *name);

/* All of them in the order of their ids. */
const struct flagship_message_info *flagship_message_infos(size_t *count);

#ifdef __cplusplus
}
#endif

#endif
