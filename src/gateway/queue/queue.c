/* SPDX-License-Identifier: MIT */
#include "gateway/queue/queue.h"

#include "base/clock.h"
#include "gateway/queue/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS        1000
#define JOBS_MAX       4096
#define PRINTERS_FIRST 16
#define PARTS_LOOKED_AT                                                                     \
	(PRINTER_PART_ONLINE | PRINTER_PART_JOB | PRINTER_PART_ERROR | PRINTER_PART_ALERT | \
	 PRINTER_PART_MODEL)

/* --- entries --- */

struct queue_item *queue_item_of(const struct queue *queue, int64_t id)
{
	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		struct queue_item *item = LIST_OF(at, struct queue_item, place);

		if (item->entry.id == id) {
			return item;
		}
	}
	return NULL;
}

void queue_place(struct queue *queue, struct queue_item *item)
{
	struct list *at = queue->items.previous;

	list_remove(&item->place);
	while (at != &queue->items) {
		const struct queue_item *before = LIST_OF(at, struct queue_item, place);

		if (before->entry.rank < item->entry.rank ||
		    (before->entry.rank == item->entry.rank && before->entry.id < item->entry.id)) {
			break;
		}
		at = at->previous;
	}
	list_insert(at->next, &item->place);
}

void queue_drop(struct queue_item *item)
{
	queue_give_up(item);
	list_remove(&item->place);
	free(item);
}

void queue_subscribe(struct queue *queue, struct queue_listener *listener)
{
	list_insert(&queue->listeners, &listener->place);
}

void queue_unsubscribe(struct queue_listener *listener)
{
	list_remove(&listener->place);
}

static void report_change(const struct queue_item *item, bool gone)
{
	const struct queue *queue = item->queue;
	struct list *next;

	if (queue->closing) {
		return;
	}
	for (struct list *at = queue->listeners.next; at != &queue->listeners; at = next) {
		const struct queue_listener *listener = LIST_OF(at, struct queue_listener, place);

		next = at->next;
		listener->changed(listener->context, &item->entry, gone);
	}
}

void queue_report(struct queue_item *item)
{
	if (!item->is_gone) {
		report_change(item, false);
	}
}

void queue_report_gone(struct queue_item *item)
{
	report_change(item, true);
}

static int take_entry(void *context, const struct queue_entry *entry)
{
	struct queue *queue = context;
	struct queue_item *item = calloc(1, sizeof(*item));

	if (!item) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	list_init(&item->place);
	item->queue = queue;
	item->percent = -1;
	item->entry = *entry;
	queue_resume(item);
	list_insert(&queue->items, &item->place);
	return 0;
}

/* --- printers --- */

static const char *serial_at(const void *array, size_t position)
{
	struct queue_printer *const *printers = array;

	return printers[position]->plate.serial;
}

struct queue_printer *queue_known_printer(const struct queue *queue, const char *serial)
{
	size_t position = text_index_find(&queue->by_serial, queue->printers, serial);

	return position == TEXT_INDEX_NONE ? NULL : queue->printers[position];
}

static bool make_room(struct queue *queue)
{
	if (queue->printer_count < queue->printer_capacity) {
		return true;
	}
	size_t capacity = queue->printer_capacity ? 2 * queue->printer_capacity : PRINTERS_FIRST;
	/* Of pointers. NOLINTNEXTLINE(bugprone-sizeof-expression) */
	struct queue_printer **printers = realloc(queue->printers, capacity * sizeof(*printers));

	if (!printers) {
		return false;
	}
	queue->printers = printers;
	queue->printer_capacity = capacity;
	return true;
}

struct queue_printer *queue_printer_of(struct queue *queue, const char *serial)
{
	struct queue_printer *printer = queue_known_printer(queue, serial);

	if (printer || serial[0] == '\0' || !make_room(queue)) {
		return printer;
	}
	printer = calloc(1, sizeof(*printer));
	if (!printer) {
		return NULL;
	}
	snprintf(printer->plate.serial, sizeof(printer->plate.serial), "%s", serial);
	queue->printers[queue->printer_count] = printer;
	if (!text_index_add(&queue->by_serial, queue->printers, queue->printer_count)) {
		free(printer);
		return NULL;
	}
	queue->printer_count++;
	return printer;
}

static int take_plate(void *context, const struct queue_plate *plate)
{
	struct queue_printer *printer = queue_printer_of(context, plate->serial);

	if (!printer) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	printer->plate = *plate;
	return 0;
}

void queue_observe(struct queue *queue, const struct queue_view *view)
{
	struct queue_printer *printer = queue_printer_of(queue, view->serial);

	if (!printer || queue->closing) {
		return;
	}
	/* Nearly all that a printer tells is how far it is. What lies between its members is zero
	 * (queue_view_of), and where it were not, no more than a choice is made once more.
	 * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
	bool is_same = printer->is_here && memcmp(&printer->view, view, sizeof(*view)) == 0;
	memcpy(&printer->view, view, sizeof(*view));
	printer->is_here = true;
	queue_follow(queue, printer);
	if (!is_same) {
		queue_choose(queue);
	}
}

static void look_at(struct queue *queue, const struct fleet_printer *printer)
{
	struct queue_view view;

	queue_view_of(printer, &view);
	queue_observe(queue, &view);
}

static void on_changed(void *context, struct fleet_printer *printer, uint32_t parts)
{
	if ((parts & PARTS_LOOKED_AT) != 0) {
		look_at(context, printer);
	}
}

static void on_event(void *context, const struct fleet_event *event)
{
	struct queue *queue = context;
	struct queue_printer *printer = NULL;

	switch (event->kind) {
	case FLEET_PRINTER_ADDED:
	case FLEET_PRINTER_CHANGED:
	case FLEET_PRINTER_READY:
		look_at(queue, event->printer);
		break;
	case FLEET_PRINTER_REMOVED:
		printer = queue_known_printer(queue, fleet_printer_serial(event->printer));
		break;
	default:
		break;
	}
	if (printer) {
		printer->is_here = false;
		printer->view.seen = QUEUE_SEEN_NOTHING;
	}
}

static const struct fleet_handlers handlers = {.on_event = on_event, .on_changed = on_changed};

/* --- time --- */

/* A session that is lost, and limits that pass, are no change of a printer. */
static void look_again(struct queue *queue)
{
	for (size_t i = 0; i < queue->printer_count; i++) {
		struct queue_printer *printer = queue->printers[i];
		bool several;
		const struct fleet_printer *held =
			queue->options.printers && printer->is_here
				? gateway_printers_find(queue->options.printers,
							printer->plate.serial, &several)
				: NULL;

		if (held) {
			queue_view_of(held, &printer->view);
		}
		queue_follow(queue, printer);
	}
}

static bool has_work(const struct queue *queue)
{
	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		if (!queue_state_is_over(LIST_OF(at, struct queue_item, place)->entry.state)) {
			return true;
		}
	}
	return false;
}

static void on_tick(uv_timer_t *timer)
{
	struct queue *queue = timer->data;

	queue_save_stale(queue);
	if (has_work(queue)) {
		look_again(queue);
		queue_choose(queue);
	}
}

/* --- life --- */

static void open_database(struct queue *queue)
{
	char path[PATH_MAX];
	struct database *database;
	struct problem problem;
	int length = snprintf(path, sizeof(path), "%s/" QUEUE_FILE, queue->options.folder);

	if (length < 1 || (size_t)length >= sizeof(path)) {
		snprintf(queue->trouble, sizeof(queue->trouble), "its folder's path is too long");
		return;
	}
	if (queue_tables_open(path, &database, &problem)) {
		snprintf(queue->trouble, sizeof(queue->trouble), "%s", problem.text);
		return;
	}
	const struct database_writer_options options = {.database = database, .jobs_max = JOBS_MAX};
	int error = queue_tables_each(database, take_entry, take_plate, queue);
	if (!error) {
		error = queue_tables_last_id(database, &queue->last_id);
	}
	const char *reason = database_problem(database);

	if (!error) {
		error = database_writer_start(queue->loop, &options, &queue->writer);
		reason = "";
	}
	if (error) {
		snprintf(queue->trouble, sizeof(queue->trouble), "%s: %.800s", QUEUE_FILE,
			 reason[0] != '\0' ? reason : flagship_strerror(error));
		database_close(database);
		queue->writer = NULL;
	}
}

int queue_create(uv_loop_t *loop, const struct queue_options *options, struct queue **out)
{
	struct queue *queue = calloc(1, sizeof(*queue));

	*out = queue;
	if (!queue) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	queue->loop = loop;
	queue->log = options->log;
	queue->options = *options;
	if (queue->options.start_limit_ms == 0) {
		queue->options.start_limit_ms = QUEUE_START_LIMIT_MS;
	}
	list_init(&queue->items);
	list_init(&queue->listeners);
	queue->by_serial = text_index_of(serial_at);
	open_database(queue);
	if (queue->trouble[0] != '\0') {
		log_event(queue->log, LOG_LEVEL_ERROR, QUEUE_LOG_PART,
			  "there is no print queue: nothing is printed by it",
			  LOG_TEXT("reason", queue->trouble));
	}
	uv_timer_init(loop, &queue->timer);
	queue->timer.data = queue;
	uv_timer_start(&queue->timer, on_tick, TICK_MS, TICK_MS);
	queue_save_stale(queue);
	if (options->printers) {
		queue->listener.handlers = &handlers;
		queue->listener.context = queue;
		fleet_subscribe(gateway_printers_fleet(options->printers), &queue->listener);
	}
	return 0;
}

void queue_check_closed(struct queue *queue)
{
	if (queue->closing && queue->checks == 0 && queue->writer_closed) {
		queue->on_closed(queue->closed_context);
	}
}

static void on_writer_closed(void *context)
{
	struct queue *queue = context;

	queue->writer = NULL;
	queue->writer_closed = true;
	queue_check_closed(queue);
}

void queue_close(struct queue *queue, void (*on_closed)(void *context), void *context)
{
	if (!queue) {
		on_closed(context);
		return;
	}
	fleet_unsubscribe(&queue->listener);
	uv_close((uv_handle_t *)&queue->timer, NULL);
	queue_save_stale(queue);
	queue->closing = true;
	queue->on_closed = on_closed;
	queue->closed_context = context;
	for (struct list *at = queue->items.next; at != &queue->items; at = at->next) {
		queue_give_up(LIST_OF(at, struct queue_item, place));
	}
	database_writer_close(queue->writer, on_writer_closed, queue);
}

void queue_destroy(struct queue *queue)
{
	if (!queue) {
		return;
	}
	while (!list_is_empty(&queue->items)) {
		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		queue_drop(LIST_OF(queue->items.next, struct queue_item, place));
	}
	for (size_t i = 0; i < queue->printer_count; i++) {
		free(queue->printers[i]);
	}
	text_index_finish(&queue->by_serial);
	free(queue->printers);
	free(queue);
}

/* --- what is there --- */

const struct queue_entry *queue_find(const struct queue *queue, int64_t id)
{
	const struct queue_item *item = queue_item_of(queue, id);

	return item && !item->is_gone ? &item->entry : NULL;
}

bool queue_is_known(const struct queue *queue)
{
	return queue->trouble[0] == '\0';
}

const struct queue_entry *queue_next(const struct queue *queue, const struct queue_entry *entry)
{
	const struct list *at = entry ? LIST_OF(entry, struct queue_item, entry)->place.next
				      : queue->items.next;

	while (at != &queue->items && LIST_OF(at, struct queue_item, place)->is_gone) {
		at = at->next;
	}
	return at == &queue->items ? NULL : &LIST_OF(at, struct queue_item, place)->entry;
}

int64_t queue_progress(const struct queue *queue, const struct queue_entry *entry)
{
	const struct queue_item *item = queue_item_of(queue, entry->id);

	return item ? item->percent : -1;
}

bool queue_is_of(const struct queue_entry *entry, const char *serial)
{
	return strcmp(entry->taken_by, serial) == 0 || strcmp(entry->serial, serial) == 0;
}

void queue_write(const struct queue *queue, struct json_writer *writer,
		 const struct queue_entry *entry)
{
	queue_write_entry(writer, entry, queue_progress(queue, entry));
}

void queue_audit(const struct queue *queue, const char *asker, const char *action,
		 const char *subject)
{
	log_event(queue->log, LOG_LEVEL_INFO, QUEUE_LOG_PART, "the queue is to change",
		  LOG_TEXT("action", action), LOG_TEXT("of", subject), LOG_TEXT("asker", asker));
}

struct queue_plate queue_plate_of(const struct queue *queue, const char *serial)
{
	const struct queue_printer *printer = queue_known_printer(queue, serial);
	struct queue_plate plate;

	if (printer) {
		return printer->plate;
	}
	memset(&plate, 0, sizeof(plate));
	snprintf(plate.serial, sizeof(plate.serial), "%s", serial);
	return plate;
}

const char *queue_lacks_sender(const struct queue *queue, const char *serial)
{
	const struct queue_sender *sender = queue->options.sender;

	return sender ? sender->lacks(sender->context, serial)
		      : "it has no LAN connection, by which the gateway could send it files";
}
