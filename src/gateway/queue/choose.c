/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/queue/internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define MS_PER_S  1000
#define TIME_SIZE 32

bool queue_is_active(const struct queue_item *item)
{
	const struct queue_entry *entry = &item->entry;

	return !item->is_gone && entry->taken_by[0] != '\0' && !queue_state_is_over(entry->state) &&
	       (entry->state != QUEUE_WAITING || entry->is_doubtful);
}

const char *queue_printer_name(const struct queue *queue, const char *serial)
{
	const struct queue_printer *printer = queue_known_printer(queue, serial);

	return printer && printer->view.printer[0] != '\0' ? printer->view.printer : serial;
}

/* --- why a printer does not take it --- */

/* Which entry has it, in this choice. */
static const struct queue_item *active_of(const struct queue *queue,
					  const struct queue_printer *printer)
{
	return printer->choice == queue->choice ? printer->active : NULL;
}

static void write_occupied(const struct queue_printer *printer, const struct queue_item *active,
			   char reason[QUEUE_REASON_SIZE])
{
	snprintf(reason, QUEUE_REASON_SIZE,
		 active->entry.is_doubtful
			 ? "whether '%.100s' was started on %.100s is to be decided first"
			 : "'%.100s' comes first on %.100s",
		 active->entry.name, printer->view.printer);
}

static bool is_seen_idle(const struct queue_printer *printer, char reason[QUEUE_REASON_SIZE])
{
	const struct queue_view *view = &printer->view;

	switch (view->seen) {
	case QUEUE_SEEN_IDLE:
		return true;
	case QUEUE_SEEN_JOB:
		if (view->job[0] != '\0') {
			snprintf(reason, QUEUE_REASON_SIZE, "%.100s prints '%.100s'", view->printer,
				 view->job);
		} else {
			snprintf(reason, QUEUE_REASON_SIZE, "%.100s prints 'something else'",
				 view->printer);
		}
		return false;
	case QUEUE_SEEN_BUSY:
		snprintf(reason, QUEUE_REASON_SIZE, "%.100s is busy", view->printer);
		return false;
	default:
		snprintf(reason, QUEUE_REASON_SIZE,
			 "%.100s is offline, or has not told yet what it does", view->printer);
		return false;
	}
}

/* Whether the printer takes it now. */
static bool would_take(const struct queue *queue, const struct queue_printer *printer,
		       const struct queue_entry *entry, char reason[QUEUE_REASON_SIZE])
{
	const char *name = printer->view.printer;
	const char *lacks = queue_lacks_sender(queue, printer->plate.serial);
	const struct queue_item *active = active_of(queue, printer);

	if (!printer->is_here) {
		snprintf(reason, QUEUE_REASON_SIZE, "the gateway has no printer %.60s",
			 printer->plate.serial);
	} else if (lacks) {
		snprintf(reason, QUEUE_REASON_SIZE, "%.100s: %.300s", name, lacks);
	} else if (!entry->force &&
		   !queue_material_fits(entry->material, printer->plate.material)) {
		snprintf(reason, QUEUE_REASON_SIZE,
			 "%.100s is loaded with %.60s, and it wants %.60s", name,
			 printer->plate.material, entry->material);
	} else if (active) {
		write_occupied(printer, active, reason);
	} else if (!is_seen_idle(printer, reason)) {
		return false;
	} else if (clock_steady_ms() < printer->busy_until_ms) {
		snprintf(reason, QUEUE_REASON_SIZE, "%.100s: %.300s: it is tried again", name,
			 printer->busy);
	} else if (!printer->plate.is_clear && !printer->plate.auto_clear) {
		snprintf(reason, QUEUE_REASON_SIZE,
			 "the plate of %.100s is to be confirmed as clear", name);
	} else {
		return true;
	}
	return false;
}

static bool is_of_model(const struct queue_printer *printer, enum flagship_model model)
{
	return printer->is_here && printer->view.model != FLAGSHIP_MODEL_E1 &&
	       (model == FLAGSHIP_MODEL_UNKNOWN || printer->view.model == model);
}

/* With one printer alone that comes into question, its reason is the entry's. */
static struct queue_printer *choose_any(const struct queue *queue, const struct queue_entry *entry,
					char reason[QUEUE_REASON_SIZE])
{
	const char *model = flagship_model_name(entry->model);
	size_t looked_at = 0;

	for (size_t i = 0; i < queue->printer_count; i++) {
		if (is_of_model(queue->printers[i], entry->model)) {
			looked_at++;
			if (would_take(queue, queue->printers[i], entry, reason)) {
				return queue->printers[i];
			}
		}
	}
	if (looked_at == 0) {
		snprintf(reason, QUEUE_REASON_SIZE, "the gateway has no %s",
			 model ? model : "printer for it");
	} else if (looked_at > 1) {
		snprintf(reason, QUEUE_REASON_SIZE, "none of %zu printers takes it now", looked_at);
	}
	return NULL;
}

static struct queue_printer *choose_printer(const struct queue *queue,
					    const struct queue_entry *entry,
					    char reason[QUEUE_REASON_SIZE])
{
	if (entry->serial[0] == '\0') {
		return choose_any(queue, entry, reason);
	}
	struct queue_printer *printer = queue_known_printer(queue, entry->serial);

	if (!printer) {
		snprintf(reason, QUEUE_REASON_SIZE, "the gateway has no printer %.60s",
			 entry->serial);
		return NULL;
	}
	return would_take(queue, printer, entry, reason) ? printer : NULL;
}

/* --- all that wait --- */

static bool may_come(const struct queue *queue, const struct queue_entry *entry,
		     char reason[QUEUE_REASON_SIZE])
{
	time_t seconds = (time_t)(entry->not_before_ms / MS_PER_S);
	char when[TIME_SIZE] = "";
	struct tm utc;

	if (queue->trouble[0] != '\0') {
		snprintf(reason, QUEUE_REASON_SIZE, "the queue cannot be written: %.400s",
			 queue->trouble);
	} else if (entry->hold) {
		snprintf(reason, QUEUE_REASON_SIZE, "it is held");
	} else if (entry->not_before_ms > clock_unix_ms()) {
		if (gmtime_r(&seconds, &utc)) {
			(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", &utc);
		}
		snprintf(reason, QUEUE_REASON_SIZE, "not before %s", when);
	} else {
		return true;
	}
	return false;
}

static void set_active(const struct queue *queue, struct queue_printer *printer,
		       struct queue_item *item)
{
	printer->choice = queue->choice;
	printer->active = item;
}

static void consider(struct queue *queue, struct queue_item *item)
{
	struct queue_entry *entry = &item->entry;
	char reason[QUEUE_REASON_SIZE] = "";
	struct queue_printer *printer = may_come(queue, entry, reason)
						? choose_printer(queue, entry, reason)
						: NULL;
	struct queue_found found;

	if (printer &&
	    !queue->options.find_file(queue->options.context, entry->hash, entry->path, &found)) {
		snprintf(reason, sizeof(reason), "the file is not kept any more");
		printer = NULL;
	}
	if (printer) {
		set_active(queue, printer, item);
		queue_begin(item, printer, &found);
	} else if (strcmp(entry->reason, reason) != 0) {
		memcpy(entry->reason, reason, sizeof(entry->reason));
		queue_report(item);
	}
}

/* Of printers that have none nothing is touched: there may be thousands. */
static void find_active(struct queue *queue)
{
	queue->choice++;
	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		struct queue_item *item = LIST_OF(at, struct queue_item, place);
		struct queue_printer *printer = queue_is_active(item)
							? queue_known_printer(queue,
									      item->entry.taken_by)
							: NULL;

		if (printer) {
			set_active(queue, printer, item);
		}
	}
}

void queue_choose(struct queue *queue)
{
	if (queue->closing) {
		return;
	}
	find_active(queue);
	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		struct queue_item *item = LIST_OF(at, struct queue_item, place);

		if (item->entry.state == QUEUE_WAITING && !item->entry.is_doubtful &&
		    !item->is_gone && !item->is_writing) {
			consider(queue, item);
		}
	}
}
