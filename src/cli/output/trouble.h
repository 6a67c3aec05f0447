/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_TROUBLE_H
#define CLI_OUTPUT_TROUBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

/*
 * Trouble that is reported on stderr (cli/target/live.h) would stand in the middle of the screen:
 * while it is open, each line comes to `told` instead. Where stderr is no terminal, it is left
 * alone.
 */
#define TOP_TROUBLE_MAX 1024

struct top_trouble {
	bool open;
	int saved;  /* stderr as it was */
	int source; /* of what is reported */
	uv_poll_t poll;
	char line[TOP_TROUBLE_MAX];
	size_t length;
	void (*reported)(void *context, const char *line); /* without "flagship: " */
	void *context;
};

/* Where that is not possible, stderr stays as it is. */
void top_trouble_open(struct top_trouble *trouble, uv_loop_t *loop,
		      void (*reported)(void *context, const char *line), void *context);

/* Gives stderr back. Call it once at the end, before the loop is closed. */
void top_trouble_close(struct top_trouble *trouble);

#endif
