/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_COMPANION_H
#define CLI_KIT_COMPANION_H

#include "cli/kit/cli.h"

#include <stdbool.h>

/* What main begins with in a program that `flagship NAME` becomes. False where it was asked for its
 * version, which it told; streams_end comes last either way. */
bool companion_begin(int argc, char **argv);

/* What main is of a program that `flagship NAME` becomes, and that has this one command. Returns
 * the exit status. */
int companion_main(const struct cli_command *command, int argc, char **argv);

#endif
