/* SPDX-License-Identifier: MIT */
#include "video/bits.h"
#include "video/h264.h"

#define HEADER_SIZE 1
#define SLICE_TYPES 5 /* each has two numbers */
#define SLICE_B     1

static bool is_of_b_picture(const struct h264_nal *nal)
{
	struct bits bits;

	if (nal->type != H264_SLICE) {
		return false; /* those of key pictures never are */
	}
	bits_init(&bits, nal->data + HEADER_SIZE, nal->length - HEADER_SIZE);
	(void)bits_read_unsigned(&bits); /* the first macroblock */
	uint32_t type = bits_read_unsigned(&bits);

	return !bits.failed && type < 2 * SLICE_TYPES && type % SLICE_TYPES == SLICE_B;
}

bool h264_has_b_slice(const uint8_t *unit, size_t length)
{
	struct h264_nal nal;
	size_t at = 0;

	while (h264_next_nal(unit, length, &at, &nal)) {
		if (is_of_b_picture(&nal)) {
			return true;
		}
	}
	return false;
}
