/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_CHILD_H
#define DAEMON_RUN_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * A program as a child process on a libuv loop: started again, ever less often, where it dies, and
 * stopped cleanly. One of its descriptors leads here, and lines that it writes there are received.
 */
struct child;

struct child_handlers {
	void (*on_line)(void *context, const char *line);
	/* It died, and is started again in so many milliseconds. */
	void (*on_died)(void *context, const char *reason, unsigned int restart_ms);
	void (*on_stopped)(void *context); /* after child_stop; the last call */
};

#define CHILD_DESCRIPTORS 4

/* What a descriptor of the child is. */
enum child_stream {
	CHILD_STREAM_NOTHING, /* /dev/null up to stderr, else closed */
	CHILD_STREAM_INHERITED,
	CHILD_STREAM_LINES, /* one of them */
};

struct child_options {
	char **arguments;   /* the first is the program's path */
	char **environment; /* NULL: that of this process */
	struct {
		enum child_stream kind;
		int inherited;
	} streams[CHILD_DESCRIPTORS];
	unsigned int kill_after_ms; /* how long it may take to end; 0: 1000 */
};

/* Arguments and environment are copied. NULL where there is no memory. What cannot be started is
 * reported by on_died, later. */
struct child *child_start(uv_loop_t *loop, const struct child_options *options,
			  const struct child_handlers *handlers, void *context);

/* 0 where there is none now. */
int64_t child_pid(const struct child *child);

/* Nothing where there is none now. */
void child_signal(struct child *child, int number);

/* Asks it to end, and makes it where it does not in time. From inside on_died, too. NULL is
 * accepted: on_stopped does not come then. */
void child_stop(struct child *child);

#endif
