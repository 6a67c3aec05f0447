/* SPDX-License-Identifier: MIT */
#include "gateway/queue/internal.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

/* One write: an entry, a plate, or both, in one transaction. */
struct save {
	struct database_job job;
	struct queue *queue;
	struct queue_entry entry;
	struct queue_plate plate;
	bool has_entry;
	bool has_plate;
	bool is_gone;
	queue_saved *then;
	void *context;
};

static int work(struct database *database, void *context)
{
	const struct save *save = context;
	int result = 0;

	if (save->has_plate) {
		result = queue_tables_put_plate(database, &save->plate);
	}
	if (!result && save->is_gone) {
		result = queue_tables_remove(database, save->entry.id);
	} else if (!result && save->has_entry) {
		result = queue_tables_put(database, &save->entry);
	}
	return result;
}

static void set_trouble(struct queue *queue, const char *reason)
{
	if (queue->trouble[0] == '\0' && reason[0] != '\0') {
		log_event(queue->log, LOG_LEVEL_ERROR, QUEUE_LOG_PART,
			  "the queue cannot be written: nothing is started until it can",
			  LOG_TEXT("reason", reason));
	} else if (queue->trouble[0] != '\0' && reason[0] == '\0') {
		log_write(queue->log, LOG_LEVEL_INFO, QUEUE_LOG_PART, "the queue is written again");
	}
	strcpy(queue->trouble, reason);
}

static void mark_stale(const struct save *save, struct queue_item *item)
{
	struct queue_printer *printer = save->has_plate ? queue_known_printer(save->queue,
									      save->plate.serial)
							: NULL;

	if (item) {
		item->is_stale = true;
	}
	if (printer) {
		printer->is_stale = true;
	}
}

static void on_done(void *context, int result, const char *problem)
{
	struct save *save = context;
	struct queue *queue = save->queue;
	struct queue_item *item = save->has_entry ? queue_item_of(queue, save->entry.id) : NULL;
	char fault[PROBLEM_MAX] = "";

	if (result < 0) {
		strncpy(fault, problem[0] != '\0' ? problem : flagship_strerror(result),
			sizeof(fault) - 1);
		mark_stale(save, item);
	}
	set_trouble(queue, fault);
	if (save->then) {
		save->then(queue, item, result < 0 ? fault : NULL, save->context);
	}
	item = save->is_gone ? queue_item_of(queue, save->entry.id) : NULL;
	if (item && result >= 0) {
		queue_drop(item);
	}
	free(save);
}

static void add_plate(struct save *save, struct queue_printer *printer)
{
	save->has_plate = true;
	save->plate = printer->plate;
	printer->is_stale = false;
}

static void fail(struct save *save, struct queue *queue, struct queue_item *item, queue_saved *then,
		 void *context)
{
	static const char *const fault = "the queue is not written: the gateway ends, or has no "
					 "memory";

	free(save);
	if (item) {
		item->is_stale = true;
	}
	if (then) {
		then(queue, item, queue->trouble[0] != '\0' ? queue->trouble : fault, context);
	}
}

static void submit(struct queue *queue, struct save *save, struct queue_item *item,
		   struct queue_printer *printer, bool is_gone, queue_saved *then, void *context)
{
	if (!save || !queue->writer) {
		fail(save, queue, item, then, context);
		return;
	}
	*save = (struct save){.job = {.work = work, .done = on_done, .context = save},
			      .queue = queue,
			      .is_gone = is_gone,
			      .then = then,
			      .context = context};
	if (item) {
		save->has_entry = true;
		save->entry = item->entry;
		item->is_stale = false;
	}
	if (printer) {
		add_plate(save, printer);
	}
	if (database_writer_submit(queue->writer, &save->job)) {
		mark_stale(save, item);
		fail(save, queue, item, then, context);
	}
}

void queue_save(struct queue_item *item, queue_saved *then, void *context)
{
	struct queue_printer *printer = queue_known_printer(item->queue, item->entry.taken_by);

	submit(item->queue, calloc(1, sizeof(struct save)), item,
	       printer && printer->is_stale ? printer : NULL, false, then, context);
}

void queue_save_gone(struct queue_item *item, queue_saved *then, void *context)
{
	item->is_gone = true;
	submit(item->queue, calloc(1, sizeof(struct save)), item, NULL, true, then, context);
}

void queue_save_plate(struct queue *queue, struct queue_printer *printer, queue_saved *then,
		      void *context)
{
	submit(queue, calloc(1, sizeof(struct save)), NULL, printer, false, then, context);
}

void queue_save_stale(struct queue *queue)
{
	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		struct queue_item *item = LIST_OF(at, struct queue_item, place);

		if (item->is_stale && item->is_gone) {
			queue_save_gone(item, NULL, NULL);
		} else if (item->is_stale) {
			queue_save(item, NULL, NULL);
		}
	}
	for (size_t i = 0; i < queue->printer_count; i++) {
		if (queue->printers[i]->is_stale) {
			queue_save_plate(queue, queue->printers[i], NULL, NULL);
		}
	}
}
