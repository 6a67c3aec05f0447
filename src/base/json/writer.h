/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_WRITER_H
#define BASE_JSON_WRITER_H

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Spreads compact JSON over lines, one member a line, with tabs and a newline at the end. Returns
 * the bytes of the whole, of which `capacity` are written at most, without a NUL.
 */
size_t json_indent(const char *json, size_t length, char *out, size_t capacity);

/*
 * Writes JSON into a buffer of fixed size, with commas placed by itself. What does not fit is
 * counted but not written, as snprintf does; the error shows at the end. No heap.
 */
struct json_writer {
	char *out;
	size_t capacity;
	size_t length; /* bytes that the whole text needs */
	bool comma;    /* whether the next value is preceded by one */
};

void json_writer_init(struct json_writer *writer, char *out, size_t capacity);

void json_object_begin(struct json_writer *writer);
void json_object_end(struct json_writer *writer);
void json_array_begin(struct json_writer *writer);
void json_array_end(struct json_writer *writer);
void json_key(struct json_writer *writer, const char *name);

void json_null(struct json_writer *writer);
void json_bool(struct json_writer *writer, bool value);
void json_int(struct json_writer *writer, int64_t value);
/* The shortest of up to 15 digits; null where value is not finite. */
void json_real(struct json_writer *writer, double value);
/* value / 10^decimals, exactly, with exactly that many decimals but at most `decimals`, trailing
 * zeros cut to one: (6000, 2) is 60.0, (3971, 2) is 39.71. */
void json_scaled(struct json_writer *writer, int64_t value, unsigned int decimals);
/* UTF-8; what is no UTF-8 becomes U+FFFD. NULL becomes null. */
void json_string(struct json_writer *writer, const char *value);
void json_string_n(struct json_writer *writer, const char *value, size_t length);
void json_text(struct json_writer *writer, struct flagship_text value);
/* A key and its value. */
void json_member_string(struct json_writer *writer, const char *name, const char *value);
/* null where the text is "" too. */
void json_member_known(struct json_writer *writer, const char *name, const char *text);
void json_member_bool(struct json_writer *writer, const char *name, bool value);
void json_member_int(struct json_writer *writer, const char *name, int64_t value);
/* Copies JSON as it is, made valid UTF-8. */
void json_raw(struct json_writer *writer, const char *json, size_t length);

/* NUL-terminates. 0, or FLAGSHIP_ERROR_BUFFER; *length in bytes without the NUL. */
int json_writer_finish(struct json_writer *writer, size_t *length);

#endif
