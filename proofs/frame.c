/* SPDX-License-Identifier: MIT */
/* Any bytes, of any length up to LENGTH_MAX, are read as a frame. They end where the memory ends.
 */
#include "any.h"

#include <flagship/frame.h>

#define LENGTH_MAX 200

int main(void)
{
	static uint8_t memory[LENGTH_MAX];
	struct flagship_frame frame;
	size_t length = any_size(LENGTH_MAX);

	any_bytes(memory, sizeof(memory));
	//@ split length;
	return flagship_frame_parse(memory + sizeof(memory) - length, length, &frame);
}
