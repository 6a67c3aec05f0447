/* SPDX-License-Identifier: MIT */
#include "cli/doctor/report.h"

#include "base/clock.h"
#include "cli/kit/cli.h"
#include "cli/output/json.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NAME_WIDTH 14
#define TIME_WIDTH 7

int64_t doctor_now_ms(void)
{
	return clock_steady_ms();
}

static void print_skipped(const struct doctor_report *report, const struct doctor_link *link)
{
	output_print(&report->output, OUTPUT_DIM, "- %-*s%*s  skipped%s%s\n", NAME_WIDTH,
		     link->name, TIME_WIDTH + 3, "", link->topic[0] != '\0' ? ": " : "",
		     link->topic);
}

static void print_advice(const struct doctor_report *report, const struct doctor_link *link)
{
	const struct output *output = &report->output;

	if (link->advice[0] != '\0') {
		output_print(output, OUTPUT_YELLOW, "  %-*s%*s  → ", NAME_WIDTH, "", TIME_WIDTH + 3,
			     "");
		output_text(output, OUTPUT_YELLOW, link->advice, strlen(link->advice), false);
		fputc('\n', output->stream);
	}
}

static void print_idle(const struct doctor_report *report, const struct doctor_link *link)
{
	output_print(&report->output, OUTPUT_DIM, "- %-*s%*s  ", NAME_WIDTH, link->name,
		     TIME_WIDTH + 3, "");
	output_text(&report->output, OUTPUT_DIM, link->detail, strlen(link->detail), false);
	fputc('\n', report->output.stream);
	print_advice(report, link);
}

static void print_link(const struct doctor_report *report, const struct doctor_link *link)
{
	const struct output *output = &report->output;
	bool well = link->state == DOCTOR_WELL;

	output_print(output, well ? OUTPUT_GREEN : OUTPUT_RED, "%s", well ? "✓" : "✗");
	output_print(output, well ? OUTPUT_PLAIN : OUTPUT_BOLD, " %-*s", NAME_WIDTH, link->name);
	output_print(output, OUTPUT_DIM, "%*" PRId64 " ms  ", TIME_WIDTH, link->elapsed_ms);
	output_text(output, OUTPUT_PLAIN, link->detail, strlen(link->detail), false);
	fputc('\n', output->stream);
	print_advice(report, link);
}

static void print(const struct doctor_report *report, const struct doctor_link *link)
{
	if (report->json) {
		return;
	}
	switch (link->state) {
	case DOCTOR_SKIPPED:
		print_skipped(report, link);
		break;
	case DOCTOR_IDLE:
		print_idle(report, link);
		break;
	case DOCTOR_WELL:
	case DOCTOR_BROKEN:
		print_link(report, link);
		break;
	}
	fflush(report->output.stream);
}

bool doctor_begin(struct doctor_report *report, const char *name, const char *topic)
{
	struct doctor_link *link = &report->links[report->count++];

	*link = (struct doctor_link){.name = name, .elapsed_ms = doctor_now_ms()};
	if (topic) {
		snprintf(link->topic, sizeof(link->topic), "%s", topic);
	}
	if (report->statuses[report->chain] != CLI_DONE) {
		print(report, link);
		return false;
	}
	return true;
}

static struct doctor_link *finish(struct doctor_report *report, enum doctor_state state)
{
	struct doctor_link *link = &report->links[report->count - 1];

	link->state = state;
	link->elapsed_ms = doctor_now_ms() - link->elapsed_ms;
	return link;
}

void doctor_well(struct doctor_report *report, const char *format, ...)
{
	struct doctor_link *link = finish(report, DOCTOR_WELL);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(link->detail, sizeof(link->detail), format, arguments);
	va_end(arguments);
	report->any_well[report->chain] = true;
	print(report, link);
}

void doctor_idle(struct doctor_report *report, const char *format, ...)
{
	struct doctor_link *link = finish(report, DOCTOR_IDLE);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(link->detail, sizeof(link->detail), format, arguments);
	va_end(arguments);
	print(report, link);
}

void doctor_advise(struct doctor_report *report, const char *advice)
{
	struct doctor_link *link = &report->links[report->count - 1];

	snprintf(link->advice, sizeof(link->advice), "%s", advice);
}

void doctor_broken(struct doctor_report *report, int status, const char *advice, const char *format,
		   ...)
{
	struct doctor_link *link = finish(report, DOCTOR_BROKEN);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(link->detail, sizeof(link->detail), format, arguments);
	va_end(arguments);
	snprintf(link->advice, sizeof(link->advice), "%s", advice);
	report->statuses[report->chain] = status;
	print(report, link);
}

void doctor_set_facts(struct doctor_report *report,
		      void (*write)(struct json_writer *writer, const void *context),
		      const void *context)
{
	report->links[report->count - 1].write_facts = write;
	report->links[report->count - 1].facts = context;
}

static void write_link(const struct doctor_link *link, struct json_writer *writer)
{
	json_object_begin(writer);
	json_member_string(writer, "name", link->name);
	if (link->topic[0] != '\0') {
		json_member_string(writer, "topic", link->topic);
	}
	json_key(writer, "ok");
	if (link->state == DOCTOR_SKIPPED) {
		json_null(writer);
		json_member_bool(writer, "skipped", true);
		json_object_end(writer);
		return;
	}
	if (link->state == DOCTOR_IDLE) {
		json_null(writer);
		json_member_bool(writer, "applicable", false);
	} else {
		json_bool(writer, link->state == DOCTOR_WELL);
	}
	json_member_int(writer, "elapsed_ms", link->elapsed_ms);
	json_member_string(writer, "detail", link->detail);
	json_member_known(writer, "advice", link->advice);
	if (link->write_facts) {
		link->write_facts(writer, link->facts);
	}
	json_object_end(writer);
}

static int status_of(const struct doctor_report *report)
{
	int status = report->statuses[DOCTOR_BROKER];

	return status == CLI_DONE && report->wants_lan ? report->statuses[DOCTOR_LAN] : status;
}

/* null: this printer has none, or it could not be looked at. */
static void write_lan(const struct doctor_report *report, struct json_writer *writer)
{
	json_key(writer, "lan_ok");
	if (report->statuses[DOCTOR_LAN] != CLI_DONE) {
		json_bool(writer, false);
	} else if (report->any_well[DOCTOR_LAN]) {
		json_bool(writer, true);
	} else {
		json_null(writer);
	}
}

static void write_report(struct json_writer *writer, const void *context)
{
	const struct doctor_report *report = context;

	json_object_begin(writer);
	json_key(writer, "links");
	json_array_begin(writer);
	for (size_t i = 0; i < report->count; i++) {
		write_link(&report->links[i], writer);
	}
	json_array_end(writer);
	json_member_bool(writer, "ok", status_of(report) == CLI_DONE);
	write_lan(report, writer);
	json_object_end(writer);
}

static const char *last_words(const struct doctor_report *report)
{
	if (report->statuses[DOCTOR_BROKER] != CLI_DONE) {
		return "";
	}
	return report->statuses[DOCTOR_LAN] == CLI_DONE
		       ? "All is well.\n"
		       : "The way by the broker is well. That over the local network is broken: no "
			 "file can be sent, no camera watched.\n";
}

int doctor_conclude(const struct doctor_report *report)
{
	if (!report->json) {
		fputs(last_words(report), report->output.stream);
		return status_of(report);
	}
	if (json_line_print(write_report, report, report->output.stream) != 0) {
		return CLI_FAILED;
	}
	return status_of(report);
}
