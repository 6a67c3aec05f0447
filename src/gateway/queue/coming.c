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

static bool is_occupied(const struct queue *queue, const struct queue_printer *printer)
{
	for (const struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		const struct queue_item *item = LIST_OF(at, struct queue_item, place);

		if (queue_is_active(item) &&
		    strcmp(item->entry.taken_by, printer->plate.serial) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether nothing but the word that its plate is clear keeps the printer from it. */
static bool wants_plate(const struct queue *queue, const struct queue_printer *printer)
{
	const struct queue_plate *plate = &printer->plate;
	enum queue_seen seen = printer->view.seen;

	return (seen == QUEUE_SEEN_IDLE || seen == QUEUE_SEEN_BUSY) && !plate->is_clear &&
	       !plate->auto_clear && !queue_lacks_sender(queue, plate->serial) &&
	       !is_occupied(queue, printer);
}

static const struct queue_entry *coming_of(const struct queue *queue,
					   const struct queue_printer *printer,
					   queue_sight *may_see, const void *context)
{
	for (const struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		const struct queue_item *item = LIST_OF(at, struct queue_item, place);
		const struct queue_entry *entry = &item->entry;

		if (stands_in_line(item) && is_for(printer, entry) &&
		    may_see(context, entry->serial) &&
		    (entry->force ||
		     queue_material_fits(entry->material, printer->plate.material))) {
			return entry;
		}
	}
	return NULL;
}

void queue_write_coming(const struct queue *queue, struct json_writer *writer, queue_sight *may_see,
			const void *context)
{
	json_object_begin(writer);
	for (size_t i = 0; i < queue->printer_count; i++) {
		const struct queue_printer *printer = queue->printers[i];
		const struct queue_entry *entry =
			printer->is_here && may_see(context, printer->plate.serial)
				? coming_of(queue, printer, may_see, context)
				: NULL;

		if (entry) {
			json_key(writer, printer->plate.serial);
			json_object_begin(writer);
			json_key(writer, "name");
			json_string(writer, entry->name);
			json_key(writer, "wants_plate");
			json_bool(writer, wants_plate(queue, printer));
			json_object_end(writer);
		}
	}
	json_object_end(writer);
}
