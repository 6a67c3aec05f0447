/* SPDX-License-Identifier: MIT */
#include "cli/queue/queue.h"

#include "base/clock.h"
#include "base/time/time_text.h"
#include "cli/gateway/answer.h"
#include "cli/gateway/ask.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"
#include "cli/output/print.h"
#include "cli/queue/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COPIES_MAX    1000
#define MS_PER_S      1000
#define NUMBER_SIZE   24
#define PATH_SIZE     64
#define ARGUMENTS_MAX 3
#define NOT_GIVEN     (-1)

static const char *const model_choices[] = {"m5", "m5c", NULL};
static const char *const model_names[] = {"M5", "M5C"};

struct queue_options {
	const char *printer;
	int any; /* of model_choices; NOT_GIVEN */
	int64_t copies;
	const char *material;
	const char *not_before;
	char not_before_s[NUMBER_SIZE]; /* the same in Unix seconds */
	bool front;
	bool hold;
	bool force;
	bool all;
	bool json;
	const char *dir;
};

static const struct options_option queue_table[] = {
	{.name = "printer",
	 .letter = 'p',
	 .kind = OPTIONS_TEXT,
	 .value = "PRINTER",
	 .help = "of this one alone, or to be printed by it: name or serial number",
	 .offset = offsetof(struct queue_options, printer)},
	{.name = "any",
	 .kind = OPTIONS_CHOICE,
	 .choices = model_choices,
	 .help = "to be printed by any of this model that fits",
	 .offset = offsetof(struct queue_options, any)},
	{.name = "copies",
	 .kind = OPTIONS_INTEGER,
	 .value = "NUMBER",
	 .help = "one after the other, each on a plate that was cleared (1)",
	 .offset = offsetof(struct queue_options, copies),
	 .minimum = 1,
	 .maximum = COPIES_MAX},
	{.name = "material",
	 .kind = OPTIONS_TEXT,
	 .value = "WORD",
	 .help = "by a printer that is loaded with it alone: PLA; '' for any (as the file says)",
	 .offset = offsetof(struct queue_options, material)},
	{.name = "not-before",
	 .kind = OPTIONS_TEXT,
	 .value = "TIME",
	 .help = "it waits until then: 2h for in two hours, 2026-11-30T06:00",
	 .offset = offsetof(struct queue_options, not_before)},
	{.name = "front",
	 .kind = OPTIONS_FLAG,
	 .help = "before all others that wait",
	 .offset = offsetof(struct queue_options, front)},
	{.name = "hold",
	 .kind = OPTIONS_FLAG,
	 .help = "it waits until it is released",
	 .offset = offsetof(struct queue_options, hold)},
	{.name = "force",
	 .kind = OPTIONS_FLAG,
	 .help = "whatever the check of the file finds, and whatever filament is loaded",
	 .offset = offsetof(struct queue_options, force)},
	{.name = "all",
	 .kind = OPTIONS_FLAG,
	 .help = "list also what is over",
	 .offset = offsetof(struct queue_options, all)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON: of the list one array, else one object",
	 .offset = offsetof(struct queue_options, json)},
	{.name = "dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "the gateway's folder (~/.local/state/flagship/serve)",
	 .offset = offsetof(struct queue_options, dir)},
};

static const struct options_group queue_group = OPTIONS_GROUP("Options", queue_table);

/* What one call has. */
struct queue_call {
	const struct queue_options *options;
	char **words; /* after that of the action */
	struct ask *ask;
};

static int get(struct ask *ask, const char *path, cJSON **answer)
{
	return ask_gateway_for(ask, &(struct ask_question){.method = "GET", .path = path}, answer);
}

/* --- the list --- */

/* The whole queue, or that of the printer. */
static int get_entries(const struct queue_call *call, cJSON **entries)
{
	cJSON *answer = NULL;

	*entries = NULL;
	if (!call->options->printer) {
		return get(call->ask, "/queue", entries);
	}
	char *path = ask_printer_path(call->ask, call->options->printer, "/queue");
	int result = path ? get(call->ask, path, &answer) : answer_needs_memory();

	free(path);
	if (result == OPTIONS_RUN) {
		*entries = cJSON_DetachItemFromObjectCaseSensitive(answer, "entries");
		cJSON_Delete(answer);
	}
	return result;
}

static void drop_what_is_over(cJSON *entries)
{
	cJSON *next;

	for (cJSON *entry = entries ? entries->child : NULL; entry; entry = next) {
		next = entry->next;
		if (!queue_entry_is_open(entry)) {
			cJSON_Delete(cJSON_DetachItemViaPointer(entries, entry));
		}
	}
}

static int show_list(const struct queue_call *call)
{
	cJSON *entries = NULL;
	cJSON *printers = NULL;
	int result = get_entries(call, &entries);

	if (result == OPTIONS_RUN && !call->options->all) {
		drop_what_is_over(entries);
	}
	if (result == OPTIONS_RUN && call->options->json) {
		result = answer_print(entries);
	} else if (result == OPTIONS_RUN && cJSON_GetArraySize(entries) == 0) {
		print_to(stderr, "nothing waits\n");
		result = CLI_DONE;
	} else if (result == OPTIONS_RUN) {
		result = get(call->ask, "/printers", &printers);
	}
	if (result == OPTIONS_RUN) {
		result = queue_table_print(entries, printers);
	}
	cJSON_Delete(entries);
	cJSON_Delete(printers);
	return result;
}

/* --- changes --- */

/* Asks, and shows the entry that comes back. */
static int change(const struct queue_call *call, const struct ask_question *question)
{
	cJSON *printers = NULL;
	cJSON *entry;
	int result = ask_gateway_for(call->ask, question, &entry);

	if (result == OPTIONS_RUN && call->options->json && entry) {
		result = answer_print(entry);
	} else if (result == OPTIONS_RUN && entry) {
		result = get(call->ask, "/printers", &printers);
	}
	if (result == OPTIONS_RUN && entry) {
		queue_entry_print(entry, printers);
	}
	if (result == OPTIONS_RUN && !entry && !call->options->json) {
		print_to(stdout, "%s is out of the queue\n", call->words[0]);
	}
	cJSON_Delete(printers);
	cJSON_Delete(entry);
	return result == OPTIONS_RUN ? CLI_DONE : result;
}

#define FIELDS_MAX 8 /* with the end of them */

static void add_field(struct ask_field **next, const char *name, const char *value)
{
	if (value) {
		*(*next)++ = (struct ask_field){name, value};
	}
}

static void list_fields(const struct queue_options *options, const char *copies,
			struct ask_field fields[FIELDS_MAX])
{
	struct ask_field *next = fields;

	add_field(&next, "copies", copies);
	add_field(&next, "material", options->material);
	add_field(&next, "not_before", options->not_before ? options->not_before_s : NULL);
	add_field(&next, "front", options->front ? "true" : NULL);
	add_field(&next, "hold", options->hold ? "true" : NULL);
	add_field(&next, "force", options->force ? "true" : NULL);
	add_field(&next, "model", options->any != NOT_GIVEN ? model_names[options->any] : NULL);
	*next = (struct ask_field){0};
}

/* By the clock and the zone of who asks; what the gateway gets is of no zone. */
static int read_not_before(struct queue_options *options)
{
	const char *text = options->not_before;
	int64_t now_ms = clock_unix_ms();
	int64_t moment_ms;

	if (!text) {
		return OPTIONS_RUN;
	}
	if (!time_text_read_ahead(text, now_ms, true, &moment_ms)) {
		cli_error("--not-before: '%s' is no time such as 2h, or 2026-11-30T06:00", text);
		return CLI_USAGE;
	}
	snprintf(options->not_before_s, sizeof(options->not_before_s), "%" PRId64,
		 moment_ms / MS_PER_S);
	if (moment_ms <= now_ms) {
		cli_warn("--not-before %s is over: it is printed as soon as its turn comes", text);
	}
	return OPTIONS_RUN;
}

static int add_file(const struct queue_call *call)
{
	const struct queue_options *options = call->options;
	struct ask_question question = {.method = "POST", .path = "/queue", .file = call->words[0]};

	if (!options->printer == (options->any == NOT_GIVEN)) {
		cli_error("who is to print it? -p PRINTER, or --any MODEL");
		return CLI_USAGE;
	}
	if (access(question.file, R_OK) != 0) {
		cli_error("%s cannot be read", question.file);
		return CLI_FAILED;
	}
	char *path = options->printer ? ask_printer_path(call->ask, options->printer, "/queue")
				      : NULL;
	struct ask_field fields[FIELDS_MAX];
	char copies[NUMBER_SIZE];

	if (options->printer && !path) {
		return answer_needs_memory();
	}
	snprintf(copies, sizeof(copies), "%" PRId64, options->copies);
	list_fields(options, copies, fields);
	question.path = path ? path : question.path;
	question.fields = fields;
	int result = change(call, &question);
	free(path);
	return result;
}

static int read_id(const char *word, int64_t *id)
{
	if (!options_read_integer(word, id) || *id < 1) {
		cli_error("'%s' is no id of an entry: flagship queue lists them", word);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int change_entry(const struct queue_call *call, const char *method, const char *rest,
			json_write *write, const void *context)
{
	char path[PATH_SIZE];
	int64_t id;
	int result = read_id(call->words[0], &id);

	if (result == OPTIONS_RUN) {
		snprintf(path, sizeof(path), "/queue/%" PRId64 "%s", id, rest);
		const struct ask_question question = {
			.method = method, .path = path, .write = write, .context = context};

		result = change(call, &question);
	}
	return result;
}

static void write_hold(struct json_writer *writer, const void *context)
{
	const bool *hold = context;

	json_object_begin(writer);
	json_member_bool(writer, "hold", *hold);
	json_object_end(writer);
}

static int hold_entry(const struct queue_call *call)
{
	return change_entry(call, "PATCH", "", write_hold, &(bool){true});
}

static int release_entry(const struct queue_call *call)
{
	return change_entry(call, "PATCH", "", write_hold, &(bool){false});
}

static int remove_entry(const struct queue_call *call)
{
	return change_entry(call, "DELETE", "", NULL, NULL);
}

static void write_nothing(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_object_end(writer);
}

static int retry_entry(const struct queue_call *call)
{
	return change_entry(call, "POST", "/retry", write_nothing, NULL);
}

/* The id of what is to come after an entry that is to be at this place of those that are open; 0:
 * none is. */
static int64_t id_at(const cJSON *entries, int64_t moved, int64_t place)
{
	const cJSON *entry;
	int64_t at = 0;

	cJSON_ArrayForEach(entry, entries)
	{
		const cJSON *id = cJSON_GetObjectItemCaseSensitive(entry, "id");

		if (cJSON_IsNumber(id) && (int64_t)id->valuedouble != moved &&
		    queue_entry_is_open(entry) && ++at == place) {
			return (int64_t)id->valuedouble;
		}
	}
	return 0;
}

static void write_place(struct json_writer *writer, const void *context)
{
	const int64_t *before = context;

	json_object_begin(writer);
	if (*before > 0) {
		json_member_int(writer, "before", *before);
	} else {
		json_member_string(writer, "to", "back");
	}
	json_object_end(writer);
}

static int move_entry(const struct queue_call *call)
{
	cJSON *entries = NULL;
	int64_t moved;
	int64_t place;
	int result = read_id(call->words[0], &moved);

	if (result == OPTIONS_RUN && (!options_read_integer(call->words[1], &place) || place < 1)) {
		cli_error("'%s' is no place: 1 is the front", call->words[1]);
		result = CLI_USAGE;
	}
	if (result == OPTIONS_RUN) {
		result = get_entries(call, &entries);
	}
	if (result == OPTIONS_RUN) {
		int64_t before = id_at(entries, moved, place);

		result = change_entry(call, "POST", "/move", write_place, &before);
	}
	cJSON_Delete(entries);
	return result;
}

static void write_clear(struct json_writer *writer, const void *context)
{
	(void)context;
	json_object_begin(writer);
	json_member_bool(writer, "clear", true);
	json_object_end(writer);
}

static int clear_plate(const struct queue_call *call)
{
	char *path = ask_printer_path(call->ask, call->words[0], "/plate");
	cJSON *plate = NULL;

	if (!path) {
		return answer_needs_memory();
	}
	const struct ask_question question = {.method = "POST", .path = path, .write = write_clear};
	int result = ask_gateway_for(call->ask, &question, &plate);
	if (result == OPTIONS_RUN && call->options->json) {
		result = answer_print(plate);
	} else if (result == OPTIONS_RUN) {
		print_to(stdout, "the plate of %s counts as clear\n", call->words[0]);
		result = CLI_DONE;
	}
	free(path);
	cJSON_Delete(plate);
	return result;
}

/* --- the command --- */

static const struct queue_action {
	const char *name;
	const char *wanted; /* its words, for people */
	int words;
	int (*run)(const struct queue_call *call);
} actions[] = {
	{"list", "", 0, show_list},
	{"add", " FILE", 1, add_file},
	{"remove", " ID", 1, remove_entry},
	{"move", " ID PLACE", 2, move_entry},
	{"hold", " ID", 1, hold_entry},
	{"release", " ID", 1, release_entry},
	{"clear", " PRINTER", 1, clear_plate},
	{"retry", " ID", 1, retry_entry},
};

static const struct queue_action *find_action(const char *word)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, word) == 0) {
			return &actions[i];
		}
	}
	return NULL;
}

/* An option that says how a file is to be printed, and was given; NULL: none was. */
static const char *option_of_add(const struct queue_options *options)
{
	const struct {
		const char *name;
		bool is_given;
	} of_add[] = {
		{"any", options->any != NOT_GIVEN},
		{"copies", options->copies != 1},
		{"material", options->material != NULL},
		{"not-before", options->not_before != NULL},
		{"front", options->front},
		{"hold", options->hold},
		{"force", options->force},
	};

	for (size_t i = 0; i < sizeof(of_add) / sizeof(of_add[0]); i++) {
		if (of_add[i].is_given) {
			return of_add[i].name;
		}
	}
	return NULL;
}

static int run_queue(const struct cli_command *command, int argc, char **argv)
{
	struct queue_options options = {.any = NOT_GIVEN, .copies = 1};
	struct queue_call call = {.options = &options, .words = argv + 1};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	const struct queue_action *action = argc > 0 ? find_action(argv[0]) : &actions[0];
	if (!action) {
		cli_error("queue has no '%s': list, add, remove, move, hold, release, clear or "
			  "retry",
			  argv[0]);
		return CLI_USAGE;
	}
	if (argc > 0 && argc - 1 != action->words) {
		cli_error("it is flagship queue %s%s", action->name, action->wanted);
		return CLI_USAGE;
	}
	result = read_not_before(&options);
	if (result != OPTIONS_RUN) {
		return result;
	}
	const char *astray = action->run == add_file ? NULL : option_of_add(&options);
	if (astray) {
		cli_error("--%s is for flagship queue add, and changes nothing that is queued",
			  astray);
		return CLI_USAGE;
	}
	result = ask_open(options.dir, &call.ask);
	if (result == OPTIONS_RUN) {
		result = action->run(&call);
		ask_close(call.ask);
	}
	return result;
}

const struct cli_command queue_command = {
	.name = "queue",
	.section = "Printers",
	.summary = "what is to be printed by the printers of a gateway",
	.arguments = "[list | add FILE | remove ID | move ID PLACE | hold ID | release ID | "
		     "clear PRINTER | retry ID]",
	.arguments_max = ARGUMENTS_MAX,
	.description =
		"The print queue of the `flagship serve` that runs on this machine. A printer "
		"takes the\n"
		"next entry when it is idle and its plate was cleared: `clear` says that it is. "
		"What\n"
		"waits says why. `move` to place 1 is the front.",
	.groups = (const struct options_group *const[]){&queue_group, NULL},
	.run = run_queue,
};
