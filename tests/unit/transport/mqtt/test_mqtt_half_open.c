/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_broker.h"
#include "transport/mqtt/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* The least that libmosquitto takes: a ping after 5 s, and 5 s more for its answer. */
#define KEEPALIVE_S 5
#define DEADLINE_MS 20000
#define TEXT_SIZE   256

struct scene {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct fake_broker broker;
	struct mqtt_session *session;
	bool lost;
	bool closed;
	char detail[TEXT_SIZE];
};

static void handle_overdue(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing happened in time");
}

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct scene *scene = context;

	if (event->kind == MQTT_SESSION_SUBSCRIBED) {
		/* From here on as a machine that was unplugged: the connection stays, in silence.
		 */
		scene->broker.silent = true;
	} else if (event->kind == MQTT_SESSION_DISCONNECTED) {
		assert_int_equal(event->failure, MQTT_SESSION_FAILURE_LOST);
		snprintf(scene->detail, sizeof(scene->detail), "%s", event->detail);
		scene->lost = true;
	}
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	(void)context;
	(void)topic;
	(void)payload;
	(void)length;
}

static void handle_closed(void *context)
{
	struct scene *scene = context;

	scene->closed = true;
}

static void tells_a_connection_that_is_half_open(void **state)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = handle_event,
		.on_message = handle_message,
		.on_closed = handle_closed,
	};
	const char *topic = "/phone/maker/SN/notice";
	struct scene scene = {0};

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(uv_loop_init(&scene.loop), 0);
	uv_timer_init(&scene.loop, &scene.deadline);
	uv_timer_start(&scene.deadline, handle_overdue, DEADLINE_MS, 0);
	fake_broker_init(&scene.broker, &scene.loop);
	const struct mqtt_session_options options = {
		.host = "127.0.0.1",
		.port = scene.broker.port,
		.plain = true,
		.keepalive_s = KEEPALIVE_S,
		.topics = &topic,
		.topic_count = 1,
	};
	assert_int_equal(
		mqtt_session_create(&scene.loop, &options, &handlers, &scene, &scene.session), 0);
	mqtt_session_start(scene.session);
	while (!scene.lost) {
		uv_run(&scene.loop, UV_RUN_ONCE);
	}
	assert_non_null(strstr(scene.detail, "pings are not answered"));
	assert_non_null(strstr(scene.detail, "check"));
	mqtt_session_close(scene.session);
	while (!scene.closed) {
		uv_run(&scene.loop, UV_RUN_ONCE);
	}
	fake_broker_close(&scene.broker);
	uv_close((uv_handle_t *)&scene.deadline, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_a_connection_that_is_half_open),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mqtt_half_open", tests, NULL, NULL);
}
