/* SPDX-License-Identifier: MIT */
#include "cli/camera/camera_options.h"

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
	LAN_WAY_OPTIONS(struct camera_options),
};

const struct options_group camera_options_group = OPTIONS_GROUP("Camera", camera_table);
