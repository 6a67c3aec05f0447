/* SPDX-License-Identifier: MIT */
#ifndef CLI_API_API_H
#define CLI_API_API_H

#include "cli/kit/cli.h"

/* flagship api: whatever the API of the gateway of this machine has. */
extern const struct cli_command api_command;

#endif
