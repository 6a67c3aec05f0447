/* SPDX-License-Identifier: MIT */
#include "cli/lan/print_options.h"

#include "cli/output/message.h"

#include <stddef.h>

static const struct options_option print_table[] = {
	{.name = "no-start",
	 .kind = OPTIONS_FLAG,
	 .help = "only send it: the end of the file, which starts the print, is left out",
	 .offset = offsetof(struct print_options, no_start)},
	{.name = "name",
	 .kind = OPTIONS_TEXT,
	 .value = "NAME",
	 .help = "what the file is called on the printer (its own name)",
	 .offset = offsetof(struct print_options, name)},
	{.name = "force",
	 .kind = OPTIONS_FLAG,
	 .help = "send it though it does not suit the printer, or holds what harms it",
	 .offset = offsetof(struct print_options, force)},
	{.name = "rate",
	 .kind = OPTIONS_TEXT,
	 .value = "MBITS",
	 .help = "send at most so many Mbit/s; 0 for as fast as it goes; auto: as the network "
		 "bears (the setting print.rate, else 10)",
	 .offset = offsetof(struct print_options, rate)},
	LAN_WAY_OPTIONS(struct print_options),
	{.name = "wait",
	 .kind = OPTIONS_FLAG,
	 .help = "wait until the job is over; the exit status is 0 where it finished",
	 .offset = offsetof(struct print_options, wait)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print one JSON object",
	 .offset = offsetof(struct print_options, json)},
};

const struct options_group print_options_group = OPTIONS_GROUP("Print", print_table);

int print_options_rate(const struct print_options *options, const struct settings *settings,
		       struct settings_rate *rate)
{
	const char *value = options->rate ? options->rate : settings_get(settings, "print", "rate");
	const char *reason;

	if (options->rate && !settings_check_rate(options->rate, &reason)) {
		cli_error("--rate: %s", reason);
		return CLI_USAGE;
	}
	*rate = settings_rate(value);
	return OPTIONS_RUN;
}
