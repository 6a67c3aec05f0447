/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* CLOCK_BOOTTIME */

#include "base/clock.h"

#include "base/hex.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BOOT_FILE   "/proc/sys/kernel/random/boot_id"
#define BOOT_DIGITS HEX_LOWER "-"
#define MS_PER_S    1000
#define NS_PER_MS   1000000
#define NS_PER_S    UINT64_C(1000000000)

#if defined(CLOCK_BOOTTIME)
#define STEADY_CLOCK CLOCK_BOOTTIME
#define AWAKE_CLOCK  CLOCK_MONOTONIC
#elif defined(CLOCK_UPTIME_RAW) /* of macOS, where CLOCK_MONOTONIC counts sleep */
#define STEADY_CLOCK CLOCK_MONOTONIC
#define AWAKE_CLOCK  CLOCK_UPTIME_RAW
#else
#define STEADY_CLOCK CLOCK_MONOTONIC
#define AWAKE_CLOCK  CLOCK_MONOTONIC
#endif

static int64_t milliseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

int64_t clock_steady_ms(void)
{
	return milliseconds(STEADY_CLOCK);
}

int64_t clock_steady_s(void)
{
	return clock_steady_ms() / MS_PER_S;
}

int64_t clock_unix_ms(void)
{
	return milliseconds(CLOCK_REALTIME);
}

int64_t clock_unix_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec;
}

uint64_t clock_stopwatch_ns(void)
{
	struct timespec now;

	clock_gettime(AWAKE_CLOCK, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

void clock_read_times(struct clock_times *now)
{
	now->steady_ms = milliseconds(STEADY_CLOCK);
	now->awake_ms = milliseconds(AWAKE_CLOCK);
	now->unix_ms = milliseconds(CLOCK_REALTIME);
}

static void read_boot(char boot[CLOCK_BOOT_SIZE])
{
	int file = open(BOOT_FILE, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, boot, CLOCK_BOOT_SIZE - 1);

	if (file >= 0) {
		close(file);
	}
	boot[length > 0 ? length : 0] = '\0';
	if (strspn(boot, BOOT_DIGITS) != CLOCK_BOOT_SIZE - 1) {
		boot[0] = '\0';
	}
}

void clock_read(struct clock_reading *now)
{
	now->wall_s = clock_unix_s();
	now->steady_s = clock_steady_s();
	read_boot(now->boot);
}

void clock_watch_init(struct clock_watch *watch, const struct clock_times *now)
{
	watch->unix_offset_ms = now->unix_ms - now->steady_ms;
	watch->asleep_ms = now->steady_ms - now->awake_ms;
}

bool clock_watch_look(struct clock_watch *watch, const struct clock_times *now,
		      struct clock_change *change)
{
	struct clock_watch seen;

	clock_watch_init(&seen, now);
	int64_t stepped_ms = seen.unix_offset_ms - watch->unix_offset_ms;
	int64_t slept_ms = seen.asleep_ms - watch->asleep_ms;

	*change = (struct clock_change){0};
	if (stepped_ms > CLOCK_STEP_MS || stepped_ms < -CLOCK_STEP_MS) {
		change->stepped_ms = stepped_ms;
	}
	watch->unix_offset_ms = seen.unix_offset_ms;
	/* Kept until it counts, so that naps add up. */
	if (slept_ms > CLOCK_SLEEP_MS) {
		change->slept_ms = slept_ms;
		watch->asleep_ms = seen.asleep_ms;
	}
	return change->stepped_ms != 0 || change->slept_ms != 0;
}
