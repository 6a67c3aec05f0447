/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/pack.h"
#include "failing_memory.h"

#include <flagship/error.h>

#define PIECE 4096

/* False where memory fell short; it was told, and nothing is left behind. */
static bool pack_chance(const char *piece)
{
	struct http_packer *packer = http_packer_create();
	const char *bytes = NULL;
	size_t length;
	int error = 0;

	for (size_t i = 0; packer && !error && i < 16; i++) {
		error = http_packer_add(packer, piece + i, PIECE);
	}
	if (packer && !error) {
		bytes = http_packer_finish(packer, &length);
	}
	assert_true(!error || error == FLAGSHIP_ERROR_MEMORY);
	http_packer_destroy(packer);
	return bytes != NULL;
}

static void test_each_allocation_fails_once(void **state)
{
	static char piece[PIECE + 16];
	unsigned int faults = 0;
	uint32_t random = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(piece); i++) {
		random = random * 1664525 + 1013904223;
		piece[i] = (char)(random >> 24);
	}
	do {
		failing_memory_arm(++faults);
		bool is_packed = pack_chance(piece);
		assert_int_equal(is_packed, !failing_memory_fell());
	} while (failing_memory_fell());
	failing_memory_arm(0);
	assert_true(faults > 2); /* its own, and its room */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_allocation_fails_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
