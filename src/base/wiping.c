/* SPDX-License-Identifier: MIT */
#include "base/wiping.h"

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
	void *larger;

	if (block && size == 0) {
		wiping_free(block);
		return NULL;
	}
	if (block && size <= before) {
		return block;
	}
	larger = malloc(size);
	if (larger && block) {
		memcpy(larger, block, before);
		wiping_free(block);
	}
	return larger;
}
