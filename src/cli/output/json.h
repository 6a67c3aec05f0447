/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_JSON_H
#define CLI_OUTPUT_JSON_H

#include "base/json/compose.h"

#include <stdint.h>
#include <stdio.h>

#define TIME_TEXT_MAX 64

/*
 * RFC 3339 in UTC with milliseconds, "2026-11-28T15:04:51.123Z", as every time in our JSON. Returns
 * out, or NULL where there is no such time: json_string makes null of it.
 */
const char *time_text_write(int64_t unix_ms, char out[TIME_TEXT_MAX]);

/*
 * Prints one line of JSON, as json_compose makes it. Line breaks inside become spaces. What was
 * printed is wiped. Returns 0, or FLAGSHIP_ERROR_MEMORY, which is reported on stderr.
 */
int json_line_print(json_write *write, const void *context, FILE *out);

/* Members of the JSON that the cloud's commands print, in the style of docs/json.md. */

/* RFC 3339 of Unix seconds; null of 0, and of what is no time. */
void member_time(struct json_writer *writer, const char *name, int64_t unix_s);

/*
 * The same of an array, of which `write` writes one item at a time: what is longer than a buffer is
 * printed piece by piece, so that however many there are, little memory is used. An item may be
 * written twice, and has to be the same both times.
 */
int json_array_print(void (*write)(struct json_writer *writer, size_t index, const void *context),
		     size_t count, const void *context, FILE *out);

#endif
