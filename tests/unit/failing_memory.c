/* SPDX-License-Identifier: MIT */
#include "failing_memory.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_uint left; /* until the fault; 0: none */
static atomic_bool fell;
static atomic_bool paused;

void failing_memory_arm(unsigned int number)
{
	left = number;
	fell = false;
	paused = false;
}

bool failing_memory_fell(void)
{
	return fell;
}

void failing_memory_pause(void)
{
	paused = true;
}

void failing_memory_resume(void)
{
	paused = false;
}

bool failing_memory_due(void)
{
	if (!paused && left > 0 && atomic_fetch_sub(&left, 1) == 1) {
		fell = true;
		errno = ENOMEM;
		return true;
	}
	return false;
}

#define FAILING(type, name, parameters, arguments)                            \
	type __real_##name parameters;                                        \
	type __wrap_##name parameters;                                        \
	type __wrap_##name parameters                                         \
	{                                                                     \
		return failing_memory_due() ? NULL : __real_##name arguments; \
	}

FAILING(void *, malloc, (size_t size), (size))
FAILING(void *, calloc, (size_t count, size_t size), (count, size))
FAILING(void *, realloc, (void *memory, size_t size), (memory, size))
FAILING(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size))
FAILING(char *, strdup, (const char *text), (text))
FAILING(char *, strndup, (const char *text, size_t length), (text, length))
