/* SPDX-License-Identifier: MIT */
#include "cli/codec/message_fields.h"
#include "cli/control/control.h"
#include "cli/control/value.h"
#include "cli/kit/cli.h"
#include "printer/guard/guard.h"

#include <flagship/message.h>

/* send, query: any message at all. */

/* Whether a guard refuses it on any model that has G-code, idle or not. */
static bool is_guarded(const struct command_request *request)
{
	static const enum flagship_model models[] = {FLAGSHIP_MODEL_M5, FLAGSHIP_MODEL_M5C};

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		struct printer_profile profile;
		struct printer_state state;
		char reason[COMMAND_DETAIL_MAX];

		printer_profile_init(&profile, models[i]);
		printer_state_init(&state, NULL, NULL, models[i]);
		if (guard_lacks(&state, &profile, NULL, request) == 0 &&
		    guard_check(&state, &profile, NULL, request, reason, sizeof(reason)) !=
			    GUARD_PASS) {
			return true;
		}
	}
	return false;
}

/* What is dangerous is reported as such, and not as a mistake: the guards say so of each printer.
 */
static int message_doubt(struct control *control, const struct message_fields *message)
{
	if (control->request.kind == COMMAND_SEND && is_guarded(&control->request)) {
		control->doubt = message->doubt;
		return OPTIONS_RUN;
	}
	cli_error("%s", message->doubt);
	return CLI_USAGE;
}

static int message_run(struct control *control, const struct cli_command *command, int argc,
		       char **argv, unsigned int direction)
{
	struct message_fields message = {0};

	if (argc == 0) {
		return control_lacks(command->name, "a type: flagship types lists them");
	}
	int result = message_fields_build(&message, argv, (size_t)argc, direction,
					  control->options.force);
	control->request.text = message.json;
	if (result == OPTIONS_RUN && message.doubt[0] != '\0') {
		result = message_doubt(control, &message);
	}
	if (result == OPTIONS_RUN) {
		if (message.type == FLAGSHIP_MESSAGE_RECOVER_FACTORY) {
			control->question = "Erase all settings of";
			control->yes_overrides = true;
			control->many = false;
		}
		result = control_run(control);
	}
	message_fields_finish(&message);
	return result;
}

static int send_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result != OPTIONS_RUN) {
		return result;
	}
	control.keeps_replies = true;
	control.request.kind = COMMAND_SEND;
	return message_run(&control, command, argc, argv, FLAGSHIP_DIRECTION_COMMAND);
}

static int query_run(const struct cli_command *command, int argc, char **argv)
{
	struct control control = CONTROL_DEFAULT;
	int result = control_parse(&control, command, &argc, argv, NULL);

	if (result != OPTIONS_RUN) {
		return result;
	}
	control.keeps_replies = true;
	control.many = true;
	control.request.kind = COMMAND_QUERY;
	return message_run(&control, command, argc, argv, FLAGSHIP_DIRECTION_QUERY);
}

static const struct options_group *const message_groups[] = {CONTROL_GROUPS, NULL};

const struct cli_command send_command = {
	.name = "send",
	.section = "Control",
	.summary = "send any command and print the answer",
	.arguments = "TYPE [NAME=VALUE...]",
	.arguments_max = SIZE_MAX,
	.description =
		"Sends a message of a type (a number or a name of flagship types) with these "
		"fields\n"
		"to the command topic: flagship send 1006 value=250. Fields that are known are\n"
		"checked; the values of others are JSON, or else text. What must not be sent is\n"
		"refused with the reason, and a factory reset (1029) is asked about on a "
		"terminal;\n"
		"--force overrides. Sent once only.",
	.groups = message_groups,
	.run = send_run,
};

const struct cli_command query_command = {
	.name = "query",
	.section = "Control",
	.summary = "send any query and print the answer",
	.arguments = "TYPE [NAME=VALUE...]",
	.arguments_max = SIZE_MAX,
	.description =
		"Sends a message to the query topic and prints the objects of the answer, one a\n"
		"line: flagship query 1027. Fields as for flagship send.",
	.groups = message_groups,
	.run = query_run,
};
