/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_broker.h"
#include "transport/mqtt/session.h"

#include <flagship/error.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Topics that come and go while a session stands. */
#define DEADLINE_MS 10000
#define MANY        300
#define TEXT_SIZE   16

struct scene {
	uv_loop_t loop;
	uv_timer_t deadline;
	struct fake_broker broker;
	struct mqtt_session *session;
	unsigned int connects;
	unsigned int complete; /* SUBSCRIBED */
	unsigned int partly;
	unsigned int refused; /* events */
	unsigned int granted;
	unsigned int denied;
	unsigned int lost;
	unsigned int closed;
	const char *drops; /* this topic, once one is granted */
	bool closes;       /* the session, once one is granted */
	char texts[MANY][TEXT_SIZE];
	const char *topics[MANY];
};

static void handle_overdue(uv_timer_t *timer)
{
	(void)timer;
	fail_msg("nothing happened in time");
}

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct scene *scene = context;

	scene->connects += event->kind == MQTT_SESSION_CONNECTED;
	scene->complete += event->kind == MQTT_SESSION_SUBSCRIBED;
	scene->partly += event->kind == MQTT_SESSION_PARTLY_SUBSCRIBED;
	scene->refused += event->kind == MQTT_SESSION_SUBSCRIPTION_REFUSED;
	scene->lost += event->kind == MQTT_SESSION_DISCONNECTED;
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	(void)context;
	(void)topic;
	(void)payload;
	(void)length;
}

static void handle_subscription(void *context, const char *topic, bool granted)
{
	struct scene *scene = context;

	assert_memory_equal(topic, "/t/", 3);
	scene->granted += granted;
	scene->denied += !granted;
	if (scene->drops) {
		const char *dropped = scene->drops;

		scene->drops = NULL;
		mqtt_session_unsubscribe(scene->session, &dropped, 1);
		assert_memory_equal(topic, "/t/", 3);
	}
	if (scene->closes) {
		mqtt_session_close(scene->session);
	}
}

static void handle_closed(void *context)
{
	((struct scene *)context)->closed++;
}

static void scene_init(struct scene *scene, size_t first_topics)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = handle_event,
		.on_message = handle_message,
		.on_subscription = handle_subscription,
		.on_closed = handle_closed,
	};
	struct mqtt_session_options options = {.host = "127.0.0.1", .plain = true};

	memset(scene, 0, sizeof(*scene));
	signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(scene->texts[i], TEXT_SIZE, "/t/%zu", i);
		scene->topics[i] = scene->texts[i];
	}
	assert_int_equal(uv_loop_init(&scene->loop), 0);
	uv_timer_init(&scene->loop, &scene->deadline);
	uv_timer_start(&scene->deadline, handle_overdue, DEADLINE_MS, 0);
	fake_broker_init(&scene->broker, &scene->loop);
	options.port = scene->broker.port;
	options.topics = scene->topics;
	options.topic_count = first_topics;
	assert_int_equal(
		mqtt_session_create(&scene->loop, &options, &handlers, scene, &scene->session), 0);
	mqtt_session_start(scene->session);
}

static void await(struct scene *scene, const unsigned int *counter, unsigned int value)
{
	while (*counter < value) {
		uv_run(&scene->loop, UV_RUN_ONCE);
	}
}

static void scene_finish(struct scene *scene)
{
	if (!scene->closes) {
		mqtt_session_close(scene->session);
	}
	await(scene, &scene->closed, 1);
	fake_broker_close(&scene->broker);
	uv_close((uv_handle_t *)&scene->deadline, NULL);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
}

static void many_go_out_eight_to_a_packet(void **state)
{
	static struct scene scene;

	(void)state;
	scene_init(&scene, MANY);
	await(&scene, &scene.complete, 1);
	assert_int_equal(scene.granted, MANY);
	assert_int_equal(scene.broker.subscribed, MANY);
	assert_int_equal(scene.broker.subscribes, (MANY + 7) / 8);
	scene_finish(&scene);
}

static void topics_come_while_it_stands(void **state)
{
	static struct scene scene;

	(void)state;
	scene_init(&scene, 2);
	await(&scene, &scene.complete, 1);
	/* What is there is not asked for again; what is called one by one goes out together. */
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(mqtt_session_subscribe(scene.session, &scene.topics[i], 1), 0);
	}
	await(&scene, &scene.complete, 2);
	assert_int_equal(scene.granted, 10);
	assert_int_equal(scene.broker.subscribes, 2);
	/* And they are asked for in the next connection as well. */
	fake_broker_drop(&scene.broker);
	await(&scene, &scene.lost, 1);
	await(&scene, &scene.complete, 3);
	assert_int_equal(scene.granted, 20);
	scene_finish(&scene);
}

static void topics_go_while_it_stands(void **state)
{
	static struct scene scene;

	(void)state;
	scene_init(&scene, 20);
	await(&scene, &scene.complete, 1);
	mqtt_session_unsubscribe(scene.session, scene.topics, 18);
	await(&scene, &scene.broker.unsubscribed, 18);
	assert_int_equal(scene.broker.unsubscribes, 3);
	/* The other way round in one go: it is wanted in the end. */
	mqtt_session_unsubscribe(scene.session, &scene.topics[19], 1);
	assert_int_equal(mqtt_session_subscribe(scene.session, &scene.topics[19], 1), 0);
	await(&scene, &scene.complete, 2);
	assert_int_equal(scene.broker.unsubscribed, 19);
	fake_broker_drop(&scene.broker);
	await(&scene, &scene.complete, 3);
	assert_int_equal(scene.granted, 20 + 1 + 2);
	scene_finish(&scene);
}

static void single_topics_are_refused(void **state)
{
	static struct scene scene;

	(void)state;
	scene_init(&scene, 20);
	scene.broker.refuses = "/t/1"; /* and 10 to 19 */
	await(&scene, &scene.partly, 1);
	assert_int_equal(scene.complete, 0);
	assert_int_equal(scene.granted, 9);
	assert_int_equal(scene.denied, 11);
	assert_int_equal(scene.refused, 11);
	/* Without those all is well. */
	mqtt_session_unsubscribe(scene.session, &scene.topics[1], 1);
	mqtt_session_unsubscribe(scene.session, &scene.topics[10], 10);
	assert_int_equal(mqtt_session_subscribe(scene.session, &scene.topics[30], 1), 0);
	await(&scene, &scene.complete, 1);
	scene_finish(&scene);
}

static void a_topic_goes_before_its_answer_was_reported(void **state)
{
	static struct scene scene;

	(void)state;
	scene_init(&scene, 3);
	scene.drops = scene.topics[1];
	await(&scene, &scene.complete, 1);
	assert_int_equal(scene.granted, 2);
	await(&scene, &scene.broker.unsubscribed, 1);
	scene_finish(&scene);
	/* Its own. */
	scene_init(&scene, 1);
	scene.drops = scene.topics[0];
	await(&scene, &scene.broker.unsubscribed, 1);
	scene_finish(&scene);
}

static void it_is_closed_inside_of_an_answer(void **state)
{
	static struct scene scene;

	(void)state;
	scene_init(&scene, 20);
	scene.closes = true;
	await(&scene, &scene.closed, 1);
	assert_int_equal(scene.granted, 1);
	assert_int_equal(scene.complete, 0);
	scene_finish(&scene);
}

static void what_is_no_filter_is_not_taken(void **state)
{
	static struct scene scene;
	static const char *const bad[] = {"/t/good", "/t/#/no"};

	(void)state;
	scene_init(&scene, 1);
	assert_int_equal(mqtt_session_subscribe(scene.session, bad, 2), FLAGSHIP_ERROR_ARGUMENT);
	await(&scene, &scene.complete, 1);
	assert_int_equal(scene.broker.subscribed, 1);
	scene_finish(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_go_out_eight_to_a_packet),
		cmocka_unit_test(topics_come_while_it_stands),
		cmocka_unit_test(topics_go_while_it_stands),
		cmocka_unit_test(single_topics_are_refused),
		cmocka_unit_test(a_topic_goes_before_its_answer_was_reported),
		cmocka_unit_test(it_is_closed_inside_of_an_answer),
		cmocka_unit_test(what_is_no_filter_is_not_taken),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mqtt_topics", tests, NULL, NULL);
}
