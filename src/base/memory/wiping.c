/* SPDX-License-Identifier: MIT */
#include "base/memory/wiping.h"

#include <malloc.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

void wiping_free(void *block)
{
	if (block) {
		OPENSSL_cleanse(block, malloc_usable_size(block));
		free(block);
	}
}

void *wiping_realloc(void *block, size_t size)
{
	size_t before = block ? malloc_usable_size(block) : 0;

	if (block && size == 0) {
		wiping_free(block);
		return NULL;
	}
	if (block && size <= before) {
		return block;
	}
	void *larger = malloc(size);
	if (larger && block) {
		memcpy(larger, block, before);
		wiping_free(block);
	}
	return larger;
}

void *wiping_grow(void *old, size_t count, size_t size)
{
	/* Blocks have room for a power of two, so that they are full when count is one. */
	if (count > 0 && (count & (count - 1)) != 0) {
		return old;
	}
	void *grown = calloc(count > 0 ? 2 * count : 1, size);
	if (grown && old) {
		memcpy(grown, old, count * size);
		wiping_free(old);
	}
	return grown;
}
