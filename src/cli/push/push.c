/* SPDX-License-Identifier: MIT */
#include "cli/push/push.h"

#include "base/hex.h"
#include "cli/gateway/answer.h"
#include "cli/gateway/ask.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"
#include "cli/output/print.h"

#include <stdio.h>
#include <string.h>

#define ARGUMENTS_MAX 2
#define PATH_SIZE     64
#define ID_LENGTH     16
#define COLUMNS       6
#define CELL_SIZE     ANSWER_CELL_SIZE
#define ALL_WORD      "all"

struct push_options_given {
	bool json;
	const char *dir;
};

static const struct options_option push_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON: of the list one array, of a test one object",
	 .offset = offsetof(struct push_options_given, json)},
	{.name = "dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "the gateway's folder (~/.local/state/flagship/serve)",
	 .offset = offsetof(struct push_options_given, dir)},
};

static const struct options_group push_group = OPTIONS_GROUP("Options", push_table);

/* What one call has. */
struct push_call {
	const struct push_options_given *options;
	const char *id; /* NULL: of the action that has none */
	struct ask *ask;
};

/* --- the list --- */

static void write_list(const cJSON *list, const char *none, char cell[CELL_SIZE])
{
	size_t used = 0;
	const cJSON *item;

	snprintf(cell, CELL_SIZE, "%s", cJSON_IsArray(list) ? "" : none);
	cJSON_ArrayForEach(item, list)
	{
		const char *word = cJSON_GetStringValue(item);
		int length = snprintf(cell + used, CELL_SIZE - used, "%s%s", used > 0 ? " " : "",
				      word ? word : "");

		if (length < 0 || (size_t)length >= CELL_SIZE - used) {
			return;
		}
		used += (size_t)length;
	}
}

static void write_device(const cJSON *device, const void *context, char (*cells)[CELL_SIZE])
{
	(void)context;
	snprintf(cells[0], CELL_SIZE, "%s", answer_text(device, "id"));
	snprintf(cells[1], CELL_SIZE, "%s", answer_text(device, "user"));
	snprintf(cells[2], CELL_SIZE, "%s", answer_text(device, "name"));
	snprintf(cells[3], CELL_SIZE, "%s", answer_text(device, "service"));
	write_list(cJSON_GetObjectItemCaseSensitive(device, "events"), "", cells[4]);
	write_list(cJSON_GetObjectItemCaseSensitive(device, "printers"), ALL_WORD, cells[5]);
}

static int print_devices(const cJSON *devices)
{
	static const char *const headings[COLUMNS] = {"ID",      "USER",   "DEVICE",
						      "SERVICE", "EVENTS", "PRINTERS"};

	return answer_print_table(devices, &(struct answer_table){.headings = headings,
								  .columns = COLUMNS,
								  .write_row = write_device});
}

static int list_devices(const struct push_call *call)
{
	cJSON *answer;
	int result = ask_gateway_for(
		call->ask, &(struct ask_question){.method = "GET", .path = "/push?all=true"},
		&answer);
	const cJSON *devices = cJSON_GetObjectItemCaseSensitive(answer, "subscriptions");

	if (result == OPTIONS_RUN && call->options->json) {
		result = answer_print(devices);
	} else if (result == OPTIONS_RUN && cJSON_GetArraySize(devices) == 0) {
		print_to(stderr, "no device is told anything: the page's settings have devices "
				 "told\n");
		result = CLI_DONE;
	} else if (result == OPTIONS_RUN) {
		result = print_devices(devices);
	}
	cJSON_Delete(answer);
	return result;
}

/* --- one device --- */

static int report_test(const struct push_call *call, const cJSON *answer)
{
	const char *outcome = answer_text(answer, "outcome");
	double status = answer_number(answer, "status");
	char number[PATH_SIZE] = "";

	if (call->options->json) {
		int result = answer_print(answer);

		return result == CLI_DONE && strcmp(outcome, "delivered") != 0 ? CLI_REFUSED
									       : result;
	}
	if (strcmp(outcome, "delivered") == 0) {
		print_to(stdout, "the push service has the test of %s\n", call->id);
		return CLI_DONE;
	}
	if (status > 0) {
		snprintf(number, sizeof(number), " (%.0f)", status);
	}
	cli_error("%s of %s%s: %s",
		  strcmp(outcome, "gone") == 0      ? "the subscription is over"
		  : strcmp(outcome, "refused") == 0 ? "the push service does not take the test"
						    : "the push service cannot be reached",
		  call->id, number, answer_text(answer, "detail"));
	return CLI_REFUSED;
}

static void write_id(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_member_string(writer, "id", context);
	json_object_end(writer);
}

static int test_device(const struct push_call *call)
{
	const struct ask_question question = {
		.method = "POST", .path = "/push/test", .write = write_id, .context = call->id};
	cJSON *answer = NULL;
	int result = ask_gateway_for(call->ask, &question, &answer);

	if (result == OPTIONS_RUN) {
		result = report_test(call, answer);
	}
	cJSON_Delete(answer);
	return result;
}

static int remove_device(const struct push_call *call)
{
	char path[PATH_SIZE];
	cJSON *answer = NULL;

	snprintf(path, sizeof(path), "/push/%s", call->id);
	int result = ask_gateway_for(
		call->ask, &(struct ask_question){.method = "DELETE", .path = path}, &answer);
	cJSON_Delete(answer);
	if (result == OPTIONS_RUN) {
		print_to(stderr, "%s is told nothing any more\n", call->id);
		result = CLI_DONE;
	}
	return result;
}

/* --- the command --- */

static const struct push_action {
	const char *name;
	bool has_id;
	int (*run)(const struct push_call *call);
} actions[] = {
	{"list", false, list_devices},
	{"test", true, test_device},
	{"remove", true, remove_device},
};

static const struct push_action *find_push_action(const char *word)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, word) == 0) {
			return &actions[i];
		}
	}
	return NULL;
}

static int check_words(const struct push_action *action, int count, char **words)
{
	if (count != (action->has_id ? 1 : 0)) {
		cli_error("it is flagship push %s%s", action->name, action->has_id ? " ID" : "");
		return CLI_USAGE;
	}
	if (action->has_id &&
	    (strlen(words[0]) != ID_LENGTH || strspn(words[0], HEX_LOWER) != ID_LENGTH)) {
		cli_error("'%s' is no id of a device: flagship push lists them", words[0]);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int run_push(const struct cli_command *command, int argc, char **argv)
{
	struct push_options_given options = {.json = false};
	struct push_call call = {.options = &options};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	const struct push_action *action = argc > 0 ? find_push_action(argv[0]) : &actions[0];
	if (!action) {
		cli_error("push has no '%s': list, test or remove", argv[0]);
		return CLI_USAGE;
	}
	result = check_words(action, argc > 0 ? argc - 1 : 0, argv + 1);
	if (result != OPTIONS_RUN) {
		return result;
	}
	call.id = action->has_id ? argv[1] : NULL;
	result = ask_open(options.dir, &call.ask);
	if (result == OPTIONS_RUN) {
		result = action->run(&call);
		ask_close(call.ask);
	}
	return result;
}

const struct cli_command push_command = {
	.name = "push",
	.section = "Printers",
	.summary = "browsers that a gateway tells what happens to printers",
	.arguments = "[list | test ID | remove ID]",
	.arguments_max = ARGUMENTS_MAX,
	.description =
		"Devices of all users of the `flagship serve` that runs on this machine, which are "
		"told by\n"
		"web push what happens, also while its page is not open. A device is added in the "
		"page, in\n"
		"its settings: its browser has to agree. `test` sends a message, and says what the "
		"push\n"
		"service answered; the exit status is 7 where it does not take it.",
	.groups = (const struct options_group *const[]){&push_group, NULL},
	.run = run_push,
};
