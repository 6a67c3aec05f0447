/* SPDX-License-Identifier: MIT */
#include "cli/timelapse/timelapse.h"

#include "cli/gateway/answer.h"
#include "cli/gateway/ask.h"
#include "cli/kit/options.h"
#include "cli/output/message.h"
#include "cli/output/print.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ARGUMENTS_MAX 3
#define PATH_SIZE     64
#define PART_SUFFIX   ".part-" /* and the process */
#define NAME_SIZE     48
#define COLUMNS       7
#define MOST_LISTED   "1000" /* that a gateway lists at once */
#define CELL_SIZE     ANSWER_CELL_SIZE
#define INTERVAL_MAX  INT64_C(3600000)
#define MS_PER_S      1000
#define NOT_GIVEN     (-1)
#define TIME_LENGTH   16 /* "2026-11-29T18:50" */
#define BYTES_PER_MIB 1048576.0

static const char *const light_choices[] = {"off", "on", NULL};

struct lapse_options {
	const char *printer;
	int64_t interval_ms; /* 0: not given */
	int light;           /* of light_choices; NOT_GIVEN */
	bool json;
	const char *dir;
};

static const struct options_option lapse_table[] = {
	{.name = "printer",
	 .letter = 'p',
	 .kind = OPTIONS_TEXT,
	 .value = "PRINTER",
	 .help = "of this one alone: name or serial number",
	 .offset = offsetof(struct lapse_options, printer)},
	{.name = "interval",
	 .kind = OPTIONS_DURATION,
	 .value = "TIME",
	 .help = "with set: from one picture to the next, at least (10)",
	 .offset = offsetof(struct lapse_options, interval_ms),
	 .minimum = MS_PER_S,
	 .maximum = INTERVAL_MAX},
	{.name = "light",
	 .kind = OPTIONS_CHOICE,
	 .choices = light_choices,
	 .help = "with set: whether the light is switched on for each picture",
	 .offset = offsetof(struct lapse_options, light)},
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print JSON: of the list one array, of settings one object",
	 .offset = offsetof(struct lapse_options, json)},
	{.name = "dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "the gateway's folder (~/.local/state/flagship/serve)",
	 .offset = offsetof(struct lapse_options, dir)},
};

static const struct options_group lapse_group = OPTIONS_GROUP("Options", lapse_table);

/* What one call has. */
struct lapse_call {
	const struct lapse_options *options;
	int count;
	char **words; /* after that of the action */
	struct ask *ask;
};

/* The same path of all, or of the printer that was named. */
static int ask_for(const struct lapse_call *call, const char *method, const char *path,
		   json_write *write, cJSON **answer)
{
	struct ask_question question = {
		.method = method, .path = path, .write = write, .context = call};
	char *own = NULL;

	*answer = NULL;
	if (call->options->printer) {
		own = ask_printer_path(call->ask, call->options->printer, path);
		if (!own) {
			return answer_needs_memory();
		}
		question.path = own;
	}
	int result = ask_gateway_for(call->ask, &question, answer);
	free(own);
	return result;
}

/* --- the list --- */

static void write_cells(const cJSON *film, const void *context, char (*cells)[CELL_SIZE])
{
	const char *name = answer_text(film, "printer_name");
	bool done = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(film, "done"));

	(void)context;
	snprintf(cells[0], CELL_SIZE, "%.0f", answer_number(film, "id"));
	snprintf(cells[1], CELL_SIZE, "%s", name[0] != '\0' ? name : answer_text(film, "printer"));
	snprintf(cells[2], CELL_SIZE, "%s", answer_text(film, "file"));
	snprintf(cells[3], CELL_SIZE, "%.*s", TIME_LENGTH, answer_text(film, "begun_at"));
	cells[3][strcspn(cells[3], "T")] = cells[3][0] != '\0' ? ' ' : '\0';
	snprintf(cells[4], CELL_SIZE, "%.0f", answer_number(film, "frames"));
	snprintf(cells[5], CELL_SIZE, "%.1f MiB", answer_number(film, "bytes") / BYTES_PER_MIB);
	snprintf(cells[6], CELL_SIZE, "%s", done ? answer_text(film, "outcome") : "recording");
}

static int print_table(const cJSON *films)
{
	static const char *const headings[COLUMNS] = {"ID",     "PRINTER", "FILE", "BEGUN (UTC)",
						      "FRAMES", "SIZE",    "JOB"};

	return answer_print_table(films, &(struct answer_table){.headings = headings,
								.columns = COLUMNS,
								.write_row = write_cells});
}

static int list_films(const struct lapse_call *call)
{
	cJSON *films;
	int result = ask_for(call, "GET", "/timelapses?limit=" MOST_LISTED, NULL, &films);

	if (result == OPTIONS_RUN && call->options->json) {
		result = answer_print(films);
	} else if (result == OPTIONS_RUN && cJSON_GetArraySize(films) == 0) {
		print_to(stderr, "there is no time-lapse\n");
		result = CLI_DONE;
	} else if (result == OPTIONS_RUN) {
		result = print_table(films);
	}
	cJSON_Delete(films);
	return result;
}

/* --- one film --- */

static int read_film(const char *word, int64_t *id)
{
	if (!options_read_integer(word, id) || *id < 1) {
		cli_error("'%s' is no id of a time-lapse: flagship timelapse lists them", word);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int fetch_film(const struct lapse_call *call, int64_t id, FILE *file)
{
	char path[PATH_SIZE];
	cJSON *answer;

	snprintf(path, sizeof(path), "/timelapses/%" PRId64 "/film.mp4", id);
	return ask_gateway_for(call->ask,
			       &(struct ask_question){.method = "GET", .path = path, .save = file},
			       &answer);
}

static int fail_film_file(const char *name)
{
	cli_error("%s cannot be written: %s", name, strerror(errno));
	return CLI_FAILED;
}

/* file is closed; NULL: it could not be opened. */
static int save_film(const struct lapse_call *call, int64_t id, const char *name, FILE *file)
{
	if (!file) {
		return fail_film_file(name);
	}
	int result = fetch_film(call, id, file);
	return fclose(file) != 0 && result == OPTIONS_RUN ? fail_film_file(name) : result;
}

/* What was there stays until the film is whole. */
static int replace_by_film(const struct lapse_call *call, int64_t id, const char *name)
{
	char part[PATH_MAX];
	int length = snprintf(part, sizeof(part), "%s" PART_SUFFIX "%ld", name, (long)getpid());

	if (length < 1 || length >= (int)sizeof(part)) {
		errno = ENAMETOOLONG;
		return fail_film_file(name);
	}
	FILE *file = fopen(part, "wbx");
	bool made = file != NULL;
	int result = save_film(call, id, name, file);
	if (result == OPTIONS_RUN && rename(part, name) != 0) {
		result = fail_film_file(name);
	}
	if (made && result != OPTIONS_RUN) {
		(void)unlink(part);
	}
	return result;
}

static int fetch_into(const struct lapse_call *call, int64_t id, const char *name)
{
	struct stat status;
	/* A pipe or a device takes it as it comes. */
	bool is_file = stat(name, &status) != 0 || S_ISREG(status.st_mode);
	int result = is_file ? replace_by_film(call, id, name)
			     : save_film(call, id, name, fopen(name, "wb"));

	if (result != OPTIONS_RUN) {
		return result;
	}
	print_to(stderr, "the time-lapse is in %s\n", name);
	return CLI_DONE;
}

static int get_film(const struct lapse_call *call)
{
	char name[NAME_SIZE];
	int64_t id;
	int result = read_film(call->words[0], &id);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (call->count > 1 && strcmp(call->words[1], "-") == 0) {
		result = fetch_film(call, id, stdout);
		return result == OPTIONS_RUN ? CLI_DONE : result;
	}
	snprintf(name, sizeof(name), "timelapse-%" PRId64 ".mp4", id);
	return fetch_into(call, id, call->count > 1 ? call->words[1] : name);
}

static int delete_film(const struct lapse_call *call)
{
	char path[PATH_SIZE];
	cJSON *answer = NULL;
	int64_t id;
	int result = read_film(call->words[0], &id);

	if (result == OPTIONS_RUN) {
		snprintf(path, sizeof(path), "/timelapses/%" PRId64, id);
		result = ask_gateway_for(call->ask,
					 &(struct ask_question){.method = "DELETE", .path = path},
					 &answer);
	}
	cJSON_Delete(answer);
	if (result == OPTIONS_RUN) {
		print_to(stderr, "time-lapse %" PRId64 " is deleted\n", id);
		result = CLI_DONE;
	}
	return result;
}

/* --- settings --- */

static int print_settings(const struct lapse_call *call, const cJSON *settings)
{
	const char *mode = answer_text(settings, "mode");

	if (call->options->json) {
		return answer_print(settings);
	}
	print_to(stdout, "%s: ", call->options->printer ? call->options->printer : "all printers");
	if (strcmp(mode, "off") == 0) {
		print_to(stdout, "no time-lapses");
	} else {
		print_to(stdout, "a picture %s %.0f s",
			 strcmp(mode, "layer") == 0 ? "a layer, and not within" : "each",
			 answer_number(settings, "interval_s"));
		print_to(stdout, ", %s",
			 cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(settings, "light"))
				 ? "with the light on"
				 : "with the light as it is");
	}
	print_to(stdout, "%s\n",
		 cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(settings, "own"))
			 ? " (as for all printers)"
			 : "");
	if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(settings, "disk_full"))) {
		print_to(stdout, "the disk is full: nothing is recorded\n");
	}
	return CLI_DONE;
}

static int show_settings(const struct lapse_call *call)
{
	cJSON *settings;
	int result = ask_for(call, "GET", "/timelapse", NULL, &settings);

	if (result == OPTIONS_RUN) {
		result = print_settings(call, settings);
	}
	cJSON_Delete(settings);
	return result;
}

static void write_change(struct json_writer *writer, const void *context)
{
	const struct lapse_call *call = context;
	const struct lapse_options *options = call->options;

	json_object_begin(writer);
	if (strcmp(call->words[0], "default") == 0) {
		json_member_bool(writer, "own", false);
	} else {
		json_member_string(writer, "mode", call->words[0]);
	}
	if (options->interval_ms > 0) {
		json_member_int(writer, "interval_s", options->interval_ms / MS_PER_S);
	}
	if (options->light != NOT_GIVEN) {
		json_member_bool(writer, "light", options->light == 1);
	}
	json_object_end(writer);
}

static int change_settings(const struct lapse_call *call)
{
	static const char *const modes[] = {"layer", "interval", "off", "default"};
	const char *mode = call->words[0];
	bool known = false;
	cJSON *settings;

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		known = known || strcmp(mode, modes[i]) == 0;
	}
	if (!known || (strcmp(mode, "default") == 0 && !call->options->printer)) {
		cli_error(known ? "default is for a printer: give -p"
				: "'%s' is none of layer, interval, off and default",
			  mode);
		return CLI_USAGE;
	}
	if (call->options->interval_ms % MS_PER_S != 0) {
		cli_error("--interval: whole seconds, as 30 or 2m");
		return CLI_USAGE;
	}
	int result = ask_for(call, "PATCH", "/timelapse", write_change, &settings);
	if (result == OPTIONS_RUN) {
		result = print_settings(call, settings);
	}
	cJSON_Delete(settings);
	return result;
}

/* --- the command --- */

static const struct lapse_action {
	const char *name;
	const char *wanted; /* its words, for people */
	int least;
	int most;
	int (*run)(const struct lapse_call *call);
} actions[] = {
	{"list", "", 0, 0, list_films},
	{"get", " ID [FILE]", 1, 2, get_film},
	{"delete", " ID", 1, 1, delete_film},
	{"settings", "", 0, 0, show_settings},
	{"set", " layer|interval|off|default", 1, 1, change_settings},
};

static const struct lapse_action *find_action(const char *word)
{
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, word) == 0) {
			return &actions[i];
		}
	}
	return NULL;
}

static int run_timelapse(const struct cli_command *command, int argc, char **argv)
{
	struct lapse_options options = {.light = NOT_GIVEN};
	struct lapse_call call = {.options = &options, .words = argv + 1};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result != OPTIONS_RUN) {
		return result;
	}
	const struct lapse_action *action = argc > 0 ? find_action(argv[0]) : &actions[0];
	if (!action) {
		cli_error("timelapse has no '%s': list, get, delete, settings or set", argv[0]);
		return CLI_USAGE;
	}
	call.count = argc > 0 ? argc - 1 : 0;
	if (call.count < action->least || call.count > action->most) {
		cli_error("it is flagship timelapse %s%s", action->name, action->wanted);
		return CLI_USAGE;
	}
	result = ask_open(options.dir, &call.ask);
	if (result == OPTIONS_RUN) {
		result = action->run(&call);
		ask_close(call.ask);
	}
	return result;
}

const struct cli_command timelapse_command = {
	.name = "timelapse",
	.section = "Printers",
	.summary = "films of what the printers of a gateway have printed",
	.arguments = "[list | get ID [FILE] | delete ID | settings | set MODE]",
	.arguments_max = ARGUMENTS_MAX,
	.description =
		"Time-lapses of the `flagship serve` that runs on this machine: of each job a film "
		"of\n"
		"single pictures of the printer's camera. They are off until they are set to "
		"`layer`, a\n"
		"picture a layer, or `interval`, one now and then; `set default -p PRINTER` has a "
		"printer\n"
		"go by what holds for all. `get` writes MP4, to standard output for -.",
	.groups = (const struct options_group *const[]){&lapse_group, NULL},
	.run = run_timelapse,
};
