/* SPDX-License-Identifier: MIT */
#include "gateway/push/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Messages until a push service has them, or does not take them. */

#define MESSAGES_MAX  (2 * PUSH_BOOK_MAX) /* one of each device, and what is tried again */
#define TRIES_MAX     6
#define RETRY_MS      INT64_C(15000) /* before the second try; doubled for each one more */
#define RETRY_MAX_S   INT64_C(21600)
#define MS_PER_SECOND INT64_C(1000)
#define HOST_UNKNOWN  "?"

static void drop_message(struct push_message *message)
{
	list_remove(&message->place);
	message->push->message_count--;
	message->push->out_count -= message->is_out;
	free(message);
}

/* Among those that wait, in the order in which they came. */
static void bring_back(struct push *push, struct push_message *message)
{
	struct list *at = push->messages.next;

	while (at != &push->messages &&
	       /* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	       LIST_OF(at, struct push_message, place)->number < message->number) {
		at = at->next;
	}
	list_remove(&message->place);
	/* NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	list_insert(at, &message->place);
	message->is_out = false;
	push->out_count--;
}

void outbox_hand_out(struct push *push, struct push_message *message)
{
	list_remove(&message->place);
	list_insert(&push->out, &message->place);
	message->is_out = true;
	push->out_count++;
}

/* --- in --- */

/* Of one that waits, a later one of the same topic takes the place. */
static void replace_older(struct push *push, const char *id, const char *topic)
{
	struct list *next;

	for (struct list *at = push->messages.next; at != &push->messages; at = next) {
		struct push_message *message = LIST_OF(at, struct push_message, place);

		next = at->next;
		if (!message->is_test && strcmp(message->id, id) == 0 &&
		    strcmp(message->treatment.topic, topic) == 0) {
			drop_message(message);
		}
	}
}

/* The oldest one that nobody waits for goes. False where there is none. */
static bool make_room(struct push *push)
{
	for (struct list *at = push->messages.next; at != &push->messages; at = at->next) {
		struct push_message *message = LIST_OF(at, struct push_message, place);

		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		if (!message->is_test) {
			log_bounded(push->options.log, LOG_LEVEL_WARNING, PUSH_LOG_PART,
				    "too many messages wait for push services: the oldest are "
				    "dropped");
			drop_message(message);
			return true;
		}
	}
	return false;
}

static void on_tester_gone(void *context)
{
	struct push_message *message = context;

	message->request = NULL;
}

bool outbox_add(struct push *push, const struct push_subscription *subscription,
		const struct push_treatment *treatment, const char *text, size_t length,
		struct http_request *request)
{
	int64_t now_ms = (int64_t)uv_now(push->loop);

	if (!request) {
		replace_older(push, subscription->id, treatment->topic);
	}
	if (push->message_count >= MESSAGES_MAX && !make_room(push)) {
		return false;
	}
	struct push_message *message = calloc(1, sizeof(*message) + length);
	if (!message) {
		return false;
	}
	message->push = push;
	snprintf(message->id, sizeof(message->id), "%s", subscription->id);
	snprintf(message->user, sizeof(message->user), "%s", subscription->user);
	message->service = turn_service_of(subscription->endpoint);
	message->treatment = *treatment;
	message->number = ++push->last_number;
	message->due_ms = now_ms;
	message->expires_ms = now_ms + treatment->ttl_s * MS_PER_SECOND;
	message->is_test = request != NULL;
	message->request = request;
	message->length = length;
	memcpy(message->text, text, length);
	list_insert(&push->messages, &message->place);
	push->message_count++;
	if (request) {
		http_request_watch(request, on_tester_gone, message);
	}
	push_wake(push);
	return true;
}

static bool list_has_test(const struct list *list, const char *id)
{
	for (struct list *at = list->next; at != list; at = at->next) {
		const struct push_message *message = LIST_OF(at, struct push_message, place);

		if (message->is_test && strcmp(message->id, id) == 0) {
			return true;
		}
	}
	return false;
}

bool outbox_has_test(const struct push *push, const char *id)
{
	return list_has_test(&push->messages, id) || list_has_test(&push->out, id);
}

/* --- what became of one --- */

static const char *host_of(const struct push *push, const char *id,
			   struct webpush_endpoint *endpoint)
{
	const struct push_subscription *subscription = push_book_find(push->book, id);

	return subscription && !webpush_endpoint_read(subscription->endpoint, endpoint)
		       ? endpoint->host
		       : HOST_UNKNOWN;
}

static void log_result(const struct push *push, const struct push_message *message,
		       const struct push_result *result)
{
	static const char *const words[] = {
		[PUSH_DELIVERED] = "a push service has a message",
		[PUSH_REFUSED] = "a push service does not take a message",
		[PUSH_UNREACHABLE] = "a push service cannot be reached",
		[PUSH_GONE] = "a device's subscription is over, and is removed",
	};
	struct webpush_endpoint endpoint;

	log_event(push->options.log,
		  result->outcome == PUSH_REFUSED ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		  PUSH_LOG_PART, words[result->outcome], LOG_TEXT("device", message->id),
		  LOG_TEXT("host", host_of(push, message->id, &endpoint)),
		  LOG_NUMBER("status", result->status), LOG_TEXT("detail", result->detail));
}

static void remove_device(struct push *push, const char *id)
{
	struct problem problem;

	if (push_book_remove(push->book, id, &problem)) {
		log_bounded(push->options.log, LOG_LEVEL_ERROR, PUSH_LOG_PART, problem.text);
	}
}

/* The push service knows best. */
static int64_t pause_before_next(const struct push_message *message,
				 const struct push_result *result)
{
	if (result->retry_after_s > 0) {
		return (result->retry_after_s < RETRY_MAX_S ? result->retry_after_s : RETRY_MAX_S) *
		       MS_PER_SECOND;
	}
	return RETRY_MS << (message->tries - 1);
}

/* One of the same topic came after it: told late, it would take that one's place. */
static bool is_outdated(const struct push *push, const struct push_message *message)
{
	for (struct list *at = message->place.next; at != &push->messages; at = at->next) {
		const struct push_message *later = LIST_OF(at, struct push_message, place);

		if (strcmp(later->id, message->id) == 0 &&
		    strcmp(later->treatment.topic, message->treatment.topic) == 0) {
			return true;
		}
	}
	return false;
}

/* Whether it waits for another try. */
static bool put_off(struct push_message *message, const struct push_result *result, int64_t now_ms)
{
	if (result->outcome != PUSH_UNREACHABLE || message->is_test ||
	    message->tries >= TRIES_MAX || is_outdated(message->push, message)) {
		return false;
	}
	message->due_ms = now_ms + pause_before_next(message, result);
	return message->due_ms < message->expires_ms;
}

void outbox_take_result(struct push *push, struct push_message *message,
			const struct push_result *result)
{
	log_result(push, message, result);
	if (message->is_out) {
		bring_back(push, message);
	}
	message->tries++;
	if (put_off(message, result, (int64_t)uv_now(push->loop))) {
		push_wake(push);
		return;
	}
	if (message->request) {
		api_respond_test(message->request, result);
	}
	if (result->outcome == PUSH_GONE) {
		remove_device(push, message->id);
	}
	drop_message(message);
}

/* --- time --- */

/* What is too old goes, and what is due for a device that is gone: to look for all devices with
 * each beat would cost as much for hours, while a push service is away. */
static void drop_stale(struct push *push, int64_t now_ms)
{
	static const struct push_result gone = {
		.outcome = PUSH_GONE,
		.detail = "the subscription was removed",
	};
	struct list *next;

	for (struct list *at = push->messages.next; at != &push->messages; at = next) {
		struct push_message *message = LIST_OF(at, struct push_message, place);

		next = at->next;
		if (message->due_ms > now_ms && message->expires_ms > now_ms) {
			continue;
		}
		if (!push_book_find(push->book, message->id)) {
			outbox_take_result(push, message, &gone);
		} else if (message->expires_ms <= now_ms && !message->is_test) {
			drop_message(message);
		}
	}
}

/* One that is due waits for its turn, which comes with an answer. Somebody waits for a test: it
 * does not become too old. */
static int64_t next_of(const struct push_message *message, int64_t now_ms)
{
	int64_t due_ms = message->due_ms > now_ms ? message->due_ms : INT64_MAX;
	int64_t expires_ms = message->is_test ? INT64_MAX : message->expires_ms;

	return due_ms < expires_ms ? due_ms : expires_ms;
}

int64_t outbox_beat(struct push *push, int64_t now_ms)
{
	int64_t next_ms = INT64_MAX;

	drop_stale(push, now_ms);
	child_send(push, now_ms);
	for (const struct list *at = push->messages.next; at != &push->messages; at = at->next) {
		int64_t due_ms = next_of(LIST_OF(at, struct push_message, place), now_ms);

		next_ms = due_ms < next_ms ? due_ms : next_ms;
	}
	return next_ms;
}

static void forget_list(struct list *list)
{
	while (!list_is_empty(list)) {
		struct push_message *message = LIST_OF(list->next, struct push_message, place);

		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		if (message->request) {
			rest_respond_problem(message->request, REST_UNAVAILABLE,
					     "the gateway ends");
		}
		drop_message(message);
	}
}

void outbox_forget(struct push *push)
{
	forget_list(&push->messages);
	forget_list(&push->out);
}
