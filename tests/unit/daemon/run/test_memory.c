/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/run/memory.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#define BLOCKS     64
#define BLOCK_SIZE 100000

static const char *const words[] = {"constants", "that hold", "addresses"};
static int counted = 1;

static void digest(unsigned char out[EVP_MAX_MD_SIZE])
{
	unsigned int length;

	assert_int_equal(EVP_Digest(words[1], strlen(words[1]), out, &length, EVP_sha256(), NULL),
			 1);
}

static void test_the_program_goes_on_with_what_it_had(void **state)
{
	unsigned char before[EVP_MAX_MD_SIZE] = {0};
	unsigned char after[EVP_MAX_MD_SIZE] = {0};
	char *blocks[BLOCKS];

	(void)state;
	for (size_t i = 0; i < BLOCKS; i++) {
		blocks[i] = malloc(BLOCK_SIZE);
		assert_non_null(blocks[i]);
		memset(blocks[i], (int)i, BLOCK_SIZE);
	}
	for (size_t i = 1; i < BLOCKS; i++) {
		free(blocks[i]);
	}
	digest(before);
	counted++;
	memory_give_back();
	memory_give_back();
	digest(after);
	assert_memory_equal(before, after, sizeof(before));
	assert_int_equal(counted, 2);
	assert_string_equal(words[2], "addresses");
	assert_string_equal(uv_strerror(UV_ENOMEM), "not enough memory");
	for (size_t i = 0; i < BLOCK_SIZE; i++) {
		assert_int_equal(blocks[0][i], 0);
	}
	free(blocks[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_program_goes_on_with_what_it_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
