/* SPDX-License-Identifier: MIT */
/* Loaded before the C library: time() runs ahead by the seconds that the file TEST_TIME_AHEAD
 * holds. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

time_t time(time_t *out)
{
	const char *path = getenv("TEST_TIME_AHEAD");
	FILE *file = path ? fopen(path, "re") : NULL;
	struct timeval now;
	long ahead_s = 0;

	gettimeofday(&now, NULL);
	if (file) {
		if (fscanf(file, "%ld", &ahead_s) != 1) {
			ahead_s = 0;
		}
		fclose(file);
	}
	now.tv_sec += ahead_s;
	if (out) {
		*out = now.tv_sec;
	}
	return now.tv_sec;
}
