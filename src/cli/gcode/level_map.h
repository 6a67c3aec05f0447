/* SPDX-License-Identifier: MIT */
#ifndef CLI_GCODE_LEVEL_MAP_H
#define CLI_GCODE_LEVEL_MAP_H

#include "cli/kit/options.h"
#include "cli/target/targets.h"

#include <stdbool.h>

/* `flagship level --map`: how high the bed is where, as the printer found it when it was probed
 * last. Nothing moves. */
struct level_map_options {
	bool map;
	bool csv;
	bool json; /* --json of control_options_group */
};

/* --map and --csv; its target is a struct level_map_options. */
extern const struct options_group level_map_options_group;

/*
 * Returns the exit status: CLI_FAILED where heights stayed unknown, after printing the others with
 * what is missing; CLI_NO_ANSWER where the printer did not answer.
 */
int level_map_run(const struct level_map_options *options, struct target_options *targets);

#endif
