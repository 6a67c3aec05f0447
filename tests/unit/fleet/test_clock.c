/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fleet/fleet_internal.h"
#include "scene.h"

/*
 * A fleet whose clocks are this test's: clock_read_times is wrapped, and says what the real clocks
 * would after a step or a sleep.
 */
#define NEAR_MS    500
#define HOUR_MS    INT64_C(3600000)
#define OFFLINE_MS 40
#define PASS_MS    300 /* of the loop: many times OFFLINE_MS */

static int64_t stepped_ms;
static int64_t slept_ms;

void __real_clock_read_times(struct clock_times *now);
void __wrap_clock_read_times(struct clock_times *now);

void __wrap_clock_read_times(struct clock_times *now)
{
	__real_clock_read_times(now);
	now->steady_ms += slept_ms;
	now->unix_ms += slept_ms + stepped_ms;
}

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

	stepped_ms = slept_ms = 0;
	scene_init(scene, 1, true);
	*told = (struct told){.listener = {.handlers = &handlers, .context = told}};
	fleet_subscribe(scene->fleet, &told->listener);
	scene->printers[0]->state.offline_after_ms = OFFLINE_MS;
}

static void stop_loop(uv_timer_t *timer)
{
	uv_stop(timer->loop);
	uv_close((uv_handle_t *)timer, NULL);
}

static void pass(struct scene *scene, uint64_t ms)
{
	uv_timer_t timer;

	uv_timer_init(&scene->loop, &timer);
	uv_timer_start(&timer, stop_loop, ms, 0);
	uv_run(&scene->loop, UV_RUN_DEFAULT);
	uv_run(&scene->loop, UV_RUN_NOWAIT);
}

static int64_t seen_ms(const struct scene *scene)
{
	return fleet_printer_state(scene->printers[0])->seen_ms;
}

/* The clocks are read one after the other, and not at one moment. */
static void assert_near(int64_t value, int64_t expected)
{
	assert_in_range(value - expected + NEAR_MS, 0, 2 * NEAR_MS);
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
		stepped_ms = steps[i];
		pass(&scene, PASS_MS);
		assert_in_range(fleet_now_ms(scene.fleet) - seen_ms(&scene), PASS_MS / 2,
				HOUR_MS / 2);
		assert_int_equal(told.offline, 1);
		while (told.changes == 0) {
			pass(&scene, PASS_MS);
		}
		assert_near(told.change.stepped_ms, steps[i]);
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
	slept_ms = HOUR_MS;
	pass(&scene, PASS_MS);
	assert_true(fleet_now_ms(scene.fleet) - received_ms >= HOUR_MS);
	assert_in_range(fleet_silence_ms(scene.fleet, received_ms), 0, HOUR_MS / 2);
	assert_int_equal(told.offline, 0);
	assert_true(fleet_printer_state(scene.printers[0])->online);
	while (told.changes == 0) {
		pass(&scene, PASS_MS);
	}
	assert_near(told.change.slept_ms, HOUR_MS);
	assert_int_equal(told.change.stepped_ms, 0);
	/* What comes now is of now. */
	scene_hear(&scene, 0, SCENE_IDLE);
	assert_true(seen_ms(&scene) - received_ms >= HOUR_MS);
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
	slept_ms = HOUR_MS;
	pass(&scene, PASS_MS);
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
