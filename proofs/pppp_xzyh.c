/* SPDX-License-Identifier: MIT */
/*
 * One step of any sequence: a reader of a stream is in one of the states that it can be in, with
 * any part of a header, any rest of a frame and any limit, and gets any bytes, of any length up to
 * LENGTH_MAX, which end where their memory ends. What is in it afterwards is such a state again, so
 * that what holds for one step holds for all.
 */
#include <flagship/pppp_frame.h>

/* More than a header: what is left after one round of the search is such a state with fewer bytes.
 */
#define LENGTH_MAX (FLAGSHIP_XZYH_HEADER_SIZE + 2)

#include "reader.h"

/* enum reader_state of reader.c */
enum {
	IN_HEADER,
	IN_DATA,
	STATES
};

static size_t most_held(size_t state)
{
	return state == IN_HEADER ? FLAGSHIP_XZYH_HEADER_SIZE - 1 : 0;
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
