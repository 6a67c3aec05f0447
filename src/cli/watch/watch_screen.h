/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_WATCH_SCREEN_H
#define CLI_WATCH_WATCH_SCREEN_H

#include "cli/output/trouble.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <uv.h>

/*
 * A page that is drawn again and again on the terminal's alternate screen, so that what stood there
 * before comes back at the end and nothing is left behind. It is cut to the terminal's height and
 * width. Trouble that is reported on stderr meanwhile stands in the last line.
 */
#define WATCH_SCREEN_TROUBLE_MAX 256

struct watch_screen {
	bool open;
	char trouble_line[WATCH_SCREEN_TROUBLE_MAX]; /* the last one; "" for none */
	/* Private. */
	struct top_trouble trouble;
	char *page;
	size_t page_length;
	FILE *stream;
};

/* Whether standard output is a terminal that can do this. */
bool watch_screen_possible(void);

/* Opens the screen on standard output. */
void watch_screen_open(struct watch_screen *screen, uv_loop_t *loop);

/* Where to write the next page, as whole lines; NULL where there is no memory. */
FILE *watch_screen_begin(struct watch_screen *screen);

/* Shows what was written since. */
void watch_screen_end(struct watch_screen *screen);

/* Gives the terminal and stderr back; before the loop is closed. May be called again. */
void watch_screen_close(struct watch_screen *screen);

#endif
