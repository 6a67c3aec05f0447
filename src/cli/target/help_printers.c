/* SPDX-License-Identifier: MIT */
#include "cli/target/help_printers.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/output/print.h"
#include "cli/target/targets.h"

#include <stdbool.h>

static bool is_harmless(const char *name)
{
	for (; *name != '\0'; name++) {
		if ((unsigned char)*name < ' ' || *name == '\x7f') {
			return false;
		}
	}
	return true;
}

int help_print_printers(FILE *out)
{
	struct targets targets;
	int result = targets_init_offline(&targets, &(struct options_list){0});

	for (size_t i = 0; result == OPTIONS_RUN && i < targets.count; i++) {
		const char *name = targets.printers[i].name;

		print_data(out, "%s\t%s\n", targets.printers[i].serial,
			   name != NULL && is_harmless(name) ? name : "");
	}
	for (size_t i = 0; result == OPTIONS_RUN && i < settings_group_count(targets.settings);
	     i++) {
		print_data(out, "%s\t\n", settings_group_name(targets.settings, i));
	}
	targets_finish(&targets);
	return result == OPTIONS_RUN ? CLI_DONE : result;
}
