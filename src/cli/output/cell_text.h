/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_CELL_TEXT_H
#define CLI_OUTPUT_CELL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * UTF-8 as a terminal shows it, in columns: some characters are two wide, some none. Widths are
 * those of the locale (LC_CTYPE). What base/shown_text.h refuses becomes U+FFFD, or "?" where
 * only ASCII can be shown.
 */

/*
 * Copies as many whole characters as fit into so many columns, and into `capacity` bytes with the
 * NUL. Returns the columns that they take; what was left out is shown by a last "~".
 */
size_t cell_text_fit(const char *text, size_t columns, bool ascii, char *out, size_t capacity);

/* Columns that the text takes. */
size_t cell_text_width(const char *text);

/* Bytes of the UTF-8 of one character, written without a NUL; 0 where it is none. */
#define CELL_TEXT_CHARACTER_MAX 4
size_t cell_text_encode(unsigned long character, char out[CELL_TEXT_CHARACTER_MAX]);

#endif
