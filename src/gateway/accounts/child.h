/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_ACCOUNTS_CHILD_H
#define GATEWAY_ACCOUNTS_CHILD_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * Another program of flagship, run beside the loop: what needs libraries that the gateway does not
 * link, or the printer's whole chain from the beginning. Secrets go by its standard input. It is
 * bounded in time and in what it writes, in a process group of its own, and is killed as a whole.
 */
struct child;

#define CHILD_OUTPUT_MAX ((size_t)8 * 1024 * 1024) /* 10,000 printers are a quarter of it */
#define CHILD_REASON_MAX PROBLEM_MAX

enum child_ending {
	CHILD_EXITED,  /* with `status` */
	CHILD_CRASHED, /* by a signal that was not ours */
	CHILD_TIMED_OUT,
	CHILD_TALKED_TOO_MUCH,
};

struct child_end {
	enum child_ending ending;
	int status;
	const char *reason; /* its last line of standard error that is no warning; "" where none */
	const char *output; /* what it wrote to standard output, with a NUL behind it; is wiped */
	size_t length;
};

struct child_options {
	const char *program;          /* its path */
	const char *const *arguments; /* without its name, NULL-terminated */
	int64_t timeout_ms;
	/* A whole line came, of which `line` is the last; may be NULL. */
	void (*on_line)(void *context, const char *line);
	/* The last call; never from inside of child_start. */
	void (*on_end)(void *context, const struct child_end *end);
	void *context;
};

/* Errors: MEMORY, ARGUMENT (it cannot be started); with problem. */
int child_start(uv_loop_t *loop, const struct child_options *options, struct child **child,
		struct problem *problem) __attribute__((warn_unused_result));

/* Is copied, and wiped once it is written. What cannot be written shows in how the child ends. */
void child_write(struct child *child, const char *text, size_t length);
/* Standard input ends behind what was written. */
void child_end_input(struct child *child);

/* From now on. */
void child_set_timeout(struct child *child, int64_t timeout_ms);

/* It is killed, and no call follows; the loop releases its memory. NULL is accepted. */
void child_kill(struct child *child);

#endif
