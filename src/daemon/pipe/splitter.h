/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_PIPE_SPLITTER_H
#define DAEMON_PIPE_SPLITTER_H

#include <stddef.h>

/*
 * Bytes as they come, cut into texts: behind each stands one byte that ends it. No socket. All zero
 * at first.
 */
struct splitter {
	char *bytes;
	size_t length;   /* received */
	size_t taken;    /* of these, texts that were given out */
	size_t searched; /* of these, behind taken: no end is among them */
	size_t capacity;
};

enum splitter_result {
	SPLITTER_MORE, /* no whole text is there */
	SPLITTER_TEXT,
	SPLITTER_TOO_LONG, /* a text, or what is there of one: nothing more will come of it */
};

/* Where so many bytes may be put. What was given out is gone. NULL for want of memory. */
char *splitter_room(struct splitter *splitter, size_t size) __attribute__((warn_unused_result));

/* So many of them were put there. */
void splitter_add(struct splitter *splitter, size_t size);

/* The next text, without its end and of at most max bytes. It lasts until splitter_room. */
enum splitter_result splitter_next(struct splitter *splitter, char end, size_t max,
				   const char **text, size_t *length)
	__attribute__((warn_unused_result));

void splitter_finish(struct splitter *splitter);

#endif
