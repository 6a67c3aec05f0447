/* SPDX-License-Identifier: MIT */
#include "cli/top/top.h"

#include "cli/kit/cli.h"
#include "cli/output/message.h"
#include "cli/output/output.h"
#include "cli/output/print.h"
#include "store/file/secrecy.h"

#include <flagship/flagship.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct options_option top_table[] = {
	{.name = "once",
	 .kind = OPTIONS_FLAG,
	 .help = "print what is heard within two seconds as plain text, and end",
	 .offset = offsetof(struct top_options, once)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "the same as one JSON object for each printer",
	 .offset = offsetof(struct top_options, json)},
};

static const struct options_group top_group = OPTIONS_GROUP("Options", top_table);

static int top_run_live(struct top *top)
{
	size_t count = top->targets.count;
	int result = CLI_FAILED;

	top->model.rows = calloc(count, sizeof(*top->model.rows));
	top->model.shown = calloc(count, sizeof(*top->model.shown));
	top->printers = calloc(count, sizeof(struct fleet_printer *));
	top->failures = calloc(count, sizeof(*top->failures));
	top->reported = calloc(count, sizeof(*top->reported));
	if (top->model.rows && top->model.shown && top->printers && top->failures &&
	    top->reported) {
		result = live_run(&top->live, &top->targets, &top_live_handlers, top);
	} else {
		cli_error("out of memory");
	}
	free(top->model.rows);
	free(top->model.shown);
	free(top->printers);
	free(top->failures);
	free(top->reported);
	return result;
}

static int top_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct top top = {.live.interrupt_status = CLI_DONE};
	struct output output;
	int result = options_parse(command, &argc, argv,
				   (void *[]){&top.options, TARGET_PLACES(&target_options)});

	if (result != OPTIONS_RUN) {
		return result;
	}
	top.options.once = top.options.once || top.options.json;
	if (!top.options.once && (isatty(STDIN_FILENO) != 1 || isatty(STDOUT_FILENO) != 1)) {
		cli_error("flagship top fills a terminal, and there is none: flagship top --once "
			  "prints plain text");
		return CLI_USAGE;
	}
	target_options_default_all(&target_options);
	output_init(&output, stdout);
	top.colour = output.colour;
	result = targets_init(&top.targets, &target_options, TARGETS_MANY);
	if (result == OPTIONS_RUN) {
		result = top_run_live(&top);
	}
	targets_finish(&top.targets);
	return result;
}

static const struct cli_command top_command_table = {
	.name = "top",
	.section = "Printers",
	.summary = "watch all printers on the whole terminal, and control them",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"A row for each printer: what it does, how far its job is, its temperatures with "
		"the\n"
		"last minute, how long the job takes still, and how old all that is. Keys: arrows "
		"or\n"
		"j k select, p pauses, r resumes, s stops after a question, / shows only what "
		"holds a\n"
		"text, o sorts, ? helps, q quits. What came of a command stands below the rows.",
	.groups = (const struct options_group *const[]){&top_group, TARGET_GROUPS, NULL},
	.run = top_run,
};

int main(int argc, char **argv)
{
	streams_hold();
	core_dump_forbid();
	if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
		print_to(stdout, "flagship %s\n", flagship_version());
		return streams_end(CLI_DONE);
	}
	return streams_end(top_run(&top_command_table, argc - 1, argv + 1));
}
