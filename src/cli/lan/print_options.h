/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_PRINT_OPTIONS_H
#define CLI_LAN_PRINT_OPTIONS_H

#include "cli/kit/options.h"
#include "cli/lan/way.h"
#include "store/settings/settings.h"

#include <stdbool.h>

/* The options of flagship print. */
struct print_options {
	bool no_start;
	bool force;
	const char *name;
	const char *rate; /* NULL for the setting */
	struct lan_way way;
	bool wait;
	bool json;
};

/* What is given, else the setting print.rate. OPTIONS_RUN, or CLI_USAGE, which is reported. */
int print_options_rate(const struct print_options *options, const struct settings *settings,
		       struct settings_rate *rate);

extern const struct options_group print_options_group;

#endif
