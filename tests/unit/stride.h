/* SPDX-License-Identifier: MIT */
/* Which share of a search through very many cases is tried: all of them, or where a step costs
 * fifty times as much, under valgrind, each nth. What is searched for there, memory that was never
 * written, shows itself in any of the cases; all of them run plainly and with the sanitizers. */
#ifndef FLAGSHIP_TEST_STRIDE_H
#define FLAGSHIP_TEST_STRIDE_H

#include <stdlib.h>

/* From case to case: 1, or what the test setup of valgrind says (tests/meson.build). */
static inline size_t test_stride(void)
{
	const char *text = getenv("FLAGSHIP_TEST_STRIDE");
	int stride = text ? atoi(text) : 1;

	return stride > 0 ? (size_t)stride : 1;
}

#endif
