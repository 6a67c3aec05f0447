/* SPDX-License-Identifier: MIT */
#ifndef CLI_TIMELAPSE_TIMELAPSE_H
#define CLI_TIMELAPSE_TIMELAPSE_H

#include "cli/kit/cli.h"

/* flagship timelapse: films of jobs, of the gateway of this machine. */
extern const struct cli_command timelapse_command;

#endif
