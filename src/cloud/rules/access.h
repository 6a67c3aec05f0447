/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_RULES_ACCESS_H
#define CLOUD_RULES_ACCESS_H

#include "cloud/registry/registry.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The vendor's rules about who may do what at the broker, for every broker there is: the mosquitto
 * plugin, EMQX and RabbitMQ ask here. An account reaches exactly its printers' topics, a printer
 * exactly its own; wildcards, shared subscriptions, $SYS and retained messages are for
 * administrators alone. An account may look on at what is sent to its printers; nobody but
 * administrators sends on the two topics that printers keep for voice assistants and the cloud.
 */
/* Here is received what was held back of a client that is not proven to be the printer whose serial
 * number follows: by administrators, and by the accounts that reach the printer. */
#define ACCESS_QUARANTINE "/flagship/quarantine/"

enum access_role {
	ACCESS_NOBODY,
	ACCESS_ACCOUNT,
	ACCESS_PRINTER,  /* its serial number is proven */
	ACCESS_UNPROVEN, /* claims to be a printer: only its own topics, nobody receives from it,
			    and it receives nothing but the cloud's questions */
	ACCESS_ADMINISTRATOR,
};

enum access_operation {
	ACCESS_PUBLISH,
	ACCESS_SUBSCRIBE,
	ACCESS_RECEIVE, /* of one message */
};

struct access_login {
	enum access_role role;
	char user_id[REGISTRY_TEXT_MAX];             /* of an ACCOUNT or ADMINISTRATOR */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1]; /* of a PRINTER; of an UNPROVEN one the
							claim, "" until its first topic where its
							name does not tell */
};

enum access_login_result {
	ACCESS_LOGIN_TAKEN,
	ACCESS_LOGIN_WRONG,   /* an account's user name with a wrong password */
	ACCESS_LOGIN_UNKNOWN, /* no account, and no printer's: it may be a printer */
};

/* Whether this is how printers log in, eufy_fdm_<serial number> (protocol.md 1), and so nobody
 * else. The serial number is "" where what follows is none. NULL is no name. */
bool access_names_printer(const char *username, char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1]);

/*
 * Who logs in with this user name and password (NULL: none): an account as eufy_<user_id> with its
 * MQTT password, compared in constant time, or a printer whose credential is bound (one of them,
 * where several present the same and do not say by their name which they are). A printer's name
 * alone is no credential, since it is no secret. Errors: those of the registry, which count as
 * nobody.
 */
int access_login(struct registry *registry, const char *username, const char *password,
		 struct access_login *login, enum access_login_result *result);

/*
 * Whether the login may do this with the topic (a filter, for SUBSCRIBE). NULL where it may, else
 * why not, for a log. An UNPROVEN login that names a printer's own topic for the first time has
 * claimed its serial number by that. topic need not be valid UTF-8 or short.
 */
const char *access_check(struct registry *registry, struct access_login *login,
			 enum access_operation operation, const char *topic, size_t length,
			 bool retain);

/* Whether these bytes could be a payload of a printer: a well-formed frame, or the GCM shape. */
bool access_payload_well_formed(const void *payload, size_t length);

/* Whether the topic is one that only such payloads belong on: below /phone/maker or /device/maker.
 */
bool access_topic_wants_payload(const char *topic, size_t length);

#endif
