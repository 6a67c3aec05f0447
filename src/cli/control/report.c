/* SPDX-License-Identifier: MIT */
#include "cli/control/report.h"

#include "cli/kit/cli.h"
#include "cli/output/json.h"

#include <string.h>

/* The worst first. What is not in it is worse than all. */
static const int control_status_order[] = {CLI_CANNOT_CONNECT, CLI_NO_ANSWER, CLI_REFUSED,
					   CLI_NOT_CONFIRMED, CLI_DONE};

/* What came of it beside the printer's word; NULL where that is no question. */
static const char *control_effect(const struct command_report *report)
{
	switch (report->outcome) {
	case COMMAND_CONFIRMED:
		return "seen";
	case COMMAND_ACCEPTED:
		return report->effect_expected ? "not_seen" : "none";
	default:
		return NULL;
	}
}

static void control_write_outcome(const struct command_report *report, struct json_writer *writer)
{
	json_member_string(writer, "outcome", command_outcome_name(report->outcome));
	json_member_string(writer, "effect", control_effect(report));
	json_member_string(writer, "detail", report->detail);
	json_key(writer, "reply");
	if (report->has_reply) {
		json_int(writer, report->reply);
	} else {
		json_null(writer);
	}
	json_member_int(writer, "attempts", report->attempts);
	json_member_int(writer, "elapsed_ms", report->elapsed_ms);
	if (report->text_length > 0) {
		json_key(writer, "text");
		json_string_n(writer, report->text, report->text_length);
		json_member_bool(writer, "complete", report->text_whole);
	}
}

static void control_write(struct json_writer *writer, const void *context)
{
	const struct control_report *report = context;

	json_object_begin(writer);
	json_member_string(writer, "serial", report->serial);
	/* As it was called before every object about a printer had its serial. */
	json_member_string(writer, "printer", report->serial);
	json_member_string(writer, "name", report->name);
	json_member_string(writer, "command", report->command);
	if (report->sent_only) {
		json_key(writer, "outcome");
		json_null(writer);
		json_key(writer, "effect");
		json_null(writer);
		json_member_bool(writer, "sent", true);
	} else {
		control_write_outcome(report->report, writer);
	}
	if (report->replies) {
		json_key(writer, "replies");
		json_raw(writer, report->replies, report->replies_length);
	}
	json_object_end(writer);
}

void control_report_print_json(const struct control_report *report, const struct output *output)
{
	json_line_print(control_write, report, output->stream);
	fflush(output->stream);
}

static void control_print_line(const struct control_report *report, const struct output *output,
			       enum output_style style, const char *text)
{
	output_text(output, OUTPUT_BOLD, report->label, strlen(report->label), false);
	output_print(output, OUTPUT_PLAIN, ": ");
	output_text(output, style, text, strlen(text), false);
	fputc('\n', output->stream);
	fflush(output->stream);
}

/* On standard error, as safe as output_text makes it. */
static void control_complain(const struct control_report *report, const char *text)
{
	struct output errors;

	fflush(stdout);
	output_init(&errors, stderr);
	fputs("flagship: printer ", stderr);
	output_text(&errors, OUTPUT_PLAIN, report->label, strlen(report->label), false);
	fputs(": ", stderr);
	output_text(&errors, OUTPUT_PLAIN, text, strlen(text), false);
	fputs(report->report->guarded ? "; --force does it nevertheless\n" : "\n", stderr);
}

static void control_print_text(const struct command_report *report, const struct output *output)
{
	/* Where the outcome is confirmed, it says what the text showed. */
	if (report->text_length == 0 || report->outcome == COMMAND_CONFIRMED) {
		return;
	}
	output_text(output, OUTPUT_PLAIN, report->text, report->text_length, true);
	if (report->text[report->text_length - 1] != '\n') {
		fputc('\n', output->stream);
	}
	fflush(output->stream);
	if (!report->text_whole) {
		cli_warn("the reply was cut after %zu bytes", report->text_length);
	}
}

void control_report_print(const struct control_report *report, const struct output *output)
{
	if (report->sent_only) {
		control_print_line(report, output, OUTPUT_PLAIN,
				   "sent; what came of it was not waited for");
		return;
	}
	if (control_report_status(report->report) != CLI_DONE) {
		control_complain(report, report->report->detail);
	} else {
		control_print_line(report, output,
				   report->report->outcome == COMMAND_CONFIRMED ? OUTPUT_GREEN
										: OUTPUT_PLAIN,
				   report->report->detail);
	}
	control_print_text(report->report, output);
}

int control_report_status(const struct command_report *report)
{
	switch (report->outcome) {
	case COMMAND_CONFIRMED:
		return CLI_DONE;
	case COMMAND_ACCEPTED:
		return report->effect_expected ? CLI_NOT_CONFIRMED : CLI_DONE;
	case COMMAND_REFUSED:
		return CLI_REFUSED;
	case COMMAND_UNANSWERED:
		return CLI_NO_ANSWER;
	case COMMAND_FAILED:
		break;
	}
	return CLI_CANNOT_CONNECT;
}

static size_t control_rank(int status)
{
	const size_t count = sizeof(control_status_order) / sizeof(control_status_order[0]);

	for (size_t i = 0; i < count; i++) {
		if (status == control_status_order[i]) {
			return i + 1;
		}
	}
	return 0;
}

int control_worse_status(int left, int right)
{
	return control_rank(left) <= control_rank(right) ? left : right;
}
