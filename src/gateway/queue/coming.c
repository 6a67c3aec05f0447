/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/queue/internal.h"

#include <string.h>

/* What each printer prints next, as web/queue/store.js finds it among all entries. */

static bool stands_in_line(const struct queue_item *item)
{
	const struct queue_entry *entry = &item->entry;

	return !item->is_gone && entry->state == QUEUE_WAITING && !entry->is_doubtful &&
	       !entry->hold && entry->not_before_ms <= clock_unix_ms();
}

static bool is_for(const struct queue_printer *printer, const struct queue_entry *entry)
{
	const struct queue_view *view = &printer->view;

	if (entry->serial[0] != '\0') {
		return strcmp(entry->serial, printer->plate.serial) == 0;
	}
	/* What any of them may print is nothing of one that is off. */
	return view->seen != QUEUE_SEEN_NOTHING && view->model != FLAGSHIP_MODEL_E1 &&
	       (entry->model == FLAGSHIP_MODEL_UNKNOWN || entry->model == view->model);
}

/* Whether nothing but the word that its plate is clear keeps the printer from it. */
static bool wants_plate(const struct queue *queue, const struct queue_printer *printer)
{
	const struct queue_plate *plate = &printer->plate;
	enum queue_seen seen = printer->view.seen;

	return (seen == QUEUE_SEEN_IDLE || seen == QUEUE_SEEN_BUSY) && !plate->is_clear &&
	       !plate->auto_clear && !queue_lacks_sender(queue, plate->serial) &&
	       !printer->is_occupied;
}

/* Which printers have none yet that may be told of. */
static size_t begin_search(const struct queue *queue, queue_sight *may_see, const void *context)
{
	size_t left = 0;

	for (size_t i = 0; i < queue->printer_count; i++) {
		struct queue_printer *printer = queue->printers[i];

		printer->coming = NULL;
		printer->is_occupied = false;
		printer->is_looked_at = printer->is_here && may_see(context, printer->plate.serial);
		left += printer->is_looked_at;
	}
	return left;
}

static size_t offer(struct queue_printer *printer, const struct queue_item *item)
{
	const struct queue_entry *entry = &item->entry;

	if (!printer->is_looked_at || printer->coming || !is_for(printer, entry) ||
	    (!entry->force && !queue_material_fits(entry->material, printer->plate.material))) {
		return 0;
	}
	printer->coming = item;
	return 1;
}

static size_t offer_to_all(const struct queue *queue, const struct queue_item *item)
{
	size_t taken = 0;

	for (size_t i = 0; i < queue->printer_count; i++) {
		taken += offer(queue->printers[i], item);
	}
	return taken;
}

/* One look at each entry: many printers each have some of their own. */
static void find_coming(const struct queue *queue, queue_sight *may_see, const void *context)
{
	size_t left = begin_search(queue, may_see, context);

	for (const struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		const struct queue_item *item = LIST_OF(at, struct queue_item, place);
		struct queue_printer *printer = queue_known_printer(
			queue, queue_is_active(item) ? item->entry.taken_by : item->entry.serial);

		if (printer && queue_is_active(item)) {
			printer->is_occupied = true;
		} else if (left > 0 && stands_in_line(item) &&
			   may_see(context, item->entry.serial)) {
			left -= printer                         ? offer(printer, item)
				: item->entry.serial[0] == '\0' ? offer_to_all(queue, item)
								: 0;
		}
	}
}

void queue_write_coming(const struct queue *queue, struct json_writer *writer, queue_sight *may_see,
			const void *context)
{
	find_coming(queue, may_see, context);
	json_object_begin(writer);
	for (size_t i = 0; i < queue->printer_count; i++) {
		const struct queue_printer *printer = queue->printers[i];

		if (printer->coming) {
			json_key(writer, printer->plate.serial);
			json_object_begin(writer);
			json_key(writer, "name");
			json_string(writer, printer->coming->entry.name);
			json_key(writer, "wants_plate");
			json_bool(writer, wants_plate(queue, printer));
			json_object_end(writer);
		}
	}
	json_object_end(writer);
}
