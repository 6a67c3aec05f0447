/* SPDX-License-Identifier: MIT */
/*
 * One step of any sequence: the reassembler is in one of the states that it can be in, with no
 * memory or with each size that it takes, empty, in part or full; one frame comes, of each type,
 * with any bytes. What is in it afterwards is such a state again, so that what holds for one frame
 * holds for all. There may be no memory. The lengths are those below: around those at which memory
 * is taken, grows, and may not grow any more.
 */
#include "any.h"

#include <flagship/mqtt.h>
#include <flagship/reassembler.h>

#include <stdlib.h>

#define FIRST    4096 /* REASSEMBLER_CAPACITY_FIRST */
#define PART_MAX 9001
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#ifndef LIMIT
#define LIMIT 9000
#endif

static const uint8_t types[] = {FLAGSHIP_PACKET_TYPE_SINGLE, FLAGSHIP_PACKET_TYPE_MULTI_BEGIN,
				FLAGSHIP_PACKET_TYPE_MULTI_APPEND,
				FLAGSHIP_PACKET_TYPE_MULTI_FINISH, UINT8_MAX};
static const size_t lengths[] = {0,         1,         LIMIT / 2, FIRST - 1, FIRST,
				 FIRST + 1, 2 * FIRST, LIMIT - 1, LIMIT,     PART_MAX};
static const size_t capacities[] = {0, FIRST, 2 * FIRST, LIMIT};

/* Memory has not one byte more than was asked for. */
static uint8_t first[FIRST];
static uint8_t twice[2 * FIRST];
static uint8_t all[LIMIT];
static uint8_t part[PART_MAX];

static uint8_t *memory_of(size_t size)
{
	switch (size) {
	case 0:
		return NULL;
	case FIRST:
		return first;
	case 2 * FIRST:
		return twice;
	default:
		//@ assert size == LIMIT;
		return all;
	}
}

void *proof_malloc(size_t size)
{
	return any_size(1) ? memory_of(size) : NULL;
}

void proof_free(void *memory)
{
	(void)memory;
}

static void push(size_t capacity, size_t collected, int collecting, uint8_t type, size_t length)
{
	struct flagship_reassembler reassembler;
	const uint8_t *message = NULL;
	size_t message_length = 0;

	flagship_reassembler_init(&reassembler, LIMIT);
	reassembler.data = memory_of(capacity);
	reassembler.capacity = capacity;
	reassembler.length = collected;
	reassembler.collecting = collecting;
	int result = flagship_reassembler_push(&reassembler, type, part + PART_MAX - length, length,
					       &message, &message_length);
	if (result == 1 && message_length > 0) {
		//@ assert \valid_read(message + (0 .. message_length - 1));
	}
	//@ assert reassembler.length <= reassembler.capacity <= LIMIT;
	//@ assert reassembler.capacity \in {0, FIRST, 2 * FIRST, LIMIT};
	const uint8_t *its = memory_of(reassembler.capacity);
	//@ assert reassembler.data == its;
	flagship_reassembler_finish(&reassembler);
}

int main(void)
{
	any_bytes(first, sizeof(first));
	any_bytes(twice, sizeof(twice));
	any_bytes(all, sizeof(all));
	any_bytes(part, sizeof(part));
	//@ loop unroll 10;
	for (size_t c = 0; c < COUNT(capacities); c++) {
		if (capacities[c] > LIMIT) {
			continue;
		}
		//@ loop unroll 10;
		for (size_t l = 0; l < COUNT(lengths); l++) {
			if (lengths[l] > capacities[c]) {
				continue;
			}
			//@ loop unroll 10;
			for (size_t t = 0; t < COUNT(types); t++) {
				//@ loop unroll 10;
				for (size_t p = 0; p < COUNT(lengths); p++) {
					push(capacities[c], lengths[l], 1, types[t], lengths[p]);
					push(capacities[c], 0, 0, types[t], lengths[p]);
				}
			}
		}
	}
	return 0;
}
