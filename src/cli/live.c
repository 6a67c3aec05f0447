/* SPDX-License-Identifier: MIT */
#include "cli/live.h"

#include <flagship/flagship.h>

#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define LIVE_QUERY_MAX 64
#define MS_PER_S       1000
#define NS_PER_MS      1000000

static const int live_signals[] = {SIGINT, SIGTERM};

#define LIVE_SIGNAL_COUNT (sizeof(live_signals) / sizeof(live_signals[0]))

static void live_close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle)) {
		uv_close(handle, NULL);
	}
}

void live_stop(struct live *live, int status)
{
	if (live->stopping) {
		return;
	}
	live->stopping = true;
	live->status = status;
	for (size_t i = 0; i < LIVE_SIGNAL_COUNT; i++) {
		live_close_handle((uv_handle_t *)&live->signals[i]);
	}
	for (size_t i = 0; i < LIVE_TIMERS; i++) {
		live_close_handle((uv_handle_t *)&live->timers[i]);
	}
	if (live->handlers->on_stop != NULL) {
		live->handlers->on_stop(live->context);
	}
	client_close(live->client);
}

static void live_handle_signal(uv_signal_t *handle, int number)
{
	struct live *live = handle->data;

	(void)number;
	live_stop(live, live->interrupt_status);
}

static void live_handle_timer(uv_timer_t *timer)
{
	struct live *live = timer->data;

	live->timer_callbacks[timer - live->timers](live->context);
}

static void live_handle_ready(void *context)
{
	struct live *live = context;

	live->ready = true;
	if (!live->stopping) {
		live->handlers->on_ready(live->context);
	}
}

static void live_handle_payload(void *context, enum flagship_topic_kind kind,
				const uint8_t *plaintext, size_t length)
{
	struct live *live = context;

	if (!live->stopping) {
		live->handlers->on_payload(live->context, kind, plaintext, length);
	}
}

static void live_handle_lost(void *context)
{
	struct live *live = context;

	if (!live->stopping && live->handlers->on_lost != NULL) {
		live->handlers->on_lost(live->context);
	}
}

static void live_handle_failed(void *context, enum cli_exit status)
{
	live_stop(context, (int)status);
}

static void live_handle_closed(void *context)
{
	struct live *live = context;

	live->client = NULL;
}

static const struct client_handlers live_client_handlers = {
	.on_ready = live_handle_ready,
	.on_payload = live_handle_payload,
	.on_lost = live_handle_lost,
	.on_failed = live_handle_failed,
	.on_closed = live_handle_closed,
};

/* None of these can fail on a loop that is there. */
static void live_prepare(struct live *live)
{
	for (size_t i = 0; i < LIVE_SIGNAL_COUNT; i++) {
		uv_signal_init(&live->loop, &live->signals[i]);
		live->signals[i].data = live;
		uv_signal_start(&live->signals[i], live_handle_signal, live_signals[i]);
		uv_unref((uv_handle_t *)&live->signals[i]);
	}
	for (size_t i = 0; i < LIVE_TIMERS; i++) {
		uv_timer_init(&live->loop, &live->timers[i]);
		live->timers[i].data = live;
	}
}

static int live_run_loop(struct live *live)
{
	int result;

	if (uv_loop_init(&live->loop) != 0) {
		cli_error("cannot make an event loop");
		return CLI_FAILED;
	}
	live_prepare(live);
	result = client_create(&live->loop, &live->connection, &live_client_handlers, live,
			       &live->client);
	if (result != OPTIONS_RUN) {
		live_stop(live, result);
	} else if (live->handlers->on_start != NULL) {
		live->handlers->on_start(live->context);
	}
	uv_run(&live->loop, UV_RUN_DEFAULT);
	uv_loop_close(&live->loop);
	return live->status;
}

int live_run(struct live *live, const struct live_options *options,
	     const struct live_handlers *handlers, void *context)
{
	struct key_options key = options->key;
	int result;

	live->handlers = handlers;
	live->context = context;
	result = connection_init(&live->connection, &options->connection, &key);
	if (result == OPTIONS_RUN) {
		result = live_run_loop(live);
	}
	connection_finish(&live->connection);
	return result;
}

void live_timer_start(struct live *live, unsigned int index, int64_t after_ms, int64_t repeat_ms,
		      void (*callback)(void *context))
{
	if (live->stopping) {
		return;
	}
	live->timer_callbacks[index] = callback;
	uv_update_time(&live->loop);
	uv_timer_start(&live->timers[index], live_handle_timer, (uint64_t)after_ms,
		       (uint64_t)repeat_ms);
}

void live_timer_stop(struct live *live, unsigned int index)
{
	if (!live->stopping) {
		uv_timer_stop(&live->timers[index]);
	}
}

int64_t live_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

int64_t live_monotonic_ms(const struct live *live)
{
	return (int64_t)uv_now(&live->loop);
}

bool live_send_status_query(struct live *live)
{
	char json[LIVE_QUERY_MAX];
	size_t length;

	return flagship_build_query_status(json, sizeof(json), &length) == 0 &&
	       client_send_query(live->client, json, length);
}

int live_explain_silence(const struct live *live, int64_t waited_ms)
{
	const struct connection *connection = &live->connection;
	const struct client_counts *counts = client_counts(live->client);
	double seconds = (double)waited_ms / MS_PER_S;

	if (!live->ready) {
		cli_error("printer %s: no connection to the broker %s within %g s",
			  connection->serial, connection->endpoint, seconds);
		return CLI_CANNOT_CONNECT;
	}
	if (counts->payloads == 0 && counts->wrong_key > 0) {
		cli_error("printer %s: messages came, but the key does not fit them: check that "
			  "--key-file or FLAGSHIP_KEY holds the key of this printer",
			  connection->serial);
		return CLI_FAILED;
	}
	cli_error("printer %s: no answer within %g s; check that\n"
		  "  - it is switched on and in the network\n"
		  "  - it is connected to the same broker, %s (the cloud has one a region)\n"
		  "  - its serial number is %s\n"
		  "  - the key is its own: a printer says nothing to what it cannot decrypt",
		  connection->serial, seconds, connection->endpoint, connection->serial);
	return CLI_NO_ANSWER;
}
