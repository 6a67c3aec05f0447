/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/mqtt/session.h"

#include <flagship/error.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define DEADLINE_MS 10000

/* A loop, a session on it, and a server of our own in place of a broker. */
struct scene {
	uv_loop_t loop;
	uv_timer_t deadline;
	uv_tcp_t server;
	struct mqtt_session *session;
	struct mqtt_session_event last;
	unsigned int events;
	unsigned int connections;
	bool answer_with_garbage;
	bool close_at_connection;
	bool closed;
};

static void handle_overdue(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing happened in time");
}

static void end(struct scene *scene)
{
	uv_close((uv_handle_t *)&scene->deadline, NULL);
	if (!uv_is_closing((uv_handle_t *)&scene->server)) {
		uv_close((uv_handle_t *)&scene->server, NULL);
	}
	mqtt_session_close(scene->session);
}

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct scene *scene = context;

	scene->last = *event;
	scene->events++;
	end(scene);
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	(void)context;
	(void)topic;
	(void)payload;
	(void)length;
	fail_msg("there is nobody to send a message");
}

static void handle_closed(void *context)
{
	struct scene *scene = context;

	scene->closed = true;
}

static const struct mqtt_session_handlers handlers = {
	.on_event = handle_event,
	.on_message = handle_message,
	.on_closed = handle_closed,
};

static void close_client(uv_write_t *request, int status)
{
	(void)status;
	uv_close((uv_handle_t *)request->handle, (uv_close_cb)free);
	free(request);
}

static void handle_connection(uv_stream_t *server, int status)
{
	struct scene *scene = server->data;
	uv_tcp_t *client = calloc(1, sizeof(*client));
	static char garbage[] = "\x20\xff\xff\xff\xff\xff\xff no CONNACK";
	uv_buf_t data = uv_buf_init(garbage, sizeof(garbage));

	assert_int_equal(status, 0);
	assert_non_null(client);
	uv_tcp_init(&scene->loop, client);
	assert_int_equal(uv_accept(server, (uv_stream_t *)client), 0);
	scene->connections++;
	if (scene->answer_with_garbage) {
		uv_write_t *request = calloc(1, sizeof(*request));
		assert_non_null(request);
		uv_write(request, (uv_stream_t *)client, &data, 1, close_client);
		return;
	}
	uv_close((uv_handle_t *)client, (uv_close_cb)free);
	if (scene->close_at_connection) {
		end(scene);
	}
}

static uint16_t listen_on_loopback(struct scene *scene)
{
	struct sockaddr_in address;
	int size = sizeof(address);

	uv_ip4_addr("127.0.0.1", 0, &address);
	uv_tcp_init(&scene->loop, &scene->server);
	scene->server.data = scene;
	assert_int_equal(uv_tcp_bind(&scene->server, (struct sockaddr *)&address, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&scene->server, 8, handle_connection), 0);
	uv_tcp_getsockname(&scene->server, (struct sockaddr *)&address, &size);
	return ntohs(address.sin_port);
}

static void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	uv_timer_init(&scene->loop, &scene->deadline);
	uv_timer_start(&scene->deadline, handle_overdue, DEADLINE_MS, 0);
}

/* Runs until the session has told something and is gone, with no handle left behind. */
static void play(struct scene *scene, struct mqtt_session_options options)
{
	assert_int_equal(
		mqtt_session_create(&scene->loop, &options, &handlers, scene, &scene->session), 0);
	mqtt_session_start(scene->session);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_true(scene->closed);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
}

static void a_closed_port_is_tried_at_every_address(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	uint16_t port = listen_on_loopback(&scene);
	uv_close((uv_handle_t *)&scene.server, NULL);
	play(&scene,
	     (struct mqtt_session_options){.host = "localhost", .port = port, .plain = true});
	assert_int_equal(scene.last.kind, MQTT_SESSION_CONNECT_FAILED);
	assert_int_equal(scene.last.failure, MQTT_SESSION_FAILURE_CONNECT);
	assert_false(scene.last.final);
	assert_in_range(scene.last.retry_in_ms, 1000, 2000);
	assert_int_equal(scene.events, 1);
}

static void a_server_that_hangs_up_is_a_failure(void **state)
{
	struct scene scene;

	(void)state;
	for (int tls = 0; tls < 2; tls++) {
		scene_init(&scene);
		uint16_t port = listen_on_loopback(&scene);
		play(&scene, (struct mqtt_session_options){.host = "127.0.0.1",
							   .port = port,
							   .plain = !tls,
							   .trust = {.insecure = tls}});
		assert_int_equal(scene.last.kind, MQTT_SESSION_CONNECT_FAILED);
		assert_int_not_equal(scene.last.failure, MQTT_SESSION_FAILURE_NONE);
	}
}

static void a_server_that_talks_nonsense_is_a_failure(void **state)
{
	struct scene scene;

	(void)state;
	for (int mqtt5 = 0; mqtt5 < 2; mqtt5++) {
		scene_init(&scene);
		scene.answer_with_garbage = true;
		uint16_t port = listen_on_loopback(&scene);
		play(&scene,
		     (struct mqtt_session_options){
			     .host = "127.0.0.1", .port = port, .plain = true, .mqtt5 = mqtt5});
		assert_int_equal(scene.last.kind, MQTT_SESSION_CONNECT_FAILED);
		assert_false(scene.last.final);
	}
}

static void closes_in_the_middle_of_a_handshake(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.close_at_connection = true;
	uint16_t port = listen_on_loopback(&scene);
	play(&scene, (struct mqtt_session_options){
			     .host = "localhost", .port = port, .trust = {.insecure = true}});
	assert_true(scene.events <= 1);
}

static void closes_before_anything_happened(void **state)
{
	struct scene scene;

	(void)state;
	for (int started = 0; started < 2; started++) {
		scene_init(&scene);
		assert_int_equal(mqtt_session_create(&scene.loop,
						     &(struct mqtt_session_options){
							     .host = "localhost", .plain = true},
						     &handlers, &scene, &scene.session),
				 0);
		if (started) {
			mqtt_session_start(scene.session);
		}
		uv_close((uv_handle_t *)&scene.deadline, NULL);
		assert_false(mqtt_session_connected(scene.session));
		assert_int_equal(mqtt_session_publish(scene.session, "t", "x", 1, 1, NULL), -1);
		mqtt_session_close(scene.session);
		mqtt_session_close(scene.session);
		uv_run(&scene.loop, UV_RUN_DEFAULT);
		assert_true(scene.closed);
		assert_int_equal(scene.events, 0);
		assert_int_equal(uv_loop_close(&scene.loop), 0);
	}
	mqtt_session_close(NULL);
}

static void refuses_options_that_make_no_sense(void **state)
{
	struct mqtt_session *session;
	struct mqtt_session_handlers none = {0};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	assert_int_equal(mqtt_session_create(&scene.loop, &(struct mqtt_session_options){0},
					     &handlers, &scene, &session),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_null(session);
	assert_int_equal(mqtt_session_create(&scene.loop,
					     &(struct mqtt_session_options){.host = "h"}, &none,
					     &scene, &session),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(
		mqtt_session_create(&scene.loop,
				    &(struct mqtt_session_options){
					    .host = "h", .trust = {.ca_file = "/nonexistent"}},
				    &handlers, &scene, &session),
		FLAGSHIP_ERROR_CRYPTO);
	uv_close((uv_handle_t *)&scene.deadline, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_port_is_tried_at_every_address),
		cmocka_unit_test(a_server_that_hangs_up_is_a_failure),
		cmocka_unit_test(a_server_that_talks_nonsense_is_a_failure),
		cmocka_unit_test(closes_in_the_middle_of_a_handshake),
		cmocka_unit_test(closes_before_anything_happened),
		cmocka_unit_test(refuses_options_that_make_no_sense),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mqtt_session", tests, NULL, NULL);
}
