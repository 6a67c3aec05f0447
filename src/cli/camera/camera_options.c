/* SPDX-License-Identifier: MIT */
#include "cli/camera/camera_options.h"

#include "cli/lan/relay.h"

#include <stddef.h>

#define SECONDS_MAX 86400

static const struct options_option camera_table[] = {
	{.name = "seconds",
	 .kind = OPTIONS_INTEGER,
	 .value = "SECONDS",
	 .help = "end record and pipe after so long (at Ctrl-C)",
	 .offset = offsetof(struct camera_options, seconds),
	 .minimum = 1,
	 .maximum = SECONDS_MAX},
	{.name = "sd",
	 .kind = OPTIONS_FLAG,
	 .help = "the smaller picture, 848×480 in place of 1280×720",
	 .offset = offsetof(struct camera_options, sd)},
	{.name = "light",
	 .kind = OPTIONS_FLAG,
	 .help = "with the light on; it stays on",
	 .offset = offsetof(struct camera_options, light)},
	{.name = "address",
	 .kind = OPTIONS_TEXT,
	 .value = "ADDRESS",
	 .help = "of the printer on the local network (as stored, else it is searched)",
	 .offset = offsetof(struct camera_options, address)},
	{.name = "duid",
	 .kind = OPTIONS_TEXT,
	 .value = "DUID",
	 .help = "its name on the local network (as stored, else whoever is at the address)",
	 .offset = offsetof(struct camera_options, duid)},
	{.name = "relay",
	 .kind = OPTIONS_LIST,
	 .value = "HOST",
	 .help = RELAY_HELP,
	 .offset = offsetof(struct camera_options, relays)},
};

const struct options_group camera_options_group = OPTIONS_GROUP("Camera", camera_table);
