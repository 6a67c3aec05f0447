/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/backoff.h"

#define SEEDS          1000
#define TWO_MINUTES_MS 120000

static void doubles_up_to_a_minute_with_jitter(void **state)
{
	static const uint32_t ceilings[] = {2000, 4000, 8000, 16000, 32000, 60000, 60000};

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct backoff backoff;
		backoff_init(&backoff, seed);
		for (size_t i = 0; i < sizeof(ceilings) / sizeof(ceilings[0]); i++) {
			uint32_t delay = backoff_next_ms(&backoff);
			assert_in_range(delay, ceilings[i] / 2, ceilings[i]);
			assert_in_range(delay, BACKOFF_FIRST_MS, BACKOFF_LAST_MS);
		}
	}
}

static void spreads_clients_that_lost_one_broker(void **state)
{
	uint32_t least = BACKOFF_LAST_MS;
	uint32_t most = 0;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct backoff backoff;
		backoff_init(&backoff, seed);
		uint32_t delay = backoff_next_ms(&backoff);
		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
	}
	assert_in_range(least, 1000, 1050);
	assert_in_range(most, 1950, 2000);
}

static void starts_over_after_success(void **state)
{
	struct backoff backoff;

	(void)state;
	backoff_init(&backoff, 1);
	for (int i = 0; i < 10; i++) {
		backoff_next_ms(&backoff);
	}
	backoff_reset(&backoff);
	assert_in_range(backoff_next_ms(&backoff), 1000, 2000);
}

static void starts_over_only_after_a_connection_that_stood(void **state)
{
	struct backoff backoff;

	(void)state;
	backoff_init(&backoff, 1);
	for (int i = 0; i < 10; i++) {
		backoff_next_ms(&backoff);
	}
	backoff_note_end(&backoff, 0);
	assert_in_range(backoff_next_ms(&backoff), 30000, 60000);
	backoff_note_end(&backoff, BACKOFF_STOOD_MS - 1);
	assert_in_range(backoff_next_ms(&backoff), 30000, 60000);
	backoff_note_end(&backoff, BACKOFF_STOOD_MS);
	assert_in_range(backoff_next_ms(&backoff), 1000, 2000);
}

/* What a broker sees in `window_ms` that takes the login and hangs up `stood_ms` later. */
static unsigned int count_connections(uint64_t seed, uint64_t stood_ms, uint64_t window_ms)
{
	struct backoff backoff;
	unsigned int count = 0;

	backoff_init(&backoff, seed);
	for (uint64_t now_ms = 0; now_ms <= window_ms;) {
		count++;
		now_ms += stood_ms;
		backoff_note_end(&backoff, stood_ms);
		now_ms += backoff_next_ms(&backoff);
	}
	return count;
}

static void leaves_a_broker_in_peace_that_drops_who_has_logged_in(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		assert_in_range(count_connections(seed, 0, TWO_MINUTES_MS), 2, 8);
		assert_in_range(count_connections(seed, 5000, TWO_MINUTES_MS), 2, 8);
		assert_in_range(count_connections(seed, BACKOFF_STOOD_MS, TWO_MINUTES_MS), 4, 4);
	}
}

static void the_same_seed_gives_the_same_delays(void **state)
{
	struct backoff a;
	struct backoff b;

	(void)state;
	backoff_init(&a, 7);
	backoff_init(&b, 7);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(backoff_next_ms(&a), backoff_next_ms(&b));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_up_to_a_minute_with_jitter),
		cmocka_unit_test(spreads_clients_that_lost_one_broker),
		cmocka_unit_test(starts_over_after_success),
		cmocka_unit_test(starts_over_only_after_a_connection_that_stood),
		cmocka_unit_test(leaves_a_broker_in_peace_that_drops_who_has_logged_in),
		cmocka_unit_test(the_same_seed_gives_the_same_delays),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
