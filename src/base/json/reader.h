/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_READER_H
#define BASE_JSON_READER_H

#include "base/words.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads JSON (RFC 8259) front to back without tokens or heap. Every function either takes what it
 * is named after and moves the cursor behind it, or returns FLAGSHIP_ERROR_JSON or _TOO_DEEP with
 * the cursor at the byte that does not fit. Strings may hold bytes that are no UTF-8; whoever
 * writes them out replaces those.
 */
struct json_reader {
	const char *cursor;
	const char *end;
};

enum json_kind {
	JSON_NULL,
	JSON_FALSE,
	JSON_TRUE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/* (negative ? -1 : 1) * digits * 10^exponent */
struct json_number {
	uint64_t digits;
	int32_t exponent;
	bool negative;
	bool inexact; /* more digits than fit were there and not all of them zero */
};

struct json_value {
	enum json_kind kind;
	struct flagship_json json; /* the whole value */
	struct flagship_text text; /* of a JSON_STRING */
	struct json_number number; /* of a JSON_NUMBER */
};

static inline void json_skip_space(struct json_reader *reader)
{
	while (reader->cursor < reader->end && *reader->cursor <= ' ') {
		char c = *reader->cursor;
		if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
			return;
		}
		reader->cursor++;
	}
}

/* Skips white space, then takes this character, or leaves the cursor before what stands there.
 * Printers write no white space. */
static inline bool json_take(struct json_reader *reader, char character)
{
	if (reader->cursor == reader->end || *reader->cursor != character) {
		json_skip_space(reader);
		if (reader->cursor == reader->end || *reader->cursor != character) {
			return false;
		}
	}
	reader->cursor++;
	return true;
}

#define JSON_CONTROL_LAST 0x1f

/* Of which bytes end the plain part of a string, a quote, backslash or control, the high bit is
 * set; maybe also of some behind the first of them. */
static inline uint64_t json_word_specials(uint64_t word)
{
	uint64_t quote = (word ^ WORD_OF('"')) - WORD_OF(1);
	uint64_t backslash = (word ^ WORD_OF('\\')) - WORD_OF(1);
	uint64_t control = word - WORD_OF(JSON_CONTROL_LAST + 1);

	/* None of the three is beyond ASCII, nor does comparing with one change the high bit. */
	return (quote | backslash | control) & ~word & WORD_HIGH_BITS;
}

/* The end of the plain part of a string that goes on at p, or end. */
static inline const char *json_plain_end(const char *p, const char *end)
{
	for (; (size_t)(end - p) >= sizeof(uint64_t); p += sizeof(uint64_t)) {
		uint64_t hits = json_word_specials(little_word_at(p));
		if (hits) {
			return p + word_first_high(hits);
		}
	}
	while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p > JSON_CONTROL_LAST) {
		p++;
	}
	return p;
}

/* At a value, white space before it allowed. */
int json_read_string(struct json_reader *reader, struct flagship_text *text);
int json_read_value(struct json_reader *reader, unsigned int depth, struct json_value *value);
/* depth: how many more arrays and objects may be open inside one another. */
int json_skip_value(struct json_reader *reader, unsigned int depth);

/*
 * One value, and nothing after it but white space. Errors: JSON (also where there is more than 4
 * GiB of it), TOO_DEEP.
 */
int json_read_document(const char *text, size_t length, unsigned int depth,
		       struct json_value *value) __attribute__((warn_unused_result));

/* The number that is written in text, from first to last byte. */
bool json_number_from_text(struct flagship_text text, struct json_number *number);

/* False where the value has a fraction or does not fit. */
bool json_number_to_int(const struct json_number *number, int64_t *value);
/* False where it is beyond the range of a double. */
bool json_number_to_real(const struct json_number *number, double *value);

/*
 * An integer from any value: a number, a string that holds one, true or false. False where the
 * value is none.
 */
bool json_value_to_int(const struct json_value *value, int64_t *out);
/* The same, where a fraction is rounded: half away from zero. */
bool json_value_round(const struct json_value *value, int64_t *out);
bool json_value_to_real(const struct json_value *value, double *out);

/* Finds a member of an object, the last of that name. False where there is none, or object is no
 * well-formed object of depth at most FLAGSHIP_PAYLOAD_DEPTH_MAX. */
bool json_object_find(struct flagship_json object, const char *name, struct json_value *value);

/* Goes once over the members of an object or the items of an array, without heap. */
struct json_walk {
	struct json_reader reader;
	bool begun;
	bool valid; /* what it goes over was read before */
	int error;  /* what ended it before its end: FLAGSHIP_ERROR_JSON or _TOO_DEEP */
};

/* value: of kind JSON_OBJECT or JSON_ARRAY. */
void json_walk_init(struct json_walk *walk, const struct json_value *value);

/* The same, of JSON that was read as a whole before: what is inside of a member or an item is
 * passed over without being read again, so that a walk inside of a walk does not read it once a
 * level. */
void json_walk_init_valid(struct json_walk *walk, const struct json_value *value);

/* The next one; false at the end, and where what follows is no JSON: see walk->error. */
bool json_walk_member(struct json_walk *walk, struct flagship_text *name, struct json_value *value);
bool json_walk_item(struct json_walk *walk, struct json_value *value);

#endif
