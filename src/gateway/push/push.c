/* SPDX-License-Identifier: MIT */
#include "gateway/push/push.h"

#include "gateway/push/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- who may be told --- */

static bool is_of_user(const struct access_book *book, const struct push_subscription *subscription)
{
	const struct access_user *user = access_book_user(book, subscription->user);

	if (subscription->user[0] == '\0') {
		return book->user_count == 0;
	}
	return user && user->created_at == subscription->user_since;
}

bool push_may_tell(const struct push *push, const struct push_subscription *subscription,
		   const char *serial)
{
	const struct access_book *book = access_book_of(push->options.access);

	if (!is_of_user(book, subscription)) {
		return false;
	}
	if (serial[0] == '\0') {
		return true;
	}
	const struct access_user *user = access_book_user(book, subscription->user);
	return (!user || access_grant_sees(&user->grant, serial)) &&
	       (subscription->printers[0] == '\0' ||
		access_words_have(subscription->printers, serial, strlen(serial)));
}

static bool is_left_over(const void *context, const struct push_subscription *subscription)
{
	return !is_of_user(context, subscription);
}

static void forget_devices(struct push *push)
{
	struct list *next;

	for (struct list *at = push->devices.next; at != &push->devices; at = next) {
		struct push_device *device = LIST_OF(at, struct push_device, place);

		next = at->next;
		if (push->is_stopped || !push_book_find(push->book, device->id)) {
			list_remove(&device->place);
			free(device);
			push->last_device = &push->devices;
		}
	}
}

void push_tidy(struct push *push)
{
	struct problem problem;

	if (push_book_drop(push->book, is_left_over, access_book_of(push->options.access),
			   &problem)) {
		log_bounded(push->options.log, LOG_LEVEL_ERROR, PUSH_LOG_PART, problem.text);
	}
	forget_devices(push);
}

/* --- time --- */

static int64_t beat_all(void *context, int64_t now_ms)
{
	struct push *push = context;

	push_tidy(push);
	int64_t watch_ms = watch_beat(push, now_ms);
	int64_t outbox_ms = outbox_beat(push, now_ms);
	return watch_ms < outbox_ms ? watch_ms : outbox_ms;
}

void push_wake(struct push *push)
{
	push_pace_wake(&push->pace);
}

/* --- life --- */

static const struct fleet_handlers handlers = {.on_printer_event = watch_on_event};

int push_create(uv_loop_t *loop, const struct push_options *options, struct push **out,
		struct problem *problem)
{
	struct push *push = calloc(1, sizeof(*push));

	*out = NULL;
	if (!push) {
		return problem_memory(problem);
	}
	int error = push_book_open(options->folder, &push->book, problem);
	if (error) {
		free(push);
		return error;
	}
	push->loop = loop;
	push->options = *options;
	snprintf(push->program, sizeof(push->program), "%s", options->program);
	list_init(&push->pending);
	list_init(&push->devices);
	push->last_device = &push->devices;
	list_init(&push->messages);
	list_init(&push->out);
	push->listener = (struct fleet_listener){.handlers = &handlers, .context = push};
	fleet_subscribe(gateway_printers_fleet(options->printers), &push->listener);
	push_pace_start(&push->pace, loop, beat_all, push);
	*out = push;
	return 0;
}

void push_fill_api(struct push *push, struct web_api *api)
{
	*api = (struct web_api){
		.routes = push_routes,
		.route_count = push_route_count,
		.context = push,
		.prefixes = REST_ROOT "/push",
		.refuse = rest_refuse,
		.json_only = true,
	};
}

void push_stop(struct push *push)
{
	if (!push || push->is_stopped) {
		return;
	}
	push->is_stopped = true;
	fleet_unsubscribe(&push->listener);
	program_kill(push->child);
	push->child = NULL;
	watch_forget(push);
	outbox_forget(push);
	forget_devices(push);
	push_pace_stop(&push->pace);
}

void push_destroy(struct push *push)
{
	if (push) {
		push_book_close(push->book);
		free(push);
	}
}
