/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "fake_broker.h"
#include "fake_clock.h"
#include "transport/mqtt/session.h"

#include <flagship/error.h>

#include <mosquitto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/*
 * A session's whole life, again and again, in which one allocation after the other fails, ours and
 * those of what we ask libmosquitto for. It is said, and the session goes on as if nothing was.
 */
#define TOPICS     12 /* more than one packet, and than the broker of the test keeps */
#define TOPIC_SIZE 32
#define RETRY_MS   60000

struct life {
	uv_loop_t loop;
	struct fake_broker broker;
	struct mqtt_session *session;
	unsigned int subscribed; /* how often all was granted */
	unsigned int messages;
	unsigned int failures;
	unsigned int closed;
};

static char names[TOPICS][TOPIC_SIZE];
static const char *topics[TOPICS];

struct mosquitto *__real_mosquitto_new(const char *id, bool clean, void *context);
struct mosquitto *__wrap_mosquitto_new(const char *id, bool clean, void *context);
int __real_mosquitto_connect_async(struct mosquitto *mosquitto, const char *host, int port,
				   int keepalive_s);
int __wrap_mosquitto_connect_async(struct mosquitto *mosquitto, const char *host, int port,
				   int keepalive_s);
int __real_mosquitto_subscribe_multiple(struct mosquitto *mosquitto, int *id, int count,
					char *const *const filters, int qos, int options,
					const mosquitto_property *properties);
int __wrap_mosquitto_subscribe_multiple(struct mosquitto *mosquitto, int *id, int count,
					char *const *const filters, int qos, int options,
					const mosquitto_property *properties);

struct mosquitto *__wrap_mosquitto_new(const char *id, bool clean, void *context)
{
	return failing_memory_due() ? NULL : __real_mosquitto_new(id, clean, context);
}

int __wrap_mosquitto_connect_async(struct mosquitto *mosquitto, const char *host, int port,
				   int keepalive_s)
{
	return failing_memory_due()
		       ? MOSQ_ERR_NOMEM
		       : __real_mosquitto_connect_async(mosquitto, host, port, keepalive_s);
}

int __wrap_mosquitto_subscribe_multiple(struct mosquitto *mosquitto, int *id, int count,
					char *const *const filters, int qos, int options,
					const mosquitto_property *properties)
{
	return failing_memory_due()
		       ? MOSQ_ERR_NOMEM
		       : __real_mosquitto_subscribe_multiple(mosquitto, id, count, filters, qos,
							     options, properties);
}

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct life *life = context;

	life->subscribed += event->kind == MQTT_SESSION_SUBSCRIBED;
	if (event->kind == MQTT_SESSION_CONNECT_FAILED ||
	    event->kind == MQTT_SESSION_DISCONNECTED) {
		life->failures++;
		assert_true(event->retry_in_ms > 0);
		assert_true(event->detail[0] != '\0');
	}
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	(void)topic;
	(void)payload;
	(void)length;
	((struct life *)context)->messages++;
}

static void handle_closed(void *context)
{
	((struct life *)context)->closed++;
}

/* 0, or MEMORY where a fault was due. */
static bool is_good(int error)
{
	if (error) {
		assert_int_equal(error, FLAGSHIP_ERROR_MEMORY);
		assert_true(failing_memory_fell());
	}
	return error == 0;
}

/* Pauses after failures pass at once. */
static void await_subscribed(struct life *life, unsigned int times)
{
	while (life->subscribed < times) {
		fake_clock_settle(&life->loop);
		if (life->subscribed < times) {
			assert_true(failing_memory_fell() || times > 1);
			fake_clock_pass(RETRY_MS);
		}
	}
}

static bool create(struct life *life)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = handle_event,
		.on_message = handle_message,
		.on_closed = handle_closed,
	};
	/* By address: what looks names up is tested on its own. */
	const struct mqtt_session_options options = {
		.host = "localhost",
		.address = "127.0.0.1",
		.port = life->broker.port,
		.plain = true,
		.username = "user",
		.password = "word",
		.topics = topics,
		.topic_count = 1,
	};

	return is_good(mqtt_session_create(&life->loop, &options, &handlers, life, &life->session));
}

static void go_through(struct life *life)
{
	mqtt_session_start(life->session);
	await_subscribed(life, 1);
	while (!is_good(mqtt_session_subscribe(life->session, topics, TOPICS))) {
	}
	await_subscribed(life, 2);
	fake_broker_publish(&life->broker, topics[1], "hello");
	fake_clock_await(&life->loop, &life->messages, 1);
	fake_broker_drop(&life->broker);
	fake_clock_settle(&life->loop);
	assert_true(life->failures > 0);
	await_subscribed(life, 3);
	assert_true(mqtt_session_connected(life->session));
	assert_int_equal(mqtt_session_publish(life->session, topics[0], "x", 1, 1, NULL), 0);
}

static void live_once(void)
{
	static struct life life;

	memset(&life, 0, sizeof(life));
	failing_memory_pause();
	assert_int_equal(uv_loop_init(&life.loop), 0);
	fake_broker_init(&life.broker, &life.loop);
	failing_memory_resume();
	if (create(&life)) {
		go_through(&life);
		mqtt_session_close(life.session);
		fake_clock_await(&life.loop, &life.closed, 1);
	} else {
		assert_null(life.session);
	}
	failing_memory_pause();
	fake_broker_close(&life.broker);
	uv_run(&life.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&life.loop), 0);
}

static void each_allocation_fails_once(void **state)
{
	unsigned int number = 0;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < TOPICS; i++) {
		snprintf(names[i], sizeof(names[i]), "/p/%zu/n", i);
		topics[i] = names[i];
	}
	do {
		failing_memory_arm(++number);
		live_once();
	} while (failing_memory_fell());
	/* It came to its end without a fault: all of them were reached. */
	assert_true(number > TOPICS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails_once)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mqtt_memory", tests, NULL, NULL);
}
