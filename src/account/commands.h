/* SPDX-License-Identifier: MIT */
#ifndef ACCOUNT_COMMANDS_H
#define ACCOUNT_COMMANDS_H

#include "cli/cli.h"

/* One per file, for the table of main.c. */
extern const struct cli_command import_command;
extern const struct cli_command login_command;
extern const struct cli_command refresh_command;

#endif
