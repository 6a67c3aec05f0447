/* SPDX-License-Identifier: MIT */
#include "cli/output/output.h"

#include "cli/output/ascii.h"
#include "cli/output/print.h"
#include "store/file/paths.h"
#include "store/settings/settings.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_RESET       "\033[0m"

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR   3600
#define SECONDS_PER_DAY    86400
#define MS_PER_S           1000
#define DAY_MS             INT64_C(86400000)
#define WEEK_MS            (7 * DAY_MS)

static const char *const style_codes[] = {
	[OUTPUT_PLAIN] = "",        [OUTPUT_BOLD] = "\033[1m",   [OUTPUT_DIM] = "\033[2m",
	[OUTPUT_RED] = "\033[31m",  [OUTPUT_GREEN] = "\033[32m", [OUTPUT_YELLOW] = "\033[33m",
	[OUTPUT_BLUE] = "\033[34m", [OUTPUT_CYAN] = "\033[36m",
};

static bool output_environment_is(const char *name, const char *value)
{
	const char *found = getenv(name);

	return found && strcmp(found, value) == 0;
}

static bool output_wants_colour(FILE *stream)
{
	const char *no_colour = getenv("NO_COLOR");

	if ((no_colour && no_colour[0] != '\0') ||
	    output_environment_is(COLOUR_ENVIRONMENT, "never")) {
		return false;
	}
	return output_environment_is(COLOUR_ENVIRONMENT, "always") ||
	       (!output_environment_is("TERM", "dumb") && isatty(fileno(stream)) == 1);
}

void output_init(struct output *output, FILE *stream)
{
	output->stream = stream;
	output->colour = output_wants_colour(stream);
	output->ascii = ascii_wanted(stream);
}

static void output_begin(const struct output *output, enum output_style style)
{
	if (output->colour && style != OUTPUT_PLAIN) {
		fputs(style_codes[style], output->stream);
	}
}

static void output_end(const struct output *output, enum output_style style)
{
	if (output->colour && style != OUTPUT_PLAIN) {
		fputs(OUTPUT_RESET, output->stream);
	}
}

void output_print(const struct output *output, enum output_style style, const char *format, ...)
{
	va_list arguments;

	output_begin(output, style);
	va_start(arguments, format);
	print_vto(output->stream, output->ascii, format, arguments);
	va_end(arguments);
	output_end(output, style);
}

/* Columns that it takes there. */
static size_t output_shown_width(const struct output *output, const char *text)
{
	return output->ascii ? ascii_width(text, strlen(text)) : output_width(text, strlen(text));
}

void output_text(const struct output *output, enum output_style style, const char *text,
		 size_t length, bool lines)
{
	output_begin(output, style);
	print_text(output->stream, output->ascii, text, length, lines);
	output_end(output, style);
}

void output_json(const struct output *output, enum output_style style, struct flagship_json json)
{
	output_begin(output, style);
	print_json(output->stream, json.data, json.length);
	output_end(output, style);
}

size_t output_width(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length; i++) {
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	}
	return width;
}

const char *output_duration(int64_t seconds, char out[OUTPUT_TIME_MAX])
{
	int64_t days = seconds / SECONDS_PER_DAY;
	int64_t hours = seconds % SECONDS_PER_DAY / SECONDS_PER_HOUR;
	int64_t minutes = seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE;

	if (seconds < SECONDS_PER_MINUTE) {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " s", seconds);
	} else if (seconds < SECONDS_PER_HOUR) {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " min %" PRId64 " s", minutes,
			 seconds % SECONDS_PER_MINUTE);
	} else if (days == 0) {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " h %02" PRId64 " min", hours, minutes);
	} else {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " d %" PRId64 " h", days, hours);
	}
	return out;
}

const char *output_age(double seconds, char out[OUTPUT_TIME_MAX])
{
	int64_t whole = seconds > 0 ? (int64_t)seconds : 0;

	if (whole < 2) {
		snprintf(out, OUTPUT_TIME_MAX, "now");
	} else if (whole < SECONDS_PER_MINUTE) {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " s ago", whole);
	} else if (whole < SECONDS_PER_HOUR) {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " min ago", whole / SECONDS_PER_MINUTE);
	} else if (whole < 2 * SECONDS_PER_DAY) {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " h ago", whole / SECONDS_PER_HOUR);
	} else {
		snprintf(out, OUTPUT_TIME_MAX, "%" PRId64 " days ago", whole / SECONDS_PER_DAY);
	}
	return out;
}

const char *output_clock(int64_t unix_ms, char out[OUTPUT_TIME_MAX])
{
	time_t seconds = (time_t)(unix_ms / MS_PER_S);
	struct tm parts;

	if (!localtime_r(&seconds, &parts) ||
	    strftime(out, OUTPUT_TIME_MAX, "%H:%M:%S", &parts) == 0) {
		snprintf(out, OUTPUT_TIME_MAX, "--:--:--");
	}
	return out;
}

const char *output_time_of_day(int64_t unix_ms, int64_t now_ms, char out[OUTPUT_TIME_MAX])
{
	time_t then_s = (time_t)(unix_ms / MS_PER_S);
	time_t now_s = (time_t)(now_ms / MS_PER_S);
	const char *form = "%Y-%m-%d %H:%M";
	struct tm then;
	struct tm now;

	if (!localtime_r(&then_s, &then) || !localtime_r(&now_s, &now)) {
		snprintf(out, OUTPUT_TIME_MAX, "--:--");
		return out;
	}
	if (then.tm_year == now.tm_year && then.tm_yday == now.tm_yday) {
		form = "%H:%M";
	} else if (unix_ms > now_ms && unix_ms - now_ms < WEEK_MS - DAY_MS) {
		form = "%a %H:%M";
	}
	if (strftime(out, OUTPUT_TIME_MAX, form, &then) == 0) {
		snprintf(out, OUTPUT_TIME_MAX, "--:--");
	}
	return out;
}

static void output_blanks(const struct output *output, size_t count)
{
	while (count-- > 0) {
		fputc(' ', output->stream);
	}
}

void output_table(const struct output *output, const char *const *cells, size_t rows,
		  size_t columns)
{
	size_t widths[OUTPUT_TABLE_COLUMNS_MAX] = {0};

	assert(columns <= OUTPUT_TABLE_COLUMNS_MAX);
	for (size_t i = 0; i < rows * columns; i++) {
		size_t width = output_shown_width(output, cells[i]);

		widths[i % columns] = width > widths[i % columns] ? width : widths[i % columns];
	}
	for (size_t row = 0; row < rows; row++) {
		enum output_style style = row == 0 ? OUTPUT_BOLD : OUTPUT_PLAIN;

		for (size_t column = 0; column < columns; column++) {
			const char *cell = cells[row * columns + column];
			size_t pad = widths[column] - output_shown_width(output, cell) + 2;

			output_text(output, style, cell, strlen(cell), false);
			if (column + 1 < columns) {
				output_blanks(output, pad);
			}
		}
		fputc('\n', output->stream);
	}
}

void colour_apply_setting(void)
{
	char path[PATH_MAX];
	struct problem problem;
	struct settings *settings;

	if (!store_settings_path(path) || settings_load(path, &settings, &problem) != 0) {
		return;
	}
	if (settings_is_set(settings, "cli", "colour")) {
		setenv(COLOUR_ENVIRONMENT, settings_get(settings, "cli", "colour"), 0);
	}
	settings_destroy(settings);
}

enum output_style job_style(enum printer_job_state state)
{
	switch (state) {
	case PRINTER_JOB_PRINTING:
	case PRINTER_JOB_FINISHED:
		return OUTPUT_GREEN;
	case PRINTER_JOB_PAUSED:
		return OUTPUT_YELLOW;
	case PRINTER_JOB_STOPPED:
		return OUTPUT_RED;
	case PRINTER_JOB_IDLE:
	case PRINTER_JOB_UNKNOWN:
		return OUTPUT_PLAIN;
	default:
		return OUTPUT_CYAN;
	}
}
