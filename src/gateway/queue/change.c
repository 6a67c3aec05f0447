/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/queue/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What people ask of the queue. Each is answered once it is on the disk. */

#define RANK_STEP (INT64_C(1) << 20) /* between two entries: others fit in between */
#define RANK_MAX  (INT64_C(1) << 60)

/* Who waits for a write. */
struct change {
	queue_done *done;
	void *context;
	bool adds;
};

static void answer(const struct change *change, enum queue_result result,
		   const struct queue_item *item, const char *detail)
{
	if (change->done) {
		change->done(change->context, result, item ? &item->entry : NULL, detail);
	}
}

static void refuse(queue_done *done, void *context, enum queue_result result, const char *detail)
{
	if (done) {
		done(context, result, NULL, detail);
	}
}

static void on_written(struct queue *queue, struct queue_item *item, const char *fault,
		       void *context)
{
	struct change change = *(struct change *)context;
	char detail[PROBLEM_MAX];

	free(context);
	if (item && change.adds) {
		item->is_writing = false;
	}
	if (!fault) {
		answer(&change, QUEUE_DONE, item && item->is_gone ? NULL : item, NULL);
		if (!queue->closing) {
			queue_choose(queue);
		}
		return;
	}
	snprintf(detail, sizeof(detail), "it could not be kept: %.900s", fault);
	answer(&change, QUEUE_BROKEN, NULL, detail);
	/* What was not promised to anybody is not tried again. */
	if (change.adds && item && item->entry.state == QUEUE_WAITING) {
		queue_report_gone(item);
		queue_drop(item);
	}
}

static struct change *make_change(queue_done *done, void *context)
{
	struct change *change = calloc(1, sizeof(*change));

	if (!change) {
		refuse(done, context, QUEUE_BROKEN, "the gateway is out of memory");
		return NULL;
	}
	*change = (struct change){.done = done, .context = context};
	return change;
}

/* What was changed is on its way to the disk. */
static void write_change(struct queue_item *item, struct change *change)
{
	queue_report(item);
	queue_save(item, on_written, change);
}

static bool may_change(const struct queue *queue, queue_done *done, void *context)
{
	char detail[PROBLEM_MAX];

	if (!queue->closing && queue->writer) {
		return true;
	}
	snprintf(detail, sizeof(detail), "%s%.900s",
		 queue->closing ? "the gateway ends" : "there is no print queue: ",
		 queue->closing ? "" : queue->trouble);
	refuse(done, context, QUEUE_BROKEN, detail);
	return false;
}

/* One that is there, and waits; else it was refused. */
static struct queue_item *find_waiting(struct queue *queue, int64_t id, queue_done *done,
				       void *context)
{
	struct queue_item *item = queue_item_of(queue, id);
	char detail[PROBLEM_MAX];

	if (!may_change(queue, done, context)) {
		return NULL;
	}
	if (!item || item->is_gone) {
		refuse(done, context, QUEUE_NOT_FOUND, "there is no such entry in the queue");
		return NULL;
	}
	if (item->entry.state != QUEUE_WAITING) {
		snprintf(detail, sizeof(detail), "'%s' does not wait any more: it is %s",
			 item->entry.name, queue_state_name(item->entry.state));
		refuse(done, context, QUEUE_CONFLICT, detail);
		return NULL;
	}
	return item;
}

/* --- where it stands --- */

static bool waits(const struct list *at)
{
	const struct queue_item *item = LIST_OF(at, struct queue_item, place);

	return item->entry.state == QUEUE_WAITING && !item->is_gone;
}

static int64_t rank_of(const struct list *at)
{
	return LIST_OF(at, struct queue_item, place)->entry.rank;
}

static int64_t last_rank(const struct queue *queue)
{
	return list_is_empty(&queue->items) ? 0 : rank_of(queue->items.previous) + RANK_STEP;
}

static int64_t first_rank(const struct queue *queue)
{
	return list_is_empty(&queue->items) ? 0 : rank_of(queue->items.next) - RANK_STEP;
}

/* All anew, where two neighbours have no room between them, or the numbers end. */
static void rank_anew(struct queue *queue)
{
	int64_t rank = 0;

	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		struct queue_item *item = LIST_OF(at, struct queue_item, place);

		item->entry.rank = rank;
		item->is_stale = true;
		rank += RANK_STEP;
	}
	queue_save_stale(queue);
}

static int64_t rank_before(struct queue *queue, const struct queue_item *next)
{
	const struct list *before = next->place.previous;

	if (before == &queue->items) {
		return next->entry.rank - RANK_STEP;
	}
	if (next->entry.rank - rank_of(before) < 2) {
		rank_anew(queue);
	}
	return rank_of(before) + (next->entry.rank - rank_of(before)) / 2;
}

static void keep_ranks(struct queue *queue)
{
	if (first_rank(queue) < -RANK_MAX || last_rank(queue) > RANK_MAX) {
		rank_anew(queue);
	}
}

/* --- to the queue --- */

static size_t count_open(const struct queue *queue)
{
	size_t count = 0;

	for (const struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		count += !queue_state_is_over(LIST_OF(at, struct queue_item, place)->entry.state);
	}
	return count;
}

static void fill_entry(struct queue *queue, const struct queue_request *request,
		       const struct queue_found *found, struct queue_entry *entry)
{
	const char *material = request->material ? request->material : found->material;

	entry->id = ++queue->last_id;
	keep_ranks(queue);
	entry->rank = request->front ? first_rank(queue) : last_rank(queue);
	entry->hold = request->hold;
	entry->force = request->force;
	entry->model = request->model;
	entry->copies = request->copies;
	entry->not_before_ms = request->not_before_ms;
	entry->asked_ms = clock_unix_ms();
	snprintf(entry->serial, sizeof(entry->serial), "%s",
		 request->serial ? request->serial : "");
	memcpy(entry->path, found->path, sizeof(entry->path));
	memcpy(entry->hash, found->hash, sizeof(entry->hash));
	queue_job_name(found->path, entry->name);
	snprintf(entry->material, sizeof(entry->material), "%s", material);
	snprintf(entry->asker, sizeof(entry->asker), "%s", request->asker);
}

void queue_add(struct queue *queue, const struct queue_request *request, queue_done *done,
	       void *context)
{
	struct queue_found found;

	if (!may_change(queue, done, context)) {
		return;
	}
	if (!queue->options.find_file(queue->options.context, request->hash ? request->hash : "",
				      request->path, &found)) {
		refuse(done, context, QUEUE_NOT_FOUND, "there is no such file in the file area");
		return;
	}
	if (count_open(queue) >= QUEUE_ENTRIES_MAX) {
		refuse(done, context, QUEUE_CONFLICT, "the queue is full");
		return;
	}
	struct queue_item *item = calloc(1, sizeof(*item));
	struct change *change = item ? make_change(done, context) : NULL;

	if (!change) {
		if (!item) {
			refuse(done, context, QUEUE_BROKEN, "the gateway is out of memory");
		}
		free(item);
		return;
	}
	list_init(&item->place);
	item->queue = queue;
	item->percent = -1;
	fill_entry(queue, request, &found, &item->entry);
	queue_place(queue, item);
	change->adds = true;
	item->is_writing = true;
	log_event(queue->log, LOG_LEVEL_INFO, QUEUE_LOG_PART, "a print was queued",
		  LOG_NUMBER("entry", item->entry.id), LOG_TEXT("printer", item->entry.serial),
		  LOG_TEXT("job", item->entry.name), LOG_TEXT("asker", item->entry.asker));
	write_change(item, change);
}

void queue_change(struct queue *queue, int64_t id, const struct queue_change *wanted,
		  queue_done *done, void *context)
{
	struct queue_item *item = find_waiting(queue, id, done, context);
	struct change *change = item ? make_change(done, context) : NULL;

	if (!change) {
		return;
	}
	struct queue_entry *entry = &item->entry;

	entry->hold = wanted->hold < 0 ? entry->hold : wanted->hold != 0;
	entry->force = wanted->force < 0 ? entry->force : wanted->force != 0;
	entry->copies = wanted->copies < 0 ? entry->copies : wanted->copies;
	entry->not_before_ms = wanted->not_before_ms < 0 ? entry->not_before_ms
							 : wanted->not_before_ms;
	if (wanted->material) {
		snprintf(entry->material, sizeof(entry->material), "%s", wanted->material);
	}
	write_change(item, change);
}

void queue_move(struct queue *queue, int64_t id, int64_t before, queue_done *done, void *context)
{
	struct queue_item *item = find_waiting(queue, id, done, context);
	struct queue_item *next = before > 0 ? queue_item_of(queue, before) : NULL;

	if (!item) {
		return;
	}
	if (before > 0 && (!next || next == item || !waits(&next->place))) {
		refuse(done, context, QUEUE_CONFLICT,
		       "the entry that it is to stand in front of does not wait");
		return;
	}
	struct change *change = make_change(done, context);

	if (!change) {
		return;
	}
	list_remove(&item->place);
	keep_ranks(queue);
	item->entry.rank = next                       ? rank_before(queue, next)
			   : before == QUEUE_TO_FRONT ? first_rank(queue)
						      : last_rank(queue);
	queue_place(queue, item);
	write_change(item, change);
}

static void retry_entry(struct queue *queue, int64_t id, bool force, queue_done *done,
			void *context)
{
	struct queue_item *item = queue_item_of(queue, id);
	struct queue_found found;

	if (!may_change(queue, done, context)) {
		return;
	}
	if (!item || item->is_gone) {
		refuse(done, context, QUEUE_NOT_FOUND, "there is no such entry in the queue");
		return;
	}
	if (!item->entry.is_doubtful && item->entry.state != QUEUE_FAILED &&
	    item->entry.state != QUEUE_CANCELLED) {
		refuse(done, context, QUEUE_CONFLICT,
		       "it neither failed, nor was it cancelled, nor is it to be decided on");
		return;
	}
	if (!queue->options.find_file(queue->options.context, item->entry.hash, item->entry.path,
				      &found)) {
		refuse(done, context, QUEUE_CONFLICT, "the file is not kept any more");
		return;
	}
	struct change *change = make_change(done, context);

	if (change) {
		item->entry.force = item->entry.force || force;
		item->entry.taken_by[0] = '\0';
		item->entry.begun_ms = 0;
		item->entry.ended_ms = 0;
		queue_turn(item, QUEUE_WAITING);
		write_change(item, change);
	}
}

void queue_retry(struct queue *queue, int64_t id, queue_done *done, void *context)
{
	retry_entry(queue, id, false, done, context);
}

void queue_retry_forced(struct queue *queue, int64_t id, queue_done *done, void *context)
{
	retry_entry(queue, id, true, done, context);
}

void queue_remove(struct queue *queue, int64_t id, queue_done *done, void *context)
{
	struct queue_item *item = queue_item_of(queue, id);
	char detail[PROBLEM_MAX];

	if (!may_change(queue, done, context)) {
		return;
	}
	if (!item || item->is_gone) {
		refuse(done, context, QUEUE_NOT_FOUND, "there is no such entry in the queue");
		return;
	}
	if (item->entry.state == QUEUE_STARTING || item->entry.state == QUEUE_PRINTING) {
		snprintf(detail, sizeof(detail), "%.100s prints it: stop the job",
			 queue_printer_name(queue, item->entry.taken_by));
		refuse(done, context, QUEUE_CONFLICT, detail);
		return;
	}
	struct change *change = make_change(done, context);

	if (!change) {
		return;
	}
	if (queue_state_is_over(item->entry.state)) {
		queue_report_gone(item);
		queue_save_gone(item, on_written, change);
		return;
	}
	queue_give_up(item);
	item->check = NULL;
	item->entry.ended_ms = clock_unix_ms();
	queue_turn(item, QUEUE_CANCELLED);
	snprintf(item->entry.reason, sizeof(item->entry.reason), "it was taken out of the queue");
	write_change(item, change);
	queue_tidy(queue);
}

/* --- printers --- */

static bool has_one_under_way(const struct queue *queue, const char *serial)
{
	for (const struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		const struct queue_item *item = LIST_OF(at, struct queue_item, place);

		if ((item->entry.state == QUEUE_STARTING || item->entry.state == QUEUE_PRINTING) &&
		    !item->is_gone && strcmp(item->entry.taken_by, serial) == 0) {
			return true;
		}
	}
	return false;
}

void queue_set_plate(struct queue *queue, const char *serial,
		     const struct queue_plate_change *wanted, queue_done *done, void *context)
{
	struct queue_printer *printer = NULL;
	char detail[PROBLEM_MAX];

	if (!may_change(queue, done, context)) {
		return;
	}
	printer = queue_printer_of(queue, serial);
	if (printer && wanted->clear > 0 &&
	    (printer->view.seen == QUEUE_SEEN_JOB || has_one_under_way(queue, serial))) {
		snprintf(detail, sizeof(detail), "%.100s prints: its plate is not clear",
			 printer->view.printer);
		refuse(done, context, QUEUE_CONFLICT, detail);
		return;
	}
	struct change *change = printer ? make_change(done, context) : NULL;

	if (!change) {
		if (!printer) {
			refuse(done, context, QUEUE_BROKEN, "the gateway is out of memory");
		}
		return;
	}
	printer->plate.is_clear = wanted->clear < 0 ? printer->plate.is_clear : wanted->clear != 0;
	printer->plate.auto_clear = wanted->auto_clear < 0 ? printer->plate.auto_clear
							   : wanted->auto_clear != 0;
	if (wanted->material) {
		snprintf(printer->plate.material, sizeof(printer->plate.material), "%s",
			 wanted->material);
	}
	queue_save_plate(queue, printer, on_written, change);
}
