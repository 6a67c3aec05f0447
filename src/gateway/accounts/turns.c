/* SPDX-License-Identifier: MIT */
#include "gateway/accounts/internal.h"

#include <stdlib.h>

/*
 * Who waits for the child: what people ask for stands in a line behind what it does, most often a
 * refresh that nobody asked for, and goes before the next of those.
 */

struct turn {
	struct list place;
	struct accounts *accounts;
	struct http_request *request;
	cJSON *body;
	turns_begin *begin;
	uint64_t until_ms; /* of the loop */
};

static void release_turn(struct turn *turn)
{
	list_remove(&turn->place);
	turn->accounts->turn_count--;
	cJSON_Delete(turn->body);
	free(turn);
}

static void on_waiter_gone(void *context)
{
	release_turn(context);
}

/* The turn is no more; the request is for the caller to answer. */
static struct http_request *take_request(struct turn *turn)
{
	struct http_request *request = turn->request;

	http_request_watch(request, NULL, NULL);
	release_turn(turn);
	return request;
}

static struct turn *first_of(struct accounts *accounts)
{
	/* What was released is in the list no more. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
	return list_is_empty(&accounts->turns) ? NULL
					       : LIST_OF(accounts->turns.next, struct turn, place);
}

static void refuse_busy(struct http_request *request)
{
	http_request_add_header(request, "retry-after", ACCOUNTS_WAIT_S);
	rest_respond_problem(request, REST_UNAVAILABLE,
			     "another account is worked on: try again in a moment");
}

/* All wait equally long, so the first has waited longest. */
static void on_turn_due(uv_timer_t *timer)
{
	struct accounts *accounts = timer->data;
	uint64_t now_ms = uv_now(accounts->loop);
	struct turn *first;

	while ((first = first_of(accounts)) && first->until_ms <= now_ms) {
		refuse_busy(take_request(first));
	}
	if (first) {
		uv_timer_start(timer, on_turn_due, first->until_ms - now_ms, 0);
	}
}

void turns_next(struct accounts *accounts)
{
	struct turn *first;

	while (!accounts->stopped && work_is_free(accounts) && (first = first_of(accounts))) {
		turns_begin *begin = first->begin;
		cJSON *body = first->body;

		work_give_way(accounts);
		first->body = NULL;
		begin(accounts, take_request(first), body);
		cJSON_Delete(body);
	}
}

void turns_take(struct accounts *accounts, struct http_request *request, cJSON *body,
		turns_begin *begin)
{
	struct turn *turn = NULL;

	if (!accounts->stopped && accounts->turn_count < ACCOUNTS_TURNS_MAX) {
		turn = calloc(1, sizeof(*turn));
	}
	if (!turn) {
		cJSON_Delete(body);
		refuse_busy(request);
		return;
	}
	*turn = (struct turn){
		.accounts = accounts,
		.request = request,
		.body = body,
		.begin = begin,
		.until_ms = uv_now(accounts->loop) +
			    (uint64_t)(accounts->timeout_ms / ACCOUNTS_TURN_SHARE),
	};
	if (list_is_empty(&accounts->turns)) {
		uv_timer_start(&accounts->turn_timer, on_turn_due,
			       turn->until_ms - uv_now(accounts->loop), 0);
	}
	list_insert(&accounts->turns, &turn->place);
	accounts->turn_count++;
	http_request_watch(request, on_waiter_gone, turn);
	turns_next(accounts);
}

void turns_open(struct accounts *accounts)
{
	list_init(&accounts->turns);
	uv_timer_init(accounts->loop, &accounts->turn_timer);
	uv_unref((uv_handle_t *)&accounts->turn_timer);
	accounts->turn_timer.data = accounts;
}

void turns_close(struct accounts *accounts)
{
	struct turn *first;

	while ((first = first_of(accounts))) {
		work_respond_end(take_request(first));
	}
	uv_close((uv_handle_t *)&accounts->turn_timer, NULL);
}
