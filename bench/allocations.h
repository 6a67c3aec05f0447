/* SPDX-License-Identifier: MIT */
#ifndef BENCH_ALLOCATIONS_H
#define BENCH_ALLOCATIONS_H

#include <stddef.h>

/* Calls of malloc, calloc and realloc so far by the whole process, libraries included. */
size_t allocations_count(void);

#endif
