/* SPDX-License-Identifier: MIT */
/*
 * A frame is opened whose plaintext may be any bytes: what AES makes of it is not looked at, and
 * may be refused. What is proven is how PKCS#7 is taken off, and that what is left lies in the
 * frame.
 */
#include "any.h"

#include "protocol/key.h"

#include <flagship/error.h>
#include <flagship/frame.h>

#define LENGTH_MAX 120

/* In place of src/protocol/key.c. */
int key_decrypt(struct flagship_key *key, uint8_t *data, size_t length)
{
	(void)key;
	if (any_size(1)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	any_bytes(data, length);
	return 0;
}

int main(void)
{
	static uint8_t memory[LENGTH_MAX];
	struct flagship_frame frame;
	size_t length = any_size(LENGTH_MAX);

	any_bytes(memory, sizeof(memory));
	//@ split length;
	uint8_t *data = memory + sizeof(memory) - length;
	int error = flagship_frame_open(NULL, data, length, &frame);
	//@ split error;
	if (!error) {
		//@ assert \valid(frame.payload + (0 .. frame.payload_length - 1));
	}
	return error;
}
