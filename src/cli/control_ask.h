/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_ASK_H
#define CLI_CONTROL_ASK_H

#include "cli/targets.h"

/*
 * Asks on a terminal whether to do what cannot be undone: "Delete x.gcode from Left (AK7…)? [y/N]".
 * Returns OPTIONS_RUN for yes; for anything else, and where there is no terminal to ask on,
 * CLI_REFUSED, which is told.
 */
int control_ask_first(const char *question, const struct target *target);

#endif
