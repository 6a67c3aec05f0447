/* SPDX-License-Identifier: MIT */
/* What the drivers of both readers of frames share; they define LENGTH_MAX before. */
#ifndef PROOFS_READER_H
#define PROOFS_READER_H

#include "any.h"

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

#endif
