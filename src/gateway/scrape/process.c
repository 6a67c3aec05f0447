/* SPDX-License-Identifier: MIT */
#include "gateway/scrape/internal.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#define MS_PER_S  1000
#define US_PER_MS 1000

static int64_t milliseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * MS_PER_S + time->tv_usec / US_PER_MS;
}

static void read_resident(struct metrics_gateway *gateway)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long pages;

	if (!file) {
		return;
	}
	if (fscanf(file, "%*s %ld", &pages) == 1) {
		gateway->resident_bytes = (int64_t)pages * sysconf(_SC_PAGESIZE);
	}
	fclose(file);
}

static void count_files(struct metrics_gateway *gateway)
{
	DIR *folder = opendir("/proc/self/fd");
	int64_t count = -1; /* that of the folder */

	if (!folder) {
		return;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		count += entry->d_name[0] != '.';
	}
	closedir(folder);
	gateway->open_files = count;
}

void scrape_read_process(struct metrics_gateway *gateway)
{
	struct rusage usage;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		gateway->cpu_ms = milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime);
	}
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		gateway->open_files_max = (int64_t)limit.rlim_cur;
	}
	read_resident(gateway);
	count_files(gateway);
}
