/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_MACHINE_RANDOM_H
#define SIMULATOR_MACHINE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#define RANDOM_UUID_SIZE 37 /* 36 characters and a NUL */

/* Numbers that look random and are the same for the same seed: xoshiro256** after splitmix64, by
 * Blackman and Vigna. Nothing here is fit for secrets. */
struct random_source {
	uint64_t state[4];
};

/* stream: sources of one seed and different streams are independent. */
void random_init(struct random_source *random, uint64_t seed, uint64_t stream);

/* 0 <= value < 1. */
double random_unit(struct random_source *random);

/* From low up to, but not including, high. */
double random_between(struct random_source *random, double low, double high);

/* Triangular noise, at most amplitude either way. */
double random_noise(struct random_source *random, double amplitude);

/* 0 <= value < bound; bound > 0. */
uint32_t random_below(struct random_source *random, uint32_t bound);

void random_bytes(struct random_source *random, uint8_t *out, size_t length);

/* "cede2a2f-41a2-4748-9b12-c55c62f367ff" */
void random_uuid(struct random_source *random, char out[RANDOM_UUID_SIZE]);

#endif
