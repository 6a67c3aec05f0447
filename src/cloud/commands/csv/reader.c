/* SPDX-License-Identifier: MIT */
#include "cloud/commands/csv/reader.h"

#include <stdbool.h>
#include <string.h>

#define QUOTE     '"'
#define SEPARATOR ','

void csv_init(struct csv *csv, char *text, size_t length)
{
	*csv = (struct csv){.cursor = text, .end = text + length};
	text[length] = '\0';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
	return c == '\n' || c == '\r';
}

static void skip_blanks(struct csv *csv)
{
	while (csv->cursor < csv->end && is_blank(*csv->cursor)) {
		csv->cursor++;
	}
}

/* One line break, however it is written. */
static void skip_break(struct csv *csv)
{
	if (csv->cursor < csv->end && *csv->cursor == '\r') {
		csv->cursor++;
		if (csv->cursor < csv->end && *csv->cursor == '\n') {
			csv->cursor++;
		}
	} else if (csv->cursor < csv->end) {
		csv->cursor++;
	}
	csv->lines++;
}

/* From behind the first quotation mark. *last: where the text ends. */
static bool read_quoted(struct csv *csv, char **last)
{
	char *out = csv->cursor;

	for (; csv->cursor < csv->end; csv->cursor++) {
		if (*csv->cursor == QUOTE) {
			if (csv->cursor + 1 == csv->end || csv->cursor[1] != QUOTE) {
				csv->cursor++;
				*last = out;
				return true;
			}
			csv->cursor++;
		}
		csv->lines += *csv->cursor == '\n';
		*out++ = *csv->cursor;
	}
	return false;
}

static bool read_plain(struct csv *csv, char **last)
{
	char *start = csv->cursor;

	while (csv->cursor < csv->end && *csv->cursor != SEPARATOR && !is_break(*csv->cursor)) {
		if (*csv->cursor == QUOTE) {
			return false;
		}
		csv->cursor++;
	}
	*last = csv->cursor;
	while (*last > start && is_blank((*last)[-1])) {
		(*last)--;
	}
	return true;
}

/* Up to the separator or the end of the line, which is left where it is: *last may lie on it. */
static bool read_field(struct csv *csv, const char **field, char **last)
{
	skip_blanks(csv);
	if (csv->cursor < csv->end && *csv->cursor == QUOTE) {
		csv->cursor++;
		*field = csv->cursor;
		if (!read_quoted(csv, last)) {
			return false;
		}
		skip_blanks(csv);
		return csv->cursor == csv->end || *csv->cursor == SEPARATOR ||
		       is_break(*csv->cursor);
	}
	*field = csv->cursor;
	return read_plain(csv, last);
}

static void skip_empty_lines(struct csv *csv)
{
	for (;;) {
		char *start = csv->cursor;

		skip_blanks(csv);
		if (csv->cursor == csv->end || !is_break(*csv->cursor)) {
			csv->cursor = csv->cursor == csv->end ? csv->end : start;
			return;
		}
		skip_break(csv);
	}
}

enum csv_result csv_next(struct csv *csv, const char *fields[CSV_FIELDS_MAX], size_t *count)
{
	*count = 0;
	skip_empty_lines(csv);
	csv->line = csv->lines + 1;
	if (csv->cursor == csv->end) {
		return CSV_END;
	}
	for (;;) {
		char *last;

		if (*count == CSV_FIELDS_MAX || !read_field(csv, &fields[*count], &last)) {
			return CSV_BROKEN;
		}
		bool more = csv->cursor < csv->end && *csv->cursor == SEPARATOR;
		if (more) {
			csv->cursor++;
		} else if (csv->cursor < csv->end) {
			skip_break(csv);
		}
		/* Only now: the end of the text may lie on what was looked at. */
		*last = '\0';
		if (memchr(fields[*count], '\0', (size_t)(last - fields[*count]))) {
			return CSV_BROKEN;
		}
		(*count)++;
		if (!more) {
			return CSV_RECORD;
		}
	}
}
