/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_COMPANION_H
#define CLI_KIT_COMPANION_H

#include "cli/kit/cli.h"

/* What main is of a program that `flagship NAME` becomes, and that has this one command. Returns
 * the exit status. */
int companion_main(const struct cli_command *command, int argc, char **argv);

#endif
