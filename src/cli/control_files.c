/* SPDX-License-Identifier: MIT */
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/control_value.h"
#include "cli/file_table.h"

#include <string.h>

/* files, delete: what lies on the printer. */

#define FILES_ON_BOARD 1
#define FILES_USB      0

#define QUESTION_MAX   512

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

static void files_print(struct control *control, const char *replies, size_t length)
{
	file_table_print(replies, length, &control->output);
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
	control.request.value = options.usb ? FILES_USB : FILES_ON_BOARD;
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
	.description = "Lists name, size and time of each file. Refused while a job runs, which it "
		       "disturbs.\n"
		       "With --json the printer's answer is\n"
		       "in \"replies\", untouched.",
	.groups = (const struct options_group *const[]){&files_group, CONTROL_GROUPS, NULL},
	.run = files_run,
};

const struct cli_command delete_command = {
	.name = "delete",
	.section = "Control",
	.summary = "delete a file of the printer",
	.arguments = "FILE",
	.arguments_max = 1,
	.description = "Deletes a file, named as flagship files names it. Asks on a terminal; "
		       "elsewhere\nit needs --yes. Refused for the file that is being printed.",
	.groups = (const struct options_group *const[]){CONTROL_GROUPS, NULL},
	.run = delete_run,
};
