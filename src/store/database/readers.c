/* SPDX-License-Identifier: MIT */
#include "store/database/readers.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

struct database_reader {
	struct database_readers *readers;
	struct database *database;
	bool reads;
};

/* All of it is the loop's, but for a reader's database while it reads. */
struct database_readers {
	uv_loop_t *loop;
	uv_async_t ended; /* so that `closed` is never called out of database_readers_close */
	void (*release)(struct database *database);
	struct database_reader items[DATABASE_READERS_MAX];
	size_t count;
	struct database *brief; /* the loop's own; or NULL */
	size_t reading_count;
	struct database_reading *first; /* that waits */
	struct database_reading *last;
	size_t waiting_count;
	size_t waiting_max;
	bool closing;
	void (*closed)(void *context);
	void *closed_context;
};

/* --- on a thread, or on the loop --- */

static int read_snapshot(struct database *database, int (*work)(struct database *, void *),
			 void *context)
{
	int result = database_begin_snapshot(database);

	if (result) {
		return result;
	}
	result = work(database, context);
	if (result < 0) {
		database_rollback(database);
		return result;
	}
	int error = database_commit(database);

	return error ? error : result;
}

static void on_thread(uv_work_t *request)
{
	struct database_reading *reading = request->data;
	struct database *database = reading->reader->database;

	reading->result = read_snapshot(database, reading->work, reading->context);
	snprintf(reading->problem, sizeof(reading->problem), "%s",
		 reading->result == FLAGSHIP_ERROR_STORE ? database_problem(database) : "");
}

/* --- on the loop --- */

static struct database_reader *find_free(struct database_readers *readers)
{
	for (size_t i = 0; i < readers->count; i++) {
		if (!readers->items[i].reads) {
			return &readers->items[i];
		}
	}
	return NULL;
}

static void on_read(uv_work_t *request, int status);

static void start(struct database_reader *reader, struct database_reading *reading)
{
	struct database_readers *readers = reader->readers;

	reader->reads = true;
	readers->reading_count++;
	reading->reader = reader;
	reading->request.data = reading;
	/* Fails for want of a function alone. */
	(void)uv_queue_work(readers->loop, &reading->request, on_thread, on_read);
}

static void start_waiting(struct database_readers *readers, struct database_reader *reader)
{
	struct database_reading *reading = readers->first;

	if (!reading) {
		return;
	}
	readers->first = reading->next;
	if (!readers->first) {
		readers->last = NULL;
	}
	readers->waiting_count--;
	start(reader, reading);
}

static void end_if_over(struct database_readers *readers)
{
	if (readers->closing && readers->reading_count == 0) {
		uv_async_send(&readers->ended);
	}
}

static void on_read(uv_work_t *request, int status)
{
	struct database_reading *reading = request->data;
	struct database_reader *reader = reading->reader;
	struct database_readers *readers = reader->readers;

	(void)status;
	reader->reads = false;
	readers->reading_count--;
	start_waiting(readers, reader);
	/* The callback may free it, or hand it over again. */
	reading->done(reading->context, reading->result, reading->problem);
	end_if_over(readers);
}

static void on_ended_closed(uv_handle_t *handle)
{
	struct database_readers *readers = handle->data;
	void (*closed)(void *) = readers->closed;
	void *context = readers->closed_context;

	free(readers);
	if (closed) {
		closed(context);
	}
}

/* What only read has nothing to write when it is closed. */
static void on_ended(uv_async_t *ended)
{
	struct database_readers *readers = ended->data;

	for (size_t i = 0; i < readers->count; i++) {
		readers->release(readers->items[i].database);
	}
	if (readers->brief) {
		readers->release(readers->brief);
	}
	uv_close((uv_handle_t *)ended, on_ended_closed);
}

int database_readers_start(uv_loop_t *loop, const struct database_readers_options *options,
			   struct database_readers **out)
{
	struct database_readers *readers = calloc(1, sizeof(*readers));

	*out = NULL;
	assert(options->count > 0 && options->count <= DATABASE_READERS_MAX);
	if (!readers || uv_async_init(loop, &readers->ended, on_ended) != 0) {
		free(readers);
		return FLAGSHIP_ERROR_MEMORY;
	}
	readers->ended.data = readers;
	readers->loop = loop;
	readers->release = options->release ? options->release : database_close;
	readers->waiting_max = options->waiting_max;
	readers->count = options->count;
	readers->brief = options->brief;
	if (readers->brief) {
		database_wait_for_nobody(readers->brief);
	}
	for (size_t i = 0; i < options->count; i++) {
		readers->items[i] = (struct database_reader){.readers = readers,
							     .database = options->databases[i]};
	}
	*out = readers;
	return 0;
}

int database_readers_submit(struct database_readers *readers, struct database_reading *reading)
{
	struct database_reader *reader = find_free(readers);

	if (readers->closing) {
		return FLAGSHIP_ERROR_RANGE;
	}
	if (reader) {
		start(reader, reading);
		return 0;
	}
	if (readers->waiting_count >= readers->waiting_max) {
		return FLAGSHIP_ERROR_RANGE;
	}
	reading->next = NULL;
	if (readers->last) {
		readers->last->next = reading;
	} else {
		readers->first = reading;
	}
	readers->last = reading;
	readers->waiting_count++;
	return 0;
}

int database_readers_read(struct database_readers *readers,
			  int (*work)(struct database *database, void *context), void *context)
{
	if (readers->closing || !readers->brief) {
		return FLAGSHIP_ERROR_RANGE;
	}
	return read_snapshot(readers->brief, work, context);
}

void database_readers_close(struct database_readers *readers, void (*closed)(void *context),
			    void *context)
{
	if (!readers) {
		if (closed) {
			closed(context);
		}
		return;
	}
	assert(!readers->closing);
	readers->closing = true;
	readers->closed = closed;
	readers->closed_context = context;
	end_if_over(readers);
}
