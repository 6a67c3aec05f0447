/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_PRINT_H
#define CLI_OUTPUT_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * The one way to a terminal. What stands in a format is the program's own, with its line breaks and
 * colours; what comes of a %s or %c may be anybody's, and is shown as base/shown_text.h has it:
 * no value can bring a line break, a tab, an escape sequence or a turned order. A test looks that
 * no program writes otherwise (tests/blackbox/test_terminal_rule.py).
 */

/* fprintf, for people: in ASCII where the stream wants it (cli/output/ascii.h). Widths count
 * characters.
 */
void print_to(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for what programs read, such as "serial TAB name": never in ASCII. */
void print_data(FILE *stream, const char *format, ...) __attribute__((format(printf, 2, 3)));

void print_vto(FILE *stream, bool ascii, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* `length` bytes of anybody's; where `lines` is set, line breaks ("\n", "\r\n") stay, and a tab is
 * a space. */
void print_text(FILE *stream, bool ascii, const char *text, size_t length, bool lines);

/*
 * JSON, on one line: line breaks and tabs between its tokens become spaces, and inside of its
 * strings all that shown_text_is_plain refuses is escaped, which changes no value. What is no UTF-8
 * becomes U+FFFD.
 */
void print_json(FILE *stream, const char *json, size_t length);

/* The same and a line break. */
void print_json_line(FILE *stream, const char *json, size_t length);

#endif
