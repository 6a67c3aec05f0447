/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_WAY_H
#define CLI_LAN_WAY_H

#include "cli/kit/options.h"
#include "cli/target/targets.h"
#include "transport/lan/link.h"

#include <flagship/pppp_session.h>

/*
 * Where a printer is: what was given, else what is stored. --relay is experimental, off unless it
 * is given.
 */
struct lan_way {
	const char *address;
	const char *duid;
	struct options_list relays;
};

/* Its options, in the table of a struct that has it as `way`. */
#define LAN_WAY_OPTIONS(type)                                                                    \
	{.name = "address",                                                                      \
	 .kind = OPTIONS_TEXT,                                                                   \
	 .value = "ADDRESS",                                                                     \
	 .help = "of the printer on the local network (as stored, else it is searched)",         \
	 .offset = offsetof(type, way.address)},                                                 \
		{.name = "duid",                                                                 \
		 .kind = OPTIONS_TEXT,                                                           \
		 .value = "DUID",                                                                \
		 .help = "its name on the local network (as stored, else whoever is at the "     \
			 "address)",                                                             \
		 .offset = offsetof(type, way.duid)},                                            \
	{                                                                                        \
		.name = "relay", .kind = OPTIONS_LIST, .value = "HOST",                          \
		.help = "experimental: reach it from outside of its network, through what this " \
			"relay tells, or \"stored\" ones; again for more",                       \
		.offset = offsetof(type, way.relays)                                             \
	}

#define LAN_WAY_UNKNOWN                                                                           \
	"it is not known where it is on the local network: flagship lan search --save finds it, " \
	"or give --address, and --duid"

/* Something was: it goes for one printer. */
bool lan_way_is_given(const struct lan_way *way);

/*
 * The relays that were named, with the stored secret of this printer; a name is looked up, which
 * may take a while. Nothing where none was. Mistakes are reported. Returns OPTIONS_RUN or an exit
 * status; lan_way_clear is due either way.
 */
int lan_way_relays(const struct lan_way *way, const struct target *target,
		   struct flagship_pppp_relays *relays);

/* Wipes the secret. */
void lan_way_clear(struct flagship_pppp_relays *relays);

/* What leads there; its texts and the relays are not copied. */
struct lan_link_options lan_way_link(const struct lan_way *way, const struct target *target,
				     const struct flagship_pppp_relays *relays);

#endif
