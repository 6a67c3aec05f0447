/* SPDX-License-Identifier: MIT */
#ifndef CLI_CAMERA_CAMERA_OPTIONS_H
#define CLI_CAMERA_CAMERA_OPTIONS_H

#include "cli/kit/options.h"
#include "cli/lan/way.h"

#include <stdbool.h>
#include <stdint.h>

struct camera_options {
	int64_t seconds;
	bool sd;
	bool light;
	struct lan_way way;
};

/* Its target is a struct camera_options. */
extern const struct options_group camera_options_group;

#endif
