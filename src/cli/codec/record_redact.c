/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* strcasestr */
#include "cli/codec/record_redact.h"

#include "base/json/reader.h"

#include <flagship/message.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define KEY_MAX       256
#define TEXT_MAX      4096
#define PSEUDONYM_MAX 48
#define GCODE_SUFFIX  ".gcode"
#define NUMBER_LENGTH 12 /* longer ones are ids */
#define HIDDEN        "(hidden)"

/* More different texts than this in one recording all become the same. */
#define TEXTS_MAX 10000

/* Members whose text is the vendor's and not the user's. */
static const char *const harmless[] = {"filamentUnit", "filamentType", "errorCode", "errorLevel",
				       "cmdData",      "resData",      "module",    "version",
				       "model",        "firmware"};

/* Members that are never shown, whatever they hold. */
static const char *const secret[] = {"userId", "user_id", "uid",      "key",      "secret",
				     "token",  "passwd",  "password", "accountId"};

static void write_value(struct record_redact *redact, const char *key,
			const struct json_value *value, unsigned int depth,
			struct json_writer *writer);

void record_redact_init(struct record_redact *redact, const char *const *private_texts,
			size_t count)
{
	size_t used = 0;

	*redact = (struct record_redact){0};
	for (size_t i = 0; i < count && used < 3; i++) {
		if (private_texts[i] && strlen(private_texts[i]) > 1) {
			redact->private_texts[used++] = private_texts[i];
		}
	}
}

void record_redact_finish(struct record_redact *redact)
{
	for (size_t i = 0; i < redact->count; i++) {
		free(redact->texts[i]);
	}
	free(redact->texts);
	*redact = (struct record_redact){0};
}

static bool is_among(const char *const *names, size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(names[i], key) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_number(const char *text)
{
	size_t length = strlen(text);

	return length < NUMBER_LENGTH && strspn(text, "+-.0123456789") == length;
}

static bool holds_private(const struct record_redact *redact, const char *text)
{
	for (size_t i = 0; redact->private_texts[i]; i++) {
		if (strcasestr(text, redact->private_texts[i])) {
			return true;
		}
	}
	return false;
}

/* Its number from 1, or 0 where there is no room for another. */
static size_t number_of(struct record_redact *redact, const char *text)
{
	char **texts;

	for (size_t i = 0; i < redact->count; i++) {
		if (strcmp(redact->texts[i], text) == 0) {
			return i + 1;
		}
	}
	if (redact->count == TEXTS_MAX) {
		return 0;
	}
	texts = realloc(redact->texts, (redact->count + 1) * sizeof(*texts));
	char *copy = strdup(text);
	if (texts) {
		redact->texts = texts;
	}
	if (!texts || !copy) {
		free(copy);
		return 0;
	}
	redact->texts[redact->count++] = copy;
	return redact->count;
}

static void write_pseudonym(struct record_redact *redact, const char *text,
			    struct json_writer *writer)
{
	char pseudonym[PSEUDONYM_MAX];
	size_t length = strlen(text);
	bool is_gcode = length >= strlen(GCODE_SUFFIX) &&
			strcasecmp(text + length - strlen(GCODE_SUFFIX), GCODE_SUFFIX) == 0;

	snprintf(pseudonym, sizeof(pseudonym), "text-%zu%s", number_of(redact, text),
		 is_gcode ? GCODE_SUFFIX : "");
	json_string(writer, pseudonym);
}

static void write_text(struct record_redact *redact, const char *key,
		       const struct json_value *value, struct json_writer *writer)
{
	char text[TEXT_MAX];
	bool cut = flagship_text_copy(value->text, text, sizeof(text)) >= sizeof(text);
	bool passes = is_among(harmless, sizeof(harmless) / sizeof(harmless[0]), key) ||
		      text[0] == '\0' || is_number(text);

	if (passes && !cut && !holds_private(redact, text)) {
		json_text(writer, value->text);
	} else {
		write_pseudonym(redact, text, writer);
	}
}

static void write_redacted_members(struct record_redact *redact, const struct json_value *object,
				   unsigned int depth, struct json_writer *writer)
{
	struct json_walk walk;
	struct flagship_text name;
	struct json_value value;
	char key[KEY_MAX];

	json_walk_init(&walk, object);
	while (json_walk_member(&walk, &name, &value)) {
		if (flagship_text_copy(name, key, sizeof(key)) >= sizeof(key) ||
		    holds_private(redact, key)) {
			continue;
		}
		json_key(writer, key);
		if (is_among(secret, sizeof(secret) / sizeof(secret[0]), key)) {
			json_string(writer, HIDDEN);
		} else {
			write_value(redact, key, &value, depth, writer);
		}
	}
}

static void write_items(struct record_redact *redact, const char *key,
			const struct json_value *array, unsigned int depth,
			struct json_writer *writer)
{
	struct json_walk walk;
	struct json_value value;

	json_walk_init(&walk, array);
	while (json_walk_item(&walk, &value)) {
		write_value(redact, key, &value, depth, writer);
	}
}

static void write_value(struct record_redact *redact, const char *key,
			const struct json_value *value, unsigned int depth,
			struct json_writer *writer)
{
	if (value->kind == JSON_STRING) {
		write_text(redact, key, value, writer);
	} else if (value->kind == JSON_OBJECT && depth > 0) {
		json_object_begin(writer);
		write_redacted_members(redact, value, depth - 1, writer);
		json_object_end(writer);
	} else if (value->kind == JSON_ARRAY && depth > 0) {
		json_array_begin(writer);
		write_items(redact, key, value, depth - 1, writer);
		json_array_end(writer);
	} else if (value->kind == JSON_OBJECT || value->kind == JSON_ARRAY) {
		json_null(writer);
	} else {
		json_raw(writer, value->json.data, value->json.length);
	}
}

void record_redact_members(struct record_redact *redact, struct flagship_json object,
			   struct json_writer *writer)
{
	const struct json_value value = {.kind = JSON_OBJECT, .json = object};

	write_redacted_members(redact, &value, FLAGSHIP_PAYLOAD_DEPTH_MAX, writer);
}
