/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failing_memory.h"
#include "fake_session.h"
#include "fleet/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A fleet's whole life, again and again, in which one allocation after the other fails. What cannot
 * be had is said, nothing is lost, and all else goes on.
 */
#define KEY      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HEAT     "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000}]"
#define PRINTERS 20 /* more than tables hold to begin with */
#define COMMANDS 20

struct life {
	uv_loop_t loop;
	struct fleet *fleet;
	struct fleet_login *link;
	struct service *service;
	struct flagship_key *key;
	struct fleet_printer *printers[PRINTERS];
	size_t count;
	size_t asked;
	size_t ended;
	bool closed;
	struct fleet_listener listener;
};

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	(void)printer;
	assert_non_null(report->detail);
	((struct life *)context)->ended++;
}

static void on_closed(void *context)
{
	((struct life *)context)->closed = true;
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

static void add_printers(struct life *life, size_t until)
{
	for (; life->count < until; life->count++) {
		char serial[16];
		struct fleet_printer_options options = {
			.serial = serial, .model = FLAGSHIP_MODEL_M5C, .key = life->key};

		snprintf(serial, sizeof(serial), "AK7MEMORY%zu", life->count);
		while (!is_good(
			fleet_add_printer(life->link, &options, &life->printers[life->count]))) {
		}
	}
}

static bool begin(struct life *life)
{
	static const struct fleet_handlers handlers = {.on_done = on_done, .on_closed = on_closed};
	const struct mqtt_session_options options = {.host = "broker.example",
						     .address = "10.0.0.1",
						     .username = "user",
						     .password = "word",
						     .client_id = "id"};

	if (!is_good(fleet_create(&life->loop, &life->fleet))) {
		return false;
	}
	life->listener = (struct fleet_listener){.handlers = &handlers, .context = life};
	fleet_subscribe(life->fleet, &life->listener);
	while (!is_good(service_create(life->fleet, NULL, &life->service))) {
	}
	while (!is_good(fleet_add_login(life->fleet, &options, "user", NULL, &life->link))) {
	}
	add_printers(life, PRINTERS / 2);
	return true;
}

static void submit(struct life *life, size_t number)
{
	const struct command_request request = {
		.kind = COMMAND_GCODE, .text = "M105", .user_id = "user", .force = true};
	uint64_t id;

	while (!is_good(service_submit(
		life->service,
		&(struct service_request){.printer = life->printers[number % PRINTERS],
					  .command = &request,
					  .asker = "test"},
		&id))) {
	}
	life->asked++;
}

static void run(struct life *life)
{
	struct mqtt_session_options options = {.host = "other.example", .password = "new"};
	struct mqtt_session *session = fake_sessions[fake_session_count - 1];

	fake_connect(session);
	fake_grant(session, NULL);
	uv_run(&life->loop, UV_RUN_NOWAIT);
	add_printers(life, PRINTERS);
	fake_grant(session, NULL);
	uv_run(&life->loop, UV_RUN_NOWAIT);
	for (size_t i = 0; i < COMMANDS; i++) {
		submit(life, i);
	}
	fake_deliver(session, life->key, "AK7MEMORY3", FLAGSHIP_TOPIC_NOTICE, HEAT);
	assert_true(fleet_printer_state(life->printers[3])->online);
	fleet_remove_printer(life->printers[0]);
	while (!is_good(fleet_change_login(life->link, &options, NULL))) {
	}
	assert_int_equal(life->ended, life->asked);
}

static void live_once(void)
{
	static struct life life;

	memset(&life, 0, sizeof(life));
	assert_int_equal(uv_loop_init(&life.loop), 0);
	failing_memory_pause();
	assert_int_equal(flagship_key_create_hex(KEY, strlen(KEY), &life.key), 0);
	failing_memory_resume();
	if (begin(&life)) {
		if (is_good(fleet_start(life.fleet))) {
			run(&life);
		}
		fleet_close(life.fleet);
		uv_run(&life.loop, UV_RUN_DEFAULT);
		assert_true(life.closed);
		service_destroy(life.service);
	}
	failing_memory_pause();
	uv_run(&life.loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&life.loop), 0);
	flagship_key_destroy(life.key);
	fake_sessions_reset();
}

static void each_allocation_fails_once(void **state)
{
	unsigned int number = 0;

	(void)state;
	do {
		failing_memory_arm(++number);
		live_once();
	} while (failing_memory_fell());
	/* It came to its end without a fault: all of them were reached. */
	assert_true(number > 2 * PRINTERS + COMMANDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_allocation_fails_once)};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
