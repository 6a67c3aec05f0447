/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CHILDREN_PROGRAM_H
#define GATEWAY_CHILDREN_PROGRAM_H

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
struct program;

#define PROGRAM_OUTPUT_MAX ((size_t)8 * 1024 * 1024) /* 10,000 printers are a quarter of it */
#define PROGRAM_REASON_MAX PROBLEM_MAX

enum program_ending {
	PROGRAM_EXITED,  /* with `status` */
	PROGRAM_CRASHED, /* by a signal that was not ours */
	PROGRAM_TIMED_OUT,
	PROGRAM_TALKED_TOO_MUCH,
};

struct program_end {
	enum program_ending ending;
	int status;
	const char *reason; /* its last line of standard error that is no warning; "" where none */
	const char *output; /* what it wrote to standard output, with a NUL behind it; is wiped */
	size_t length;
};

struct program_options {
	const char *program;          /* its path */
	const char *const *arguments; /* at most 16, without its name, NULL-terminated */
	int64_t timeout_ms;
	/* A whole line came, of which `line` is the last; may be NULL. */
	void (*on_line)(void *context, const char *line);
	/* What on_line was told is not kept: it may say more than PROGRAM_OUTPUT_MAX. */
	bool only_lines;
	/* The last call; never from inside of program_start. */
	void (*on_end)(void *context, const struct program_end *end);
	void *context;
};

/* Errors: MEMORY, ARGUMENT (it cannot be started); with problem. */
int program_start(uv_loop_t *loop, const struct program_options *options, struct program **child,
		  struct problem *problem) __attribute__((warn_unused_result));

/* Is copied, and wiped once it is written. What cannot be written shows in how the child ends. */
void program_write(struct program *child, const char *text, size_t length);
/* Standard input ends behind what was written. */
void program_end_input(struct program *child);

/* From now on. */
void program_set_timeout(struct program *child, int64_t timeout_ms);

/* It is killed, and no call follows; the loop releases its memory. NULL is accepted. */
void program_kill(struct program *child);

#endif
