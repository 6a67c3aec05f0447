/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_RELAY_H
#define CLI_LAN_RELAY_H

#include "cli/kit/options.h"
#include "cli/target/targets.h"

#include <flagship/pppp_session.h>

/* --relay: experimental, off unless it is given. */

#define RELAY_HELP                                                                               \
	"experimental: reach it from outside of its network, through what this relay tells, or " \
	"\"stored\" ones; again for more"

/*
 * The relays that were named, with the stored secret of this printer; a name is looked up, which
 * may take a while. Mistakes are reported. Returns OPTIONS_RUN or an exit status; relay_clear is
 * due either way.
 */
int relay_choose(const struct options_list *names, const struct target *target,
		 struct flagship_pppp_relays *relays);

/* Wipes the secret. */
void relay_clear(struct flagship_pppp_relays *relays);

#endif
