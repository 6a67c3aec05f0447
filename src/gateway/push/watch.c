/* SPDX-License-Identifier: MIT */
#include "gateway/push/internal.h"
#include "printer/job/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What happens to printers becomes messages: one a device, whatever comes of one cause at once. */

#define SETTLE_MS   1500
#define FNV_OFFSET  2166136261U
#define FNV_PRIME   16777619U
#define PLATE_AFTER (1U << PUSH_TYPE_FINISHED | 1U << PUSH_TYPE_STOPPED)

/* --- what happens --- */

static struct push_pending *find_pending(const struct push *push, const char *serial)
{
	for (struct list *at = push->pending.next; at != &push->pending; at = at->next) {
		struct push_pending *pending = LIST_OF(at, struct push_pending, place);

		if (strcmp(pending->notice.serial, serial) == 0) {
			return pending;
		}
	}
	return NULL;
}

static void copy_cut(const char *text, char out[PUSH_NOTICE_TEXT])
{
	flagship_text_copy(flagship_text_from(text), out, PUSH_NOTICE_TEXT);
}

static struct push_pending *make_pending(struct push *push, const struct fleet_printer *printer)
{
	const struct printer_state *state = fleet_printer_state(printer);
	const char *serial = fleet_printer_serial(printer);
	struct push_pending *pending = calloc(1, sizeof(*pending));

	if (pending) {
		snprintf(pending->notice.serial, sizeof(pending->notice.serial), "%s", serial);
		copy_cut(state->name[0] != '\0' ? state->name : serial, pending->notice.printer);
		pending->due_ms = (int64_t)uv_now(push->loop) + SETTLE_MS;
		list_insert(&push->pending, &pending->place);
	}
	return pending;
}

static void note_event(struct push_notice *notice, const struct printer_event *event)
{
	char reason[PRINTER_ERROR_CODE_MAX + PUSH_NOTICE_TEXT];

	if (event->job && event->job->name[0] != '\0') {
		copy_cut(event->job->name, notice->job);
	}
	if (event->error) {
		const char *text = event->error->text;

		snprintf(reason, sizeof(reason), text ? "%s (%s)" : "%s%s",
			 text ? text : event->error->code, text ? event->error->code : "");
		copy_cut(reason, notice->reason);
		snprintf(notice->reason_code, sizeof(notice->reason_code), "error_%s",
			 event->error->code);
	} else if (event->alert && event->alert->text) {
		copy_cut(event->alert->text, notice->reason);
		snprintf(notice->reason_code, sizeof(notice->reason_code), "%s_%" PRId64,
			 event->alert->source == PRINTER_ALERT_AI ? "ai" : "printer",
			 event->alert->number);
	}
}

void watch_on_event(void *context, struct fleet_printer *printer, const struct printer_event *event)
{
	struct push *push = context;
	enum push_type type = push_type_of(event);

	if (type == PUSH_TYPES || push_book_count(push->book) == 0) {
		return;
	}
	struct push_pending *pending = find_pending(push, fleet_printer_serial(printer));
	pending = pending ? pending : make_pending(push, printer);
	if (pending) {
		pending->notice.types |= 1U << type;
		note_event(&pending->notice, event);
		push_wake(push);
	}
}

/* Whether something is queued that waits for this printer's plate. */
static bool plate_is_awaited(const struct queue *queue, const char *serial)
{
	const struct queue_plate plate = queue_plate_of(queue, serial);
	const struct queue_entry *entry = NULL;

	if (plate.is_clear || plate.auto_clear) {
		return false;
	}
	while ((entry = queue_next(queue, entry))) {
		if (entry->state == QUEUE_WAITING && !entry->hold &&
		    (entry->serial[0] == '\0' || strcmp(entry->serial, serial) == 0)) {
			return true;
		}
	}
	return false;
}

/* --- who is told --- */

/* All are told of a printer in the order of the book, and so of the next one: what is looked for
 * comes after what was found last. */
static struct push_device *find_device(struct push *push, const char *id)
{
	struct list *at = push->last_device;

	do {
		/* A ring has no end. NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
		at = at->next;
		struct push_device *found = at == &push->devices
						    ? NULL
						    : LIST_OF(at, struct push_device, place);

		if (found && strcmp(found->id, id) == 0) {
			push->last_device = at;
			return found;
		}
	} while (at != push->last_device);
	struct push_device *device = calloc(1, sizeof(*device));
	if (device) {
		snprintf(device->id, sizeof(device->id), "%s", id);
		list_insert(push->last_device->next, &device->place);
		push->last_device = &device->place;
	}
	return device;
}

static uint32_t number_of(const char *serial)
{
	uint32_t hash = FNV_OFFSET;

	for (; *serial != '\0'; serial++) {
		hash = (hash ^ (unsigned char)*serial) * FNV_PRIME;
	}
	return hash;
}

static void tell_device(struct push *push, const struct push_subscription *subscription,
			const struct push_notice *notice, enum push_type type, int64_t now_ms)
{
	struct push_device *device = find_device(push, subscription->id);
	struct push_treatment treatment;
	char text[PUSH_NOTICE_MAX];
	size_t length;

	if (!device || !push_burst_admit(&device->burst, push_type_kind(type),
					 number_of(notice->serial), now_ms)) {
		return;
	}
	push_treatment_of(type, notice->serial, &treatment);
	if (!push_notice_write(notice, type, subscription->language, text, &length)) {
		(void)outbox_add(push, subscription, &treatment, text, length, NULL);
	}
}

static void tell_all(struct push *push, struct push_notice *notice, int64_t now_ms)
{
	if (notice->types & PLATE_AFTER && plate_is_awaited(push->options.queue, notice->serial)) {
		notice->types |= 1U << PUSH_TYPE_PLATE;
	}
	for (size_t i = 0; i < push_book_count(push->book); i++) {
		const struct push_subscription *subscription = push_book_at(push->book, i);
		enum push_type type = push_type_for(notice->types, subscription->kinds);

		if (type != PUSH_TYPES && push_may_tell(push, subscription, notice->serial)) {
			tell_device(push, subscription, notice, type, now_ms);
		}
	}
}

static void tell_several(struct push *push, struct push_device *device)
{
	const struct push_subscription *subscription = push_book_find(push->book, device->id);
	struct push_treatment treatment;
	char text[PUSH_NOTICE_MAX];
	size_t length;

	push_treatment_of(PUSH_TYPE_SEVERAL, "", &treatment);
	if (subscription && push_may_tell(push, subscription, "") &&
	    !push_notice_write_several(&device->burst, subscription->language, text, &length)) {
		(void)outbox_add(push, subscription, &treatment, text, length, NULL);
	}
	push_burst_reset(&device->burst);
}

/* --- time --- */

static int64_t tell_bursts(struct push *push, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	for (struct list *at = push->devices.next; at != &push->devices; at = at->next) {
		struct push_device *device = LIST_OF(at, struct push_device, place);

		if (push_burst_is_due(&device->burst, now_ms)) {
			tell_several(push, device);
		}
		int64_t due_ms = push_burst_due_ms(&device->burst);
		next_ms = due_ms < next_ms ? due_ms : next_ms;
	}
	return next_ms;
}

static int64_t tell_pending(struct push *push, int64_t now_ms)
{
	while (!list_is_empty(&push->pending)) {
		struct push_pending *pending = LIST_OF(push->pending.next, struct push_pending,
						       place);

		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		if (pending->due_ms > now_ms) {
			return pending->due_ms;
		}
		list_remove(&pending->place);
		tell_all(push, &pending->notice, now_ms);
		free(pending);
	}
	return INT64_MAX;
}

int64_t watch_beat(struct push *push, int64_t now_ms)
{
	int64_t pending_ms = tell_pending(push, now_ms);
	int64_t burst_ms = tell_bursts(push, now_ms);

	return pending_ms < burst_ms ? pending_ms : burst_ms;
}

void watch_forget(struct push *push)
{
	while (!list_is_empty(&push->pending)) {
		struct push_pending *pending = LIST_OF(push->pending.next, struct push_pending,
						       place);

		list_remove(&pending->place);
		free(pending);
	}
}
