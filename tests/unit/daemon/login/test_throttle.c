/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/login/throttle.h"

#include "../../stride.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1800000000)

static int make(void **state)
{
	*state = calloc(1, sizeof(struct throttle));
	return *state == NULL;
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
	throttle_succeed(throttle, "Anne");
	assert_int_equal(throttle_wait_s(throttle, "anne", NOW), 0);
	assert_true(throttle_wait_s(throttle, "carol", NOW) > 0);
	assert_int_equal(throttle_wait_s(throttle, "carol", NOW + THROTTLE_FORGET_S), 0);
	throttle_fail(throttle, "carol", NOW + THROTTLE_FORGET_S);
	assert_int_equal(throttle_wait_s(throttle, "carol", NOW + THROTTLE_FORGET_S), 0);
}

static void some_have_more_free_tries(void **state)
{
	struct throttle *throttle = *state;

	throttle->free_tries = 2 * THROTTLE_FREE_TRIES;
	for (unsigned int i = 0; i < throttle->free_tries; i++) {
		assert_int_equal(throttle_failures(throttle, "anne"), i);
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW), 0);
		throttle_fail(throttle, "anne", NOW);
	}
	assert_int_equal(throttle_wait_s(throttle, "anne", NOW), THROTTLE_WAIT_FIRST_S);
}

/* A flood of other names makes nobody's wrong tries be forgotten. */
static void a_flood_does_not_forgive(void **state)
{
	struct throttle *throttle = *state;
	char name[32];

	for (int i = 0; i < 2 * THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, "anne", NOW);
	}
	for (int i = 0; i < 4 * THROTTLE_SUBJECTS; i += (int)test_stride()) {
		snprintf(name, sizeof(name), "flood%d", i);
		throttle_fail(throttle, name, NOW);
		throttle_succeed(throttle, name);
	}
	assert_true(throttle_wait_s(throttle, "anne", NOW) > 0);
}

/* Nor does one of names with a wrong try each. */
static void a_flood_of_wrong_tries_does_not_forgive(void **state)
{
	struct throttle *throttle = *state;
	char name[32];

	for (int i = 0; i < THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, "anne", NOW);
	}
	for (int i = 0; i < THROTTLE_SUBJECTS * 5 / 4; i++) {
		snprintf(name, sizeof(name), "flood%d", i);
		throttle_fail(throttle, name, NOW + 1);
	}
	assert_true(throttle_wait_s(throttle, "anne", NOW + 1) > 0);
	assert_int_equal(throttle_wait_s(throttle, "bob", NOW + 1), 0);
}

/* However many names there are. */
static void strangers_do_not_slow_anybody_down(void **state)
{
	struct throttle *throttle = *state;
	char name[32];

	for (int i = 0; i < THROTTLE_SUBJECTS; i += (int)test_stride()) {
		snprintf(name, sizeof(name), "stranger%d", i);
		for (int j = 0; j < THROTTLE_FREE_TRIES; j++) {
			throttle_fail(throttle, name, NOW);
		}
	}
	for (int i = 0; i < THROTTLE_SUBJECTS; i += (int)test_stride()) {
		snprintf(name, sizeof(name), "owner%d", i);
		assert_int_equal(throttle_wait_s(throttle, name, NOW), 0);
	}
}

static void open_tries_count_until_they_are_right(void **state)
{
	struct throttle *throttle = *state;

	for (int i = 0; i < THROTTLE_FREE_TRIES; i++) {
		throttle_try(throttle, "192.0.2.1", NOW);
	}
	assert_true(throttle_wait_s(throttle, "192.0.2.1", NOW) > 0);
	throttle_undo(throttle, "192.0.2.1");
	assert_int_equal(throttle_wait_s(throttle, "192.0.2.1", NOW), 0);
	for (int i = 1; i < THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, "192.0.2.1", NOW);
	}
	/* A right one undoes itself only. */
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++) {
		throttle_try(throttle, "192.0.2.1", NOW);
		throttle_undo(throttle, "192.0.2.1");
	}
	assert_int_equal(throttle_wait_s(throttle, "192.0.2.1", NOW), 0);
	throttle_fail(throttle, "192.0.2.1", NOW);
	assert_true(throttle_wait_s(throttle, "192.0.2.1", NOW) > 0);
	/* Nor does one that comes after the wait bring it back. */
	throttle_try(throttle, "192.0.2.1", NOW + THROTTLE_WAIT_FIRST_S);
	throttle_undo(throttle, "192.0.2.1");
	assert_int_equal(throttle_wait_s(throttle, "192.0.2.1", NOW + THROTTLE_WAIT_FIRST_S), 0);
}

/* What a clock that ran ahead has noted keeps nobody out once it is right. */
static void a_time_ahead_keeps_nobody_waiting(void **state)
{
	static const int64_t ahead[] = {1, THROTTLE_FORGET_S, INT64_C(31536000)};
	struct throttle *throttle = *state;

	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		for (int j = 0; j < 2 * THROTTLE_FREE_TRIES; j++) {
			throttle_try(throttle, "anne", NOW + ahead[i]);
			throttle_fail(throttle, "anne", NOW + ahead[i]);
		}
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW), 0);
		for (int j = 0; j < THROTTLE_FREE_TRIES; j++) {
			throttle_fail(throttle, "anne", NOW);
		}
		assert_int_equal(throttle_wait_s(throttle, "anne", NOW), THROTTLE_WAIT_FIRST_S);
		throttle_succeed(throttle, "anne");
	}
}

static void long_names_count_as_others_do(void **state)
{
	struct throttle *throttle = *state;
	char name[2 * THROTTLE_NAME_MAX];

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	for (int i = 0; i < THROTTLE_FREE_TRIES; i++) {
		throttle_fail(throttle, name, NOW);
	}
	assert_true(throttle_wait_s(throttle, name, NOW) > 0);
	throttle_succeed(throttle, name);
	assert_int_equal(throttle_wait_s(throttle, name, NOW), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(five_are_free_and_then_it_takes_ever_longer, make,
						drop),
		cmocka_unit_test_setup_teardown(some_have_more_free_tries, make, drop),
		cmocka_unit_test_setup_teardown(success_and_time_forgive, make, drop),
		cmocka_unit_test_setup_teardown(a_flood_does_not_forgive, make, drop),
		cmocka_unit_test_setup_teardown(a_flood_of_wrong_tries_does_not_forgive, make,
						drop),
		cmocka_unit_test_setup_teardown(strangers_do_not_slow_anybody_down, make, drop),
		cmocka_unit_test_setup_teardown(open_tries_count_until_they_are_right, make, drop),
		cmocka_unit_test_setup_teardown(a_time_ahead_keeps_nobody_waiting, make, drop),
		cmocka_unit_test_setup_teardown(long_names_count_as_others_do, make, drop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
