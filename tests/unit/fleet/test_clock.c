/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fleet/fleet_internal.h"
#include "scene.h"

/* A fleet under whose clocks a step or a sleep happens. */
#define HOUR_MS    INT64_C(3600000)
#define OFFLINE_MS 4000
#define PASS_MS    30000 /* many times OFFLINE_MS */

struct told {
	struct fleet_listener listener;
	struct clock_change change;
	unsigned int changes;
	unsigned int offline;
};

static void on_event(void *context, const struct fleet_event *event)
{
	struct told *told = context;

	if (event->kind == FLEET_CLOCK_CHANGED) {
		assert_null(event->printer);
		assert_null(event->login);
		told->change = event->clock;
		told->changes++;
	}
}

static void on_printer_event(void *context, struct fleet_printer *printer,
			     const struct printer_event *event)
{
	struct told *told = context;

	(void)printer;
	told->offline += event->kind == PRINTER_EVENT_OFFLINE;
}

static void open_scene(struct scene *scene, struct told *told)
{
	static const struct fleet_handlers handlers = {.on_event = on_event,
						       .on_printer_event = on_printer_event};

	scene_init(scene, 1, true);
	*told = (struct told){.listener = {.handlers = &handlers, .context = told}};
	fleet_subscribe(scene->fleet, &told->listener);
	scene->printers[0]->state.offline_after_ms = OFFLINE_MS;
}

static void pass(struct scene *scene, int64_t ms)
{
	fake_clock_pass(ms);
	scene_turn(scene);
}

static int64_t seen_ms(const struct scene *scene)
{
	return fleet_printer_state(scene->printers[0])->seen_ms;
}

/* Ages, deadlines and verdicts are as if nothing had happened, and it is told once. */
static void a_step_changes_no_age(void **state)
{
	static const int64_t steps[] = {HOUR_MS, -HOUR_MS};

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		static struct scene scene;
		struct told told;

		open_scene(&scene, &told);
		scene_hear(&scene, 0, SCENE_IDLE);
		fake_clock_step(steps[i]);
		pass(&scene, PASS_MS);
		assert_int_equal(fleet_now_ms(scene.fleet) - seen_ms(&scene), PASS_MS);
		assert_int_equal(told.offline, 1);
		assert_int_equal(told.changes, 1);
		assert_int_equal(told.change.stepped_ms, steps[i]);
		assert_int_equal(told.change.slept_ms, 0);
		scene_finish(&scene);
		assert_int_equal(told.changes, 1);
	}
}

static void a_sleep_is_part_of_an_age_and_no_verdict(void **state)
{
	static struct scene scene;
	struct told told;

	(void)state;
	open_scene(&scene, &told);
	scene_hear(&scene, 0, SCENE_IDLE);
	int64_t received_ms = seen_ms(&scene);
	fake_clock_sleep(HOUR_MS);
	pass(&scene, 1);
	assert_int_equal(fleet_now_ms(scene.fleet) - received_ms, HOUR_MS + 1);
	assert_int_equal(fleet_silence_ms(scene.fleet, received_ms), 0);
	pass(&scene, OFFLINE_MS);
	assert_int_equal(told.offline, 0);
	assert_true(fleet_printer_state(scene.printers[0])->online);
	pass(&scene, PASS_MS);
	assert_int_equal(told.offline, 1);
	assert_int_equal(told.changes, 1);
	assert_int_equal(told.change.slept_ms, HOUR_MS);
	assert_int_equal(told.change.stepped_ms, 0);
	/* What comes now is of now. */
	scene_hear(&scene, 0, SCENE_IDLE);
	assert_int_equal(seen_ms(&scene), fleet_now_ms(scene.fleet));
	scene_finish(&scene);
}

/* A command that waits for its answer while the machine sleeps has not failed by that. */
static void a_command_under_way_is_given_time(void **state)
{
	static struct scene scene;
	struct told told;

	(void)state;
	open_scene(&scene, &told);
	scene_hear(&scene, 0, SCENE_PRINTING);
	const struct command_request request = {.kind = COMMAND_PAUSE};
	assert_true(fleet_command(scene.printers[0], &request) != 0);
	fake_clock_sleep(HOUR_MS);
	pass(&scene, 1);
	assert_true(command_next_deadline_ms(scene.printers[0]->engine) != INT64_MAX);
	scene_finish(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_changes_no_age),
		cmocka_unit_test(a_sleep_is_part_of_an_age_and_no_verdict),
		cmocka_unit_test(a_command_under_way_is_given_time),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
