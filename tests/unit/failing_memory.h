/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAILING_MEMORY_H
#define TESTS_FAILING_MEMORY_H

#include <stdbool.h>

/*
 * One allocation of ours fails, the others do not: the linker sends malloc, calloc, realloc,
 * aligned_alloc, strdup and strndup here (failing_memory_args of meson.build), those of threads as
 * well. A test lives a life in which the first one fails, then the second, until one comes to its
 * end without a fault.
 */

/* The allocation of this number, from 1 on, fails; 0: none. What fell before is forgotten. */
void failing_memory_arm(unsigned int number);

/* Whether it came to that since it was armed. */
bool failing_memory_fell(void);

/* For what is the test's own: none fails in between, and none is counted. */
void failing_memory_pause(void);
void failing_memory_resume(void);

/* For calls that a test wraps itself: counts one, and says whether that is the one to fail. */
bool failing_memory_due(void);

#endif
