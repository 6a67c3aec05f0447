/* SPDX-License-Identifier: MIT */
#include "gateway/push/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"

#define HOUR_MS INT64_C(3600000)

/* Something whose beats are counted. */
struct beaten {
	uv_loop_t loop;
	struct push_pace pace;
	unsigned int beats;
	int64_t due_in_ms; /* of the next beat alone; 0: nothing is */
	bool wakes;        /* so does the next one */
};

static int64_t beat(void *context, int64_t now_ms)
{
	struct beaten *beaten = context;
	int64_t due_ms = beaten->due_in_ms > 0 ? now_ms + beaten->due_in_ms : INT64_MAX;

	beaten->beats++;
	beaten->due_in_ms = 0;
	if (beaten->wakes) {
		beaten->wakes = false;
		push_pace_wake(&beaten->pace);
	}
	return due_ms;
}

/* How often it beats meanwhile, looked at four times as often as it may. */
static unsigned int beats_within(struct beaten *beaten, int64_t ms)
{
	unsigned int before = beaten->beats;

	for (int64_t passed = 0; passed < ms; passed += PUSH_PACE_SOON_MS / 5) {
		fake_clock_pass(PUSH_PACE_SOON_MS / 5);
		uv_run(&beaten->loop, UV_RUN_NOWAIT);
	}
	return beaten->beats - before;
}

static int begin(void **state)
{
	static struct beaten beaten;

	beaten = (struct beaten){.beats = 0};
	*state = &beaten;
	if (uv_loop_init(&beaten.loop)) {
		return -1;
	}
	push_pace_start(&beaten.pace, &beaten.loop, beat, &beaten);
	return 0;
}

static int end(void **state)
{
	struct beaten *beaten = *state;

	push_pace_stop(&beaten->pace);
	push_pace_wake(&beaten->pace);
	uv_run(&beaten->loop, UV_RUN_DEFAULT);
	return uv_loop_close(&beaten->loop);
}

static void beats_each_minute_where_nothing_is_due(void **state)
{
	assert_int_equal(beats_within(*state, HOUR_MS), 60);
}

static void waits_for_what_is_due(void **state)
{
	struct beaten *beaten = *state;

	push_pace_wake(&beaten->pace);
	push_pace_wake(&beaten->pace);
	assert_int_equal(beats_within(beaten, PUSH_PACE_SOON_MS - 50), 0);
	beaten->due_in_ms = 30000;
	assert_int_equal(beats_within(beaten, 50), 1);
	assert_int_equal(beats_within(beaten, 29950), 0);
	assert_int_equal(beats_within(beaten, 50), 1);
	/* What is due later than that is looked after as everything is. */
	assert_int_equal(beats_within(beaten, PUSH_PACE_IDLE_MS - 50), 0);
	beaten->due_in_ms = HOUR_MS;
	assert_int_equal(beats_within(beaten, 50), 1);
	assert_int_equal(beats_within(beaten, PUSH_PACE_IDLE_MS - 50), 0);
	assert_int_equal(beats_within(beaten, 50), 1);
}

static void is_woken_before_that(void **state)
{
	struct beaten *beaten = *state;

	push_pace_wake(&beaten->pace);
	beaten->due_in_ms = 30000;
	assert_int_equal(beats_within(beaten, PUSH_PACE_SOON_MS), 1);
	assert_int_equal(beats_within(beaten, 10000), 0);
	push_pace_wake(&beaten->pace);
	beaten->wakes = true;
	assert_int_equal(beats_within(beaten, PUSH_PACE_SOON_MS), 1);
	/* By itself, from inside. */
	assert_int_equal(beats_within(beaten, PUSH_PACE_SOON_MS), 1);
	assert_int_equal(beats_within(beaten, PUSH_PACE_IDLE_MS - 50), 0);
}

static void never_beats_faster(void **state)
{
	struct beaten *beaten = *state;

	push_pace_wake(&beaten->pace);
	beaten->due_in_ms = 1;
	assert_int_equal(beats_within(beaten, PUSH_PACE_SOON_MS), 1);
	assert_int_equal(beats_within(beaten, PUSH_PACE_SOON_MS - 50), 0);
	assert_int_equal(beats_within(beaten, 50), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(beats_each_minute_where_nothing_is_due, begin, end),
		cmocka_unit_test_setup_teardown(waits_for_what_is_due, begin, end),
		cmocka_unit_test_setup_teardown(is_woken_before_that, begin, end),
		cmocka_unit_test_setup_teardown(never_beats_faster, begin, end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
