/* SPDX-License-Identifier: MIT */
#include "daemon/login/queue.h"

#include <string.h>
#include <strings.h>

static struct login_job *job_at(const struct list *place)
{
	return LIST_OF(place, struct login_job, place);
}

void login_queue_init(struct login_queue *queue, uv_loop_t *loop,
		      const struct login_queue_limits *limits)
{
	*queue = (struct login_queue){.loop = loop, .limits = *limits};
	list_init(&queue->jobs);
}

static unsigned int count_running(const struct login_queue *queue, bool strangers)
{
	unsigned int count = 0;

	for (const struct list *at = queue->jobs.next; at != &queue->jobs; at = at->next) {
		const struct login_job *job = job_at(at);

		count += job->runs && (!strangers || job->attempt->familiarity != FAMILIAR_PAIR);
	}
	return count;
}

/* Whoever has the best claim, and of those the first. */
static struct login_job *choose(const struct login_queue *queue)
{
	bool strangers = count_running(queue, true) < queue->limits.strangers;
	struct login_job *chosen = NULL;

	for (const struct list *at = queue->jobs.next; at != &queue->jobs; at = at->next) {
		struct login_job *job = job_at(at);

		if (!job->runs && (strangers || job->attempt->familiarity == FAMILIAR_PAIR) &&
		    (!chosen || job->attempt->familiarity < chosen->attempt->familiarity)) {
			chosen = job;
		}
	}
	return chosen;
}

static void on_work(uv_work_t *request)
{
	struct login_job *job = request->data;

	job->work(job);
}

static void begin_next(struct login_queue *queue);

static void on_worked(uv_work_t *request, int status)
{
	struct login_job *job = request->data;
	struct login_queue *queue = job->queue;

	list_remove(&job->place);
	job->done(job, status == 0);
	begin_next(queue);
}

static void begin_next(struct login_queue *queue)
{
	struct login_job *job;

	while (!queue->stopped && count_running(queue, false) < queue->limits.running &&
	       (job = choose(queue))) {
		job->runs = true;
		(void)uv_queue_work(queue->loop, &job->request, on_work, on_worked);
	}
}

static bool is_alike(const struct login_queue *queue, const struct login_attempt *one,
		     const struct login_attempt *other)
{
	bool name = (queue->limits.any_case ? strcasecmp(one->name, other->name)
					    : strcmp(one->name, other->name)) == 0;
	bool network = strcmp(one->network, other->network) == 0;

	return one->familiarity == FAMILIAR_PAIR ? name && network : name || network;
}

bool login_queue_has_room(const struct login_queue *queue, const struct login_attempt *attempt)
{
	unsigned int count = 0;
	unsigned int alike = 0;

	for (const struct list *at = queue->jobs.next; at != &queue->jobs; at = at->next) {
		const struct login_attempt *other = job_at(at)->attempt;

		if (other->familiarity == attempt->familiarity) {
			count++;
			alike += is_alike(queue, attempt, other);
		}
	}
	return count < queue->limits.waiting && alike < queue->limits.of_same;
}

void login_queue_add(struct login_queue *queue, struct login_job *job)
{
	job->queue = queue;
	job->runs = false;
	job->request.data = job;
	list_insert(&queue->jobs, &job->place);
	begin_next(queue);
}

bool login_queue_withdraw(struct login_job *job)
{
	if (!job->runs) {
		list_remove(&job->place);
	}
	return !job->runs;
}

void login_queue_stop(struct login_queue *queue)
{
	struct list *next;

	queue->stopped = true;
	for (struct list *at = queue->jobs.next; at != &queue->jobs; at = next) {
		struct login_job *job = job_at(at);

		next = at->next;
		if (job->runs) {
			(void)uv_cancel((uv_req_t *)&job->request);
		} else {
			list_remove(&job->place);
			job->done(job, false);
		}
	}
}
