/* SPDX-License-Identifier: MIT */
#include "simulator/machine/random.h"

#include "base/uuid.h"

#include <stdio.h>

#define SPLITMIX_STEP  UINT64_C(0x9e3779b97f4a7c15)
#define SPLITMIX_FIRST UINT64_C(0xbf58476d1ce4e5b9)
#define SPLITMIX_LAST  UINT64_C(0x94d049bb133111eb)
#define UNIT_BITS      53

static uint64_t splitmix_next(uint64_t *state)
{
	uint64_t value = *state += SPLITMIX_STEP;

	value = (value ^ (value >> 30)) * SPLITMIX_FIRST;
	value = (value ^ (value >> 27)) * SPLITMIX_LAST;
	return value ^ (value >> 31);
}

static uint64_t rotate_left(uint64_t value, unsigned int bits)
{
	return value << bits | value >> (64 - bits);
}

void random_init(struct random_source *random, uint64_t seed, uint64_t stream)
{
	uint64_t state = seed;

	state = splitmix_next(&state) ^ stream;
	for (size_t i = 0; i < sizeof(random->state) / sizeof(random->state[0]); i++) {
		random->state[i] = splitmix_next(&state);
	}
}

static uint64_t random_next(struct random_source *random)
{
	uint64_t *state = random->state;
	uint64_t result = rotate_left(state[1] * 5, 7) * 9;
	uint64_t shifted = state[1] << 17;

	state[2] ^= state[0];
	state[3] ^= state[1];
	state[1] ^= state[2];
	state[0] ^= state[3];
	state[2] ^= shifted;
	state[3] = rotate_left(state[3], 45);
	return result;
}

double random_unit(struct random_source *random)
{
	return (double)(random_next(random) >> (64 - UNIT_BITS)) /
	       (double)(UINT64_C(1) << UNIT_BITS);
}

double random_between(struct random_source *random, double low, double high)
{
	return low + (high - low) * random_unit(random);
}

double random_noise(struct random_source *random, double amplitude)
{
	double first = random_unit(random);
	double second = random_unit(random);

	return (first - second) * amplitude;
}

uint32_t random_below(struct random_source *random, uint32_t bound)
{
	return (uint32_t)((random_next(random) >> 32) * bound >> 32);
}

void random_bytes(struct random_source *random, uint8_t *out, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		out[i] = (uint8_t)(random_next(random) >> 56);
	}
}

void random_uuid(struct random_source *random, char out[RANDOM_UUID_SIZE])
{
	uint8_t bytes[UUID_BYTES];

	random_bytes(random, bytes, sizeof(bytes));
	guid_of_bytes(bytes, out);
}
