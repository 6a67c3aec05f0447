/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_BEGINNING_H
#define GATEWAY_COMMANDS_BEGINNING_H

#include "gateway/access/access.h"
#include "gateway/commands/options.h"

#include <stdbool.h>

/* What is to be settled before anything is served. */

/* Makes the gateway's folder where there is none, and locks it: one gateway runs in a folder.
 * *lock is closed by the caller. Mistakes are reported. OPTIONS_RUN or an exit status. */
int folder_lock_take(const char *folder, int *lock) __attribute__((warn_unused_result));

/* Offers the link that makes the first user, where there is none, and logs where it is. Errors:
 * those of access_offer_setup. */
int setup_link_offer(struct access *access, const struct serve_options *options, uint16_t port,
		     struct log *log, struct problem *problem) __attribute__((warn_unused_result));

/* Whether only programs of this machine reach a socket of the service manager. */
bool socket_is_local(int descriptor, bool *is_unix);

#endif
