/* SPDX-License-Identifier: MIT */
#ifndef CLI_GCODE_PRINT_H
#define CLI_GCODE_PRINT_H

#include "cli/output/output.h"
#include "printer/command/gcode_reply.h"

#include <stdbool.h>

/* The answer without its oks, or one JSON object; an incomplete one is marked on stderr. */
void gcode_print_reply(const struct output *output, bool json, const char *command,
		       const struct gcode_reply *reply);

/* One JSON object that says why there is no reply. command: empty where there was none yet. */
void gcode_print_failure(const struct output *output, const char *command, const char *detail);

#endif
