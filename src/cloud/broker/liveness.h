/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_BROKER_LIVENESS_H
#define CLOUD_BROKER_LIVENESS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether a broker hangs, by the ticks that its plugin counts at every turn of its loop, ten times
 * a second at least. Looks are counted and not seconds, so that a machine that slept, or a program
 * that was itself stopped, is no broker that hangs.
 */
#define LIVENESS_LOOK_MS   3000
#define LIVENESS_LOOKS_MAX 5 /* without a tick between them */

struct liveness {
	int64_t pid;
	uint64_t ticks;
	unsigned int still; /* looks that saw the same ticks */
};

/* One look: what broker.status says, and the process that should have written it (0: none). True
 * where it hangs; counting begins anew then. */
bool liveness_look(struct liveness *liveness, int64_t child, int64_t pid, uint64_t ticks);

/* A look that saw nothing: no file can be written, so that nothing can be told. */
void liveness_lose(struct liveness *liveness);

#endif
