/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_BED_RECEIVED_H
#define PRINTER_BED_RECEIVED_H

#include <stdbool.h>
#include <stddef.h>

#define BED_RECEIVED_MAX 2048

/*
 * What a printer said when it was asked for its bed and what nobody understood: lines, each once,
 * in the order in which they came. Memory of the caller; a zeroed value is empty.
 */
struct bed_received {
	char text[BED_RECEIVED_MAX]; /* each with a line break behind it */
	size_t length;
	bool more; /* there was no room for all */
};

/* Takes of the text of an answer the lines that say nothing known of the bed (printer/bed/mesh.h),
 * of the queue or of the position. */
void bed_received_add(struct bed_received *received, const char *text, size_t length);

/* The line at *at, not NUL-terminated, and goes on behind it: begin with 0. False at the end. */
bool bed_received_next(const struct bed_received *received, size_t *at, const char **line,
		       size_t *length);

#endif
