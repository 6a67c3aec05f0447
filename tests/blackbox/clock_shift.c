/* SPDX-License-Identifier: MIT */
/*
 * Loaded before the C library: clocks that a test sets while the program runs. The file that
 * CLOCK_SHIFT names holds three numbers of nanoseconds, native int64: by how much the wall clock
 * was put forward, for how long the machine was asleep, which CLOCK_BOOTTIME counts and
 * CLOCK_MONOTONIC does not, and how much time has passed besides, for all of them.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S  INT64_C(1000000000)
#define NS_PER_US 1000

struct shifts {
	_Atomic int64_t stepped_ns;
	_Atomic int64_t slept_ns;
	_Atomic int64_t passed_ns;
};

static const struct shifts *shifts;

__attribute__((constructor)) static void open_shifts(void)
{
	const char *path = getenv("CLOCK_SHIFT");
	int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

	if (file >= 0) {
		void *mapped = mmap(NULL, sizeof(*shifts), PROT_READ, MAP_SHARED, file, 0);

		shifts = mapped != MAP_FAILED ? mapped : NULL;
		close(file);
	}
}

static int64_t shift_of(clockid_t clock)
{
	if (!shifts) {
		return 0;
	}
	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		return shifts->stepped_ns + shifts->slept_ns + shifts->passed_ns;
	case CLOCK_BOOTTIME:
		return shifts->slept_ns + shifts->passed_ns;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_MONOTONIC_RAW:
		return shifts->passed_ns;
	default:
		return 0;
	}
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, clock, now);

	if (result == 0) {
		int64_t ns = now->tv_nsec + shift_of(clock) % NS_PER_S + NS_PER_S;

		now->tv_sec += shift_of(clock) / NS_PER_S - 1 + ns / NS_PER_S;
		now->tv_nsec = ns % NS_PER_S;
	}
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	struct timespec precise;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &precise);
	now->tv_sec = precise.tv_sec;
	now->tv_usec = precise.tv_nsec / NS_PER_US;
	return 0;
}

time_t time(time_t *out)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (out) {
		*out = now.tv_sec;
	}
	return now.tv_sec;
}
