/* SPDX-License-Identifier: MIT */
#include "fleet/fleet.h"

#include "fleet/fleet_internal.h"

#include <stdlib.h>

#define AGAIN_MS      10
#define SLICE_NS      UINT64_C(4000000) /* the loop has other things to do */
#define FLEET_HANDLES 3
#define PULSE_MS      1000

/* What came due while the machine slept is put off by as much: messages may lie in the socket, and
 * whoever was silent gets a chance to be asked. */
#define WAKE_GRACE_MS 5000

int64_t fleet_now_ms(struct fleet *fleet)
{
	return loop_clock_now_ms(&fleet->clock);
}

int64_t fleet_silence_ms(struct fleet *fleet, int64_t received_ms)
{
	int64_t now_ms = fleet_now_ms(fleet);

	return now_ms - (received_ms > fleet->clock.woke_ms ? received_ms : fleet->clock.woke_ms);
}

/* --- what is removed --- */

static void free_removed_printers(struct fleet *fleet)
{
	while (!list_is_empty(&fleet->removed)) {
		struct fleet_printer *printer = LIST_OF(fleet->removed.next, struct fleet_printer,
							removed_place);

		list_remove(&printer->removed_place);
		fleet_report(fleet, &(struct fleet_event){.kind = FLEET_PRINTER_REMOVED,
							  .login = printer->login,
							  .printer = printer});
		printer_free(printer);
	}
}

static void free_removed_logins(struct fleet *fleet)
{
	struct list *next;

	for (struct list *at = fleet->removed_logins.next; at != &fleet->removed_logins;
	     at = next) {
		struct fleet_login *login = LIST_OF(at, struct fleet_login, place);

		next = at->next;
		if (login->sessions == 0 && list_is_empty(&login->printers)) {
			list_remove(&login->place);
			login_free(login);
		}
	}
}

void fleet_free_removed(struct fleet *fleet)
{
	free_removed_printers(fleet);
	free_removed_logins(fleet);
}

/* --- time --- */

static void on_timer(uv_timer_t *timer);

/* Runs the timer for what is due first. */
static void set_timer(struct fleet *fleet)
{
	const struct deadline *first = deadlines_first(&fleet->deadlines);
	int64_t due_ms = first ? first->due_ms : DEADLINE_NEVER;
	int64_t now_ms = fleet_now_ms(fleet);
	int64_t awake_ms = fleet->clock.woke_ms + WAKE_GRACE_MS;

	due_ms = due_ms > awake_ms ? due_ms : awake_ms;
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
	int64_t state_ms = printer_state_next_deadline_ms(&printer->state);

	if (!printer->commanded) {
		return state_ms;
	}
	int64_t command_ms = command_next_deadline_ms(printer->engine);
	return command_ms < state_ms ? command_ms : state_ms;
}

void fleet_schedule(struct fleet_printer *printer)
{
	struct fleet *fleet = printer->fleet;

	if (printer_is_gone(printer)) {
		return;
	}
	int64_t due_ms = next_due_ms(printer);
	/* Each message puts off when its printer is silent. A deadline that comes too early is
	 * found out when it comes, once in half a minute, in place of moving it with each. */
	if (due_ms < printer->deadline.due_ms) {
		deadlines_set(&fleet->deadlines, &printer->deadline, due_ms);
		set_timer(fleet);
	}
}

static void pass_time(struct fleet_printer *printer, int64_t now_ms)
{
	if (next_due_ms(printer) <= now_ms) {
		printer_pass_time(printer, now_ms);
	}
	if (printer_is_gone(printer)) {
		return;
	}
	int64_t due_ms = next_due_ms(printer);
	/* What is still due now must not keep the others waiting. */
	deadlines_set(&printer->fleet->deadlines, &printer->deadline,
		      due_ms > now_ms ? due_ms : now_ms + AGAIN_MS);
}

static void on_timer(uv_timer_t *timer)
{
	struct fleet *fleet = timer->data;
	int64_t now_ms = fleet_now_ms(fleet);
	struct deadline *first = deadlines_first(&fleet->deadlines);

	fleet_enter(fleet);
	fleet->timer_due_ms = DEADLINE_NEVER;
	bool awake = now_ms >= fleet->clock.woke_ms + WAKE_GRACE_MS;
	while (awake && !fleet->closing && first && first->due_ms <= now_ms) {
		pass_time(first->context, now_ms);
		first = deadlines_first(&fleet->deadlines);
	}
	set_timer(fleet);
	fleet_leave(fleet);
}

static void on_pulse(uv_timer_t *pulse)
{
	struct fleet *fleet = pulse->data;
	struct fleet_event event = {.kind = FLEET_CLOCK_CHANGED};

	if (loop_clock_take_change(&fleet->clock, &event.clock)) {
		fleet_report(fleet, &event);
	}
}

/* --- printers that become ready --- */

static void run_slice(uv_idle_t *slices)
{
	struct fleet *fleet = slices->data;
	uint64_t until_ns = uv_hrtime() + SLICE_NS;

	fleet_enter(fleet);
	while (!list_is_empty(&fleet->to_be_ready) && !fleet->closing) {
		struct fleet_printer *printer = LIST_OF(fleet->to_be_ready.next,
							struct fleet_printer, ready_place);

		if (uv_hrtime() > until_ns) {
			break;
		}
		list_remove(&printer->ready_place);
		printer_set_ready(printer, true);
	}
	if (!fleet->closing && list_is_empty(&fleet->to_be_ready)) {
		uv_idle_stop(slices);
	}
	fleet_leave(fleet);
}

void fleet_make_ready(struct fleet_printer *printer)
{
	struct fleet *fleet = printer->fleet;

	list_remove(&printer->ready_place);
	list_insert(&fleet->to_be_ready, &printer->ready_place);
	uv_idle_start(&fleet->slices, run_slice);
}

/* --- life --- */

int fleet_create(uv_loop_t *loop, struct fleet **out)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));

	*out = NULL;
	if (!fleet) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	fleet->resolver = resolver_create(loop);
	if (!fleet->resolver) {
		free(fleet);
		return FLAGSHIP_ERROR_MEMORY;
	}
	fleet->loop = loop;
	list_init(&fleet->listeners);
	list_init(&fleet->logins);
	list_init(&fleet->printers);
	list_init(&fleet->removed);
	list_init(&fleet->removed_logins);
	list_init(&fleet->to_be_ready);
	loop_clock_init(&fleet->clock, loop);
	uv_timer_init(loop, &fleet->pulse);
	fleet->pulse.data = fleet;
	uv_timer_start(&fleet->pulse, on_pulse, PULSE_MS, PULSE_MS);
	uv_unref((uv_handle_t *)&fleet->pulse);
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
	fleet->started = true;
	for (struct list *at = fleet->logins.next; at != &fleet->logins; at = at->next) {
		int error = login_open(LIST_OF(at, struct fleet_login, place));

		if (error) {
			return error;
		}
	}
	return 0;
}

static void fleet_free(struct fleet *fleet)
{
	while (!list_is_empty(&fleet->printers)) {
		printer_free(LIST_OF(fleet->printers.next, struct fleet_printer, place));
	}
	list_move_all(&fleet->logins, &fleet->removed_logins);
	while (!list_is_empty(&fleet->logins)) {
		struct fleet_login *login = LIST_OF(fleet->logins.next, struct fleet_login, place);

		list_remove(&login->place);
		login_free(login);
	}
	index_finish(&fleet->index);
	deadlines_finish(&fleet->deadlines);
	resolver_destroy(fleet->resolver);
	fleet_report_closed(fleet);
	free(fleet);
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
	uv_close((uv_handle_t *)&fleet->pulse, on_handle_closed);
	uv_close((uv_handle_t *)&fleet->timer, on_handle_closed);
	uv_close((uv_handle_t *)&fleet->slices, on_handle_closed);
	for (struct list *at = fleet->logins.next; at != &fleet->logins; at = at->next) {
		const struct fleet_login *login = LIST_OF(at, struct fleet_login, place);

		attachment_close(login->attachment);
		mqtt_session_close(login->session);
	}
}

struct fleet_printer *fleet_next_printer(const struct fleet *fleet,
					 const struct fleet_printer *printer)
{
	const struct list *at = printer ? printer->place.next : fleet->printers.next;

	for (; at != &fleet->printers; at = at->next) {
		struct fleet_printer *found = LIST_OF(at, struct fleet_printer, place);

		if (!found->removed) {
			return found;
		}
	}
	return NULL;
}
