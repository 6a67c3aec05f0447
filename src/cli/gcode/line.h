/* SPDX-License-Identifier: MIT */
#ifndef CLI_GCODE_LINE_H
#define CLI_GCODE_LINE_H

#include <stddef.h>

/* The longest command that is sent, with its NUL. */
#define GCODE_LINE_MAX 1024

/*
 * Copies the command in a line: without the comment that `;` begins, without white space around,
 * and with blanks for tabs. "" where there is none. Returns 0, or -1 where it is too long or holds
 * a line break.
 */
int gcode_line_clean(const char *text, size_t length, char out[GCODE_LINE_MAX]);

#endif
