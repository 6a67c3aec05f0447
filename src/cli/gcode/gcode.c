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

#define GCODE_PROMPT_MAX 64
#define PROMPT_SIGN      "> "
#define GCODE_DETAIL_MAX 2048

/* How long to wait for a printer to tell what decides whether a command is harmless. */
#define GCODE_STATE_WAIT_MS 2000

enum gcode_timer {
	GCODE_TIMER_TIMEOUT, /* for the connection */
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
	bool awaits_state;            /* before it is sent: what the guards have to know */
	bool reported;                /* of the last failure, as JSON */
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

static int gcode_explain_silence(struct gcode *gcode)
{
	int status = live_explain_silence(&gcode->live, gcode->printer, gcode->targets.timeout_ms);

	gcode_report_json(gcode, live_name_failure(status));
	return status;
}

static void gcode_conclude(struct gcode *gcode, const struct gcode_reply *reply)
{
	gcode_print_reply(&gcode->output, gcode->options.json, gcode->command, reply);
	if (ferror(stdout)) {
		live_stop(&gcode->live, CLI_FAILED);
		return;
	}
	if (reply->refused_code != 0) {
		cli_error("printer %s refused %s: reply %" PRId64, gcode_label(gcode),
			  gcode->command, reply->refused_code);
		gcode->reported = true;
		gcode_fail(gcode, CLI_REFUSED);
		return;
	}
	gcode_next(gcode);
}

/* There was no connection in time. */
static void gcode_timeout(void *context)
{
	struct gcode *gcode = context;

	live_stop(&gcode->live, gcode_explain_silence(gcode));
}

static struct command_request gcode_request(const struct gcode *gcode)
{
	return (struct command_request){.kind = COMMAND_GCODE,
					.text = gcode->command,
					.force = gcode->options.force,
					.timeout_ms = gcode->targets.timeout_ms};
}

static void gcode_report_guarded(struct gcode *gcode, const char *reason, bool never)
{
	gcode_fail_with(gcode, CLI_REFUSED, "printer %s: %s was not sent: %s%s", gcode_label(gcode),
			gcode->command, reason, never ? "" : "; --force sends it all the same");
}

static void gcode_report_unanswered(struct gcode *gcode, const struct command_report *report)
{
	if (report->elapsed_ms < gcode->targets.timeout_ms) {
		gcode_fail_with(gcode, CLI_NO_ANSWER, "printer %s: %s: %s", gcode_label(gcode),
				gcode->command, report->detail);
	} else if (fleet_printer_counts(gcode->printer)->payloads == 0) {
		gcode_fail(gcode, gcode_explain_silence(gcode));
	} else {
		gcode_fail_with(gcode, CLI_NO_ANSWER,
				"printer %s did not answer %s within %g s; a long move or "
				"heating may need a longer --timeout",
				gcode_label(gcode), gcode->command,
				(double)gcode->targets.timeout_ms / 1000.0);
	}
}

static void gcode_done(void *context, struct fleet_printer *printer,
		       const struct command_report *report)
{
	struct gcode *gcode = context;

	(void)printer;
	if (report->gcode && report->gcode->messages > 0) {
		gcode_conclude(gcode, report->gcode);
		return;
	}
	switch (report->outcome) {
	case COMMAND_UNANSWERED:
		gcode_report_unanswered(gcode, report);
		break;
	case COMMAND_REFUSED:
		gcode_report_guarded(gcode, report->detail, report->never);
		break;
	default:
		gcode_fail_with(gcode, CLI_FAILED, "printer %s: %s: %s", gcode_label(gcode),
				gcode->command, report->detail);
		break;
	}
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
		request.as_known = true; /* it was waited for */
		target_fill_request(live_target(gcode->printer), &request);
		live_command(&gcode->live, gcode->printer, &request);
		return;
	}
	snprintf(text, sizeof(text), "%s", reason);
	request.force = true;
	gcode_report_guarded(gcode, text, fleet_guard(gcode->printer, &request) != NULL);
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

static void gcode_payload(void *context, struct fleet_printer *printer,
			  enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct gcode *gcode = context;

	(void)kind;
	(void)payload;
	if (gcode->awaits_state) {
		const struct command_request request = gcode_request(gcode);

		if (!fleet_guard_lacks(printer, &request)) {
			gcode_send_guarded(gcode);
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
	.on_done = gcode_done,
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
