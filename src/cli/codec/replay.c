/* SPDX-License-Identifier: MIT */
#include "cli/kit/cli.h"
#include "cli/kit/options.h"

#include "base/json/reader.h"
#include "base/text_encoding.h"
#include "cli/output/print.h"
#include "printer/state/recording.h"
#include "printer/state/state_json.h"

#include <flagship/error.h>
#include <flagship/model.h>
#include <flagship/topic.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES (1024u * 1024u)
#define STDIN_NAME     "-"

static const char *const model_names[] = {"m5", "m5c", "e1", NULL};
static const enum flagship_model models[] = {FLAGSHIP_MODEL_M5, FLAGSHIP_MODEL_M5C,
					     FLAGSHIP_MODEL_E1};
#define MODEL_NOT_GIVEN (-1)

struct replay_options {
	int model;
	bool events;
	const char *serial;
	const char *name;
};

static const struct options_option replay_table[] = {
	{.name = "model",
	 .kind = OPTIONS_CHOICE,
	 .offset = offsetof(struct replay_options, model),
	 .choices = model_names,
	 .help = "which printer it was; an m5c does not count down"},
	{.name = "events",
	 .kind = OPTIONS_FLAG,
	 .offset = offsetof(struct replay_options, events),
	 .help = "print events as they happen, one JSON object a line"},
	{.name = "serial",
	 .kind = OPTIONS_TEXT,
	 .offset = offsetof(struct replay_options, serial),
	 .value = "SERIAL",
	 .help = "serial number to show in the state"},
	{.name = "name",
	 .kind = OPTIONS_TEXT,
	 .offset = offsetof(struct replay_options, name),
	 .value = "NAME",
	 .help = "name to show in the state"},
};

static const struct options_group replay_group = OPTIONS_GROUP("Options", replay_table);
static const struct options_group *const replay_groups[] = {&replay_group, NULL};

/* A file on its way through the state. */
struct replay {
	const char *path;
	FILE *file;
	char *line; /* LINE_MAX_BYTES */
	size_t length;
	unsigned long number;
	bool damaged; /* a line could not be used */
	bool events;
	struct recording recording;
	struct printer_state state;
};

static void print_event(const struct printer_event *event, void *context)
{
	const struct replay *replay = context;
	char json[PRINTER_EVENT_JSON_MAX];
	size_t length;

	if (replay->events && !printer_event_to_json(event, json, sizeof(json), &length)) {
		print_json_line(stdout, json, length);
	}
}

/* Takes one line, without its newline. False at the end of the file. */
static bool read_line(struct replay *replay)
{
	int c;

	replay->length = 0;
	while ((c = getc_unlocked(replay->file)) != EOF && c != '\n') {
		if (replay->length < LINE_MAX_BYTES) {
			replay->line[replay->length] = (char)c;
		}
		replay->length++;
	}
	replay->number++;
	bool there = c != EOF || replay->length > 0;
	if (replay->number == 1 && replay->length <= LINE_MAX_BYTES) {
		size_t left = replay->length;

		(void)text_encoding_skip_mark(replay->line, &left);
		memmove(replay->line, replay->line + (replay->length - left), left);
		replay->length = left;
	}
	return there;
}

/* What flagship monitor --record says in the first line, where no option says it. */
static void learn_model(struct replay *replay)
{
	const struct flagship_json line = {.data = replay->line,
					   .length = (uint32_t)replay->length};
	struct json_value value;

	if (replay->state.model != FLAGSHIP_MODEL_UNKNOWN ||
	    !json_object_find(line, "_model", &value) || value.kind != JSON_STRING) {
		return;
	}
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		if (flagship_text_equals(value.text, flagship_model_name(models[i]))) {
			replay->state.model = models[i];
		}
	}
}

static void feed_line(struct replay *replay)
{
	size_t offset = 0;

	if (replay->length > LINE_MAX_BYTES) {
		cli_error("%s:%lu: a line of %zu bytes; the longest that can be read has %u",
			  replay->path, replay->number, replay->length, LINE_MAX_BYTES);
		replay->damaged = true;
		return;
	}
	if (replay->number == 1) {
		learn_model(replay);
	}
	int error = recording_feed(&replay->recording, &replay->state, replay->line, replay->length,
				   print_event, replay, &offset);
	if (error) {
		cli_error("%s:%lu:%zu: %s", replay->path, replay->number, offset + 1,
			  flagship_strerror(error));
		replay->damaged = true;
	}
}

static int print_state(const struct replay *replay)
{
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;
	const struct recording *recording = &replay->recording;
	const struct printer_moment now = {
		.now_ms = recording->now_ms,
		.unix_ms = recording->absolute ? recording->now_ms : PRINTER_NEVER,
	};
	int error = printer_state_to_json(&replay->state, &now, json, sizeof(json), &length);

	if (error) {
		cli_error("the state cannot be written: %s", flagship_strerror(error));
		return CLI_FAILED;
	}
	print_json_line(stdout, json, length);
	return CLI_DONE;
}

static int run_file(struct replay *replay)
{
	while (read_line(replay)) {
		feed_line(replay);
	}
	if (ferror(replay->file)) {
		cli_error("cannot read %s: %s", replay->path, strerror(errno));
		return CLI_FAILED;
	}
	printer_state_settle(&replay->state, print_event, replay);
	if (print_state(replay)) {
		return CLI_FAILED;
	}
	return replay->damaged ? CLI_FAILED : CLI_DONE;
}

static bool open_file(struct replay *replay)
{
	if (strcmp(replay->path, STDIN_NAME) == 0) {
		replay->path = "standard input";
		replay->file = stdin;
		return true;
	}
	replay->file = fopen(replay->path, "rb");
	if (!replay->file) {
		cli_error("cannot open %s: %s", replay->path, strerror(errno));
	}
	return replay->file;
}

static int replay_path(const struct replay_options *options, const char *path)
{
	enum flagship_model model = FLAGSHIP_MODEL_UNKNOWN;
	struct replay replay = {.path = path, .events = options->events};
	int result = CLI_FAILED;

	if (options->model != MODEL_NOT_GIVEN) {
		model = models[options->model];
	}
	recording_init(&replay.recording);
	printer_state_init(&replay.state, options->serial, options->name, model);
	replay.line = malloc(LINE_MAX_BYTES);
	if (!replay.line) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	if (open_file(&replay)) {
		result = run_file(&replay);
	}
	if (replay.file && replay.file != stdin) {
		fclose(replay.file);
	}
	free(replay.line);
	return result;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	struct replay_options options = {.model = MODEL_NOT_GIVEN};
	void *const targets[] = {&options};
	int result = options_parse(command, &argc, argv, targets);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (argc == 0) {
		cli_error("replay needs a FILE of recorded JSON lines, or - for standard input; "
			  "see `flagship help replay`");
		return CLI_USAGE;
	}
	if (options.serial && !flagship_serial_valid(options.serial)) {
		cli_error("\"%s\" is no serial number: 1 to %d letters and digits", options.serial,
			  FLAGSHIP_SERIAL_LENGTH_MAX);
		return CLI_USAGE;
	}
	return replay_path(&options, argv[0]);
}

const struct cli_command replay_command = {
	.name = "replay",
	.section = "Frames and messages",
	.summary = "turn a recording into events and the state it ends with",
	.arguments = "FILE|-",
	.arguments_max = 1,
	.description =
		"Reads a recording, one JSON object or array of them a line as printers send "
		"them,\n"
		"and prints the state that the printer was in at its end as one line of JSON.\n"
		"`_t` in an object is the time in seconds. Other keys with a leading underscore,\n"
		"and lines that are the recorder's own, are passed over. A line that is damaged "
		"is\n"
		"told on standard error and the rest is read; the exit status is then 1. A\n"
		"recording of flagship monitor --record says itself which model it is of.",
	.groups = replay_groups,
	.run = run,
};
