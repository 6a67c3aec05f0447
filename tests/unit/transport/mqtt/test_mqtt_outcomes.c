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

#define DEADLINE_MS 10000
#define EVENTS_MAX  16
#define TEXT_SIZE   256
#define NONE        (-1)
#define TURNS_MAX   24

struct told {
	struct mqtt_session_event event;
	char topic[TEXT_SIZE];
	char detail[TEXT_SIZE];
};

/* One session against one broker on one loop; what the session tells is kept. */
struct scene {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct fake_broker broker;
	struct mqtt_session *session;
	struct told told[EVENTS_MAX];
	unsigned int count;
	int close_at; /* the event, of enum mqtt_session_event_kind, at which to close; or NONE */
	bool close_at_message;
	bool close_at_published;
	unsigned int messages;
	char message[TEXT_SIZE];
	int published_id;
	unsigned int published;
	unsigned int closed;
};

static const char *const topics[] = {"/phone/maker/SN/notice", "/phone/maker/SN/query/reply",
				     "/phone/user/U/change_notice"};

#define TOPIC_COUNT (sizeof(topics) / sizeof(topics[0]))

static void handle_overdue(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing happened in time");
}

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct scene *scene = context;
	struct told *told = &scene->told[scene->count];

	assert_int_equal(scene->closed, 0);
	assert_in_range(++scene->count, 1, EVENTS_MAX);
	assert_non_null(event->detail);
	told->event = *event;
	snprintf(told->topic, sizeof(told->topic), "%s", event->topic ? event->topic : "");
	snprintf(told->detail, sizeof(told->detail), "%s", event->detail);
	if ((int)event->kind == scene->close_at) {
		mqtt_session_close(scene->session);
	}
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct scene *scene = context;

	scene->messages++;
	snprintf(scene->message, sizeof(scene->message), "%s %.*s", topic, (int)length,
		 (const char *)payload);
	memset(payload, 0, length);
	if (scene->close_at_message) {
		mqtt_session_close(scene->session);
	}
}

static void handle_published(void *context, int id)
{
	struct scene *scene = context;

	scene->published++;
	scene->published_id = id;
	if (scene->close_at_published) {
		mqtt_session_close(scene->session);
	}
}

static void handle_closed(void *context)
{
	struct scene *scene = context;

	scene->closed++;
}

static const struct mqtt_session_handlers handlers = {
	.on_event = handle_event,
	.on_message = handle_message,
	.on_published = handle_published,
	.on_closed = handle_closed,
};

static void scene_init(struct scene *scene)
{
	memset(scene, 0, sizeof(*scene));
	scene->close_at = NONE;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	uv_timer_init(&scene->loop, &scene->deadline);
	uv_timer_start(&scene->deadline, handle_overdue, DEADLINE_MS, 0);
	fake_broker_init(&scene->broker, &scene->loop);
}

static void scene_connect(struct scene *scene, struct mqtt_session_options options)
{
	options.host = options.host ? options.host : "127.0.0.1";
	options.port = scene->broker.port;
	options.plain = true;
	options.mqtt5 = scene->broker.mqtt5;
	options.topics = topics;
	options.topic_count = TOPIC_COUNT;
	assert_int_equal(
		mqtt_session_create(&scene->loop, &options, &handlers, scene, &scene->session), 0);
	mqtt_session_start(scene->session);
	assert_int_equal(scene->count, 0);
}

static void await(struct scene *scene, const unsigned int *counter, unsigned int value)
{
	while (*counter < value) {
		uv_run(&scene->loop, UV_RUN_ONCE);
	}
}

static const struct told *await_event(struct scene *scene, unsigned int number)
{
	await(scene, &scene->count, number);
	return &scene->told[number - 1];
}

/* Nothing is left on the loop. */
static void scene_finish(struct scene *scene)
{
	mqtt_session_close(scene->closed ? NULL : scene->session);
	await(scene, &scene->closed, 1);
	fake_broker_close(&scene->broker);
	uv_close((uv_handle_t *)&scene->deadline, NULL);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_int_equal(scene->closed, 1);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
}

static void scene_open(struct scene *scene)
{
	scene_connect(scene, (struct mqtt_session_options){0});
	assert_int_equal(await_event(scene, 1)->event.kind, MQTT_SESSION_CONNECTED);
	assert_int_equal(await_event(scene, 2)->event.kind, MQTT_SESSION_SUBSCRIBED);
}

static void subscribes_to_each_topic_by_name(void **state)
{
	struct scene scene;

	(void)state;
	for (int mqtt5 = 0; mqtt5 < 2; mqtt5++) {
		scene_init(&scene);
		scene.broker.mqtt5 = mqtt5;
		scene_open(&scene);
		assert_true(mqtt_session_connected(scene.session));
		assert_int_equal(scene.broker.topic_count, TOPIC_COUNT);
		for (size_t i = 0; i < TOPIC_COUNT; i++) {
			assert_string_equal(scene.broker.topics[i], topics[i]);
			assert_int_equal(scene.broker.options[i], 1);
		}
		scene_finish(&scene);
		assert_int_equal(scene.broker.disconnects, 1);
		assert_int_equal(scene.count, 2);
	}
}

static void names_each_subscription_that_was_refused(void **state)
{
	struct scene scene;

	(void)state;
	for (int mqtt5 = 0; mqtt5 < 2; mqtt5++) {
		scene_init(&scene);
		scene.broker.mqtt5 = mqtt5;
		scene.broker.granted[0] = mqtt5 ? 0x87 : 0x80;
		scene.broker.granted[1] = 1;
		scene.broker.granted[2] = 0x80;
		scene_connect(&scene, (struct mqtt_session_options){0});
		await_event(&scene, 4);
		assert_int_equal(scene.told[1].event.kind, MQTT_SESSION_SUBSCRIPTION_REFUSED);
		assert_string_equal(scene.told[1].topic, topics[0]);
		assert_int_equal(scene.told[2].event.kind, MQTT_SESSION_SUBSCRIPTION_REFUSED);
		assert_string_equal(scene.told[2].topic, topics[2]);
		assert_int_equal(scene.told[3].event.kind, MQTT_SESSION_PARTLY_SUBSCRIBED);
		scene_finish(&scene);
		assert_int_equal(scene.count, 4);
	}
}

struct login_case {
	bool mqtt5;
	uint8_t code;
	enum mqtt_session_failure failure;
};

static void tells_a_refused_login_from_other_refusals(void **state)
{
	static const struct login_case cases[] = {
		{false, 4, MQTT_SESSION_FAILURE_LOGIN},
		{false, 5, MQTT_SESSION_FAILURE_LOGIN},
		{false, 2, MQTT_SESSION_FAILURE_PROTOCOL},
		{false, 3, MQTT_SESSION_FAILURE_PROTOCOL},
		{true, 0x86, MQTT_SESSION_FAILURE_LOGIN},    /* bad user name or password */
		{true, 0x87, MQTT_SESSION_FAILURE_LOGIN},    /* not authorised */
		{true, 0x8a, MQTT_SESSION_FAILURE_LOGIN},    /* banned */
		{true, 0x88, MQTT_SESSION_FAILURE_PROTOCOL}, /* server unavailable */
		{true, 0x97, MQTT_SESSION_FAILURE_PROTOCOL}, /* quota exceeded */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct scene scene;
		bool final = cases[i].failure == MQTT_SESSION_FAILURE_LOGIN;
		scene_init(&scene);
		scene.broker.mqtt5 = cases[i].mqtt5;
		scene.broker.connack = cases[i].code;
		scene_connect(&scene, (struct mqtt_session_options){0});
		const struct told *told = await_event(&scene, 1);
		assert_int_equal(told->event.kind, MQTT_SESSION_CONNECT_FAILED);
		assert_int_equal(told->event.failure, cases[i].failure);
		assert_int_equal(told->event.final, final);
		assert_int_equal(told->event.retry_in_ms == 0, final);
		assert_non_null(strstr(told->detail, "refused"));
		scene_finish(&scene);
	}
}

static void a_daemon_tries_a_refused_login_again(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.broker.connack = 5;
	scene_connect(&scene, (struct mqtt_session_options){.retry_final = true});
	const struct told *told = await_event(&scene, 1);
	assert_int_equal(told->event.failure, MQTT_SESSION_FAILURE_LOGIN);
	assert_false(told->event.final);
	assert_in_range(told->event.retry_in_ms, 1000, 2000);
	scene.broker.connack = 0;
	assert_int_equal(await_event(&scene, 2)->event.kind, MQTT_SESSION_CONNECTED);
	scene_finish(&scene);
}

static void comes_back_and_subscribes_again(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_open(&scene);
	fake_broker_drop(&scene.broker);
	const struct told *told = await_event(&scene, 3);
	assert_int_equal(told->event.kind, MQTT_SESSION_DISCONNECTED);
	assert_int_equal(told->event.failure, MQTT_SESSION_FAILURE_LOST);
	assert_in_range(told->event.retry_in_ms, 1000, 2000);
	assert_false(mqtt_session_connected(scene.session));
	assert_int_equal(mqtt_session_publish(scene.session, "t", "x", 1, 1, NULL), -1);
	assert_int_equal(await_event(&scene, 4)->event.kind, MQTT_SESSION_CONNECTED);
	assert_int_equal(await_event(&scene, 5)->event.kind, MQTT_SESSION_SUBSCRIBED);
	assert_int_equal(scene.broker.connects, 2);
	assert_int_equal(scene.broker.subscribes, 2);
	assert_int_equal(scene.broker.topic_count, TOPIC_COUNT);
	scene_finish(&scene);
}

static void reports_why_an_mqtt5_broker_said_goodbye(void **state)
{
	static const uint8_t taken_over[] = {0xe0, 2, 0x8e, 0};
	static const uint8_t normal[] = {0xe0, 0};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.broker.mqtt5 = true;
	scene_open(&scene);
	fake_broker_send(&scene.broker, taken_over, sizeof(taken_over));
	const struct told *told = await_event(&scene, 3);
	assert_int_equal(told->event.kind, MQTT_SESSION_DISCONNECTED);
	assert_int_equal(told->event.failure, MQTT_SESSION_FAILURE_LOST);
	assert_non_null(strstr(told->detail, "taken over"));
	scene_finish(&scene);

	scene_init(&scene);
	scene.broker.mqtt5 = true;
	scene_open(&scene);
	fake_broker_send(&scene.broker, normal, sizeof(normal));
	assert_int_equal(await_event(&scene, 3)->event.kind, MQTT_SESSION_DISCONNECTED);
	scene_finish(&scene);
}

static void carries_messages_both_ways(void **state)
{
	struct scene scene;

	(void)state;
	for (int mqtt5 = 0; mqtt5 < 2; mqtt5++) {
		int id = 0;
		scene_init(&scene);
		scene.broker.mqtt5 = mqtt5;
		scene_open(&scene);
		fake_broker_publish(&scene.broker, topics[0], "hello");
		fake_broker_publish(&scene.broker, topics[1], "again");
		await(&scene, &scene.messages, 2);
		assert_string_equal(scene.message, "/phone/maker/SN/query/reply again");
		assert_int_equal(mqtt_session_publish(scene.session, "/device", "x", 1, 1, &id), 0);
		await(&scene, &scene.published, 1);
		assert_int_equal(scene.published_id, id);
		assert_int_equal(scene.broker.publishes, 1);
		scene_finish(&scene);
	}
}

static void gives_up_a_broker_that_takes_everything_and_answers_nothing(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.broker.silent = true;
	scene_connect(&scene, (struct mqtt_session_options){.open_timeout_ms = 100});
	const struct told *told = await_event(&scene, 1);
	assert_int_equal(told->event.kind, MQTT_SESSION_CONNECT_FAILED);
	assert_int_equal(told->event.failure, MQTT_SESSION_FAILURE_LOST);
	assert_string_equal(told->detail, "the broker does not answer");
	scene_finish(&scene);
}

static void waits_longer_after_each_failure(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	uv_close((uv_handle_t *)&scene.broker.server, NULL);
	scene_connect(&scene, (struct mqtt_session_options){0});
	assert_in_range(await_event(&scene, 1)->event.retry_in_ms, 1000, 2000);
	assert_in_range(await_event(&scene, 2)->event.retry_in_ms, 2000, 4000);
	assert_int_equal(scene.told[1].event.failure, MQTT_SESSION_FAILURE_CONNECT);
	scene_finish(&scene);
}

static void waits_longer_each_time_it_is_dropped_after_the_login(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_open(&scene);
	fake_broker_drop(&scene.broker);
	assert_in_range(await_event(&scene, 3)->event.retry_in_ms, 1000, 2000);
	assert_int_equal(await_event(&scene, 5)->event.kind, MQTT_SESSION_SUBSCRIBED);
	fake_broker_drop(&scene.broker);
	assert_in_range(await_event(&scene, 6)->event.retry_in_ms, 2000, 4000);
	assert_int_equal(scene.told[5].event.kind, MQTT_SESSION_DISCONNECTED);
	scene_finish(&scene);
}

static void tells_a_host_that_cannot_be(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_connect(&scene, (struct mqtt_session_options){.host = "a..b"});
	const struct told *told = await_event(&scene, 1);
	assert_int_equal(told->event.kind, MQTT_SESSION_CONNECT_FAILED);
	assert_int_equal(told->event.failure, MQTT_SESSION_FAILURE_RESOLVE);
	assert_true(told->detail[0] != '\0');
	scene_finish(&scene);
}

static void closes_at_every_event(void **state)
{
	static const enum mqtt_session_event_kind kinds[] = {
		MQTT_SESSION_CONNECTED,      MQTT_SESSION_SUBSCRIBED,
		MQTT_SESSION_DISCONNECTED,   MQTT_SESSION_SUBSCRIPTION_REFUSED,
		MQTT_SESSION_CONNECT_FAILED,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct scene scene;
		scene_init(&scene);
		scene.close_at = (int)kinds[i];
		scene.broker.connack = kinds[i] == MQTT_SESSION_CONNECT_FAILED ? 3 : 0;
		if (kinds[i] == MQTT_SESSION_SUBSCRIPTION_REFUSED) {
			memset(scene.broker.granted, 0x80, sizeof(scene.broker.granted));
		}
		scene_connect(&scene, (struct mqtt_session_options){0});
		if (kinds[i] == MQTT_SESSION_DISCONNECTED) {
			await_event(&scene, 2);
			fake_broker_drop(&scene.broker);
		}
		await(&scene, &scene.closed, 1);
		assert_int_equal(scene.told[scene.count - 1].event.kind, kinds[i]);
		scene_finish(&scene);
	}
}

static void closes_after_any_number_of_turns(void **state)
{
	(void)state;
	for (int turns = 0; turns < TURNS_MAX; turns++) {
		struct scene scene;
		scene_init(&scene);
		scene_connect(&scene, (struct mqtt_session_options){.host = "localhost"});
		for (int i = 0; i < turns && scene.count < 2; i++) {
			uv_run(&scene.loop, UV_RUN_ONCE);
		}
		scene_finish(&scene);
	}
}

static void closes_while_a_message_comes_or_goes(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.close_at_message = true;
	scene_open(&scene);
	fake_broker_publish(&scene.broker, topics[0], "one");
	fake_broker_publish(&scene.broker, topics[0], "two");
	await(&scene, &scene.closed, 1);
	assert_int_equal(scene.messages, 1);
	scene_finish(&scene);

	for (int qos = 0; qos < 2; qos++) {
		scene_init(&scene);
		scene.close_at_published = true;
		scene_open(&scene);
		mqtt_session_publish(scene.session, "/device", "x", 1, qos, NULL);
		await(&scene, &scene.closed, 1);
		assert_int_equal(scene.published, 1);
		scene_finish(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subscribes_to_each_topic_by_name),
		cmocka_unit_test(names_each_subscription_that_was_refused),
		cmocka_unit_test(tells_a_refused_login_from_other_refusals),
		cmocka_unit_test(a_daemon_tries_a_refused_login_again),
		cmocka_unit_test(comes_back_and_subscribes_again),
		cmocka_unit_test(reports_why_an_mqtt5_broker_said_goodbye),
		cmocka_unit_test(carries_messages_both_ways),
		cmocka_unit_test(gives_up_a_broker_that_takes_everything_and_answers_nothing),
		cmocka_unit_test(waits_longer_after_each_failure),
		cmocka_unit_test(waits_longer_each_time_it_is_dropped_after_the_login),
		cmocka_unit_test(tells_a_host_that_cannot_be),
		cmocka_unit_test(closes_at_every_event),
		cmocka_unit_test(closes_after_any_number_of_turns),
		cmocka_unit_test(closes_while_a_message_comes_or_goes),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mqtt_outcomes", tests, NULL, NULL);
}
