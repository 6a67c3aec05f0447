/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_MESSAGE_H
#define DAEMON_HTTP_MESSAGE_H

#include "daemon/http/stream.h"

/* What is sent in a stream, and the bounded queue of those that wait for a reader. No I/O. */

struct http_message {
	size_t references;
	enum http_message_kind kind;
	size_t length;
	char bytes[];
};

struct http_queue {
	struct http_message **items; /* a ring */
	size_t capacity;
	size_t first;
	size_t count;
	size_t bytes; /* of those that wait */
	size_t bytes_max;
	size_t offset; /* of the first one that was sent already */
};

/* Error: MEMORY. */
int http_queue_init(struct http_queue *queue, size_t messages, size_t bytes)
	__attribute__((warn_unused_result));
void http_queue_finish(struct http_queue *queue);

/* One more, which it holds on to. False where there is no room. */
bool http_queue_push(struct http_queue *queue, struct http_message *message)
	__attribute__((warn_unused_result));

/* Drops the oldest of which nothing was sent yet. False where there is none. */
bool http_queue_drop(struct http_queue *queue);

/* Moves on by what fits. How many bytes. */
size_t http_queue_take(struct http_queue *queue, char *out, size_t capacity);

#endif
