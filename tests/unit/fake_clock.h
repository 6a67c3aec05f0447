/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_CLOCK_H
#define TESTS_FAKE_CLOCK_H

#include <stdint.h>
#include <uv.h>

/*
 * Clocks that stand still until a test moves them, for all of its program: clock_gettime is the
 * test's own, so that the timers of libuv and of libmosquitto go by it too. Sockets are real.
 */

/* Everything that goes by a clock sees so many milliseconds pass. */
void fake_clock_pass(int64_t ms);

/* The machine sleeps: timers stand still, the steady clock and the one on the wall do not. */
void fake_clock_sleep(int64_t ms);

/* The clock on the wall is corrected. */
void fake_clock_step(int64_t ms);

/* Turns the loop until nothing comes any more; timers see what has passed. */
void fake_clock_settle(uv_loop_t *loop);

/* Turns the loop until the counter has this value; fails the test where nothing comes for long. */
void fake_clock_await(uv_loop_t *loop, const unsigned int *counter, unsigned int value);

#endif
