/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_PRINT_OPTIONS_H
#define CLI_LAN_PRINT_OPTIONS_H

#include "cli/kit/options.h"

#include <stdbool.h>

/* The options of flagship print. */
struct print_options {
	bool no_start;
	bool force;
	const char *name;
	double rate; /* Mbit/s */
	const char *address;
	const char *duid;
	bool wait;
	bool json;
};

extern const struct options_group print_options_group;

#endif
