/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/queue/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MS_PER_S INT64_C(1000)

/* --- steps --- */

void queue_turn(struct queue_item *item, enum queue_state state)
{
	item->entry.state = state;
	item->entry.is_doubtful = false;
	item->entry.reason[0] = '\0';
	queue_report(item);
}

void queue_end(struct queue_item *item, enum queue_state state, const char *format, ...)
{
	char reason[QUEUE_REASON_SIZE];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reason, sizeof(reason), format, arguments);
	va_end(arguments);
	item->entry.state = state;
	item->entry.is_doubtful = false;
	item->entry.ended_ms = clock_unix_ms();
	memcpy(item->entry.reason, reason, sizeof(reason));
	log_event(item->queue->log, state == QUEUE_FAILED ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		  QUEUE_LOG_PART, "a print of the queue ended", LOG_NUMBER("entry", item->entry.id),
		  LOG_TEXT("outcome", queue_state_name(state)),
		  LOG_TEXT("printer", item->entry.taken_by), LOG_TEXT("job", item->entry.name),
		  LOG_TEXT("reason", reason));
	queue_report(item);
	queue_save(item, NULL, NULL);
	queue_tidy(item->queue);
}

static void leave_to_people(struct queue_item *item)
{
	item->entry.state = QUEUE_WAITING;
	item->entry.is_doubtful = true;
	item->is_resumed = false;
	snprintf(item->entry.reason, sizeof(item->entry.reason),
		 "started or not: look at %.100s and choose",
		 queue_printer_name(item->queue, item->entry.taken_by));
	log_event(item->queue->log, LOG_LEVEL_WARNING, QUEUE_LOG_PART,
		  "whether a print of the queue was started is not known",
		  LOG_NUMBER("entry", item->entry.id), LOG_TEXT("printer", item->entry.taken_by),
		  LOG_TEXT("job", item->entry.name));
	queue_report(item);
	queue_save(item, NULL, NULL);
}

static void begin_print(struct queue_item *item)
{
	log_event(item->queue->log, LOG_LEVEL_INFO, QUEUE_LOG_PART, "a print of the queue began",
		  LOG_NUMBER("entry", item->entry.id), LOG_TEXT("printer", item->entry.taken_by),
		  LOG_TEXT("job", item->entry.name), LOG_TEXT("asker", item->entry.asker));
	queue_turn(item, QUEUE_PRINTING);
	queue_save(item, NULL, NULL);
}

static void end_copy(struct queue_item *item, const char *reason)
{
	item->entry.copies_done++;
	item->is_resumed = false;
	if (item->entry.copies_done >= item->entry.copies) {
		queue_end(item, QUEUE_FINISHED, "%s", reason);
		return;
	}
	item->entry.taken_by[0] = '\0';
	item->entry.begun_ms = 0;
	queue_turn(item, QUEUE_WAITING);
	queue_save(item, NULL, NULL);
}

/* --- what the printer shows --- */

/* Some firmware leaves ".gcode" out. */
bool queue_shows(const struct queue_view *view, const struct queue_entry *entry)
{
	const char *dot = strrchr(entry->name, '.');
	size_t stem = dot ? (size_t)(dot - entry->name) : 0;

	return strcmp(view->job, entry->name) == 0 || (stem > 0 && strlen(view->job) == stem &&
						       strncmp(view->job, entry->name, stem) == 0);
}

/* It is over already, and not the one before it. */
static bool is_over_already(const struct queue_view *view, const struct queue_entry *entry)
{
	return view->seen == QUEUE_SEEN_IDLE && view->ended != QUEUE_ENDED_UNSEEN &&
	       queue_shows(view, entry) && view->task_id[0] != '\0' &&
	       strcmp(view->task_id, entry->task_before) != 0;
}

static void follow_print(struct queue_item *item, const struct queue_view *view)
{
	if (view->seen == QUEUE_SEEN_JOB && view->job[0] != '\0' &&
	    !queue_shows(view, &item->entry)) {
		char reason[QUEUE_REASON_SIZE];

		snprintf(reason, sizeof(reason),
			 "its end was not seen: %.100s prints another job, '%.100s'", view->printer,
			 view->job);
		end_copy(item, reason);
	} else if (view->seen != QUEUE_SEEN_IDLE) {
		return;
	} else if (view->ended == QUEUE_ENDED_UNSEEN || !queue_shows(view, &item->entry)) {
		end_copy(item, "its end was not seen");
	} else if (view->ended == QUEUE_ENDED_FINISHED) {
		end_copy(item, "");
	} else if (view->trouble[0] != '\0') {
		queue_end(item, QUEUE_FAILED, "it was stopped: %.400s", view->trouble);
	} else {
		queue_end(item, QUEUE_CANCELLED, "it was stopped");
	}
}

/* It had as long as it may have, and shows nothing of the job. */
static void judge_start(struct queue_item *item, const struct queue_view *view)
{
	if (!item->was_sent || view->seen == QUEUE_SEEN_NOTHING || view->seen == QUEUE_SEEN_BUSY) {
		leave_to_people(item);
	} else if (view->seen == QUEUE_SEEN_IDLE) {
		queue_end(item, QUEUE_FAILED,
			  "%.100s took the file, and did not begin to print it within %lld s",
			  view->printer,
			  (long long)(item->queue->options.start_limit_ms / MS_PER_S));
	} else if (view->job[0] == '\0') {
		begin_print(item);
	} else {
		queue_end(item, QUEUE_FAILED,
			  "%.100s took the file, and prints another job, '%.100s'", view->printer,
			  view->job);
	}
}

/* New firmware heats while a file is still coming: so that it prepares is a proof only where it
 * said yes to the order. */
static void follow_start(struct queue_item *item, const struct queue_view *view)
{
	if (item->transfer || item->is_writing) {
		return;
	}
	bool is_shown = view->seen == QUEUE_SEEN_JOB && queue_shows(view, &item->entry);

	if (is_shown && view->is_preparing && !item->was_sent) {
		return;
	}
	if (is_shown || is_over_already(view, &item->entry)) {
		begin_print(item);
		follow_print(item, view);
		return;
	}
	/* After a restart the printer has to be received first. */
	if (item->is_resumed && item->since_ms == 0) {
		item->since_ms = view->seen == QUEUE_SEEN_NOTHING ? 0 : clock_steady_ms();
		return;
	}
	if (clock_steady_ms() - item->since_ms >= item->queue->options.start_limit_ms) {
		judge_start(item, view);
	}
}

static struct queue_item *find_item(const struct queue *queue, const char *serial)
{
	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		struct queue_item *item = LIST_OF(at, struct queue_item, place);

		if (queue_is_active(item) && strcmp(item->entry.taken_by, serial) == 0) {
			return item;
		}
	}
	return NULL;
}

void queue_follow(struct queue *queue, struct queue_printer *printer)
{
	if (!printer || queue->closing) {
		return;
	}
	const struct queue_view *view = &printer->view;

	if (view->seen == QUEUE_SEEN_JOB && printer->plate.is_clear) {
		printer->plate.is_clear = false;
		printer->is_stale = true;
		queue_save_plate(queue, printer, NULL, NULL);
	}
	struct queue_item *item = find_item(queue, printer->plate.serial);

	if (!item) {
		return;
	}
	switch (item->entry.state) {
	case QUEUE_STARTING:
		follow_start(item, view);
		break;
	case QUEUE_PRINTING:
		follow_print(item, view);
		break;
	case QUEUE_WAITING:
		/* It was to be decided on: the printer shows it after all. */
		if (view->seen == QUEUE_SEEN_JOB && !view->is_preparing &&
		    queue_shows(view, &item->entry)) {
			begin_print(item);
		}
		break;
	default:
		break;
	}
}

/* What was not told to print yet is as if it had not begun. */
void queue_resume(struct queue_item *item)
{
	struct queue_entry *entry = &item->entry;

	switch (entry->state) {
	case QUEUE_CHECKING:
	case QUEUE_UPLOADING:
		entry->state = QUEUE_WAITING;
		entry->taken_by[0] = '\0';
		entry->begun_ms = 0;
		item->is_stale = true;
		break;
	case QUEUE_STARTING:
		snprintf(entry->reason, sizeof(entry->reason),
			 "the gateway ended meanwhile: whether it was started is being looked at");
		item->is_resumed = true;
		break;
	case QUEUE_PRINTING:
		item->is_resumed = true;
		break;
	default:
		break;
	}
}

void queue_tidy(struct queue *queue)
{
	struct queue_item *oldest = NULL;
	size_t kept = 0;

	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		struct queue_item *item = LIST_OF(at, struct queue_item, place);

		if (!queue_state_is_over(item->entry.state) || item->is_gone) {
			continue;
		}
		kept++;
		if (!oldest || item->entry.ended_ms < oldest->entry.ended_ms) {
			oldest = item;
		}
	}
	if (kept > QUEUE_KEPT_MAX) {
		queue_report_gone(oldest);
		queue_save_gone(oldest, NULL, NULL);
	}
}
