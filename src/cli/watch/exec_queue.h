/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_EXEC_QUEUE_H
#define CLI_WATCH_EXEC_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * Commands of the user's that run on events (--exec): by the shell, one at a time, in the order of
 * the events, while the loop goes on. What printers say reaches them in the environment alone. They
 * read nothing, and what they print goes to standard error, so that ours stays clean. One that
 * takes longer than EXEC_LIMIT_MS is ended, with all that it started; one that does not heed that
 * is killed EXEC_KILL_AFTER_MS later.
 */
#define EXEC_LIMIT_MS      60000
#define EXEC_KILL_AFTER_MS 5000
#define EXEC_WAITING_MAX   100 /* of more the newest are left out, which is reported */

struct exec_item;

struct exec_queue {
	const char *command; /* NULL: nothing is run */
	/* EXEC_LIMIT_MS and EXEC_KILL_AFTER_MS; may be changed after exec_queue_open. */
	int64_t limit_ms;
	int64_t kill_after_ms;
	/* Private. */
	uv_loop_t *loop;
	struct exec_item *first;
	struct exec_item *last;
	size_t waiting;
	bool opened;
	bool running;
	bool finished;
	bool dropped; /* told that some are left out */
	uv_process_t process;
	uv_timer_t limit;
	bool limit_passed;
};

/* Variables of one event. A name without a value ("" or NULL) is there, and empty. */
struct exec_variable {
	const char *name;
	const char *value;
	bool json; /* its strings are escaped; of other values, what commands a terminal is U+FFFD
		    */
};

/* Call it where the loop is about to run. command must outlive the queue, and may be NULL. */
void exec_queue_open(struct exec_queue *queue, uv_loop_t *loop, const char *command);

void exec_queue_add(struct exec_queue *queue, const struct exec_variable *variables, size_t count);

/*
 * No more will come. What waits is still run, and the loop lasts so long; at_once: it is dropped,
 * and what runs is told to end (SIGTERM).
 */
void exec_queue_finish(struct exec_queue *queue, bool at_once);

#endif
