/* SPDX-License-Identifier: MIT */
#ifndef BASE_MEMORY_WIPING_H
#define BASE_MEMORY_WIPING_H

#include <stddef.h>

/*
 * free and realloc for libraries that hold keys, tokens and passwords in memory of their own (trees
 * of JSON, bodies of requests): every block is wiped before it is given back, also one that only
 * became too small. For their hooks; a block may come from malloc, calloc or strdup.
 */
void wiping_free(void *block);
void *wiping_realloc(void *block, size_t size);

/*
 * Room for one more than `count` items of `size` bytes, zeroed, in an array that grows by this
 * function alone and is freed by wiping_free. NULL where there is no memory: `old` stays as it is.
 */
void *wiping_grow(void *old, size_t count, size_t size);

#endif
