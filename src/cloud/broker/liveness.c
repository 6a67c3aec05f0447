/* SPDX-License-Identifier: MIT */
#include "cloud/broker/liveness.h"

bool liveness_look(struct liveness *liveness, int64_t child, int64_t pid, uint64_t ticks)
{
	if (child == 0 || pid != child || pid != liveness->pid || ticks != liveness->ticks) {
		*liveness = (struct liveness){.pid = pid, .ticks = ticks};
		return false;
	}
	if (++liveness->still < LIVENESS_LOOKS_MAX) {
		return false;
	}
	liveness_lose(liveness);
	return true;
}

void liveness_lose(struct liveness *liveness)
{
	*liveness = (struct liveness){0};
}
