/* SPDX-License-Identifier: MIT */
#include "daemon/run/descriptors.h"

#include <sys/resource.h>

#define DESCRIPTORS_ASSUMED 256u /* where the system does not say: POSIX's least, and then some */

static rlim_t least(rlim_t limit)
{
	return limit == RLIM_INFINITY || limit > DESCRIPTORS_MAX ? DESCRIPTORS_MAX : limit;
}

unsigned int descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
		return DESCRIPTORS_ASSUMED;
	}
	rlim_t before = limit.rlim_cur;

	if (least(limit.rlim_max) > before) {
		limit.rlim_cur = least(limit.rlim_max);
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
			limit.rlim_cur = before;
		}
	}
	return (unsigned int)least(limit.rlim_cur);
}
