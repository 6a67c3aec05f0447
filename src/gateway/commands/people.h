/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_PEOPLE_H
#define GATEWAY_COMMANDS_PEOPLE_H

#include "cli/kit/cli.h"

/* Who may use the gateway: flagship serve user, flagship serve key. */
extern const struct cli_command serve_user_command;
extern const struct cli_command serve_key_command;

#endif
