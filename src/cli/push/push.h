/* SPDX-License-Identifier: MIT */
#ifndef CLI_PUSH_PUSH_H
#define CLI_PUSH_PUSH_H

#include "cli/kit/cli.h"

/* flagship push: devices that the gateway of this machine tells what happens. */
extern const struct cli_command push_command;

#endif
