/* SPDX-License-Identifier: MIT */
#ifndef CLI_GCODE_INPUT_H
#define CLI_GCODE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/* The longest command that is sent, with its NUL. */
#define GCODE_LINE_MAX 1024

/*
 * Copies the command in a line: without the comment that `;` begins, without white space around,
 * and with blanks for tabs. "" where there is none. Returns 0, or -1 where it is too long or holds
 * a line break.
 */
int gcode_line_clean(const char *text, size_t length, char out[GCODE_LINE_MAX]);

#define GCODE_INPUT_BUFFER (4 * GCODE_LINE_MAX)

/* Commands from a file or a pipe, one at a time as they are asked for. */
struct gcode_input {
	uv_poll_t poll;
	int descriptor;
	bool pollable; /* a file is read at once: it never keeps anybody waiting */
	bool wanted;
	bool ended;
	bool begun; /* a line was taken: no byte order mark can come any more */
	char buffer[GCODE_INPUT_BUFFER];
	size_t start;
	size_t end;
	/* The command, or NULL at the end of the input and after trouble, which was reported. */
	void (*on_line)(void *context, const char *line, bool failed);
	void *context;
};

void gcode_input_open(struct gcode_input *input, uv_loop_t *loop, int descriptor,
		      void (*on_line)(void *context, const char *line, bool failed), void *context);

/* Calls back once with the next command: now, or when it comes. */
void gcode_input_want(struct gcode_input *input);

/* A zeroed value is accepted. */
void gcode_input_close(struct gcode_input *input);

#endif
