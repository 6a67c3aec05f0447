/* SPDX-License-Identifier: MIT */
#ifndef TEST_SHAPES_H
#define TEST_SHAPES_H

#include <flagship/frame.h>

#include <stddef.h>

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Every kind of frame, with the length of its header as protocol.md 2 gives it. */
struct shape {
	enum flagship_signature signature;
	enum flagship_format format;
	size_t header_size;
};

static const struct shape shapes[] = {
	{FLAGSHIP_SIGNATURE_MA, FLAGSHIP_FORMAT_M5, 64},
	{FLAGSHIP_SIGNATURE_MA, FLAGSHIP_FORMAT_M5C, 24},
	{FLAGSHIP_SIGNATURE_MA, FLAGSHIP_FORMAT_E1, 24},
	{FLAGSHIP_SIGNATURE_MB, FLAGSHIP_FORMAT_M5, 66},
	{FLAGSHIP_SIGNATURE_MB, FLAGSHIP_FORMAT_M5C, 26},
	{FLAGSHIP_SIGNATURE_MB, FLAGSHIP_FORMAT_E1, 26},
};

#endif
