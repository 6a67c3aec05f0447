/* SPDX-License-Identifier: MIT */
#include "fleet/attach/frame.h"

#include "printer/state/image.h"

#include <flagship/flagship.h>

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Goes up where the meaning of frames changes. */
#define PROTOCOL     3
#define LENGTH_SIZE  sizeof(uint32_t)
#define CAPACITY_MIN 256

void attach_version(char out[ATTACH_VERSION_MAX])
{
	snprintf(out, ATTACH_VERSION_MAX, "%.32s/%d/%016" PRIx64, flagship_version(), PROTOCOL,
		 printer_image_layout());
}

/* --- writing --- */

static void put(struct attach_writer *writer, const void *bytes, size_t length)
{
	if (writer->failed || length > ATTACH_FRAME_MAX ||
	    writer->length + length > ATTACH_FRAME_MAX + LENGTH_SIZE) {
		writer->failed = true;
		return;
	}
	if (writer->length + length > writer->capacity) {
		size_t capacity = 2 * (writer->length + length) + CAPACITY_MIN;
		uint8_t *larger = realloc(writer->bytes, capacity);

		if (!larger) {
			writer->failed = true;
			return;
		}
		writer->bytes = larger;
		writer->capacity = capacity;
	}
	if (length > 0) {
		memcpy(writer->bytes + writer->length, bytes, length);
	}
	writer->length += length;
}

void attach_begin(struct attach_writer *writer, enum attach_kind kind)
{
	const uint32_t none = 0;

	*writer = (struct attach_writer){0};
	put(writer, &none, LENGTH_SIZE);
	attach_put_byte(writer, (uint8_t)kind);
}

void attach_put_byte(struct attach_writer *writer, uint8_t value)
{
	put(writer, &value, sizeof(value));
}

void attach_put_number(struct attach_writer *writer, uint64_t value)
{
	put(writer, &value, sizeof(value));
}

void attach_put_bytes(struct attach_writer *writer, const void *bytes, size_t length)
{
	uint32_t size = (uint32_t)length;

	writer->failed = writer->failed || length > ATTACH_FRAME_MAX;
	put(writer, &size, sizeof(size));
	put(writer, bytes, length);
}

void attach_put_text(struct attach_writer *writer, const char *text)
{
	attach_put_bytes(writer, text, text ? strlen(text) : 0);
}

static void put_real(struct attach_writer *writer, double value)
{
	put(writer, &value, sizeof(value));
}

void attach_put_request(struct attach_writer *writer, const struct command_request *request)
{
	attach_put_byte(writer, (uint8_t)request->kind);
	attach_put_number(writer, (uint64_t)request->value);
	attach_put_byte(writer, request->text != NULL);
	attach_put_text(writer, request->text);
	for (size_t i = 0; i < sizeof(request->position_mm) / sizeof(request->position_mm[0]);
	     i++) {
		put_real(writer, request->position_mm[i]);
	}
	put_real(writer, request->distance_mm);
	put_real(writer, request->feed_mm_s);
	attach_put_number(writer, (uint64_t)request->timeout_ms);
	attach_put_byte(writer, request->force);
	attach_put_byte(writer, request->relative);
	attach_put_byte(writer, request->no_wait);
	attach_put_byte(writer, request->as_known);
}

static void put_gcode(struct attach_writer *writer, const struct gcode_reply *gcode)
{
	attach_put_byte(writer, (uint8_t)gcode->class);
	attach_put_bytes(writer, gcode->text, gcode->length);
	attach_put_number(writer, gcode->messages);
	attach_put_byte(writer, gcode->truncated);
	attach_put_number(writer, (uint64_t)gcode->refused_code);
	attach_put_number(writer, (uint64_t)gcode->result_code);
	attach_put_number(writer, (uint64_t)gcode->told_length);
}

void attach_put_report(struct attach_writer *writer, const struct command_report *report)
{
	attach_put_byte(writer, (uint8_t)report->kind);
	attach_put_byte(writer, (uint8_t)report->outcome);
	attach_put_byte(writer, report->effect_expected);
	attach_put_byte(writer, report->guarded);
	attach_put_byte(writer, report->never);
	attach_put_text(writer, report->detail);
	attach_put_byte(writer, report->has_reply);
	attach_put_number(writer, (uint64_t)report->reply);
	attach_put_byte(writer, report->gcode != NULL);
	if (report->gcode) {
		put_gcode(writer, report->gcode);
	}
	attach_put_number(writer, report->attempts);
	attach_put_number(writer, (uint64_t)report->elapsed_ms);
}

bool attach_finish(struct attach_writer *writer)
{
	uint32_t length = (uint32_t)(writer->length - LENGTH_SIZE);

	if (!writer->failed) {
		memcpy(writer->bytes, &length, sizeof(length));
	}
	return !writer->failed;
}

void attach_writer_free(struct attach_writer *writer)
{
	free(writer->bytes);
	*writer = (struct attach_writer){0};
}

/* --- reading --- */

int attach_next(const uint8_t *bytes, size_t length, uint8_t *kind, struct attach_reader *values,
		size_t *size)
{
	uint32_t inside;

	if (length < LENGTH_SIZE) {
		return 0;
	}
	memcpy(&inside, bytes, sizeof(inside));
	if (inside == 0 || inside > ATTACH_FRAME_MAX) {
		return -1;
	}
	if (length - LENGTH_SIZE < inside) {
		return 0;
	}
	*kind = bytes[LENGTH_SIZE];
	*values = (struct attach_reader){.at = bytes + ATTACH_HEADER_SIZE, .left = inside - 1};
	*size = LENGTH_SIZE + inside;
	return 1;
}

static void take(struct attach_reader *reader, void *out, size_t length)
{
	if (reader->failed || reader->left < length) {
		reader->failed = true;
		memset(out, 0, length);
		return;
	}
	memcpy(out, reader->at, length);
	reader->at += length;
	reader->left -= length;
}

uint8_t attach_take_byte(struct attach_reader *reader)
{
	uint8_t value;

	take(reader, &value, sizeof(value));
	return value;
}

bool attach_take_flag(struct attach_reader *reader)
{
	uint8_t value = attach_take_byte(reader);

	reader->failed = reader->failed || value > 1;
	return value == 1;
}

uint64_t attach_take_number(struct attach_reader *reader)
{
	uint64_t value;

	take(reader, &value, sizeof(value));
	return value;
}

static double take_real(struct attach_reader *reader)
{
	double value;

	take(reader, &value, sizeof(value));
	return value;
}

const uint8_t *attach_take_bytes(struct attach_reader *reader, size_t *length)
{
	uint32_t size;

	take(reader, &size, sizeof(size));
	if (reader->failed || size > reader->left) {
		reader->failed = true;
		*length = 0;
		return (const uint8_t *)"";
	}
	const uint8_t *bytes = reader->at;
	reader->at += size;
	reader->left -= size;
	*length = size;
	return bytes;
}

void attach_take_text(struct attach_reader *reader, char *out, size_t capacity)
{
	size_t length;
	const uint8_t *bytes = attach_take_bytes(reader, &length);

	if (length >= capacity || memchr(bytes, '\0', length)) {
		reader->failed = true;
		length = 0;
	}
	memcpy(out, bytes, length);
	out[length] = '\0';
}

static char *take_copy(struct attach_reader *reader)
{
	size_t length;
	const uint8_t *bytes = attach_take_bytes(reader, &length);
	char *text = memchr(bytes, '\0', length) ? NULL : malloc(length + 1);

	if (!text) {
		reader->failed = true;
		return NULL;
	}
	memcpy(text, bytes, length);
	text[length] = '\0';
	return text;
}

/* One of an enumeration whose last value is known. */
static uint8_t take_choice(struct attach_reader *reader, int last)
{
	uint8_t value = attach_take_byte(reader);

	reader->failed = reader->failed || value > last;
	return reader->failed ? 0 : value;
}

void attach_take_request(struct attach_reader *reader, struct command_request *request, char **text)
{
	*request = (struct command_request){0};
	request->kind = take_choice(reader, COMMAND_STATUS);
	request->value = (int64_t)attach_take_number(reader);
	bool has_text = attach_take_flag(reader);
	*text = take_copy(reader);
	if (!has_text) {
		reader->failed = reader->failed || (*text)[0] != '\0';
		free(*text);
		*text = NULL;
	}
	request->text = *text;
	for (size_t i = 0; i < sizeof(request->position_mm) / sizeof(request->position_mm[0]);
	     i++) {
		request->position_mm[i] = take_real(reader);
	}
	request->distance_mm = take_real(reader);
	request->feed_mm_s = take_real(reader);
	request->timeout_ms = (int64_t)attach_take_number(reader);
	reader->failed = reader->failed || request->timeout_ms < 0;
	request->force = attach_take_flag(reader);
	request->relative = attach_take_flag(reader);
	request->no_wait = attach_take_flag(reader);
	request->as_known = attach_take_flag(reader);
}

static void take_gcode(struct attach_reader *reader, struct attach_report *taken)
{
	struct gcode_reply *gcode = &taken->gcode;
	struct command_report *report = &taken->report;

	gcode->class = take_choice(reader, FLAGSHIP_GCODE_TEMPERATURES);
	gcode->text = (char *)attach_take_bytes(reader, &gcode->length);
	gcode->messages = (size_t)attach_take_number(reader);
	gcode->truncated = attach_take_flag(reader);
	gcode->refused_code = (int64_t)attach_take_number(reader);
	gcode->result_code = (int64_t)attach_take_number(reader);
	gcode->told_length = (int64_t)attach_take_number(reader);
	flagship_gcode_reply_parse(gcode->class, gcode->text, gcode->length, gcode->told_length,
				   &gcode->parsed);
	report->gcode = gcode;
	report->text = gcode->text + gcode->parsed.body_offset;
	report->text_length = gcode->parsed.body_length;
	report->text_whole = gcode->parsed.complete && !gcode->truncated;
}

void attach_take_report(struct attach_reader *reader, struct attach_report *taken)
{
	struct command_report *report = &taken->report;

	*taken = (struct attach_report){.report = {.detail = taken->detail, .text = ""}};
	report->kind = take_choice(reader, COMMAND_STATUS);
	report->outcome = take_choice(reader, COMMAND_FAILED);
	report->effect_expected = attach_take_flag(reader);
	report->guarded = attach_take_flag(reader);
	report->never = attach_take_flag(reader);
	attach_take_text(reader, taken->detail, sizeof(taken->detail));
	report->has_reply = attach_take_flag(reader);
	report->reply = (int64_t)attach_take_number(reader);
	if (attach_take_flag(reader)) {
		take_gcode(reader, taken);
	}
	uint64_t attempts = attach_take_number(reader);
	reader->failed = reader->failed || attempts > UINT_MAX;
	report->attempts = (unsigned int)attempts;
	report->elapsed_ms = (int64_t)attach_take_number(reader);
}

bool attach_end(const struct attach_reader *reader)
{
	return !reader->failed && reader->left == 0;
}

/* --- hello --- */

void attach_put_hello(struct attach_writer *writer)
{
	char version[ATTACH_VERSION_MAX];

	attach_version(version);
	attach_begin(writer, ATTACH_HELLO);
	attach_put_text(writer, version);
}

bool attach_take_hello(struct attach_reader *reader)
{
	char own[ATTACH_VERSION_MAX];
	char theirs[ATTACH_VERSION_MAX];

	attach_version(own);
	attach_take_text(reader, theirs, sizeof(theirs));
	return attach_end(reader) && strcmp(own, theirs) == 0;
}
