/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_DISPATCH_H
#define CLI_KIT_DISPATCH_H

#include "cli/kit/cli.h"

/* Runs what the command line says. Returns the exit status of the program. */
int dispatch_run(int argc, char **argv);

/* The built-in command of this name, or NULL. */
const struct cli_command *dispatch_find(const char *name);

/* Says on stderr that there is no such command, and which one may have been meant. CLI_USAGE. */
int dispatch_unknown(const char *name);

#endif
