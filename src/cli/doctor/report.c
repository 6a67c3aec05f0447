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

static void print_skipped(const struct doctor_report *report, const struct doctor_login *login)
{
	output_print(&report->output, OUTPUT_DIM, "- %-*s%*s  skipped%s%s\n", NAME_WIDTH,
		     login->name, TIME_WIDTH + 3, "", login->topic[0] != '\0' ? ": " : "",
		     login->topic);
}

static void print_login(const struct doctor_report *report, const struct doctor_login *login)
{
	const struct output *output = &report->output;
	bool well = login->state == DOCTOR_WELL;

	output_print(output, well ? OUTPUT_GREEN : OUTPUT_RED, "%s", well ? "✓" : "✗");
	output_print(output, well ? OUTPUT_PLAIN : OUTPUT_BOLD, " %-*s", NAME_WIDTH, login->name);
	output_print(output, OUTPUT_DIM, "%*" PRId64 " ms  ", TIME_WIDTH, login->elapsed_ms);
	output_text(output, OUTPUT_PLAIN, login->detail, strlen(login->detail), false);
	fputc('\n', output->stream);
	if (login->advice[0] != '\0') {
		output_print(output, OUTPUT_YELLOW, "  %-*s%*s  → ", NAME_WIDTH, "", TIME_WIDTH + 3,
			     "");
		output_text(output, OUTPUT_YELLOW, login->advice, strlen(login->advice), false);
		fputc('\n', output->stream);
	}
}

static void print(const struct doctor_report *report, const struct doctor_login *login)
{
	if (report->json) {
		return;
	}
	if (login->state == DOCTOR_SKIPPED) {
		print_skipped(report, login);
	} else {
		print_login(report, login);
	}
	fflush(report->output.stream);
}

bool doctor_begin(struct doctor_report *report, const char *name, const char *topic)
{
	struct doctor_login *login = &report->logins[report->count++];

	*login = (struct doctor_login){.name = name, .elapsed_ms = doctor_now_ms()};
	if (topic) {
		snprintf(login->topic, sizeof(login->topic), "%s", topic);
	}
	if (report->status != CLI_DONE) {
		print(report, login);
		return false;
	}
	return true;
}

static struct doctor_login *finish(struct doctor_report *report, enum doctor_state state)
{
	struct doctor_login *login = &report->logins[report->count - 1];

	login->state = state;
	login->elapsed_ms = doctor_now_ms() - login->elapsed_ms;
	return login;
}

void doctor_well(struct doctor_report *report, const char *format, ...)
{
	struct doctor_login *login = finish(report, DOCTOR_WELL);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(login->detail, sizeof(login->detail), format, arguments);
	va_end(arguments);
	print(report, login);
}

void doctor_broken(struct doctor_report *report, int status, const char *advice, const char *format,
		   ...)
{
	struct doctor_login *login = finish(report, DOCTOR_BROKEN);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(login->detail, sizeof(login->detail), format, arguments);
	va_end(arguments);
	snprintf(login->advice, sizeof(login->advice), "%s", advice);
	report->status = status;
	print(report, login);
}

void doctor_set_facts(struct doctor_report *report,
		      void (*write)(const void *context, struct json_writer *writer),
		      const void *context)
{
	report->logins[report->count - 1].write_facts = write;
	report->logins[report->count - 1].facts = context;
}

static void write_login(const struct doctor_login *login, struct json_writer *writer)
{
	json_object_begin(writer);
	json_member_string(writer, "name", login->name);
	if (login->topic[0] != '\0') {
		json_member_string(writer, "topic", login->topic);
	}
	json_key(writer, "ok");
	if (login->state == DOCTOR_SKIPPED) {
		json_null(writer);
		json_member_bool(writer, "skipped", true);
		json_object_end(writer);
		return;
	}
	json_bool(writer, login->state == DOCTOR_WELL);
	json_member_int(writer, "elapsed_ms", login->elapsed_ms);
	json_member_string(writer, "detail", login->detail);
	json_member_known(writer, "advice", login->advice);
	if (login->write_facts) {
		login->write_facts(login->facts, writer);
	}
	json_object_end(writer);
}

static void write_report(const void *context, struct json_writer *writer)
{
	const struct doctor_report *report = context;

	json_object_begin(writer);
	json_key(writer, "links");
	json_array_begin(writer);
	for (size_t i = 0; i < report->count; i++) {
		write_login(&report->logins[i], writer);
	}
	json_array_end(writer);
	json_member_bool(writer, "ok", report->status == CLI_DONE);
	json_object_end(writer);
}

int doctor_conclude(const struct doctor_report *report)
{
	if (!report->json) {
		fputs(report->status == CLI_DONE ? "All is well.\n" : "", report->output.stream);
		return report->status;
	}
	if (json_line_print(write_report, report, report->output.stream) != 0) {
		return CLI_FAILED;
	}
	return report->status;
}
