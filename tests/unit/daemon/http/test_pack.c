/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/pack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define LONG 300000

static char text[LONG];
static char unpacked[LONG];

/* What gzip makes of it again. */
static size_t unpack(const char *bytes, size_t length)
{
	z_stream stream = {.next_in = (Bytef *)bytes, .avail_in = (uInt)length};

	stream.next_out = (Bytef *)unpacked;
	stream.avail_out = sizeof(unpacked);
	assert_int_equal(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
	assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
	assert_int_equal(stream.avail_in, 0);
	assert_int_equal(inflateEnd(&stream), Z_OK);
	return stream.total_out;
}

/* Returns how long it became. */
static size_t pack_in_pieces(size_t length, size_t piece)
{
	struct http_packer *packer = http_packer_create();
	size_t packed;

	assert_non_null(packer);
	for (size_t at = 0; at < length; at += piece) {
		size_t left = length - at;

		assert_int_equal(http_packer_add(packer, text + at, left < piece ? left : piece),
				 0);
	}
	const char *bytes = http_packer_finish(packer, &packed);
	assert_non_null(bytes);
	assert_int_equal(unpack(bytes, packed), length);
	assert_memory_equal(unpacked, text, length);
	http_packer_destroy(packer);
	return packed;
}

static void test_it_is_the_same_in_whatever_pieces(void **state)
{
	static const size_t lengths[] = {0, 1, 1000, 16384, LONG};
	static const size_t pieces[] = {7, 1000, 16384, LONG};

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++) {
			assert_in_range(pack_in_pieces(lengths[i], pieces[j]), 18, LONG / 50);
		}
	}
}

/* What cannot be made shorter becomes a little longer: the room grows. */
static void test_what_looks_like_chance(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		random = random * 1664525 + 1013904223;
		text[i] = (char)(random >> 24);
	}
	assert_in_range(pack_in_pieces(LONG, 16384), LONG, LONG + LONG / 100);
	http_packer_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_is_the_same_in_whatever_pieces),
		cmocka_unit_test(test_what_looks_like_chance),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
