/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fake_session.h"
#include "fleet/fleet.h"
#include "fleet/fleet_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A fleet whose MQTT session is this test's: five printers talk out of phase, and one of them falls
 * silent.
 */
#define PRINTERS   5
#define RHYTHM_MS  3000
#define OFFLINE_MS 30000
#define DEAD       2
#define LIVES_MS   20000
#define END_MS     90000
#define KEY        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define JSON_OF(v) "[{\"commandType\":1000,\"subType\":1,\"value\":" #v "}]"

/* --- the test's printers --- */

struct scene {
	uv_loop_t loop;
	struct fleet *fleet;
	struct fleet_listener listener;
	struct fleet_printer *printers[PRINTERS];
	struct flagship_key *key;
	size_t offline[PRINTERS];
	int64_t silent_since_ms;
	int64_t reported_ms;
};

static void topic_of(size_t number, char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1])
{
	char serial[16];

	snprintf(serial, sizeof(serial), "AK7SILENT%zu", number);
	assert_int_equal(flagship_topic_build(FLAGSHIP_TOPIC_NOTICE, serial, topic,
					      FLAGSHIP_TOPIC_LENGTH_MAX + 1),
			 0);
}

static void deliver(const struct scene *scene, size_t number, bool retained)
{
	struct mqtt_session *session = fake_sessions[0];
	static const char json[] = JSON_OF(1);
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	struct flagship_frame frame;
	uint8_t sealed[512];
	size_t size;

	topic_of(number, topic);
	flagship_frame_init(&frame, "01234567-89ab-cdef-0123-456789abcdef");
	assert_int_equal(flagship_frame_seal(scene->key, &frame, json, sizeof(json) - 1, sealed,
					     sizeof(sealed), &size),
			 0);
	if (retained) {
		session->handlers.on_retained(session->context, topic, sealed, size);
	} else {
		session->handlers.on_message(session->context, topic, sealed, size);
	}
}

static void on_printer_event(void *context, struct fleet_printer *printer,
			     const struct printer_event *event)
{
	struct scene *scene = context;
	size_t number = 0;

	if (event->kind != PRINTER_EVENT_OFFLINE) {
		return;
	}
	while (scene->printers[number] != printer) {
		number++;
	}
	scene->offline[number]++;
	scene->reported_ms = fleet_now_ms(scene->fleet);
}

static void set_up(struct scene *scene)
{
	static const struct fleet_handlers handlers = {.on_printer_event = on_printer_event};
	const struct mqtt_session_options options = {.host = "localhost"};
	struct fleet_login *link;

	memset(scene, 0, sizeof(*scene));
	uv_loop_init(&scene->loop);
	scene->loop.data = scene;
	assert_int_equal(flagship_key_create_hex(KEY, strlen(KEY), &scene->key), 0);
	assert_int_equal(fleet_create(&scene->loop, &scene->fleet), 0);
	scene->listener.handlers = &handlers;
	scene->listener.context = scene;
	fleet_subscribe(scene->fleet, &scene->listener);
	assert_int_equal(fleet_add_login(scene->fleet, &options, NULL, NULL, &link), 0);
	for (size_t i = 0; i < PRINTERS; i++) {
		char serial[16];

		snprintf(serial, sizeof(serial), "AK7SILENT%zu", i);
		const struct fleet_printer_options printer = {
			.serial = serial, .model = FLAGSHIP_MODEL_M5C, .key = scene->key};
		assert_int_equal(fleet_add_printer(link, &printer, &scene->printers[i]), 0);
		scene->printers[i]->state.offline_after_ms = OFFLINE_MS;
	}
	assert_int_equal(fleet_start(scene->fleet), 0);
	fake_connect(fake_sessions[0]);
	fake_grant(fake_sessions[0], NULL);
}

static void tear_down(struct scene *scene)
{
	fleet_close(scene->fleet);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&scene->loop), 0);
	flagship_key_destroy(scene->key);
	fake_sessions_reset();
}

static void one_of_five_falls_silent(void **state)
{
	static struct scene scene;

	(void)state;
	set_up(&scene);
	for (int64_t at_ms = 0; at_ms < END_MS; at_ms += RHYTHM_MS / PRINTERS) {
		size_t number = (size_t)(at_ms / (RHYTHM_MS / PRINTERS)) % PRINTERS;

		if (number != DEAD) {
			deliver(&scene, number, false);
		} else if (at_ms < LIVES_MS) {
			deliver(&scene, number, false);
			scene.silent_since_ms = fleet_now_ms(scene.fleet);
		}
		fake_clock_pass(RHYTHM_MS / PRINTERS);
		uv_run(&scene.loop, UV_RUN_NOWAIT);
	}
	for (size_t i = 0; i < PRINTERS; i++) {
		assert_int_equal(scene.offline[i], i == DEAD);
		assert_int_equal(fleet_printer_state(scene.printers[i])->online, i != DEAD);
	}
	assert_int_equal(scene.reported_ms - scene.silent_since_ms, OFFLINE_MS);
	tear_down(&scene);
}

static void what_the_broker_kept_proves_nothing(void **state)
{
	static struct scene scene;

	(void)state;
	set_up(&scene);
	deliver(&scene, 0, true);
	assert_false(fleet_printer_state(scene.printers[0])->online);
	assert_false(fleet_printer_state(scene.printers[0])->job.state_received);
	assert_true(fleet_printer_state(scene.printers[0])->seen_ms == PRINTER_NEVER);
	assert_int_equal(fleet_printer_counts(scene.printers[0])->payloads, 0);
	assert_int_equal(fleet_printer_counts(scene.printers[0])->retained, 1);
	deliver(&scene, 0, false);
	assert_true(fleet_printer_state(scene.printers[0])->online);
	tear_down(&scene);
}

static void each_of_many_is_found(void **state)
{
	static struct scene scene;

	(void)state;
	set_up(&scene);
	for (size_t i = 0; i < PRINTERS; i++) {
		deliver(&scene, i, false);
		for (size_t j = 0; j < PRINTERS; j++) {
			assert_int_equal(fleet_printer_state(scene.printers[j])->online, j <= i);
		}
	}
	tear_down(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_five_falls_silent),
		cmocka_unit_test(what_the_broker_kept_proves_nothing),
		cmocka_unit_test(each_of_many_is_found),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("silence", tests, NULL, NULL);
}
