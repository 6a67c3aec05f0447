/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_CAPTURE_H
#define CLI_CODEC_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* What other parts of the program say on stderr, as text: between begin and end nothing of it
 * reaches the terminal. */
struct capture {
	int real;   /* stderr */
	FILE *file; /* in its place; NULL: nothing is captured */
};

/* Where a temporary file cannot be made, stderr stays as it is. */
void capture_begin(struct capture *capture);

/* Puts stderr back. out: the lines that were written, without the name of the program, joined by
 * "; ", cut where there are more than fit. */
void capture_end(struct capture *capture, char *out, size_t capacity);

#endif
