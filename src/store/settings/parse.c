/* SPDX-License-Identifier: MIT */
#include "store/settings/text.h"

#include "store/broker_url.h"

#include <flagship/error.h>

#include <ini.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a handler of inih returns. */
#define TAKEN           1
#define REFUSED         0

#define PARSE_NO_MEMORY (-2) /* of ini_parse_stream */

struct parser {
	const char *cursor;
	const char *end;
	size_t line;
	struct settings *settings;
	struct settings_fault *fault;
	int error;
};

/* Only the first one counts. */
static int fail_setting(struct parser *parser, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fail_setting(struct parser *parser, const char *format, ...)
{
	va_list arguments;

	if (!parser->error) {
		parser->error = FLAGSHIP_ERROR_STORE;
		parser->fault->line = parser->line;
		va_start(arguments, format);
		vsnprintf(parser->fault->reason, sizeof(parser->fault->reason), format, arguments);
		va_end(arguments);
	}
	return REFUSED;
}

/* A file of an earlier version is no mistake. */
static void warn(struct parser *parser, const char *section, const char *name)
{
	parser->fault->line = parser->line;
	snprintf(parser->fault->reason, sizeof(parser->fault->reason), "%s.%s is passed over: %s",
		 section, name, settings_key_retired(section, name));
}

static bool is_blank(char c)
{
	return c != '\0' && strchr(" \t\r\n\v\f", c);
}

/* Without the space around it; a comment, which may be of any length, is nothing. */
static size_t trim_line(const char **start, const char *end)
{
	while (*start < end && is_blank(**start)) {
		(*start)++;
	}
	while (end > *start && is_blank(end[-1])) {
		end--;
	}
	return end > *start && **start != '#' && **start != ';' ? (size_t)(end - *start) : 0;
}

/*
 * Gives inih one line, as fgets would. Not its own reader of strings: a line that is longer than
 * its buffer would go on as another one, and an indented one would be more of the value before it.
 */
static char *next_line(char *out, int capacity, void *context)
{
	struct parser *parser = context;

	if (parser->error || parser->cursor == parser->end) {
		return NULL;
	}
	const char *start = parser->cursor;
	const char *newline = memchr(start, '\n', (size_t)(parser->end - start));

	parser->cursor = newline ? newline + 1 : parser->end;
	parser->line++;
	size_t length = trim_line(&start, parser->cursor);
	if (memchr(start, '\0', length)) {
		fail_setting(parser, "there is a zero byte, which is no text");
		return NULL;
	}
	if (length >= (size_t)capacity) {
		fail_setting(parser, "the line is too long: %d bytes are the most", capacity - 1);
		return NULL;
	}
	memcpy(out, start, length);
	out[length] = '\0';
	return out;
}

static int take_group(struct parser *parser, const char *name, const char *value)
{
	const char *reason;

	if (!settings_group_name_valid(name)) {
		return fail_setting(parser, "a group cannot be called '%s': " SETTINGS_GROUP_RULE,
				    name);
	}
	if (!settings_check_group(value, &reason)) {
		return fail_setting(parser, SETTINGS_GROUP ".%s is '%s', but %s", name, value,
				    reason);
	}
	if (!settings_group_put(parser->settings, name, value)) {
		parser->error = FLAGSHIP_ERROR_MEMORY;
		return REFUSED;
	}
	return TAKEN;
}

/* inih says neither what it does not understand nor, where the reader ends early, that it did. */
static int take_value(void *context, const char *section, const char *name, const char *value)
{
	struct parser *parser = context;
	size_t count;
	size_t index = settings_key_index(section, name);
	char reported[BROKER_URL_EXPLAINED_MAX];
	const char *reason;

	if (strcmp(section, SETTINGS_GROUP) == 0) {
		return take_group(parser, name, value);
	}
	if (index == SIZE_MAX && settings_key_retired(section, name)) {
		warn(parser, section, name);
		return TAKEN;
	}
	if (index == SIZE_MAX) {
		return fail_setting(parser,
				    "there is no setting %s.%s; flagship config show lists them",
				    section, name);
	}
	const struct settings_key *key = &settings_keys(&count)[index];
	if (key->check && !key->check(value, &reason)) {
		return fail_setting(parser, "%s.%s is '%s', but %s", section, name,
				    broker_url_explain(value, reported), reason);
	}
	char *copy = strdup(value);
	if (!copy) {
		parser->error = FLAGSHIP_ERROR_MEMORY;
		return REFUSED;
	}
	free(parser->settings->values[index]);
	parser->settings->values[index] = copy;
	return TAKEN;
}

static struct settings *settings_create(void)
{
	struct settings *settings = calloc(1, sizeof(*settings));

	if (!settings) {
		return NULL;
	}
	settings_keys(&settings->count);
	settings->values = calloc(settings->count, sizeof(*settings->values));
	if (!settings->values) {
		free(settings);
		return NULL;
	}
	return settings;
}

int settings_text_parse(const char *text, size_t length, struct settings **settings,
			struct settings_fault *fault)
{
	struct parser parser = {.cursor = text, .end = text + length, .fault = fault};

	*settings = NULL;
	parser.settings = settings_create();
	if (!parser.settings) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int line = ini_parse_stream(next_line, &parser, take_value, &parser);
	if (line == PARSE_NO_MEMORY) {
		parser.error = FLAGSHIP_ERROR_MEMORY;
	} else if (line > 0) {
		parser.line = (size_t)line;
		fail_setting(&parser, "this is neither [section] nor key = value");
	}
	if (parser.error) {
		settings_destroy(parser.settings);
		return parser.error;
	}
	*settings = parser.settings;
	return 0;
}
