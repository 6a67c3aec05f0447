/* SPDX-License-Identifier: MIT */
#ifndef CLI_CAMERA_CAMERA_H
#define CLI_CAMERA_CAMERA_H

#include "cli/kit/cli.h"

/* flagship camera: what a printer's camera shows, and what it is told. */
extern const struct cli_command camera_command;

#endif
