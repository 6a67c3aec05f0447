/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_CSV_READER_H
#define CLOUD_COMMANDS_CSV_READER_H

#include <stddef.h>

#define CSV_FIELDS_MAX 16

/* Reads a table of text (RFC 4180) in place: fields with commas between them, in quotation marks
 * where they hold commas, line breaks or quotation marks, which then stand doubled. */
struct csv {
	char *cursor;
	char *end;
	size_t line;  /* that the last record begins in, from 1 on */
	size_t lines; /* read so far */
};

enum csv_result {
	CSV_RECORD,
	CSV_END,
	CSV_BROKEN, /* a NUL, more than CSV_FIELDS_MAX fields, or a quotation mark out of place */
};

/* text[length] is written to as well. */
void csv_init(struct csv *csv, char *text, size_t length);

/* The next record that is no blank line. The fields lie in the text, each with a NUL, and without
 * blanks around those that are not quoted. */
enum csv_result csv_next(struct csv *csv, const char *fields[CSV_FIELDS_MAX], size_t *count);

#endif
