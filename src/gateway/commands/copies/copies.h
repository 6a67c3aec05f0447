/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_COPIES_COPIES_H
#define GATEWAY_COMMANDS_COPIES_COPIES_H

#include "cli/kit/cli.h"

/* Copies of all that a gateway keeps: flagship serve backup, flagship serve restore. */
extern const struct cli_command serve_backup_command;
extern const struct cli_command serve_restore_command;

/* Before a gateway opens anything, under its lock: a backup that lies ready takes its place.
 * OPTIONS_RUN or an exit status. */
int copies_take_over(const char *folder);

#endif
