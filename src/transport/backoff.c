/* SPDX-License-Identifier: MIT */
#include "transport/backoff.h"

/* splitmix64: small, and good enough to spread clients. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void backoff_init(struct backoff *backoff, uint64_t seed)
{
	backoff->random = seed;
	backoff_reset(backoff);
}

void backoff_reset(struct backoff *backoff)
{
	backoff->ceiling_ms = 2 * BACKOFF_FIRST_MS;
}

void backoff_note_end(struct backoff *backoff, uint64_t stood_ms)
{
	if (stood_ms >= BACKOFF_STOOD_MS) {
		backoff_reset(backoff);
	}
}

uint32_t backoff_next_ms(struct backoff *backoff)
{
	uint32_t ceiling = backoff->ceiling_ms;
	uint32_t floor = ceiling / 2;
	uint32_t spread = ceiling - floor + 1;

	backoff->ceiling_ms = ceiling < BACKOFF_LAST_MS / 2 ? ceiling * 2 : BACKOFF_LAST_MS;
	return floor + (uint32_t)(next_random(&backoff->random) % spread);
}
