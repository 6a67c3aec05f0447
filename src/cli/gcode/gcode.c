/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"
#include "cli/gcode/input.h"
#include "cli/gcode/print.h"
#include "cli/gcode/prompt.h"
#include "cli/kit/cli.h"
#include "cli/output/output.h"
#include "cli/target/live.h"
#include "printer/command/gcode_reply.h"

#include <flagship/flagship.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/*
 * A reply that does not end as a whole one does is either the first of several messages or cut for
 * good; one of oks alone may be the acknowledgement before the answer. Only time tells.
 */
#define GCODE_QUIET_PART_MS         500
#define GCODE_QUIET_ACKNOWLEDGED_MS 200

/* Every byte of the command escaped, and what surrounds it. */
#define GCODE_JSON_MAX   (6 * GCODE_LINE_MAX + 128)
#define GCODE_PROMPT_MAX 64
#define PROMPT_SIGN      "> "
#define GCODE_DETAIL_MAX 2048

/* How long to wait for a printer to tell what decides whether a command is harmless. */
#define GCODE_STATE_WAIT_MS 2000

enum gcode_timer {
	GCODE_TIMER_TIMEOUT,
	GCODE_TIMER_QUIET,
	GCODE_TIMER_STATE,
};

struct gcode_options {
	bool json;
	bool force;
};

struct gcode {
	struct live live;
	struct targets targets;
	struct fleet_printer *printer;
	struct gcode_options options;
	struct output output;
	int argument_count;
	char **arguments;
	int next; /* of the arguments */
	bool interactive;
	bool started;
	struct gcode_prompt *prompt;
	struct gcode_input input;
	char command[GCODE_LINE_MAX]; /* in flight */
	bool waiting;
	bool awaits_state; /* before it is sent: what the guards have to know */
	struct gcode_reply reply;
	unsigned int given_up; /* commands whose reply may still come */
	bool reported;         /* of the last failure, as JSON */
};

static const struct options_option gcode_table[] = {
	{.name = "json",
	 .kind = OPTIONS_FLAG,
	 .help = "print each reply as one JSON object",
	 .offset = offsetof(struct gcode_options, json)},
	{.name = "force",
	 .kind = OPTIONS_FLAG,
	 .help = "send what could harm the printer or its job, too",
	 .offset = offsetof(struct gcode_options, force)},
};

static const struct options_group gcode_group = OPTIONS_GROUP("Options", gcode_table);

static void gcode_next(struct gcode *gcode);

static const char *gcode_label(const struct gcode *gcode)
{
	return live_label(gcode->printer);
}

/* What a failure means: the end, or at the prompt only that another command can be tried. */
static void gcode_fail(struct gcode *gcode, int status)
{
	gcode->waiting = false;
	live_timer_stop(&gcode->live, GCODE_TIMER_TIMEOUT);
	live_timer_stop(&gcode->live, GCODE_TIMER_QUIET);
	if (gcode->prompt) {
		gcode_prompt_show(gcode->prompt);
	} else {
		live_stop(&gcode->live, status);
	}
}

static void gcode_report_json(struct gcode *gcode, const char *detail)
{
	if (gcode->options.json) {
		gcode_print_failure(&gcode->output, gcode->command, detail);
		gcode->reported = true;
	}
}

/* Says why there is no reply, to people and as JSON. */
static __attribute__((format(printf, 3, 4))) void gcode_fail_with(struct gcode *gcode, int status,
								  const char *format, ...)
{
	char detail[GCODE_DETAIL_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	cli_error("%s", detail);
	gcode_report_json(gcode, detail);
	gcode_fail(gcode, status);
}

static void gcode_fail_silent(struct gcode *gcode)
{
	int status = live_explain_silence(&gcode->live, gcode->printer, gcode->targets.timeout_ms);

	gcode_report_json(gcode, live_name_failure(status));
	if (gcode->waiting) {
		gcode_fail(gcode, status);
	} else {
		live_stop(&gcode->live, status);
	}
}

static void gcode_conclude(void *context)
{
	struct gcode *gcode = context;

	live_timer_stop(&gcode->live, GCODE_TIMER_TIMEOUT);
	live_timer_stop(&gcode->live, GCODE_TIMER_QUIET);
	gcode_print_reply(&gcode->output, gcode->options.json, gcode->command, &gcode->reply);
	if (ferror(stdout)) {
		live_stop(&gcode->live, CLI_FAILED);
		return;
	}
	if (gcode->reply.refused_code != 0) {
		cli_error("printer %s refused %s: reply %" PRId64, gcode_label(gcode),
			  gcode->command, gcode->reply.refused_code);
		gcode->reported = true;
		gcode_fail(gcode, CLI_REFUSED);
		return;
	}
	gcode->waiting = false;
	gcode_next(gcode);
}

static void gcode_timeout(void *context)
{
	struct gcode *gcode = context;
	int64_t timeout_ms = gcode->targets.timeout_ms;

	if (gcode->waiting && gcode->reply.messages > 0) {
		gcode_conclude(gcode);
	} else if (!gcode->waiting || fleet_printer_counts(gcode->printer)->payloads == 0) {
		gcode_fail_silent(gcode);
	} else {
		gcode->given_up++;
		gcode_fail_with(gcode, CLI_NO_ANSWER,
				"printer %s did not answer %s within %g s; a long move or "
				"heating may need a longer --timeout",
				gcode_label(gcode), gcode->command, (double)timeout_ms / 1000.0);
	}
}

static void gcode_publish(struct gcode *gcode)
{
	char json[GCODE_JSON_MAX];
	size_t length;
	int error = flagship_build_gcode(gcode->command, json, sizeof(json), &length);

	if (error) {
		gcode_fail_with(gcode, CLI_FAILED, "cannot send %s: %s", gcode->command,
				flagship_strerror(error));
		return;
	}
	if (!fleet_send(gcode->printer, FLAGSHIP_TOPIC_COMMAND, json, length)) {
		gcode_fail_with(gcode, CLI_FAILED,
				"printer %s: %s was not sent, the connection is lost; try again",
				gcode_label(gcode), gcode->command);
		return;
	}
	gcode_reply_begin(&gcode->reply, gcode->command, strlen(gcode->command),
			  fleet_printer_state(gcode->printer)->model);
	gcode->waiting = true;
	live_timer_start(&gcode->live, GCODE_TIMER_TIMEOUT, gcode->targets.timeout_ms, 0,
			 gcode_timeout);
}

static struct command_request gcode_request(const struct gcode *gcode)
{
	return (struct command_request){
		.kind = COMMAND_GCODE, .text = gcode->command, .force = gcode->options.force};
}

static void gcode_send_guarded(void *context)
{
	struct gcode *gcode = context;
	struct command_request request = gcode_request(gcode);
	const char *reason = fleet_guard(gcode->printer, &request);
	char text[COMMAND_DETAIL_MAX];

	gcode->awaits_state = false;
	live_timer_stop(&gcode->live, GCODE_TIMER_STATE);
	if (!reason) {
		gcode_publish(gcode);
		return;
	}
	snprintf(text, sizeof(text), "%s", reason);
	request.force = true;
	gcode_fail_with(gcode, CLI_REFUSED, "printer %s: %s was not sent: %s%s", gcode_label(gcode),
			gcode->command, text,
			!fleet_guard(gcode->printer, &request) ? "; --force sends it all the same"
							       : "");
}

static void gcode_send(struct gcode *gcode, const char *command)
{
	snprintf(gcode->command, sizeof(gcode->command), "%s", command);
	struct command_request request = gcode_request(gcode);
	if (fleet_guard_lacks(gcode->printer, &request) && fleet_ask_status(gcode->printer)) {
		gcode->awaits_state = true;
		live_timer_start(&gcode->live, GCODE_TIMER_STATE, GCODE_STATE_WAIT_MS, 0,
				 gcode_send_guarded);
	} else {
		gcode_send_guarded(gcode);
	}
}

static void gcode_handle_input(void *context, const char *line, bool failed)
{
	struct gcode *gcode = context;

	if (line) {
		gcode_send(gcode, line);
	} else {
		live_stop(&gcode->live, failed ? CLI_FAILED : CLI_DONE);
	}
}

/* What the prompt takes itself; no G-code begins so. */
static bool gcode_is_word(const char *line, const char *const *words)
{
	for (; *words; words++) {
		if (strcasecmp(line, *words) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether the line was for the prompt and not for the printer. */
static bool gcode_handle_word(struct gcode *gcode, const char *line)
{
	static const char *const ends[] = {"quit", "exit", "q", NULL};
	static const char *const helps[] = {"help", "?", NULL};

	if (gcode_is_word(line, ends)) {
		live_stop(&gcode->live, CLI_DONE);
		return true;
	}
	if (!gcode_is_word(line, helps)) {
		return false;
	}
	puts("Each line is one command of G-code, and its reply is shown: M105 tells the "
	     "temperatures,\n"
	     "M114 the position, M115 the firmware. What could harm needs --force at the start of "
	     "flagship.\n"
	     "  help, ?         this text\n"
	     "  quit, exit      end; Ctrl-D does it too\n"
	     "  arrows up/down  earlier lines\n"
	     "  Ctrl-C          keeps the line as it is; on an empty line it ends, Ctrl-U empties "
	     "it");
	gcode_prompt_show(gcode->prompt);
	return true;
}

static void gcode_handle_prompt(void *context, const char *line)
{
	struct gcode *gcode = context;
	char command[GCODE_LINE_MAX];

	if (!line) {
		live_stop(&gcode->live, CLI_DONE);
		return;
	}
	if (gcode_line_clean(line, strlen(line), command) != 0) {
		cli_error("the line is too long for a command");
		command[0] = '\0';
	}
	if (command[0] == '\0') {
		gcode_prompt_show(gcode->prompt);
	} else if (!gcode_handle_word(gcode, command)) {
		gcode_send(gcode, command);
	}
}

/* Ctrl-C at the prompt: a line that is being typed stays. */
static bool gcode_interrupted(void *context)
{
	struct gcode *gcode = context;

	return gcode->prompt && gcode_prompt_keep(gcode->prompt);
}

static void gcode_next_argument(struct gcode *gcode)
{
	char command[GCODE_LINE_MAX];

	while (gcode->next < gcode->argument_count) {
		const char *argument = gcode->arguments[gcode->next++];

		gcode_line_clean(argument, strlen(argument), command);
		if (command[0] != '\0') {
			gcode_send(gcode, command);
			return;
		}
	}
	live_stop(&gcode->live, CLI_DONE);
}

static void gcode_next(struct gcode *gcode)
{
	if (gcode->argument_count > 0) {
		gcode_next_argument(gcode);
	} else if (gcode->prompt) {
		gcode_prompt_show(gcode->prompt);
	} else {
		gcode_input_want(&gcode->input);
	}
}

static void gcode_open_source(struct gcode *gcode)
{
	char text[GCODE_PROMPT_MAX];

	if (gcode->argument_count > 0) {
		return;
	}
	if (gcode->interactive) {
		const char *label = gcode_label(gcode);

		shown_text_copy(label, strlen(label), text, sizeof(text) - strlen(PROMPT_SIGN));
		memcpy(text + strlen(text), PROMPT_SIGN, sizeof(PROMPT_SIGN));
		gcode->prompt = gcode_prompt_create(&gcode->live.loop, text, gcode_handle_prompt,
						    gcode);
	}
	if (!gcode->prompt) {
		gcode_input_open(&gcode->input, &gcode->live.loop, STDIN_FILENO, gcode_handle_input,
				 gcode);
	}
}

static void gcode_start(void *context)
{
	struct gcode *gcode = context;

	gcode->printer = fleet_next_printer(gcode->live.fleet, NULL);
	live_timer_start(&gcode->live, GCODE_TIMER_TIMEOUT, gcode->targets.timeout_ms, 0,
			 gcode_timeout);
}

static void gcode_ready(void *context, struct fleet_printer *printer)
{
	struct gcode *gcode = context;

	(void)printer;
	if (gcode->started) {
		return;
	}
	gcode->started = true;
	live_timer_stop(&gcode->live, GCODE_TIMER_TIMEOUT);
	gcode_open_source(gcode);
	gcode_next(gcode);
}

static bool gcode_is_reply(const struct flagship_message *message)
{
	const uint32_t any = FLAGSHIP_GCODE_COMMAND_HAS_RESULT |
			     FLAGSHIP_GCODE_COMMAND_HAS_RESULT_CODE |
			     FLAGSHIP_GCODE_COMMAND_HAS_RESULT_LENGTH;

	return message->type == FLAGSHIP_MESSAGE_GCODE_COMMAND &&
	       (message->has_reply || (message->as.gcode_command.present & any) != 0);
}

static void gcode_take_reply(struct gcode *gcode, const struct flagship_message *message)
{
	/* By its shape it answers a long command that was given up. */
	if (gcode->given_up > 0 && gcode_reply_is_strange(&gcode->reply, message)) {
		gcode->given_up--;
		return;
	}
	if (gcode_reply_add(&gcode->reply, message) != 0) {
		cli_error("out of memory");
		live_stop(&gcode->live, CLI_FAILED);
		return;
	}
	switch (gcode_reply_stage(&gcode->reply)) {
	case GCODE_REPLY_WHOLE:
		gcode_conclude(gcode);
		break;
	case GCODE_REPLY_ACKNOWLEDGED:
		live_timer_start(&gcode->live, GCODE_TIMER_QUIET, GCODE_QUIET_ACKNOWLEDGED_MS, 0,
				 gcode_conclude);
		break;
	case GCODE_REPLY_PART:
		live_timer_start(&gcode->live, GCODE_TIMER_QUIET, GCODE_QUIET_PART_MS, 0,
				 gcode_conclude);
		break;
	}
}

static void gcode_payload(void *context, struct fleet_printer *printer,
			  enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct gcode *gcode = context;

	if (gcode->awaits_state) {
		const struct command_request request = gcode_request(gcode);
		if (!fleet_guard_lacks(printer, &request)) {
			gcode_send_guarded(gcode);
		}
		return;
	}
	if (kind != FLAGSHIP_TOPIC_COMMAND_REPLY) {
		return;
	}
	/* What comes while nothing is in flight answers a command that was given up. */
	for (size_t i = 0; i < payload->count && gcode->waiting; i++) {
		if (gcode_is_reply(&payload->messages[i])) {
			gcode_take_reply(gcode, &payload->messages[i]);
		}
	}
}

static void gcode_stop(void *context)
{
	struct gcode *gcode = context;

	gcode_prompt_destroy(gcode->prompt);
	gcode->prompt = NULL;
	gcode_input_close(&gcode->input);
}

static const struct live_handlers gcode_handlers = {
	.on_start = gcode_start,
	.on_ready = gcode_ready,
	.on_payload = gcode_payload,
	.on_interrupt = gcode_interrupted,
	.on_stop = gcode_stop,
};

static int gcode_check_arguments(int argc, char **argv)
{
	char command[GCODE_LINE_MAX];

	for (int i = 0; i < argc; i++) {
		if (gcode_line_clean(argv[i], strlen(argv[i]), command) != 0) {
			cli_error("each argument of gcode is one command of one line, shorter than "
				  "%d bytes",
				  GCODE_LINE_MAX);
			return CLI_USAGE;
		}
	}
	return OPTIONS_RUN;
}

static int gcode_run(const struct cli_command *command, int argc, char **argv)
{
	struct target_options target_options = TARGET_OPTIONS_DEFAULT;
	struct gcode gcode = {.live.interrupt_status = CLI_FAILED};
	int result = options_parse(command, &argc, argv,
				   (void *[]){&gcode.options, TARGET_PLACES(&target_options)});

	if (result == OPTIONS_RUN) {
		result = gcode_check_arguments(argc, argv);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	output_init(&gcode.output, stdout);
	gcode.argument_count = argc;
	gcode.arguments = argv;
	gcode.interactive = argc == 0 && isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
	if (gcode.interactive) {
		gcode.live.interrupt_status = CLI_DONE;
	}
	result = targets_init(&gcode.targets, &target_options, TARGETS_ONE);
	if (result == OPTIONS_RUN) {
		result = live_run(&gcode.live, &gcode.targets, &gcode_handlers, &gcode);
		if (result != CLI_DONE && !gcode.reported) {
			gcode_report_json(&gcode, live_name_failure(result));
		}
	} else if (result == CLI_NOT_CONFIGURED) {
		gcode_report_json(&gcode, live_name_failure(result));
	}
	targets_finish(&gcode.targets);
	gcode_reply_finish(&gcode.reply);
	return result;
}

const struct cli_command gcode_command = {
	.name = "gcode",
	.section = "Control",
	.summary = "send G-code and show the replies",
	.arguments = "[LINE...]",
	.arguments_max = SIZE_MAX,
	.description =
		"Sends each argument as one command: flagship gcode \"G1 X10\" M114. Without one "
		"it\n"
		"asks on a terminal, with history, and reads lines from a pipe, waiting for each\n"
		"reply before it sends the next. Comments after ; are not sent. A reply that came\n"
		"incomplete is marked on standard error; where none comes within --timeout, the\n"
		"exit status is 6. What could harm the printer, or a job that runs, needs "
		"--force;\n"
		"what the printer would take for other commands than it shows (a , * or @ in it, a "
		"^ in\n"
		"front) is never sent. docs/safety.md lists it all.",
	.groups = (const struct options_group *const[]){&gcode_group, TARGET_GROUPS, NULL},
	.run = gcode_run,
};
