/* SPDX-License-Identifier: MIT */
#include "cli/control/control.h"
#include "cli/control/file_table.h"
#include "cli/control/value.h"
#include "cli/kit/cli.h"

#include <string.h>

/* files, delete: what lies on the printer. */

#define QUESTION_MAX 512

struct files_options {
	bool usb;
};

static const struct options_option files_table[] = {
	{.name = "usb",
	 .kind = OPTIONS_FLAG,
	 .help = "those on the USB stick instead of the printer itself",
	 .offset = offsetof(struct files_options, usb)},
};

static const struct options_group files_group = OPTIONS_GROUP("Files", files_table);

static void files_print(struct control *control, const struct target *target, const char *replies,
			size_t length)
{
	struct file_table table = {.serial = target->serial, .printer = target->name};
	bool usb = control->request.value == FILE_PLACE_USB;

	if (file_table_read(&table, replies, length, usb ? FILE_PLACE_USB : FILE_PLACE_BOARD) !=
	    0) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
	}
	if (control->options.json) {
		file_table_print_json(&table, &control->output);
	} else if (table.list.count > 0) {
		file_table_print(&table, &control->output);
	} else {
		cli_warn("printer %s: there are no files %s",
			 target->name ? target->name : target->serial,
			 usb ? "on its USB stick" : "on board");
	}
	file_list_finish(&table.list);
}

static int files_run(const struct cli_command *command, int argc, char **argv)
{
	struct files_options options = {0};
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, &options);

	if (result != OPTIONS_RUN) {
		return result;
	}
	control.many = true;
	control.keeps_replies = true;
	control.print_replies = files_print;
	control.request.kind = COMMAND_FILES;
	control.request.value = options.usb ? FILE_PLACE_USB : FILE_PLACE_BOARD;
	return control_run(&control);
}

static int delete_run(const struct cli_command *command, int argc, char **argv)
{
	char question[QUESTION_MAX];
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result == OPTIONS_RUN && (argc == 0 || argv[0][0] == '\0')) {
		result = control_lacks(command->name, "a file of the printer: flagship files lists "
						      "them");
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	snprintf(question, sizeof(question), "Delete %s from", argv[0]);
	control.question = question;
	control.request.kind = COMMAND_DELETE;
	control.request.text = argv[0];
	return control_run(&control);
}

const struct cli_command files_command = {
	.name = "files",
	.section = "Control",
	.summary = "list the files that the printer can print",
	.arguments = "",
	.arguments_max = 0,
	.description =
		"Lists the files on board, or on the USB stick: when each was changed, its name "
		"and\n"
		"its path. With --json each file is an object of its own. The printer is asked "
		"page\n"
		"by page; it takes about two seconds. Refused while a job runs, which it disturbs.",
	.groups = (const struct options_group *const[]){&files_group, CONTROL_GROUPS, NULL},
	.run = files_run,
};

const struct cli_command delete_command = {
	.name = "delete",
	.section = "Control",
	.summary = "delete a file of the printer",
	.arguments = "FILE",
	.arguments_max = 1,
	.description =
		"Deletes a file, named by its name or its path as flagship files shows them: a "
		"name\n"
		"is looked for on board first, then on the USB stick. A file that the printer has\n"
		"not is told so (exit status 7). While a job runs the printer is not asked for "
		"its\n"
		"files, which would disturb it: give the path then. Refused for the file that is\n"
		"being printed. Asks on a terminal; elsewhere it needs --yes.",
	.groups = (const struct options_group *const[]){CONTROL_GROUPS, NULL},
	.run = delete_run,
};
