/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fleet/fleet_internal.h"
#include "fleet/service.h"
#include "scene.h"

#include <string.h>

/* What is due happens at its moment, and not one before: by clocks that this test moves. */
#define TIMEOUT_MS 5000
#define DAY_MS     INT64_C(86400000)

static struct scene scene;

static struct counts {
	struct fleet_listener listener;
	unsigned int offline;
	unsigned int dones;
	enum command_outcome outcome;
	int64_t elapsed_ms;
} counts;

static void on_printer_event(void *context, struct fleet_printer *printer,
			     const struct printer_event *event)
{
	(void)context;
	(void)printer;
	counts.offline += event->kind == PRINTER_EVENT_OFFLINE;
}

static void on_done(void *context, struct fleet_printer *printer,
		    const struct command_report *report)
{
	(void)context;
	(void)printer;
	counts.dones++;
	counts.outcome = report->outcome;
	counts.elapsed_ms = report->elapsed_ms;
}

static int set_up(void **state)
{
	static const struct fleet_handlers handlers = {.on_printer_event = on_printer_event,
						       .on_done = on_done};

	(void)state;
	scene_init(&scene, 2, true);
	counts = (struct counts){.listener = {.handlers = &handlers}};
	fleet_subscribe(scene.fleet, &counts.listener);
	scene_hear(&scene, 0, SCENE_IDLE);
	scene_turn(&scene);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	scene_finish(&scene);
	return 0;
}

static void pass(int64_t ms)
{
	fake_clock_pass(ms);
	scene_turn(&scene);
}

static void a_silent_printer_is_offline_at_its_moment(void **state)
{
	int64_t silence_ms = fleet_printer_state(scene.printers[0])->offline_after_ms;

	(void)state;
	pass(silence_ms - 1);
	assert_int_equal(counts.offline, 0);
	assert_true(fleet_printer_state(scene.printers[0])->online);
	pass(1);
	assert_int_equal(counts.offline, 1);
	assert_false(fleet_printer_state(scene.printers[0])->online);
}

static void each_message_begins_the_silence_anew(void **state)
{
	int64_t silence_ms = fleet_printer_state(scene.printers[0])->offline_after_ms;

	(void)state;
	for (int i = 0; i < 3; i++) {
		pass(silence_ms - 1);
		scene_hear(&scene, 0, SCENE_HEAT);
	}
	assert_int_equal(counts.offline, 0);
	pass(silence_ms - 1);
	assert_int_equal(counts.offline, 0);
	pass(1);
	assert_int_equal(counts.offline, 1);
}

static uint64_t submit(void)
{
	const struct command_request request = {.kind = COMMAND_GCODE,
						.text = "M105",
						.user_id = "user",
						.timeout_ms = TIMEOUT_MS,
						.force = true};
	uint64_t id = fleet_command(scene.printers[0], &request);

	assert_true(id != 0);
	scene_turn(&scene);
	return id;
}

static void a_command_is_given_its_time_and_no_more(void **state)
{
	(void)state;
	(void)submit();
	pass(TIMEOUT_MS - 1);
	assert_int_equal(counts.dones, 0);
	pass(1);
	assert_int_equal(counts.dones, 1);
	assert_int_equal(counts.outcome, COMMAND_UNANSWERED);
	assert_int_equal(counts.elapsed_ms, TIMEOUT_MS);
}

/* It counts what passes, and no correction of the clock on the wall. */
static void corrections_of_the_wall_move_no_deadline(void **state)
{
	(void)state;
	(void)submit();
	fake_clock_step(DAY_MS);
	pass(TIMEOUT_MS / 2);
	fake_clock_step(-2 * DAY_MS);
	pass(TIMEOUT_MS / 2 - 1);
	assert_int_equal(counts.dones, 0);
	assert_int_equal(counts.offline, 0);
	pass(1);
	assert_int_equal(counts.dones, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_silent_printer_is_offline_at_its_moment, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(each_message_begins_the_silence_anew, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_command_is_given_its_time_and_no_more, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(corrections_of_the_wall_move_no_deadline, set_up,
						tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("edges", tests, NULL, NULL);
}
