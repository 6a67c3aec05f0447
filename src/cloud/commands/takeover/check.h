/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_TAKEOVER_CHECK_H
#define CLOUD_COMMANDS_TAKEOVER_CHECK_H

#include "cloud/commands/cloud.h"

#include <stdbool.h>

/*
 * Asks a name server (`resolver` is its IPv4 address; NULL: the system's) for the vendor's names,
 * connects to what it answers, and prints who answers there. Returns CLI_DONE where it is us behind
 * every broker's name, else CLI_FAILED.
 */
int takeover_check(const struct cloud *cloud, const char *resolver, bool json);

#endif
