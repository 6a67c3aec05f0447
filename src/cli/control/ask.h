/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_ASK_H
#define CLI_CONTROL_ASK_H

#include "cli/target/targets.h"

/* Whether there is a terminal to ask on. */
bool control_can_ask(void);

/*
 * Asks on a terminal whether to do what cannot be undone: "Delete x.gcode from printer Left (AK7…)?
 * [y/N]", or where there are several "… 2 printers: Left (AK7…), Right (AK7…)? [y/N]". Returns
 * OPTIONS_RUN for yes; for anything else, and where there is no terminal to ask on, CLI_REFUSED,
 * which is reported.
 */
int control_ask_first(const char *question, const struct target *targets, size_t count);

/* The same of a question that is whole, but for its "? [y/N]". */
int control_ask_question(const char *question);

#endif
