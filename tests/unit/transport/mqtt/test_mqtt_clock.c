/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_broker.h"
#include "fake_clock.h"
#include "transport/backoff.h"
#include "transport/mqtt/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What a session does when its time has come, and not a moment before. */
#define SECOND_MS   1000
#define KEEPALIVE_S 30
#define OPEN_MS     5000
#define TEXT_SIZE   256
#define WAITING_MAX 8

struct scene {
	uv_loop_t loop;
	struct fake_broker broker;
	struct mqtt_session *session;
	struct mqtt_session_event event; /* the last one */
	char detail[TEXT_SIZE];
	unsigned int events;
	unsigned int closed;
};

static const char *const topic = "/phone/maker/SN/notice";

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct scene *scene = context;

	scene->event = *event;
	snprintf(scene->detail, sizeof(scene->detail), "%s", event->detail);
	scene->events++;
}

static void handle_message(void *context, const char *name, uint8_t *payload, size_t length)
{
	(void)context;
	(void)name;
	(void)payload;
	(void)length;
}

static void handle_closed(void *context)
{
	((struct scene *)context)->closed++;
}

static const struct mqtt_session_handlers handlers = {
	.on_event = handle_event,
	.on_message = handle_message,
	.on_closed = handle_closed,
};

static void scene_connect(struct scene *scene, uint16_t port)
{
	const struct mqtt_session_options options = {
		.host = "127.0.0.1",
		.port = port,
		.plain = true,
		.keepalive_s = KEEPALIVE_S,
		.open_timeout_ms = OPEN_MS,
		.topics = &topic,
		.topic_count = 1,
	};

	assert_int_equal(
		mqtt_session_create(&scene->loop, &options, &handlers, scene, &scene->session), 0);
	mqtt_session_start(scene->session);
}

static void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	fake_broker_init(&scene->broker, &scene->loop);
}

static void scene_open(struct scene *scene)
{
	scene_init(scene);
	scene_connect(scene, scene->broker.port);
	fake_clock_await(&scene->loop, &scene->events, 2);
	assert_int_equal(scene->event.kind, MQTT_SESSION_SUBSCRIBED);
}

static void scene_finish(struct scene *scene)
{
	mqtt_session_close(scene->session);
	fake_clock_await(&scene->loop, &scene->closed, 1);
	fake_broker_close(&scene->broker);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
}

/* Timers that repeat see each of their times, as they do in a life. */
static void pass(struct scene *scene, int64_t ms)
{
	for (; ms > SECOND_MS; ms -= SECOND_MS) {
		fake_clock_pass(SECOND_MS);
		uv_run(&scene->loop, UV_RUN_NOWAIT);
	}
	fake_clock_pass(ms);
	fake_clock_settle(&scene->loop);
}

static uint32_t lose(struct scene *scene)
{
	unsigned int before = scene->events;

	fake_broker_drop(&scene->broker);
	fake_clock_await(&scene->loop, &scene->events, before + 1);
	assert_int_equal(scene->event.kind, MQTT_SESSION_DISCONNECTED);
	return scene->event.retry_in_ms;
}

static void comes_back_when_the_pause_is_over(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene);
	uint32_t pause_ms = lose(&scene);
	assert_in_range(pause_ms, BACKOFF_FIRST_MS, 2 * BACKOFF_FIRST_MS);
	pass(&scene, pause_ms - 1);
	assert_int_equal(scene.broker.connects, 1);
	pass(&scene, 1);
	assert_int_equal(scene.broker.connects, 2);
	assert_true(mqtt_session_connected(scene.session));
	scene_finish(&scene);
}

/* Lost again after so long, it tells how long the next pause is. */
static uint32_t pause_after(int64_t stood_ms)
{
	struct scene scene;

	scene_open(&scene);
	pass(&scene, lose(&scene));
	assert_true(mqtt_session_connected(scene.session));
	pass(&scene, stood_ms);
	uint32_t pause_ms = lose(&scene);
	scene_finish(&scene);
	return pause_ms;
}

static void pauses_begin_anew_after_a_connection_that_stood(void **state)
{
	(void)state;
	assert_in_range(pause_after(BACKOFF_STOOD_MS - 1), 2 * BACKOFF_FIRST_MS,
			4 * BACKOFF_FIRST_MS);
	assert_in_range(pause_after(BACKOFF_STOOD_MS), BACKOFF_FIRST_MS, 2 * BACKOFF_FIRST_MS);
}

static void pauses_grow_to_their_bound(void **state)
{
	struct scene scene;
	uint32_t last_ms = 0;

	(void)state;
	scene_open(&scene);
	fake_broker_drop(&scene.broker);
	uv_close((uv_handle_t *)&scene.broker.server, NULL);
	for (unsigned int tries = 3; tries < 12; tries++) {
		fake_clock_await(&scene.loop, &scene.events, tries);
		last_ms = scene.event.retry_in_ms;
		assert_true(last_ms <= BACKOFF_LAST_MS);
		fake_clock_pass(last_ms);
	}
	assert_in_range(last_ms, BACKOFF_LAST_MS / 2, BACKOFF_LAST_MS);
	scene_finish(&scene);
}

static void gives_a_broker_its_time_to_answer_and_no_more(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.broker.silent = true;
	scene_connect(&scene, scene.broker.port);
	fake_clock_settle(&scene.loop);
	pass(&scene, OPEN_MS - 1);
	assert_int_equal(scene.events, 0);
	pass(&scene, 1);
	assert_int_equal(scene.events, 1);
	assert_int_equal(scene.event.kind, MQTT_SESSION_CONNECT_FAILED);
	assert_int_equal(scene.event.failure, MQTT_SESSION_FAILURE_LOST);
	assert_string_equal(scene.detail, "the broker does not answer");
	scene_finish(&scene);
}

/* A port whose queue of connections is full answers nobody any more. */
static uint16_t fill_port(int sockets[WAITING_MAX])
{
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	uv_ip4_addr("127.0.0.1", 0, &address);
	for (size_t i = 0; i < WAITING_MAX; i++) {
		sockets[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		assert_true(sockets[i] >= 0);
	}
	assert_int_equal(bind(sockets[0], (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(sockets[0], 0), 0);
	assert_int_equal(getsockname(sockets[0], (struct sockaddr *)&address, &size), 0);
	for (size_t i = 1; i < WAITING_MAX; i++) {
		(void)connect(sockets[i], (struct sockaddr *)&address, size);
	}
	return ntohs(address.sin_port);
}

static void gives_up_an_address_that_takes_no_connection(void **state)
{
	struct scene scene;
	int sockets[WAITING_MAX];

	(void)state;
	scene_init(&scene);
	scene_connect(&scene, fill_port(sockets));
	fake_clock_settle(&scene.loop);
	pass(&scene, OPEN_MS - 1);
	assert_int_equal(scene.events, 0);
	pass(&scene, 1);
	assert_int_equal(scene.events, 1);
	assert_int_equal(scene.event.failure, MQTT_SESSION_FAILURE_CONNECT);
	for (size_t i = 0; i < WAITING_MAX; i++) {
		close(sockets[i]);
	}
	scene_finish(&scene);
}

/* A ping after so long, and its answer within as long again. */
static void a_broker_that_falls_silent_is_lost_when_its_pong_is_overdue(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene);
	scene.broker.silent = true;
	pass(&scene, (int64_t)2 * KEEPALIVE_S * SECOND_MS - 1);
	assert_int_equal(scene.events, 2);
	assert_true(mqtt_session_connected(scene.session));
	pass(&scene, 1);
	assert_int_equal(scene.events, 3);
	assert_int_equal(scene.event.kind, MQTT_SESSION_DISCONNECTED);
	assert_int_equal(scene.event.failure, MQTT_SESSION_FAILURE_LOST);
	assert_non_null(strstr(scene.detail, "pings are not answered"));
	scene_finish(&scene);
}

static void a_broker_that_answers_pings_is_kept(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene);
	for (int i = 0; i < 5 * KEEPALIVE_S; i++) {
		fake_clock_pass(SECOND_MS);
		fake_clock_settle(&scene.loop);
	}
	assert_int_equal(scene.events, 2);
	assert_true(mqtt_session_connected(scene.session));
	scene_finish(&scene);
}

/* The broker has ended by then what it has not heard of. */
static void sleep_ends_a_connection_only_where_the_broker_did_not_wait(void **state)
{
	static const int64_t waits_ms = (int64_t)KEEPALIVE_S * SECOND_MS * 3 / 2;

	(void)state;
	for (int late = 0; late < 2; late++) {
		struct scene scene;

		scene_open(&scene);
		fake_clock_sleep(waits_ms - 1 + late);
		pass(&scene, SECOND_MS);
		assert_int_equal(scene.events, 2 + late);
		assert_int_equal(mqtt_session_connected(scene.session), !late);
		if (late) {
			assert_non_null(strstr(scene.detail, "asleep"));
		}
		scene_finish(&scene);
	}
}

static void a_correction_of_the_clock_on_the_wall_ends_nothing(void **state)
{
	struct scene scene;

	(void)state;
	scene_open(&scene);
	fake_clock_step((int64_t)3600 * SECOND_MS);
	pass(&scene, SECOND_MS);
	fake_clock_step((int64_t)-7200 * SECOND_MS);
	pass(&scene, SECOND_MS);
	assert_int_equal(scene.events, 2);
	assert_true(mqtt_session_connected(scene.session));
	scene_finish(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_when_the_pause_is_over),
		cmocka_unit_test(pauses_begin_anew_after_a_connection_that_stood),
		cmocka_unit_test(pauses_grow_to_their_bound),
		cmocka_unit_test(gives_a_broker_its_time_to_answer_and_no_more),
		cmocka_unit_test(gives_up_an_address_that_takes_no_connection),
		cmocka_unit_test(a_broker_that_falls_silent_is_lost_when_its_pong_is_overdue),
		cmocka_unit_test(a_broker_that_answers_pings_is_kept),
		cmocka_unit_test(sleep_ends_a_connection_only_where_the_broker_did_not_wait),
		cmocka_unit_test(a_correction_of_the_clock_on_the_wall_ends_nothing),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mqtt_clock", tests, NULL, NULL);
}
