/* SPDX-License-Identifier: MIT */
#include "fleet/fleet.h"

#include "fleet/fleet_internal.h"

#include <stdlib.h>
#include <string.h>

#define AGAIN_MS      10
#define SLICE_NS      UINT64_C(4000000) /* the loop has other things to do */
#define BUCKETS_LEAST 16
#define FLEET_HANDLES 2
#define FNV_OFFSET    2166136261u
#define FNV_PRIME     16777619u

int64_t fleet_now_ms(struct fleet *fleet)
{
	return loop_clock_now_ms(&fleet->clock);
}

void fleet_tell(struct fleet *fleet, const struct fleet_event *event)
{
	if (!fleet->closing) {
		fleet->handlers.on_event(fleet->context, event);
	}
}

static void on_timer(uv_timer_t *timer);

/* Runs the timer for what is due first. */
static void set_timer(struct fleet *fleet)
{
	const struct deadline *first = deadlines_first(&fleet->deadlines);
	int64_t due_ms = first ? first->due_ms : DEADLINE_NEVER;
	int64_t now_ms = fleet_now_ms(fleet);

	if (fleet->closing || due_ms == fleet->timer_due_ms) {
		return;
	}
	fleet->timer_due_ms = due_ms;
	if (due_ms == DEADLINE_NEVER) {
		uv_timer_stop(&fleet->timer);
	} else {
		uv_timer_start(&fleet->timer, on_timer,
			       due_ms > now_ms ? (uint64_t)(due_ms - now_ms) : 0, 0);
	}
}

static int64_t next_due_ms(const struct fleet_printer *printer)
{
	int64_t command_ms = command_next_deadline_ms(printer->engine);
	int64_t state_ms = printer_state_next_deadline_ms(&printer->state);

	return command_ms < state_ms ? command_ms : state_ms;
}

void fleet_schedule(struct fleet_printer *printer)
{
	struct fleet *fleet = printer->fleet;
	int64_t due_ms = next_due_ms(printer);

	/* Each message puts off when its printer is silent. A deadline that comes too early is
	 * found out when it comes, once in half a minute, in place of moving it with each. */
	if (!fleet->closing && due_ms < printer->deadline.due_ms) {
		deadlines_set(&fleet->deadlines, &printer->deadline, due_ms);
		set_timer(fleet);
	}
}

static void on_timer(uv_timer_t *timer)
{
	struct fleet *fleet = timer->data;
	int64_t now_ms = fleet_now_ms(fleet);
	struct deadline *first = deadlines_first(&fleet->deadlines);

	fleet->timer_due_ms = DEADLINE_NEVER;
	while (!fleet->closing && first && first->due_ms <= now_ms) {
		struct fleet_printer *printer = first->context;
		int64_t due_ms;

		if (next_due_ms(printer) <= now_ms) {
			printer_pass_time(printer, now_ms);
		}
		due_ms = next_due_ms(printer);
		/* What is still due now must not keep the others waiting. */
		deadlines_set(&fleet->deadlines, &printer->deadline,
			      due_ms > now_ms ? due_ms : now_ms + AGAIN_MS);
		first = deadlines_first(&fleet->deadlines);
	}
	set_timer(fleet);
}

static void run_slice(uv_idle_t *slices)
{
	struct fleet *fleet = slices->data;
	uint64_t until_ns = uv_hrtime() + SLICE_NS;

	for (struct fleet_link *link = fleet->links; link && !fleet->closing; link = link->next) {
		if (!link_continue(link, until_ns)) {
			uv_idle_start(slices, run_slice);
			return;
		}
	}
	uv_idle_stop(slices);
}

void fleet_begin_slices(struct fleet *fleet)
{
	run_slice(&fleet->slices);
}

static size_t bucket_of(const struct fleet *fleet, const char *serial)
{
	uint32_t hash = FNV_OFFSET;

	for (; *serial != '\0'; serial++) {
		hash = (hash ^ (unsigned char)*serial) * FNV_PRIME;
	}
	return hash & (fleet->bucket_count - 1);
}

static void enter_bucket(struct fleet *fleet, struct fleet_printer *printer)
{
	size_t bucket = bucket_of(fleet, printer->state.serial);

	printer->bucket_next = fleet->buckets[bucket];
	fleet->buckets[bucket] = printer;
}

static bool grow_buckets(struct fleet *fleet)
{
	size_t count = fleet->bucket_count ? 2 * fleet->bucket_count : BUCKETS_LEAST;
	struct fleet_printer **buckets = (struct fleet_printer **)calloc(count, sizeof(void *));

	if (!buckets) {
		return false;
	}
	free((void *)fleet->buckets);
	fleet->buckets = buckets;
	fleet->bucket_count = count;
	for (struct fleet_printer *printer = fleet->first; printer; printer = printer->next) {
		enter_bucket(fleet, printer);
	}
	return true;
}

bool fleet_append(struct fleet *fleet, struct fleet_printer *printer)
{
	printer->deadline.context = printer;
	if (fleet->printer_count == fleet->bucket_count && !grow_buckets(fleet)) {
		return false;
	}
	if (!deadlines_add(&fleet->deadlines, &printer->deadline)) {
		return false;
	}
	enter_bucket(fleet, printer);
	if (fleet->last) {
		fleet->last->next = printer;
	} else {
		fleet->first = printer;
	}
	fleet->last = printer;
	fleet->printer_count++;
	return true;
}

int fleet_create(uv_loop_t *loop, const struct fleet_handlers *handlers, void *context,
		 struct fleet **out)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	*out = NULL;
	if (!fleet) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	fleet->loop = loop;
	fleet->handlers = *handlers;
	fleet->context = context;
	loop_clock_init(&fleet->clock, loop);
	uv_timer_init(loop, &fleet->timer);
	fleet->timer.data = fleet;
	fleet->timer_due_ms = DEADLINE_NEVER;
	uv_idle_init(loop, &fleet->slices);
	fleet->slices.data = fleet;
	fleet->open = FLEET_HANDLES;
	*out = fleet;
	return 0;
}

int fleet_start(struct fleet *fleet)
{
	for (struct fleet_link *link = fleet->links; link; link = link->next) {
		int error = link_open(link);

		if (error) {
			return error;
		}
	}
	return 0;
}

static void fleet_free(struct fleet *fleet)
{
	struct fleet_handlers handlers = fleet->handlers;
	void *context = fleet->context;

	while (fleet->first) {
		struct fleet_printer *next = fleet->first->next;

		printer_free(fleet->first);
		fleet->first = next;
	}
	while (fleet->links) {
		struct fleet_link *next = fleet->links->next;

		link_free(fleet->links);
		fleet->links = next;
	}
	free((void *)fleet->buckets);
	deadlines_finish(&fleet->deadlines);
	free(fleet);
	if (handlers.on_closed) {
		handlers.on_closed(context);
	}
}

void fleet_part_closed(struct fleet *fleet)
{
	if (--fleet->open == 0) {
		fleet_free(fleet);
	}
}

static void on_handle_closed(uv_handle_t *handle)
{
	fleet_part_closed(handle->data);
}

void fleet_close(struct fleet *fleet)
{
	if (!fleet || fleet->closing) {
		return;
	}
	fleet->closing = true;
	uv_close((uv_handle_t *)&fleet->timer, on_handle_closed);
	uv_close((uv_handle_t *)&fleet->slices, on_handle_closed);
	for (struct fleet_link *link = fleet->links; link; link = link->next) {
		mqtt_session_close(link->session);
	}
}

struct fleet_printer *fleet_next_printer(const struct fleet *fleet,
					 const struct fleet_printer *printer)
{
	return printer ? printer->next : fleet->first;
}

struct fleet_printer *fleet_find(const struct fleet_link *link, const char *serial)
{
	const struct fleet *fleet = link->fleet;
	struct fleet_printer *printer = fleet->bucket_count
						? fleet->buckets[bucket_of(fleet, serial)]
						: NULL;

	while (printer && (printer->link != link || strcmp(printer->state.serial, serial) != 0)) {
		printer = printer->bucket_next;
	}
	return printer;
}
