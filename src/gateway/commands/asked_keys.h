/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_ASKED_KEYS_H
#define GATEWAY_COMMANDS_ASKED_KEYS_H

#include "gateway/access/access.h"

#include <stddef.h>

/*
 * Programs that ask for a key: they are known to the gateway that runs, and to nobody else, so that
 * it is asked by the socket in its folder.
 */
struct asked_key {
	char id[ACCESS_ID_SIZE];
	char app[ACCESS_NAME_SIZE]; /* as it calls itself: anybody's text */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char address[KEY_REQUEST_ADDRESS];
};

struct asked_keys {
	struct asked_key items[KEY_REQUESTS_MAX];
	size_t count;
};

/* OPTIONS_RUN; CLI_CANNOT_CONNECT where no gateway runs there, which is not reported; or an exit
 * status after trouble that was. */
int asked_keys_list(const char *folder, struct asked_keys *keys);

/* Reports why not. OPTIONS_RUN or an exit status. */
int asked_keys_decide(const char *folder, const char *id, const struct key_decision *decision);

#endif
