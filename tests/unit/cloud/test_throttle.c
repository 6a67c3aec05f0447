/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/throttle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1800000000)

static int make(void **state)
{
	*state = calloc(1, sizeof(struct throttle));
	return *state == NULL || throttle_init(*state) != 0;
}

static int drop(void **state)
{
	free(*state);
	return 0;
}

static void five_are_free_and_then_it_takes_ever_longer(void **state)
{
	static const int64_t waits[] = {10, 20, 40, 80, 160, 300, 300};
	struct throttle *throttle = *state;

	for (int i = 0; i < THROTTLE_FREE_TRIES; i++) {
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW), 0);
		throttle_fail(throttle, "anne", NOW);
	}
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW), waits[i]);
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW + waits[i] - 1), 1);
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW + waits[i]), 0);
		throttle_fail(throttle, "anne", NOW);
	}
	assert_int_equal(throttle_wait_s(throttle, "bob", NOW), 0);
	assert_int_equal(throttle_wait_s(throttle, "ANNE", NOW), THROTTLE_WAIT_MAX_S);
}

static void success_and_time_forgive(void **state)
{
	struct throttle *throttle = *state;

	for (int i = 0; i < 2 * THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, "anne", NOW);
		throttle_fail(throttle, "carol", NOW);
	}
	throttle_forgive_all(throttle, "Anne");
	assert_int_equal(throttle_wait_s(throttle, "anne", NOW), 0);
	assert_true(throttle_wait_s(throttle, "carol", NOW) > 0);
	assert_int_equal(throttle_wait_s(throttle, "carol", NOW + THROTTLE_FORGET_S), 0);
	throttle_fail(throttle, "carol", NOW + THROTTLE_FORGET_S);
	assert_int_equal(throttle_wait_s(throttle, "carol", NOW + THROTTLE_FORGET_S), 0);
}

/* A flood of other names makes nobody's wrong tries be forgotten. */
static void a_flood_does_not_forgive(void **state)
{
	struct throttle *throttle = *state;
	char name[32];

	for (int i = 0; i < 2 * THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, "anne", NOW);
	}
	for (int i = 0; i < 10 * THROTTLE_SETS * THROTTLE_WAYS; i++) {
		snprintf(name, sizeof(name), "flood%d", i);
		throttle_fail(throttle, name, NOW);
		if (i % 2 == 0) {
			throttle_forgive_all(throttle, name);
		} else {
			throttle_forgive_one(throttle, name);
		}
	}
	assert_true(throttle_wait_s(throttle, "anne", NOW) > 0);
}

/* Nor does it slow down who has done nothing. */
static void strangers_slow_nobody_down(void **state)
{
	struct throttle *throttle = *state;
	char name[32];

	for (int i = 0; i < THROTTLE_SETS * THROTTLE_WAYS; i++) {
		snprintf(name, sizeof(name), "flood%d", i / THROTTLE_FREE_TRIES);
		throttle_fail(throttle, name, NOW);
	}
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++) {
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW), 0);
		throttle_fail(throttle, "anne", NOW);
		throttle_forgive_all(throttle, "anne");
	}
	assert_int_equal(throttle_wait_s(throttle, "anne", NOW), 0);
}

/* An account of one's own at an address does not pay for tries at others. */
static void one_right_try_undoes_itself_alone(void **state)
{
	struct throttle *throttle = *state;

	for (int i = 1; i < THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, "192.0.2.1", NOW);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(throttle_wait_s(throttle, "192.0.2.1", NOW), 0);
		throttle_fail(throttle, "192.0.2.1", NOW);
		throttle_forgive_one(throttle, "192.0.2.1");
	}
	throttle_fail(throttle, "192.0.2.1", NOW);
	assert_int_equal(throttle_wait_s(throttle, "192.0.2.1", NOW), THROTTLE_WAIT_FIRST_S);
	throttle_forgive_one(throttle, "nobody");
}

static void long_names_are_told_apart(void **state)
{
	struct throttle *throttle = *state;
	char one[400];
	char other[400];

	memset(one, 'x', sizeof(one));
	one[sizeof(one) - 1] = '\0';
	memcpy(other, one, sizeof(one));
	other[sizeof(other) - 2] = 'y';
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, one, NOW);
	}
	assert_true(throttle_wait_s(throttle, one, NOW) > 0);
	assert_int_equal(throttle_wait_s(throttle, other, NOW), 0);
	throttle_forgive_all(throttle, one);
	assert_int_equal(throttle_wait_s(throttle, one, NOW), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(five_are_free_and_then_it_takes_ever_longer, make,
						drop),
		cmocka_unit_test_setup_teardown(success_and_time_forgive, make, drop),
		cmocka_unit_test_setup_teardown(a_flood_does_not_forgive, make, drop),
		cmocka_unit_test_setup_teardown(strangers_slow_nobody_down, make, drop),
		cmocka_unit_test_setup_teardown(one_right_try_undoes_itself_alone, make, drop),
		cmocka_unit_test_setup_teardown(long_names_are_told_apart, make, drop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
