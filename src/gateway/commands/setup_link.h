/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_SETUP_LINK_H
#define GATEWAY_COMMANDS_SETUP_LINK_H

#include "gateway/access/access.h"
#include "gateway/commands/options.h"

/* Offers the link that makes the first user, where there is none, and logs where it is. Errors:
 * those of access_offer_setup. */
int setup_link_offer(struct access *access, const struct serve_options *options, uint16_t port,
		     struct log *log, struct problem *problem) __attribute__((warn_unused_result));

#endif
