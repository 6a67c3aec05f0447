/* SPDX-License-Identifier: MIT */
#include "gcode/archive_note.h"

#include <string.h>

#define NUMBER_BASE 10
#define NUMBER_MAX  (INT64_C(1) << 50) /* more is damaged, and nothing overflows below it */

static void begin_name(struct gcode_archive_note *note)
{
	note->has_name = true;
	note->name_ended = false;
	note->tail_length = 0;
}

static void add_to_name(struct gcode_archive_note *note, char character)
{
	note->name_ended = note->name_ended || character == '\0';
	if (note->name_ended) {
		return;
	}
	if (note->tail_length == GCODE_ARCHIVE_TAIL) {
		memmove(note->tail, note->tail + 1, --note->tail_length);
	}
	note->tail[note->tail_length++] = character;
}

static bool add_digit(int64_t *number, char character)
{
	if (character < '0' || character > '9') {
		return false;
	}
	*number = *number * NUMBER_BASE + (character - '0');
	return *number < NUMBER_MAX;
}

/* --- records: "23 path=a/long/name.gcode\n", whose number counts all of it --- */

static bool is_key(const struct gcode_archive_note *note, const char *name)
{
	return note->key_length == strlen(name) && memcmp(note->key, name, note->key_length) == 0;
}

static void begin_record(struct gcode_archive_note *note)
{
	note->part = GCODE_ARCHIVE_RECORD_LENGTH;
	note->length = 0;
	note->read = 0;
	note->key_length = 0;
}

static bool take_length(struct gcode_archive_note *note, char character)
{
	if (character == ' ' && note->read > 1) {
		note->part = GCODE_ARCHIVE_RECORD_KEY;
		return note->length > note->read;
	}
	return add_digit(&note->length, character);
}

static bool take_key(struct gcode_archive_note *note, char character)
{
	if (character == '=') {
		note->part = GCODE_ARCHIVE_RECORD_VALUE;
		note->is_empty = true;
		if (is_key(note, "path")) {
			begin_name(note);
		} else if (is_key(note, "size")) {
			note->has_size = true;
			note->size = 0;
		}
	} else {
		if (note->key_length < GCODE_ARCHIVE_KEY) {
			note->key[note->key_length] = character;
		}
		note->key_length++;
	}
	return note->read < note->length;
}

/* One without a value takes back what was said before. */
static void end_record(struct gcode_archive_note *note)
{
	if (note->is_empty && is_key(note, "path")) {
		note->has_name = false;
	} else if (note->is_empty && is_key(note, "size")) {
		note->has_size = false;
	}
	begin_record(note);
}

static bool take_value(struct gcode_archive_note *note, char character)
{
	if (note->read == note->length) {
		end_record(note);
		return character == '\n';
	}
	note->is_empty = false;
	if (is_key(note, "path")) {
		add_to_name(note, character);
	} else if (is_key(note, "size")) {
		return add_digit(&note->size, character);
	}
	return true;
}

static bool take_of_record(struct gcode_archive_note *note, char character)
{
	note->read++;
	switch (note->part) {
	case GCODE_ARCHIVE_RECORD_LENGTH:
		return take_length(note, character);
	case GCODE_ARCHIVE_RECORD_KEY:
		return take_key(note, character);
	default:
		return take_value(note, character);
	}
}

/* --- whole notes --- */

void gcode_archive_note_begin(struct gcode_archive_note *note, enum gcode_archive_note_kind kind)
{
	note->kind = kind;
	if (kind == GCODE_ARCHIVE_NOTE_NAME) {
		begin_name(note);
	} else {
		begin_record(note);
	}
}

bool gcode_archive_note_take(struct gcode_archive_note *note, const unsigned char *data,
			     size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (note->kind == GCODE_ARCHIVE_NOTE_NAME) {
			add_to_name(note, (char)data[i]);
		} else if (!take_of_record(note, (char)data[i])) {
			return false;
		}
	}
	return true;
}

bool gcode_archive_note_end(struct gcode_archive_note *note)
{
	bool is_whole = note->kind != GCODE_ARCHIVE_NOTE_PAX ||
			(note->part == GCODE_ARCHIVE_RECORD_LENGTH && note->read == 0);

	note->kind = GCODE_ARCHIVE_NOTE_NONE;
	return is_whole;
}
