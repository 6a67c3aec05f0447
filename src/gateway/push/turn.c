/* SPDX-License-Identifier: MIT */
#include "gateway/push/internal.h"

#include <string.h>

/*
 * Which message goes next. A push service that is slow holds a message for half a minute: so one
 * service, and whoever subscribes devices at many, has a share of what is on its way, and the rest
 * is for others. A device is told one thing after the other.
 */

#define FNV_OFFSET_64 UINT64_C(14695981039346656037)
#define FNV_PRIME_64  UINT64_C(1099511628211)

uint64_t turn_service_of(const char *endpoint)
{
	struct webpush_endpoint read;
	uint64_t number = FNV_OFFSET_64;

	if (webpush_endpoint_read(endpoint, &read)) {
		return 0; /* it is refused before it is sent */
	}
	for (const char *at = read.audience; *at != '\0'; at++) {
		number = (number ^ (unsigned char)*at) * FNV_PRIME_64;
	}
	return number;
}

/* Somebody waits for a test: it is not held up by what its device is told. */
static bool has_turn(const struct push *push, const struct push_message *message)
{
	unsigned int of_service = 0;
	unsigned int of_user = 0;

	for (struct list *at = push->out.next; at != &push->out; at = at->next) {
		const struct push_message *out = LIST_OF(at, struct push_message, place);

		if (!message->is_test && !out->is_test && strcmp(out->id, message->id) == 0) {
			return false;
		}
		of_service += out->service == message->service;
		of_user += strcmp(out->user, message->user) == 0;
	}
	return of_service < TURN_SERVICE_SHARE && of_user < TURN_USER_SHARE;
}

struct push_message *turn_next(const struct push *push, int64_t now_ms)
{
	if (push->out_count >= TURN_OUT_MAX) {
		return NULL;
	}
	for (struct list *at = push->messages.next; at != &push->messages; at = at->next) {
		struct push_message *message = LIST_OF(at, struct push_message, place);

		if (message->due_ms <= now_ms && has_turn(push, message)) {
			return message;
		}
	}
	return NULL;
}
