/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/mirror/mirror.h"
#include "failing_memory.h"
#include "fake_clock.h"
#include "fleet/fake_session.h"
#include "temporary.h"

#include <stdio.h>
#include <string.h>

/*
 * A mirror between two brokers that are this test's: when it looks, when messages pass, and what
 * becomes of it where each allocation fails once.
 */
#define LOOK_MS  2000
#define PROOF_MS 400
#define LOOKS    4 /* until what was lost is made up for */
#define SERIAL   "AK7MIRROR0000001"
#define OTHER    "AK7MIRROR0000002"
#define NOTICE   "/phone/maker/" SERIAL "/notice"
#define COMMAND  "/device/maker/" SERIAL "/command"
#define FOREIGN  "/device/maker/AK7STRANGER00001/command"

static struct scene {
	struct temporary temporary;
	struct registry *other; /* of another process, which changes the registry */
	struct registry_account account;
	uv_loop_t loop;
	struct registry_service service;
	struct database_reading *reading; /* handed over and not done */
	struct mirror *mirror;
	unsigned int lines;
	unsigned int stopped;
} scene;

int __wrap_database_readers_submit(struct database_readers *readers,
				   struct database_reading *reading);
int __wrap_database_readers_submit(struct database_readers *readers,
				   struct database_reading *reading)
{
	(void)readers;
	assert_null(scene.reading);
	scene.reading = reading;
	return 0;
}

static void log_line(void *context, const char *line)
{
	(void)context;
	assert_true(line[0] != '\0');
	scene.lines++;
}

static void on_stopped(void *context)
{
	(void)context;
	scene.stopped++;
}

/* The loop sees what has passed, and a look that it began is done. */
static void turn(void)
{
	uv_run(&scene.loop, UV_RUN_NOWAIT);
	if (scene.reading) {
		struct database_reading *reading = scene.reading;
		int result = reading->work(registry_database(scene.temporary.registry),
					   reading->context);
		scene.reading = NULL;
		reading->done(reading->context, result, "");
	}
	uv_run(&scene.loop, UV_RUN_NOWAIT);
}

static void pass(int64_t ms)
{
	fake_clock_pass(ms);
	turn();
}

static int set_up(void **state)
{
	struct problem problem;

	(void)state;
	failing_memory_arm(0);
	memset(&scene, 0, sizeof(scene));
	temporary_open(&scene.temporary);
	scene.account = temporary_account(&scene.temporary, "owner@example.com", "");
	temporary_printer(&scene.temporary, scene.account.user_id, SERIAL);
	assert_int_equal(
		registry_open(scene.temporary.path, REGISTRY_WRITE, 1000, &scene.other, &problem),
		0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	failing_memory_arm(0);
	registry_close(scene.other);
	temporary_close(&scene.temporary);
	return 0;
}

static int start(void)
{
	const struct mirror_options options = {.upstream_host = "up.example",
					       .local_host = "127.0.0.1",
					       .local_port = 8789,
					       .local_ca = "/nowhere",
					       .local_username = "eufy_mirror",
					       .local_password = "secret",
					       .log = log_line};

	assert_int_equal(uv_loop_init(&scene.loop), 0);
	int error = mirror_start(&scene.loop, &scene.service, &options, &scene.mirror);
	turn();
	return error;
}

static void stop(void)
{
	scene.stopped = 0;
	mirror_stop(scene.mirror, on_stopped, NULL);
	uv_run(&scene.loop, UV_RUN_DEFAULT);
	assert_int_equal(scene.stopped, 1);
	assert_int_equal(uv_loop_close(&scene.loop), 0);
	fake_sessions_reset();
}

/* The one of the last account that was begun: down to our broker first, then up. */
static struct mqtt_session *local(void)
{
	return fake_session_count >= 2 ? fake_sessions[fake_session_count - 2] : NULL;
}

static struct mqtt_session *upstream(void)
{
	return fake_session_count >= 2 ? fake_sessions[fake_session_count - 1] : NULL;
}

static void say(struct mqtt_session *session, enum mqtt_session_event_kind kind, bool final)
{
	session->handlers.on_event(
		session->context,
		&(struct mqtt_session_event){.kind = kind,
					     .failure = final ? MQTT_SESSION_FAILURE_LOGIN
							      : MQTT_SESSION_FAILURE_LOST,
					     .final = final,
					     .topic = NOTICE,
					     .detail = "so it is"});
}

static void receive(struct mqtt_session *session, const char *topic)
{
	uint8_t payload[] = "bytes";

	session->handlers.on_message(session->context, topic, payload, sizeof(payload) - 1);
}

/* Subscribed on both sides, and our own broker has the words that are to prove that it is no loop.
 */
static void connect_both(void)
{
	say(upstream(), MQTT_SESSION_CONNECTED, false);
	say(upstream(), MQTT_SESSION_SUBSCRIBED, false);
	say(local(), MQTT_SESSION_SUBSCRIBED, false);
	assert_non_null(strstr(local()->published, "change_notice"));
	local()->handlers.on_published(local()->context, local()->last_id);
}

static bool passes_up(void)
{
	size_t before = upstream()->publishes;

	receive(local(), NOTICE);
	return upstream()->publishes == before + 1 && strcmp(upstream()->published, NOTICE) == 0;
}

static bool passes_down(const char *topic)
{
	size_t before = local()->publishes;

	receive(upstream(), topic);
	return local()->publishes == before + 1;
}

static void messages_pass_once_it_is_no_loop(void **state)
{
	(void)state;
	assert_int_equal(start(), 0);
	assert_int_equal(fake_session_count, 2);
	connect_both();
	pass(PROOF_MS - 1);
	assert_false(passes_up());
	assert_false(passes_down(COMMAND));
	pass(1);
	assert_true(passes_up());
	assert_true(passes_up());
	assert_true(passes_down(COMMAND));
	assert_false(passes_down(FOREIGN));
	assert_false(passes_down(NOTICE));
	stop();
}

/* Each connection may lead elsewhere than the last one. */
static void a_connection_that_was_lost_is_proven_anew(void **state)
{
	(void)state;
	assert_int_equal(start(), 0);
	connect_both();
	pass(PROOF_MS);
	say(upstream(), MQTT_SESSION_DISCONNECTED, false);
	assert_false(passes_down(COMMAND));
	say(upstream(), MQTT_SESSION_SUBSCRIPTION_REFUSED, false);
	say(upstream(), MQTT_SESSION_PARTLY_SUBSCRIBED, false);
	local()->handlers.on_published(local()->context, local()->last_id);
	pass(PROOF_MS);
	assert_true(passes_up());
	say(local(), MQTT_SESSION_DISCONNECTED, false);
	say(local(), MQTT_SESSION_CONNECT_FAILED, false);
	assert_false(passes_up());
	local()->refuses_publishes = true;
	say(local(), MQTT_SESSION_SUBSCRIBED, false);
	pass(PROOF_MS);
	assert_false(passes_up());
	stop();
}

static void changes_are_followed_at_the_next_look(void **state)
{
	const struct registry_printer printer = {
		.serial = OTHER, .model = FLAGSHIP_MODEL_M5, .created_at = 1};

	(void)state;
	assert_int_equal(start(), 0);
	assert_int_equal(registry_put_printer(scene.other, &printer), 1);
	assert_int_equal(registry_share(scene.other, scene.account.user_id, OTHER), 1);
	pass(LOOK_MS - 1);
	assert_int_equal(fake_session_count, 2);
	pass(1);
	assert_int_equal(fake_session_count, 4);
	assert_true(fake_sessions[0]->closed && fake_sessions[1]->closed);
	assert_true(fake_has_topic(local(), OTHER));
	stop();
}

static void live_once(void)
{
	scene.mirror = NULL;
	int error = start();

	if (error) {
		assert_int_equal(error, FLAGSHIP_ERROR_MEMORY);
		assert_true(failing_memory_fell());
		assert_null(scene.mirror);
		uv_run(&scene.loop, UV_RUN_DEFAULT);
		assert_int_equal(uv_loop_close(&scene.loop), 0);
		return;
	}
	for (int looks = 0; looks < LOOKS && (!upstream() || upstream()->closed ||
					      !fake_has_topic(upstream(), SERIAL));
	     looks++) {
		pass(LOOK_MS);
	}
	assert_non_null(upstream());
	connect_both();
	pass(PROOF_MS);
	assert_true(passes_up());
	/* A login that is refused for good is given up, whatever memory there is. */
	say(upstream(), MQTT_SESSION_CONNECT_FAILED, true);
	for (int looks = 0; looks < LOOKS && !upstream()->closed; looks++) {
		pass(LOOK_MS);
	}
	assert_true(local()->closed && upstream()->closed);
	stop();
}

static void each_allocation_fails_once(void **state)
{
	unsigned int number = 0;

	(void)state;
	do {
		failing_memory_arm(++number);
		live_once();
	} while (failing_memory_fell());
	assert_true(number > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(messages_pass_once_it_is_no_loop, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_connection_that_was_lost_is_proven_anew, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(changes_are_followed_at_the_next_look, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(each_allocation_fails_once, set_up, tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("mirror", tests, NULL, NULL);
}
