/* SPDX-License-Identifier: MIT */
#include "store/database/writer.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct job_list {
	struct database_job *first;
	struct database_job *last;
};

struct database_writer {
	struct database *database;
	void (*release)(struct database *database);
	uv_thread_t thread;
	uv_async_t wake; /* of the loop */
	size_t jobs_max;
	size_t job_count; /* handed over and not done; the loop's alone, as `closing` there */
	bool closing;
	void (*closed)(void *context);
	void *closed_context;

	uv_mutex_t mutex; /* of all that follows */
	uv_cond_t work_came;
	struct job_list waiting;
	struct job_list finished;
	bool ends; /* once nothing waits */
	bool ended;
};

static void append(struct job_list *list, struct database_job *job)
{
	job->next = NULL;
	if (list->last) {
		list->last->next = job;
	} else {
		list->first = job;
	}
	list->last = job;
}

static struct database_job *take_first(struct job_list *list)
{
	struct database_job *job = list->first;

	list->first = job->next;
	if (!list->first) {
		list->last = NULL;
	}
	return job;
}

/* --- on the thread --- */

static void note_failure(struct database_job *job, int error, const char *problem)
{
	job->result = error;
	snprintf(job->problem, sizeof(job->problem), "%s", problem);
}

/* Those of a transaction that is no more; the ones that failed before keep their reason. */
static void fail_written(struct database_job *first, const struct database_job *end, int error,
			 const char *problem)
{
	for (struct database_job *job = first; job != end; job = job->next) {
		if (job->result >= 0) {
			note_failure(job, error, problem);
		}
	}
}

static void do_job(struct database *database, struct database_job *job)
{
	int error = database_begin(database);

	job->problem[0] = '\0';
	if (error) {
		note_failure(job, error, database_problem(database));
		return;
	}
	job->result = job->work(database, job->context);
	if (job->result < 0) {
		note_failure(job, job->result,
			     job->result == FLAGSHIP_ERROR_STORE ? database_problem(database) : "");
		database_rollback(database);
		return;
	}
	error = database_commit(database);
	if (error) {
		note_failure(job, error, database_problem(database));
	}
}

/* One transaction, as far as it goes; returns the first job that is not done. */
static struct database_job *do_transaction(struct database *database, struct database_job *first)
{
	struct database_job *job = first;
	int error = database_begin(database);

	if (error) {
		for (; job; job = job->next) {
			note_failure(job, error, database_problem(database));
		}
		return NULL;
	}
	while (job && database_is_in_transaction(database)) {
		do_job(database, job);
		if (!database_is_in_transaction(database)) {
			fail_written(first, job, job->result, job->problem);
		}
		job = job->next;
	}
	if (!database_is_in_transaction(database)) {
		database_rollback(database);
		return job;
	}
	error = database_commit(database);
	if (error) {
		fail_written(first, job, error, database_problem(database));
	}
	return job;
}

static void do_batch(struct database *database, struct database_job *first)
{
	while (first) {
		first = do_transaction(database, first);
	}
}

/* Waits for jobs; NULL where it is to end. Locked. */
static struct database_job *take_batch(struct database_writer *writer)
{
	struct job_list batch = {0};

	while (!writer->waiting.first && !writer->ends) {
		uv_cond_wait(&writer->work_came, &writer->mutex);
	}
	for (size_t i = 0; i < DATABASE_BATCH_MAX && writer->waiting.first; i++) {
		append(&batch, take_first(&writer->waiting));
	}
	return batch.first;
}

static void write_until_end(void *argument)
{
	struct database_writer *writer = argument;
	struct database_job *batch;

	uv_mutex_lock(&writer->mutex);
	while ((batch = take_batch(writer))) {
		uv_mutex_unlock(&writer->mutex);
		do_batch(writer->database, batch);
		uv_mutex_lock(&writer->mutex);
		while (batch) {
			struct database_job *next = batch->next;

			append(&writer->finished, batch);
			batch = next;
		}
		uv_async_send(&writer->wake);
	}
	uv_mutex_unlock(&writer->mutex);
	writer->release(writer->database);
	uv_mutex_lock(&writer->mutex);
	writer->ended = true;
	uv_mutex_unlock(&writer->mutex);
	uv_async_send(&writer->wake);
}

/* --- on the loop --- */

static void destroy(struct database_writer *writer)
{
	uv_cond_destroy(&writer->work_came);
	uv_mutex_destroy(&writer->mutex);
	free(writer);
}

static void on_wake_closed(uv_handle_t *handle)
{
	struct database_writer *writer = handle->data;
	void (*closed)(void *) = writer->closed;
	void *context = writer->closed_context;

	destroy(writer);
	if (closed) {
		closed(context);
	}
}

static void on_wake(uv_async_t *wake)
{
	struct database_writer *writer = wake->data;

	uv_mutex_lock(&writer->mutex);
	struct database_job *job = writer->finished.first;
	bool ended = writer->ended;
	writer->finished = (struct job_list){0};
	uv_mutex_unlock(&writer->mutex);

	while (job) {
		/* The callback may free it, or hand it over again. */
		struct database_job *next = job->next;

		writer->job_count--;
		job->done(job->context, job->result, job->problem);
		job = next;
	}
	if (ended) {
		assert(writer->job_count == 0);
		uv_thread_join(&writer->thread);
		uv_close((uv_handle_t *)wake, on_wake_closed);
	}
}

int database_writer_start(uv_loop_t *loop, const struct database_writer_options *options,
			  struct database_writer **out)
{
	struct database_writer *writer = calloc(1, sizeof(*writer));

	*out = NULL;
	if (!writer || uv_mutex_init(&writer->mutex) != 0) {
		free(writer);
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (uv_cond_init(&writer->work_came) != 0) {
		uv_mutex_destroy(&writer->mutex);
		free(writer);
		return FLAGSHIP_ERROR_MEMORY;
	}
	writer->database = options->database;
	writer->release = options->release ? options->release : database_close;
	writer->jobs_max = options->jobs_max;
	if (uv_async_init(loop, &writer->wake, on_wake) != 0) {
		destroy(writer);
		return FLAGSHIP_ERROR_MEMORY;
	}
	writer->wake.data = writer;
	if (uv_thread_create(&writer->thread, write_until_end, writer) != 0) {
		uv_close((uv_handle_t *)&writer->wake, on_wake_closed);
		return FLAGSHIP_ERROR_MEMORY;
	}
	*out = writer;
	return 0;
}

int database_writer_submit(struct database_writer *writer, struct database_job *job)
{
	if (writer->closing || writer->job_count >= writer->jobs_max) {
		return FLAGSHIP_ERROR_RANGE;
	}
	writer->job_count++;
	uv_mutex_lock(&writer->mutex);
	append(&writer->waiting, job);
	uv_cond_signal(&writer->work_came);
	uv_mutex_unlock(&writer->mutex);
	return 0;
}

void database_writer_close(struct database_writer *writer, void (*closed)(void *context),
			   void *context)
{
	if (!writer) {
		if (closed) {
			closed(context);
		}
		return;
	}
	assert(!writer->closing);
	writer->closing = true;
	writer->closed = closed;
	writer->closed_context = context;
	uv_mutex_lock(&writer->mutex);
	writer->ends = true;
	uv_cond_signal(&writer->work_came);
	uv_mutex_unlock(&writer->mutex);
}
