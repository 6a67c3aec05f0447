/* SPDX-License-Identifier: MIT */
/*
 * One step of any sequence: a reader of a stream is in one of the states that it can be in, with
 * any part of a header, any rest of a frame and any limit, and gets any bytes, of any length up to
 * LENGTH_MAX, which end where their memory ends. What is in it afterwards is such a state again, so
 * that what holds for one step holds for all.
 */
#include "any.h"

#include <flagship/pppp_frame.h>

/* More than a header: what is left after one round of the search is such a state with fewer bytes.
 */
#define LENGTH_MAX (FLAGSHIP_XZYH_HEADER_SIZE + 2)

/* enum reader_state of reader.c */
enum {
	IN_HEADER,
	IN_DATA,
	STATES
};

void *proof_memchr(const void *bytes, int byte, size_t size)
{
	(void)byte;
	if (size == 0) {
		return NULL;
	}
	//@ assert \valid_read((const uint8_t *)bytes + (0 .. size - 1));
	for (size_t place = 0; place < size; place++) {
		if (any_size(1)) {
			return (uint8_t *)bytes + place;
		}
	}
	return NULL;
}

int proof_memcmp(const void *one, const void *other, size_t size)
{
	if (size > 0) {
		//@ assert \valid_read((const uint8_t *)one + (0 .. size - 1));
		//@ assert \valid_read((const uint8_t *)other + (0 .. size - 1));
	}
	return any_size(1) ? 0 : 1;
}

static size_t most_held(size_t state)
{
	return state == IN_HEADER ? FLAGSHIP_XZYH_HEADER_SIZE - 1 : 0;
}

/* Each rest of a frame that ends with these bytes, and all that go beyond them. */
static uint32_t any_left(void)
{
	uint32_t left = (uint32_t)any_size(LENGTH_MAX + 1);

	//@ split left;
	if (left > LENGTH_MAX) {
		any_bytes(&left, sizeof(left));
		if (left <= LENGTH_MAX) {
			left = LENGTH_MAX + 1;
		}
	}
	return left;
}

static void push(size_t state, size_t held, size_t size)
{
	static uint8_t memory[LENGTH_MAX];
	struct flagship_xzyh_reader reader;
	struct flagship_pppp_piece piece;
	const uint8_t *data = memory + sizeof(memory) - size;
	size_t length = size;

	any_bytes(memory, sizeof(memory));
	any_bytes(&reader, sizeof(reader));
	reader.state = (uint8_t)state;
	reader.held = (uint8_t)held;
	if (state == IN_DATA) {
		reader.left = any_left();
	}
	(void)flagship_xzyh_reader_push(&reader, &data, &length, &piece);
	if (length > 0) {
		//@ assert \valid_read(data + (0 .. length - 1));
	}
	if (piece.length > 0) {
		//@ assert \valid_read(piece.data + (0 .. piece.length - 1));
	}
	//@ assert reader.state < STATES;
	//@ assert reader.state == IN_HEADER ==> reader.held < FLAGSHIP_XZYH_HEADER_SIZE;
	//@ assert reader.state == IN_DATA ==> reader.held == 0;
}

int main(void)
{
	size_t state = any_size(STATES - 1);
	size_t size = any_size(LENGTH_MAX);
	size_t held = any_size(FLAGSHIP_XZYH_HEADER_SIZE - 1);

	//@ split state;
	//@ split size;
	//@ split held;
	if (held <= most_held(state)) {
		push(state, held, size);
	}
	return 0;
}
