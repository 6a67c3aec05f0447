/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "video/mp4.h"
#include "video/pace.h"

#define TICKS_PER_MS (MP4_TIMESCALE / 1000)
#define SCREEN_TICKS (MP4_TIMESCALE / 60) /* how long a screen shows a picture at least */
#define PICTURES     2000
#define KEY_EACH     50
#define SETTLED      100
#define PAUSE_MS     5000

/* One more, which is held against the one before; `ticks` gets its time. */
static void take(struct pace *pace, uint64_t now_ms, bool key, int64_t *ticks)
{
	int64_t before = *ticks;
	int64_t duration = pace->duration;

	*ticks = (int64_t)pace_next(pace, now_ms, key);
	assert_true(*ticks > before);
	if (!key) {
		assert_true(*ticks - before < 2 * duration);
	}
}

static void test_even_pictures_have_the_times_at_which_they_came(void **state)
{
	struct pace pace = {0};
	int64_t ticks = -1;

	(void)state;
	for (uint64_t i = 0; i < PICTURES; i++) {
		take(&pace, 5000 + i * 40, i % KEY_EACH == 0, &ticks);
		assert_int_equal(ticks, (int64_t)i * 40 * TICKS_PER_MS);
		assert_int_equal(pace.duration, 40 * TICKS_PER_MS);
	}
}

/* A rate that is learnt: of a camera that is slow, and of one that is fast. */
static void test_any_rate_is_learnt(void **state)
{
	static const uint64_t periods_ms[] = {1000, 200, 100, 50, 33, 17};

	(void)state;
	for (size_t r = 0; r < sizeof(periods_ms) / sizeof(periods_ms[0]); r++) {
		struct pace pace = {0};
		int64_t ticks = -1;

		for (uint64_t i = 0; i < PICTURES; i++) {
			int64_t came = (int64_t)(i * periods_ms[r]) * TICKS_PER_MS;

			take(&pace, i * periods_ms[r], i % KEY_EACH == 0, &ticks);
			if (i >= SETTLED) {
				assert_in_range(ticks + 1000, came, came + 2000);
			}
		}
	}
}

/* They come three at once, as a network brings them: each is seen on a screen nevertheless. */
static void test_what_comes_at_once_is_seen_one_after_the_other(void **state)
{
	struct pace pace = {0};
	int64_t ticks = -1;

	(void)state;
	for (uint64_t i = 0; i < PICTURES; i++) {
		int64_t before = ticks;

		take(&pace, (i / 3) * 120, i % KEY_EACH == 0, &ticks);
		assert_true(i < SETTLED || ticks - before >= SCREEN_TICKS);
		if (i >= SETTLED) {
			assert_in_range(ticks, (i / 3) * 120 * TICKS_PER_MS - 40 * TICKS_PER_MS,
					(i / 3) * 120 * TICKS_PER_MS + 120 * TICKS_PER_MS);
		}
	}
}

/* For half a second nothing comes, then all at once: browsers go on without a key picture. */
static void test_a_pause_of_the_network_is_no_gap(void **state)
{
	struct pace pace = {0};
	int64_t ticks = -1;

	(void)state;
	for (uint64_t i = 1; i < PICTURES; i++) {
		bool is_held = i >= SETTLED && i < SETTLED + 12;

		take(&pace, is_held ? (SETTLED + 12) * 40 : i * 40, i == 1, &ticks);
	}
	/* What was lost of the time by that is made up for. */
	assert_in_range(ticks, (PICTURES - 2) * 40 * TICKS_PER_MS - 2 * TICKS_PER_MS,
			(PICTURES - 2) * 40 * TICKS_PER_MS + 2 * TICKS_PER_MS);
}

/* A network that stands still while the rate is not known yet: it is no slower for that. */
static void test_a_pause_at_the_beginning_is_no_rate(void **state)
{
	(void)state;
	for (uint64_t first = 1; first < 20; first++) {
		struct pace pace = {0};
		int64_t ticks = -1;

		for (uint64_t i = 0; i < PICTURES; i++) {
			int64_t came = (int64_t)(i * 40 + (i >= first ? PAUSE_MS : 0));

			take(&pace, (uint64_t)came, i == 0, &ticks);
			assert_true(pace.duration <= 100 * TICKS_PER_MS);
			assert_true(ticks <= (came + 500) * TICKS_PER_MS);
			if (i >= first + PAUSE_MS / 40 + SETTLED) {
				assert_true(ticks >= (came - 100) * TICKS_PER_MS);
			}
		}
	}
}

/* Pictures were lost, and it goes on with a key picture: at the time at which that came. */
static void test_after_a_gap_a_key_picture_has_its_own_time(void **state)
{
	struct pace pace = {0};
	int64_t ticks = -1;

	(void)state;
	for (uint64_t i = 0; i < SETTLED; i++) {
		take(&pace, i * 40, i == 0, &ticks);
	}
	take(&pace, 60000, true, &ticks);
	assert_int_equal(ticks, 60000 * TICKS_PER_MS);
	take(&pace, 60040, false, &ticks);
	assert_int_equal(ticks, 60040 * TICKS_PER_MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_even_pictures_have_the_times_at_which_they_came),
		cmocka_unit_test(test_any_rate_is_learnt),
		cmocka_unit_test(test_what_comes_at_once_is_seen_one_after_the_other),
		cmocka_unit_test(test_a_pause_of_the_network_is_no_gap),
		cmocka_unit_test(test_a_pause_at_the_beginning_is_no_rate),
		cmocka_unit_test(test_after_a_gap_a_key_picture_has_its_own_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
