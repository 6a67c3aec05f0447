/* SPDX-License-Identifier: MIT */
#include "cli/control/ask.h"
#include "cli/control/control.h"

/* What a command does before it connects: options, targets, a question. */

static const struct options_option control_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print what came of it as one JSON object for each printer",
	 .offset = offsetof(struct control_options, json)},
	{.name = "no-wait",
	 .kind = OPTIONS_FLAG,
	 .help = "end as soon as the broker took the command; do not wait for what comes of it",
	 .offset = offsetof(struct control_options, no_wait)},
	{.name = "force",
	 .kind = OPTIONS_FLAG,
	 .help = "do it even where flagship would refuse it, or ask first",
	 .offset = offsetof(struct control_options, force)},
	{.name = "yes",
	 .kind = OPTIONS_FLAG,
	 .help = "do not ask first, where the command would ask on a terminal",
	 .offset = offsetof(struct control_options, yes)},
};

const struct options_group control_options_group = OPTIONS_GROUP("Options", control_table);

int control_parse(struct control *control, const struct cli_command *command, int *argc,
		  char **argv, void *own)
{
	struct target_options *target = &control->target_options;

	control->name = command->name;
	if (own != NULL) {
		return options_parse(command, argc, argv,
				     (void *[]){own, &control->options, TARGET_PLACES(target)});
	}
	return options_parse(command, argc, argv,
			     (void *[]){&control->options, TARGET_PLACES(target)});
}

static int control_ask(struct control *control)
{
	int result = OPTIONS_RUN;

	if (control->question == NULL || control->options.force) {
		return OPTIONS_RUN;
	}
	if (!control->options.yes && (!control->asks_people_only || control_can_ask())) {
		result = control_ask_first(control->question, control->targets.printers,
					   control->targets.count);
	}
	control->request.force = result == OPTIONS_RUN && control->yes_overrides;
	return result;
}

int control_run(struct control *control)
{
	int result;

	output_init(&control->output, stdout);
	result = targets_init(&control->targets, &control->target_options,
			      control->many ? TARGETS_NAMED : TARGETS_ONE);
	if (result == OPTIONS_RUN) {
		result = control_ask(control);
	}
	if (result == OPTIONS_RUN) {
		result = control_run_live(control);
	}
	targets_finish(&control->targets);
	return result;
}
