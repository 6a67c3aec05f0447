/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* CLOCK_BOOTTIME */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"

#include <poll.h>
#include <stdatomic.h>
#include <time.h>

#define NS_PER_MS   INT64_C(1000000)
#define MS_PER_S    INT64_C(1000)
#define BEGIN_MS    INT64_C(1000000)       /* since the machine was started */
#define WALL_MS     INT64_C(1900000000000) /* 2030 */
#define QUIET_MS    20                     /* after which nothing is under way on loopback */
#define QUIET_TURNS 2
#define TURNS_MAX   1000

static _Atomic int64_t awake_ms = BEGIN_MS;
static _Atomic int64_t slept_ms;
static _Atomic int64_t stepped_ms;

/* In place of the C library's, which the other libraries call as well. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	int64_t ms = awake_ms;

#ifdef CLOCK_BOOTTIME
	ms += clock == CLOCK_BOOTTIME ? slept_ms : 0;
#endif
	if (clock == CLOCK_REALTIME) {
		ms += WALL_MS + slept_ms + stepped_ms;
	}
	now->tv_sec = (time_t)(ms / MS_PER_S);
	now->tv_nsec = (long)(ms % MS_PER_S * NS_PER_MS);
	return 0;
}

void fake_clock_pass(int64_t ms)
{
	awake_ms += ms;
}

void fake_clock_sleep(int64_t ms)
{
	slept_ms += ms;
}

void fake_clock_step(int64_t ms)
{
	stepped_ms += ms;
}

/* Whether something comes. */
static int await_event(const uv_loop_t *loop)
{
	struct pollfd events = {.fd = uv_backend_fd(loop), .events = POLLIN};

	return poll(&events, 1, QUIET_MS);
}

void fake_clock_settle(uv_loop_t *loop)
{
	for (int quiet = 0, turns = 0; quiet < QUIET_TURNS; quiet++) {
		assert_in_range(turns++, 0, TURNS_MAX);
		uv_run(loop, UV_RUN_NOWAIT);
		if (await_event(loop) > 0) {
			quiet = -1;
		}
	}
}

void fake_clock_await(uv_loop_t *loop, const unsigned int *counter, unsigned int value)
{
	uv_run(loop, UV_RUN_NOWAIT);
	for (int turns = 0; *counter < value; turns++) {
		assert_in_range(turns, 0, TURNS_MAX);
		await_event(loop);
		uv_run(loop, UV_RUN_NOWAIT);
	}
}
