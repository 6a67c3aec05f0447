/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* CLOCK_BOOTTIME */
#include "base/clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BOOT_FILE   "/proc/sys/kernel/random/boot_id"
#define BOOT_DIGITS "0123456789abcdef-"

#ifdef CLOCK_BOOTTIME
#define CLOCK_STEADY CLOCK_BOOTTIME
#else
#define CLOCK_STEADY CLOCK_MONOTONIC
#endif

int64_t clock_steady_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_STEADY, &now);
	return (int64_t)now.tv_sec;
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
	now->wall_s = time(NULL);
	now->steady_s = clock_steady_s();
	read_boot(now->boot);
}
