/* SPDX-License-Identifier: MIT */
#ifndef CLI_QUEUE_QUEUE_H
#define CLI_QUEUE_QUEUE_H

#include "cli/kit/cli.h"

/* flagship queue: the print queue of the gateway of this machine. */
extern const struct cli_command queue_command;

#endif
