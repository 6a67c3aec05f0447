/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/queue/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PERCENT       100
#define BUSY_PAUSE_MS 30000 /* until a printer is asked again whose session somebody else has */

static void close_file(struct queue_item *item)
{
	print_file_close(item->file);
	item->file = NULL;
}

void queue_give_up(struct queue_item *item)
{
	if (item->transfer) {
		item->queue->options.sender->cancel(item->transfer);
		item->transfer = NULL;
	}
	close_file(item);
	item->percent = -1;
	item->is_writing = false;
}

/* Nothing of it is printed: the plate is as it was. */
static void give_plate_back(struct queue_item *item)
{
	struct queue_printer *printer = queue_known_printer(item->queue, item->entry.taken_by);

	if (printer && !printer->plate.is_clear && printer->view.seen != QUEUE_SEEN_JOB) {
		printer->plate.is_clear = true;
		printer->is_stale = true;
	}
}

/* To wait for the printer again. */
static void wait_again(struct queue_item *item)
{
	queue_give_up(item);
	if (item->entry.state == QUEUE_STARTING) {
		give_plate_back(item);
	}
	struct queue_printer *printer = queue_known_printer(item->queue, item->entry.taken_by);

	item->entry.begun_ms = 0;
	item->entry.taken_by[0] = '\0';
	queue_turn(item, QUEUE_WAITING);
	queue_save(item, NULL, NULL);
	if (printer && printer->is_stale) {
		queue_save_plate(item->queue, printer, NULL, NULL);
	}
}

static bool is_free(const struct queue_item *item)
{
	const struct queue_printer *printer = queue_known_printer(item->queue,
								  item->entry.taken_by);

	return printer && printer->is_here && printer->view.seen == QUEUE_SEEN_IDLE;
}

/* It took the file while it was idle. New firmware heats while that is still coming, and looks as
 * if it prepared a job, ours or the last one (protocol.md 3.1). */
static bool is_still_free(const struct queue_item *item)
{
	const struct queue_printer *printer = queue_known_printer(item->queue,
								  item->entry.taken_by);
	const struct queue_view *view = printer ? &printer->view : NULL;

	if (!printer || !printer->is_here || view->seen == QUEUE_SEEN_NOTHING) {
		return false;
	}
	return view->seen != QUEUE_SEEN_JOB ||
	       (view->is_preparing && (view->job[0] == '\0' || queue_shows(view, &item->entry) ||
				       strcmp(view->job, item->job_before) == 0));
}

/* --- it is there: the order to print --- */

static void on_start_saved(struct queue *queue, struct queue_item *item, const char *fault,
			   void *context)
{
	(void)context;
	if (!item || item->entry.state != QUEUE_STARTING || !item->transfer || queue->closing) {
		return;
	}
	item->is_writing = false;
	if (fault || !is_still_free(item)) {
		wait_again(item);
		return;
	}
	item->since_ms = clock_steady_ms();
	queue->options.sender->start(item->transfer);
}

static void on_loaded(void *context)
{
	struct queue_item *item = context;
	struct queue_printer *printer = queue_known_printer(item->queue, item->entry.taken_by);

	if (item->entry.state != QUEUE_UPLOADING) {
		return;
	}
	if (!printer || !is_still_free(item)) {
		wait_again(item);
		return;
	}
	printer->plate.is_clear = false;
	printer->is_stale = true;
	item->percent = -1;
	queue_turn(item, QUEUE_STARTING);
	item->is_writing = true;
	queue_save(item, on_start_saved, NULL);
}

/* It waits, as others do, until whoever has the printer's session leaves. */
static void wait_while_busy(struct queue_item *item, const char *words)
{
	struct queue_printer *printer = queue_known_printer(item->queue, item->entry.taken_by);

	if (printer) {
		printer->busy_until_ms = clock_steady_ms() + BUSY_PAUSE_MS;
		snprintf(printer->busy, sizeof(printer->busy), "%s", words);
	}
	wait_again(item);
}

static void on_end(void *context, enum queue_sent outcome, const char *words)
{
	struct queue_item *item = context;
	bool was_starting = item->entry.state == QUEUE_STARTING;

	item->transfer = NULL;
	queue_give_up(item);
	if (outcome == QUEUE_SENT_BUSY) {
		wait_while_busy(item, words);
		return;
	}
	if (was_starting && outcome != QUEUE_SENT_NOT) {
		item->was_sent = outcome == QUEUE_SENT;
		item->since_ms = clock_steady_ms();
		snprintf(item->entry.reason, sizeof(item->entry.reason), "%s", words);
		queue_save(item, NULL, NULL);
		queue_follow(item->queue, queue_known_printer(item->queue, item->entry.taken_by));
		return;
	}
	if (was_starting) {
		give_plate_back(item);
	}
	queue_end(item, QUEUE_FAILED, "%s",
		  words[0] != '\0' ? words : "the file could not be sent, and nothing says why");
}

static void on_progress(void *context, int64_t sent, int64_t total)
{
	struct queue_item *item = context;
	int64_t percent = total > 0 ? sent * PERCENT / total : 0;

	if (percent != item->percent) {
		item->percent = percent;
		queue_report(item);
	}
}

/* --- the upload --- */

static void on_upload_saved(struct queue *queue, struct queue_item *item, const char *fault,
			    void *context)
{
	(void)context;
	if (!item || item->entry.state != QUEUE_UPLOADING || item->transfer || queue->closing) {
		return;
	}
	item->is_writing = false;
	if (fault || !is_free(item) || queue_lacks_sender(queue, item->entry.taken_by)) {
		wait_again(item);
		return;
	}
	const struct queue_sending sending = {
		.serial = item->entry.taken_by,
		.name = item->entry.name,
		.file = item->file,
		.on_progress = on_progress,
		.on_loaded = on_loaded,
		.on_end = on_end,
		.context = item,
	};
	item->percent = 0;
	if (queue->options.sender->begin(queue->options.sender->context, &sending,
					 &item->transfer)) {
		item->transfer = NULL;
		queue_give_up(item);
		queue_end(item, QUEUE_FAILED, "the gateway is out of memory");
	}
}

/* --- the check --- */

static void read_file(uv_work_t *request)
{
	struct queue_check *check = request->data;

	check->result = print_file_open(check->place, &check->profile, &check->file,
					&check->problem);
}

static const struct print_finding *refusing(const struct print_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		if (findings->list[i].severity == PRINT_REFUSED) {
			return &findings->list[i];
		}
	}
	return NULL;
}

static void take_check(struct queue_item *item, struct queue_check *check)
{
	if (check->result) {
		queue_end(item, QUEUE_FAILED, "%s", check->problem.text);
		return;
	}
	const struct print_findings *findings = print_file_findings(check->file);
	const struct print_finding *finding = refusing(findings);

	if (findings->refused && !item->entry.force) {
		queue_end(item, QUEUE_FAILED, "%s: with force it is printed nevertheless",
			  finding ? finding->text : "the file does not suit the printer");
		return;
	}
	item->file = check->file;
	check->file = NULL;
	queue_turn(item, QUEUE_UPLOADING);
	item->is_writing = true;
	queue_save(item, on_upload_saved, NULL);
}

static void on_read(uv_work_t *request, int status)
{
	struct queue_check *check = request->data;
	struct queue *queue = check->queue;
	struct queue_item *item = queue_item_of(queue, check->id);

	queue->checks--;
	if (!status && item && item->check == check && !queue->closing) {
		item->check = NULL;
		take_check(item, check);
	}
	print_file_close(check->file);
	free(check);
	queue_check_closed(queue);
}

void queue_begin(struct queue_item *item, struct queue_printer *printer,
		 const struct queue_found *found)
{
	struct queue_check *check = calloc(1, sizeof(*check));
	struct queue_entry *entry = &item->entry;

	if (!check) {
		return;
	}
	memcpy(entry->taken_by, printer->plate.serial, sizeof(entry->taken_by));
	memcpy(entry->path, found->path, sizeof(entry->path));
	memcpy(entry->task_before, printer->view.task_id, sizeof(entry->task_before));
	memcpy(item->job_before, printer->view.job, sizeof(item->job_before));
	entry->begun_ms = clock_unix_ms();
	item->is_resumed = false;
	item->was_sent = false;
	queue_turn(item, QUEUE_CHECKING);
	queue_save(item, NULL, NULL);
	check->request.data = check;
	check->queue = item->queue;
	check->id = entry->id;
	check->profile = printer->view.profile;
	memcpy(check->place, found->place, sizeof(check->place));
	item->check = check;
	item->queue->checks++;
	if (uv_queue_work(item->queue->loop, &check->request, read_file, on_read)) {
		item->queue->checks--;
		item->check = NULL;
		free(check);
		wait_again(item);
	}
}
