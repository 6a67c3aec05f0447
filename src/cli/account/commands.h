/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_COMMANDS_H
#define CLI_ACCOUNT_COMMANDS_H

#include "cli/kit/cli.h"

/* One per file, for the table of main.c. */
extern const struct cli_command import_command;
extern const struct cli_command login_command;
extern const struct cli_command refresh_command;

#endif
