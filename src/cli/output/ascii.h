/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_ASCII_H
#define CLI_OUTPUT_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Text for people where only ASCII can be shown. The signs that the program itself uses have
 * another spelling, such as "->" and "..."; all else becomes "?", as in flagship top. What programs
 * read (JSON, CSV) never goes through here.
 */

/*
 * Whether only ASCII goes to this stream: the locale of the environment (LC_ALL, LC_CTYPE, LANG) is
 * not of UTF-8, or it is a terminal that says TERM=dumb. Where the environment names no locale, a
 * terminal gets ASCII, and a file or pipe what it always got.
 */
bool ascii_wanted(FILE *stream);

/* Writes `length` bytes of UTF-8; control characters as they are. */
void ascii_write(FILE *stream, const char *text, size_t length);

/* Columns that the same take, one for each character. */
size_t ascii_width(const char *text, size_t length);

#endif
