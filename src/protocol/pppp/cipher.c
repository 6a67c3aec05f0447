/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/cipher_tables.h"

#include <flagship/pppp_packet.h>

#include <assert.h>
#include <string.h>

/* protocol.md 5: what stands in the vendor's programs, so that it is no secret. */
#define SIMPLE_SEED      "SSD@cs2-network."
#define SIMPLE_HASH_SIZE 4
#define SIMPLE_DIVISOR   3
#define CURSE_KEY        "EUPRAKM"
#define CURSE_MARK       0x43

static_assert((SIMPLE_HASH_SIZE & (SIMPLE_HASH_SIZE - 1)) == 0, "a mask picks from the hash");
static_assert((CURSE_TABLE_SIZE & (CURSE_TABLE_SIZE - 1)) == 0, "a mask picks from the table");

static void simple_hash(uint8_t hash[SIMPLE_HASH_SIZE])
{
	memset(hash, 0, SIMPLE_HASH_SIZE);
	for (const char *c = SIMPLE_SEED; *c != '\0'; c++) {
		uint8_t byte = (uint8_t)*c;
		hash[0] = (uint8_t)(hash[0] + byte);
		hash[1] = (uint8_t)(hash[1] - byte);
		hash[2] = (uint8_t)(hash[2] + byte / SIMPLE_DIVISOR);
		hash[3] = (uint8_t)(hash[3] ^ byte);
	}
}

static uint8_t simple_key(const uint8_t hash[SIMPLE_HASH_SIZE], uint8_t before)
{
	return simple_table[(uint8_t)(hash[before & (SIMPLE_HASH_SIZE - 1)] + before)];
}

void flagship_pppp_simple_encode(const uint8_t *data, size_t length, uint8_t *out)
{
	uint8_t hash[SIMPLE_HASH_SIZE];
	uint8_t before = 0;

	simple_hash(hash);
	for (size_t i = 0; i < length; i++) {
		before = data[i] ^ simple_key(hash, before);
		out[i] = before;
	}
}

void flagship_pppp_simple_decode(const uint8_t *data, size_t length, uint8_t *out)
{
	uint8_t hash[SIMPLE_HASH_SIZE];
	uint8_t before = 0;

	simple_hash(hash);
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = data[i];
		out[i] = byte ^ simple_key(hash, before);
		before = byte;
	}
}

/* Four numbers that walk over the table; nothing in it is zero, nor are they. */
struct curse {
	unsigned int a;
	unsigned int b;
	unsigned int c;
	unsigned int d;
};

static unsigned int curse_look(unsigned int row, unsigned int column)
{
	return curse_table[row & (CURSE_TABLE_SIZE - 1)][column & (CURSE_TABLE_SIZE - 1)];
}

static void curse_step(struct curse *curse, unsigned int x)
{
	const struct curse old = *curse;

	curse->a = curse_look(old.b + x % old.a, x + old.c % old.d);
	curse->b = curse_look(old.c + x % old.b, x + old.d % old.a);
	curse->c = curse_look(old.d + x % old.c, x + old.a % old.b);
	curse->d = curse_look(old.a + x % old.d, x + old.b % old.c);
}

static void curse_begin(struct curse *curse)
{
	*curse = (struct curse){.a = 1, .b = 3, .c = 5, .d = 7};
	for (const char *c = CURSE_KEY; *c != '\0'; c++) {
		curse_step(curse, (uint8_t)*c);
	}
}

static uint8_t curse_mask(const struct curse *curse)
{
	return (uint8_t)(curse->a ^ curse->b ^ curse->c ^ curse->d);
}

void flagship_pppp_curse_encode(const uint8_t *data, size_t length, uint8_t *out)
{
	struct curse curse;

	curse_begin(&curse);
	for (size_t i = 0; i < length + FLAGSHIP_PPPP_CURSE_OVERHEAD; i++) {
		uint8_t byte = i < length ? data[i] : CURSE_MARK;
		out[i] = byte ^ curse_mask(&curse);
		curse_step(&curse, out[i]);
	}
}

int flagship_pppp_curse_decode(const uint8_t *data, size_t length, uint8_t *out, size_t *out_length)
{
	struct curse curse;
	bool marked = true;

	if (length < FLAGSHIP_PPPP_CURSE_OVERHEAD) {
		return FLAGSHIP_ERROR_TOO_SHORT;
	}
	const size_t plain = length - FLAGSHIP_PPPP_CURSE_OVERHEAD;
	curse_begin(&curse);
	for (size_t i = 0; i < length; i++) {
		uint8_t byte = data[i];
		uint8_t clear = byte ^ curse_mask(&curse);
		if (i < plain) {
			out[i] = clear;
		} else {
			marked = marked && clear == CURSE_MARK;
		}
		curse_step(&curse, byte);
	}
	*out_length = plain;
	return marked ? 0 : FLAGSHIP_ERROR_AUTHENTICATION;
}
