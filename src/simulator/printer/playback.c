/* SPDX-License-Identifier: MIT */
#include "simulator/printer/playback.h"

#include "base/json/reader.h"
#include "base/text_encoding.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY   256
#define MS_A_SECOND_REAL 1000.0
#define SECONDS_MAX      1e11 /* Unix times too */
#define KEY_MAX          128
#define TYPE_MEMBERS_MAX 64

struct member {
	struct flagship_text key;
	struct flagship_json value;
};

/* Returns 1 with the next member of an object, 0 after the last. The object is well-formed. */
static int next_member(struct json_reader *reader, struct member *member)
{
	struct json_value value;

	/* An object's members follow `{` or `,`; its end follows either of neither. */
	if (!json_take(reader, '{') && !json_take(reader, ',')) {
		return 0;
	}
	json_skip_space(reader);
	if (json_read_string(reader, &member->key) || !json_take(reader, ':') ||
	    json_read_value(reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, &value)) {
		return 0;
	}
	member->value = value.json;
	return 1;
}

static bool is_recorders(struct flagship_text key)
{
	return key.length > 0 && key.data[0] == '_';
}

static int add_object(struct playback *playback, const struct playback_object *object)
{
	if (playback->count == playback->capacity) {
		size_t capacity = playback->capacity ? playback->capacity * 2 : FIRST_CAPACITY;
		struct playback_object *objects = realloc(playback->objects,
							  capacity * sizeof(*objects));
		if (!objects) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		playback->objects = objects;
		playback->capacity = capacity;
	}
	playback->objects[playback->count++] = *object;
	return 0;
}

/* The recorder's clock is not trusted to run forwards. */
static int64_t object_time_ms(const struct playback *playback, struct flagship_json json)
{
	int64_t before_ms = playback->count > 0 ? playback->objects[playback->count - 1].ms
						: INT64_MIN;
	struct json_value value;
	double seconds;

	if (!json_object_find(json, "_t", &value) || !json_value_to_real(&value, &seconds) ||
	    fabs(seconds) > SECONDS_MAX) {
		return before_ms == INT64_MIN ? 0 : before_ms;
	}
	int64_t ms = llround(seconds * MS_A_SECOND_REAL);
	return ms > before_ms ? ms : before_ms;
}

static int read_object(struct playback *playback, struct flagship_json json)
{
	struct playback_object object = {.json = json};
	struct json_value type;

	if (!json_object_find(json, "commandType", &type) ||
	    !json_value_to_int(&type, &object.type)) {
		return 0;
	}
	object.ms = object_time_ms(playback, json);
	return add_object(playback, &object);
}

static int read_array(struct playback *playback, struct flagship_json json)
{
	struct json_reader reader = {json.data, json.data + json.length};
	struct json_value value;

	if (!json_take(&reader, '[')) {
		return FLAGSHIP_ERROR_JSON;
	}
	while (!json_take(&reader, ']')) {
		int error = json_read_value(&reader, FLAGSHIP_PAYLOAD_DEPTH_MAX, &value);
		if (error) {
			return error;
		}
		if (value.kind != JSON_OBJECT) {
			return FLAGSHIP_ERROR_NOT_OBJECT;
		}
		error = read_object(playback, value.json);
		if (error) {
			return error;
		}
		(void)json_take(&reader, ',');
	}
	return 0;
}

static int read_line(struct playback *playback, const char *line, size_t length)
{
	struct json_reader reader = {line, line + length};
	struct json_value value;

	json_skip_space(&reader);
	if (reader.cursor == reader.end) {
		return 0;
	}
	int error = json_read_document(line, length, FLAGSHIP_PAYLOAD_DEPTH_MAX, &value);
	if (error) {
		return error;
	}
	if (value.kind == JSON_OBJECT) {
		return read_object(playback, value.json);
	}
	return value.kind == JSON_ARRAY ? read_array(playback, value.json)
					: FLAGSHIP_ERROR_NOT_OBJECT;
}

static int read_lines(struct playback *playback, size_t length, size_t *bad_line)
{
	const char *line = playback->text;
	const char *end = line + length;

	for (*bad_line = 1; line < end; (*bad_line)++) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		stop = stop ? stop : end;
		int error = read_line(playback, line, (size_t)(stop - line));
		if (error) {
			return error;
		}
		line = stop == end ? end : stop + 1;
	}
	return 0;
}

int playback_init(struct playback *playback, const char *text, size_t length, size_t *bad_line)
{
	*bad_line = 0;
	text = text_encoding_skip_mark(text, &length);
	*playback = (struct playback){.text = malloc(length + 1)};
	if (!playback->text) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	memcpy(playback->text, text, length);
	playback->text[length] = '\0';
	int error = read_lines(playback, length, bad_line);
	if (error) {
		return error;
	}
	if (playback->count == 0) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int64_t start_ms = playback->objects[0].ms;
	for (size_t i = 0; i < playback->count; i++) {
		playback->objects[i].ms -= start_ms;
	}
	return 0;
}

void playback_finish(struct playback *playback)
{
	free(playback->text);
	free(playback->objects);
	*playback = (struct playback){0};
}

int64_t playback_next_ms(const struct playback *playback)
{
	if (playback->played == playback->count) {
		return INT64_MAX;
	}
	return playback->objects[playback->played].ms;
}

static void write_member(const struct member *member, struct json_writer *writer)
{
	char key[KEY_MAX];

	flagship_text_copy(member->key, key, sizeof(key));
	json_key(writer, key);
	json_raw(writer, member->value.data, member->value.length);
}

static void write_object(struct flagship_json json, struct json_writer *writer)
{
	struct json_reader reader = {json.data, json.data + json.length};
	struct member member;

	json_object_begin(writer);
	while (next_member(&reader, &member)) {
		if (!is_recorders(member.key)) {
			write_member(&member, writer);
		}
	}
	json_object_end(writer);
}

void playback_write_next(struct playback *playback, struct json_writer *writer)
{
	int64_t first_ms = playback_next_ms(playback);

	json_array_begin(writer);
	while (playback->played < playback->count &&
	       playback->objects[playback->played].ms - first_ms <= PLAYBACK_NOTICE_MS) {
		write_object(playback->objects[playback->played].json, writer);
		playback->played++;
	}
	json_array_end(writer);
}

static bool is_same_key(struct flagship_text a, struct flagship_text b)
{
	return a.length == b.length && memcmp(a.data, b.data, a.length) == 0;
}

static void merge_object(struct flagship_json json, struct member *members, size_t *count)
{
	struct json_reader reader = {json.data, json.data + json.length};
	struct member member;

	while (next_member(&reader, &member)) {
		size_t i = 0;
		while (i < *count && !is_same_key(members[i].key, member.key)) {
			i++;
		}
		if (is_recorders(member.key) || i == TYPE_MEMBERS_MAX) {
			continue;
		}
		members[i] = member;
		*count += i == *count ? 1 : 0;
	}
}

static void write_merged(const struct playback *playback, size_t first, struct json_writer *writer)
{
	struct member members[TYPE_MEMBERS_MAX];
	size_t count = 0;

	for (size_t i = first; i < playback->played; i++) {
		if (playback->objects[i].type == playback->objects[first].type) {
			merge_object(playback->objects[i].json, members, &count);
		}
	}
	json_object_begin(writer);
	for (size_t i = 0; i < count; i++) {
		write_member(&members[i], writer);
	}
	json_object_end(writer);
}

static bool is_first_of_type(const struct playback *playback, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (playback->objects[i].type == playback->objects[index].type) {
			return false;
		}
	}
	return true;
}

void playback_write_burst(const struct playback *playback, struct json_writer *writer)
{
	json_array_begin(writer);
	for (size_t i = 0; i < playback->played; i++) {
		if (is_first_of_type(playback, i)) {
			write_merged(playback, i, writer);
		}
	}
	json_array_end(writer);
}
