/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/message.h"
#include "gateway/events/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CROWD       GATEWAY_EVENTS_MAX
#define FEW         2
#define SENT_MAX    4096
#define LAYERS_MANY 1000

/* A fleet of one printer, and clients that note what they are sent. */
static struct printer_state printer_state;
static struct fleet_printer *const printer = (struct fleet_printer *)(void *)&printer_state;
static const struct fleet_listener *listener;
static uv_loop_t loop;
static struct gateway_events *events;

/* Of one client: what came, a word each. */
struct client {
	char sent[SENT_MAX];
	size_t count;
	void (*closed)(void *context, int code);
	void *reader;
};

static struct client clients[CROWD];

void fleet_subscribe(struct fleet *fleet, struct fleet_listener *subscribed)
{
	(void)fleet;
	listener = subscribed;
}

void fleet_unsubscribe(struct fleet_listener *subscribed)
{
	(void)subscribed;
	listener = NULL;
}

const struct printer_state *fleet_printer_state(const struct fleet_printer *of)
{
	(void)of;
	return &printer_state;
}

const char *fleet_printer_serial(const struct fleet_printer *of)
{
	(void)of;
	return "AK1";
}

int64_t fleet_now_ms(struct fleet *fleet)
{
	(void)fleet;
	return 0;
}

struct fleet *gateway_printers_fleet(struct gateway_printers *printers)
{
	(void)printers;
	return NULL;
}

size_t gateway_printers_count(const struct gateway_printers *printers)
{
	(void)printers;
	return 1;
}

struct fleet_printer *gateway_printers_next(const struct gateway_printers *printers,
					    const struct fleet_printer *of)
{
	(void)printers;
	return of ? NULL : printer;
}

const struct access_identity *access_identity(const struct http_request *request)
{
	static const struct access_identity identity = {.grant = {.role = ACCESS_ADMIN}};

	(void)request;
	return &identity;
}

const char *access_identity_shown_as(const struct access_identity *identity)
{
	(void)identity;
	return "";
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	(void)request;
	(void)name;
	return NULL;
}

bool http_request_query_value(const struct http_request *request, const char *name, char *out,
			      size_t capacity)
{
	(void)request;
	(void)name;
	(void)out;
	(void)capacity;
	return false;
}

bool http_request_is_websocket(const struct http_request *request)
{
	(void)request;
	return true;
}

struct http_websocket *http_websocket_accept(struct http_request *request,
					     const struct http_stream_options *options,
					     const struct http_websocket_handler *handler,
					     void *context)
{
	struct client *client = (void *)request;

	(void)options;
	client->closed = handler->closed;
	client->reader = context;
	return (void *)client;
}

struct http_events *http_events_open(struct http_request *request,
				     const struct http_stream_options *options,
				     const struct http_events_handler *handler, void *context)
{
	(void)request;
	(void)options;
	(void)handler;
	(void)context;
	return NULL;
}

enum http_sent http_events_send(struct http_events *stream, struct http_message *message)
{
	(void)stream;
	(void)message;
	return HTTP_ENDED;
}

struct http_message *http_message_create_event(const char *id, const char *name, const char *data,
					       size_t length)
{
	(void)id;
	(void)name;
	(void)data;
	(void)length;
	return NULL;
}

struct http_message *http_message_create(enum http_message_kind kind, const void *bytes,
					 size_t length)
{
	struct http_message *message = malloc(sizeof(*message) + length + 1);

	(void)kind;
	assert_non_null(message);
	message->length = length;
	memcpy(message->bytes, bytes, length);
	message->bytes[length] = '\0';
	return message;
}

void http_message_release(struct http_message *message)
{
	free(message);
}

/* {"seq":7,"type":"patch",…} is noted as "7:patch". */
enum http_sent http_websocket_send(struct http_websocket *websocket, struct http_message *message)
{
	struct client *client = (void *)websocket;
	size_t length = strlen(client->sent);
	char type[16];
	unsigned long sequence;

	assert_int_equal(
		sscanf(message->bytes, "{\"seq\":%lu,\"type\":\"%15[a-z]", &sequence, type), 2);
	if (length < sizeof(client->sent) - 32) {
		snprintf(client->sent + length, sizeof(client->sent) - length, "%s%lu:%s",
			 length > 0 ? " " : "", sequence, type);
	}
	client->count++;
	return HTTP_SENT;
}

static void refuse(struct http_request *request, int status, const char *detail)
{
	(void)request;
	fail_msg("%d: %s", status, detail);
}

static void join(struct client *client)
{
	gateway_events_answer(events, (struct http_request *)(void *)client, refuse);
}

static void leave(struct client *client)
{
	client->closed(client->reader, 0);
	*client = (struct client){0};
}

/* They have the snapshot behind them. */
static void gather(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		join(&clients[i]);
		clients[i].sent[0] = '\0';
		clients[i].count = 0;
	}
}

static void change(void)
{
	listener->handlers->on_changed(listener->context, printer, 1);
}

static void happens(enum printer_event_kind kind)
{
	const struct printer_event event = {
		.kind = kind, .job = kind == PRINTER_EVENT_LAYER ? &printer_state.job : NULL};

	listener->handlers->on_printer_event(listener->context, printer, &event);
}

/* The one thing that the loop waits for; its timer may come a little too soon, and again. */
static void await_end_of_pause(void)
{
	while (events->told < events->sequence) {
		uv_run(&loop, UV_RUN_ONCE);
	}
}

static int set_up(void **state)
{
	(void)state;
	memset(clients, 0, sizeof(clients));
	printer_state_init(&printer_state, "AK1", "Left", FLAGSHIP_MODEL_M5);
	assert_int_equal(uv_loop_init(&loop), 0);
	return gateway_events_create(&loop, NULL, &events);
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < CROWD; i++) {
		if (clients[i].reader) {
			leave(&clients[i]);
		}
	}
	gateway_events_stop(events);
	uv_run(&loop, UV_RUN_DEFAULT);
	gateway_events_destroy(events);
	return uv_loop_close(&loop);
}

static void few_get_each_event_at_once(void **state)
{
	(void)state;
	gather(FEW);
	change();
	happens(PRINTER_EVENT_LAYER);
	assert_string_equal(clients[0].sent, "2:patch 3:event");
	assert_string_equal(clients[1].sent, "2:patch 3:event");
}

static void crowds_get_layers_with_the_next_patch(void **state)
{
	(void)state;
	gather(CROWD);
	change();
	happens(PRINTER_EVENT_LAYER);
	change();
	happens(PRINTER_EVENT_PROGRESS);
	assert_string_equal(clients[0].sent, "2:patch");
	await_end_of_pause();
	for (size_t i = 0; i < CROWD; i++) {
		assert_string_equal(clients[i].sent, "2:patch 3:event 4:event 5:patch");
	}
}

static void what_is_held_does_not_need_a_patch(void **state)
{
	(void)state;
	gather(CROWD);
	change();
	happens(PRINTER_EVENT_LAYER);
	await_end_of_pause();
	assert_string_equal(clients[0].sent, "2:patch 3:event");
}

static void errors_go_at_once_and_in_order(void **state)
{
	(void)state;
	gather(CROWD);
	change();
	happens(PRINTER_EVENT_LAYER);
	happens(PRINTER_EVENT_ONLINE);
	assert_string_equal(clients[0].sent, "2:patch 3:event 4:event");
	happens(PRINTER_EVENT_LAYER);
	gateway_events_tell(events, "queue", "AK1", "{}", 2);
	assert_string_equal(clients[0].sent, "2:patch 3:event 4:event 5:event 6:queue");
}

static void who_comes_gets_nothing_of_before(void **state)
{
	(void)state;
	gather(CROWD - 1);
	change();
	happens(PRINTER_EVENT_LAYER);
	join(&clients[CROWD - 1]);
	assert_string_equal(clients[0].sent, "2:patch 3:event");
	assert_string_equal(clients[CROWD - 1].sent, "3:snapshot");
	happens(PRINTER_EVENT_OFFLINE);
	assert_string_equal(clients[CROWD - 1].sent, "3:snapshot 4:event");
}

static void no_more_is_held_than_a_queue_takes(void **state)
{
	(void)state;
	gather(CROWD);
	change();
	for (size_t i = 0; i < LAYERS_MANY; i++) {
		happens(PRINTER_EVENT_LAYER);
	}
	assert_in_range(clients[0].count, LAYERS_MANY * 9 / 10, LAYERS_MANY);
	await_end_of_pause();
	assert_int_equal(clients[0].count, LAYERS_MANY + 1);
}

static void who_comes_first_gets_nothing_of_before(void **state)
{
	(void)state;
	change();
	happens(PRINTER_EVENT_LAYER);
	join(&clients[0]);
	happens(PRINTER_EVENT_OFFLINE);
	assert_string_equal(clients[0].sent, "3:snapshot 4:event");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(few_get_each_event_at_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(crowds_get_layers_with_the_next_patch, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_is_held_does_not_need_a_patch, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(errors_go_at_once_and_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_comes_gets_nothing_of_before, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(no_more_is_held_than_a_queue_takes, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(who_comes_first_gets_nothing_of_before, set_up,
						tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
