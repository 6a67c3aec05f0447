/* SPDX-License-Identifier: MIT */
#include "allocations.h"

#include <stdatomic.h>

/* Interposes the allocator of glibc, so that calls from inside libcrypto are counted too. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *memory, size_t size);

static atomic_size_t calls;

size_t allocations_count(void)
{
	return atomic_load(&calls);
}

void *malloc(size_t size)
{
	atomic_fetch_add(&calls, 1);
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	atomic_fetch_add(&calls, 1);
	return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	atomic_fetch_add(&calls, 1);
	return __libc_realloc(memory, size);
}
