/* SPDX-License-Identifier: MIT */
#include "cli/codec/message_fields.h"

#include "base/json/reader.h"
#include "base/json/writer.h"
#include "cli/codec/type_name.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"

#include <flagship/message.h>

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every byte of a word escaped, and the quotes, commas and brackets around it. */
#define FIELDS_ESCAPED_MAX   6
#define FIELDS_AROUND_MAX    16
#define FIELDS_TYPE_MAX      64
#define FIELDS_COMMAND_FIELD "commandType"

/* One NAME=VALUE. */
struct fields_word {
	char *name; /* owned */
	const char *value;
	const struct flagship_field_info *info; /* or NULL */
};

static int fields_find_type(struct message_fields *message, const char *word)
{
	message->info = message_type_find(word);
	if (message->info) {
		message->type = message->info->id;
	} else if (!options_read_integer(word, &message->type) || message->type < 0) {
		message_type_explain_unknown(word);
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static const char *fields_type_name(const struct message_fields *message)
{
	return message->info ? message->info->name : "type";
}

/* Tells what --force overrides, or keeps the first of it for who says more. */
static int fields_doubt(struct message_fields *message, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int fields_doubt(struct message_fields *message, const char *format, ...)
{
	char text[MESSAGE_FIELDS_DOUBT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (message->doubt[0] == '\0') {
		snprintf(message->doubt, sizeof(message->doubt), "%s", text);
	}
	return OPTIONS_RUN;
}

static int fields_check_direction(struct message_fields *message, unsigned int direction,
				  bool force)
{
	if (!message->info || force || direction == 0 ||
	    (message->info->directions & direction) != 0) {
		return OPTIONS_RUN;
	}
	return fields_doubt(message,
			    "%s (%" PRId64 ") is not known as a %s; --force sends it "
			    "nevertheless",
			    message->info->name, message->type,
			    direction == FLAGSHIP_DIRECTION_QUERY ? "query" : "command");
}

static const struct flagship_field_info *fields_find(const struct flagship_message_info *info,
						     const char *name)
{
	for (size_t i = 0; info && i < info->field_count; i++) {
		if (strcmp(info->fields[i].name, name) == 0) {
			return &info->fields[i];
		}
	}
	return NULL;
}

static int fields_split(struct fields_word *word, const struct message_fields *message,
			const char *text)
{
	const char *equals = strchr(text, '=');

	if (!equals || equals == text) {
		cli_error("'%s' is no field: write NAME=VALUE; flagship types %" PRId64
			  " lists the fields",
			  text, message->type);
		return CLI_USAGE;
	}
	word->name = strndup(text, (size_t)(equals - text));
	if (!word->name) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	if (strcmp(word->name, FIELDS_COMMAND_FIELD) == 0) {
		cli_error("the type is given already: leave %s out", text);
		return CLI_USAGE;
	}
	word->value = equals + 1;
	word->info = fields_find(message->info, word->name);
	return OPTIONS_RUN;
}

static bool fields_is_json(const char *text)
{
	struct json_value value;

	return !json_read_document(text, strlen(text), FLAGSHIP_PAYLOAD_DEPTH_MAX - 1, &value);
}

static int fields_write_int(struct message_fields *message, const struct fields_word *word,
			    bool force, struct json_writer *writer)
{
	const struct flagship_field_info *info = word->info;
	int64_t value;

	if (!options_read_integer(word->value, &value)) {
		cli_error("%s takes a whole number, not '%s'", word->name, word->value);
		return CLI_USAGE;
	}
	if (info->has_range && !force && (value < info->minimum || value > info->maximum)) {
		fields_doubt(message,
			     "%s takes %" PRId64 " to %" PRId64 "%s%s; --force sends %" PRId64
			     " nevertheless",
			     word->name, info->minimum, info->maximum,
			     info->unit[0] != '\0' ? " in " : "", info->unit, value);
	}
	json_int(writer, value);
	return OPTIONS_RUN;
}

static int fields_write_json(const struct fields_word *word, const char *what,
			     struct json_writer *writer)
{
	if (!fields_is_json(word->value)) {
		cli_error("%s takes %s, not '%s'", word->name, what, word->value);
		return CLI_USAGE;
	}
	json_raw(writer, word->value, strlen(word->value));
	return OPTIONS_RUN;
}

static int fields_write(struct message_fields *message, const struct fields_word *word, bool force,
			struct json_writer *writer)
{
	json_key(writer, word->name);
	if (!word->info) {
		if (fields_is_json(word->value)) {
			json_raw(writer, word->value, strlen(word->value));
		} else {
			json_string(writer, word->value);
		}
		return OPTIONS_RUN;
	}
	switch ((enum flagship_field_kind)word->info->kind) {
	case FLAGSHIP_FIELD_INT:
		return fields_write_int(message, word, force, writer);
	case FLAGSHIP_FIELD_REAL:
		return fields_write_json(word, "a number", writer);
	case FLAGSHIP_FIELD_JSON:
		return fields_write_json(word, "JSON", writer);
	case FLAGSHIP_FIELD_TEXT:
		break;
	}
	json_string(writer, word->value);
	return OPTIONS_RUN;
}

static int fields_take(struct message_fields *message, struct fields_word *words, size_t count,
		       char *const *texts, bool force, struct json_writer *writer)
{
	for (size_t i = 0; i < count; i++) {
		int result = fields_split(&words[i], message, texts[i]);

		for (size_t j = 0; result == OPTIONS_RUN && j < i; j++) {
			if (strcmp(words[i].name, words[j].name) == 0) {
				cli_error("%s is given twice", words[i].name);
				return CLI_USAGE;
			}
		}
		if (result == OPTIONS_RUN) {
			result = fields_write(message, &words[i], force, writer);
		}
		if (result != OPTIONS_RUN) {
			return result;
		}
	}
	return OPTIONS_RUN;
}

static int fields_check_required(struct message_fields *message, const struct fields_word *words,
				 size_t count, unsigned int direction, bool force)
{
	for (size_t i = 0; message->info && !force && i < message->info->field_count; i++) {
		const struct flagship_field_info *info = &message->info->fields[i];
		bool given = !info->required || (info->directions & direction) == 0;

		for (size_t j = 0; !given && j < count; j++) {
			given = words[j].info == info;
		}
		if (!given) {
			return fields_doubt(message,
					    "%s (%" PRId64 ") needs %s=… (%s); --force sends it "
					    "without",
					    message->info->name, message->type, info->name,
					    info->description);
		}
	}
	return OPTIONS_RUN;
}

static int fields_write_all(struct message_fields *message, struct fields_word *words, size_t count,
			    char *const *texts, unsigned int direction, bool force)
{
	size_t capacity = FIELDS_TYPE_MAX;
	struct json_writer writer;

	for (size_t i = 0; i < count; i++) {
		capacity += FIELDS_ESCAPED_MAX * strlen(texts[i]) + FIELDS_AROUND_MAX;
	}
	message->json = malloc(capacity);
	if (!message->json) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	json_writer_init(&writer, message->json, capacity);
	json_object_begin(&writer);
	json_member_int(&writer, FIELDS_COMMAND_FIELD, message->type);
	int result = fields_take(message, words, count, texts, force, &writer);
	json_object_end(&writer);
	if (result == OPTIONS_RUN) {
		result = fields_check_required(message, words, count, direction, force);
	}
	if (result == OPTIONS_RUN && json_writer_finish(&writer, &message->length) != 0) {
		cli_error("%s %" PRId64 " is too long", fields_type_name(message), message->type);
		result = CLI_FAILED;
	}
	return result;
}

int message_fields_build(struct message_fields *message, char *const *words, size_t count,
			 unsigned int direction, bool force)
{
	struct fields_word *fields;

	*message = (struct message_fields){0};
	int result = fields_find_type(message, words[0]);
	if (result == OPTIONS_RUN) {
		result = fields_check_direction(message, direction, force);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	fields = calloc(count, sizeof(*fields));
	if (!fields) {
		cli_error("out of memory");
		return CLI_FAILED;
	}
	result = fields_write_all(message, fields, count - 1, words + 1, direction, force);
	for (size_t i = 0; i + 1 < count; i++) {
		free(fields[i].name);
	}
	free(fields);
	return result;
}

void message_fields_finish(struct message_fields *message)
{
	free(message->json);
	message->json = NULL;
}
