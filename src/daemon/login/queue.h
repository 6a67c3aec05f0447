/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOGIN_QUEUE_H
#define DAEMON_LOGIN_QUEUE_H

#include "base/memory/list.h"
#include "daemon/login/attempt.h"

#include <stdbool.h>
#include <uv.h>

/*
 * Passwords that wait for a thread to hash them, or have one: each takes tens of milliseconds of a
 * processor and 32 MiB. Who logged in before from the same address comes first and has places of
 * its own, then an account or an address that did, then strangers: so neither their number nor
 * their patience keeps anybody out who was in before.
 */
struct login_queue_limits {
	unsigned int running;   /* at once; libuv has four threads */
	unsigned int strangers; /* of these, of anybody but who was in before */
	unsigned int waiting;   /* of each kind, with those that run */
	unsigned int of_same; /* of these, of one name or address; of who was in before, of both */
	bool any_case;        /* names are the same in letters of either case */
};

struct login_queue {
	uv_loop_t *loop;
	struct login_queue_limits limits;
	struct list jobs;
	bool stopped;
};

/* The caller's, until `done`. */
struct login_job {
	const struct login_attempt *attempt; /* which stays as it is meanwhile */
	void (*work)(struct login_job *job); /* on a thread */
	/* On the loop; worked: `work` has run. The job may be released then. */
	void (*done)(struct login_job *job, bool worked);
	/* The queue's own. */
	struct list place;
	uv_work_t request;
	struct login_queue *queue;
	bool runs;
};

void login_queue_init(struct login_queue *queue, uv_loop_t *loop,
		      const struct login_queue_limits *limits);

/* Whether another one of this kind may be added. */
bool login_queue_has_room(const struct login_queue *queue, const struct login_attempt *attempt);

void login_queue_add(struct login_queue *queue, struct login_job *job);

/* Nobody waits for it any more. False where a thread has it, so that `done` follows; else it is
 * out, and is not called. */
bool login_queue_withdraw(struct login_job *job) __attribute__((warn_unused_result));

/* Nothing is begun any more: those that wait are done at once, and those that a thread has once it
 * gives them back. */
void login_queue_stop(struct login_queue *queue);

#endif
