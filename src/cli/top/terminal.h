/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_TERMINAL_H
#define CLI_TOP_TERMINAL_H

#include "cli/top/line.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * The whole terminal, by way of ncursesw, which sends only what changed, so that nothing flickers
 * and little goes over a slow line. It keeps its state to itself: one at a time.
 */
struct top_terminal {
	bool open;
	bool colour;
	bool ascii; /* the locale knows no UTF-8 */
};

/* Takes over the terminal. False where its type (TERM) is not known. */
bool top_terminal_open(struct top_terminal *terminal, bool colour);

/* Gives it back; nothing where it is not open. */
void top_terminal_close(struct top_terminal *terminal);

void top_terminal_size(size_t *width, size_t *height);

/* Its size changed: takes the new one over. */
void top_terminal_resize(void);

/* Nothing is seen of the lines before top_terminal_show. */
void top_terminal_draw(const struct top_terminal *terminal, size_t index,
		       const struct top_line *line);
void top_terminal_show(void);

/* What was typed: a character, or an enum top_key. False where there is nothing more. */
bool top_terminal_read(unsigned long *key);

#endif
