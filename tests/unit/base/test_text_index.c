/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text_index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 10000
#define SIZE  16

static size_t looked_at;

static const char *text_at(const void *array, size_t position)
{
	looked_at++;
	return (const char *)array + position * SIZE;
}

static void each_text_is_found_and_no_other(void **state)
{
	struct text_index index = text_index_of(text_at);
	char *texts = calloc(COUNT, SIZE);

	(void)state;
	assert_non_null(texts);
	assert_int_equal(text_index_find(&index, texts, "LIST00001"), TEXT_INDEX_NONE);
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(texts + i * SIZE, SIZE, "LIST%05zu", i);
		assert_int_equal(text_index_find(&index, texts, texts + i * SIZE), TEXT_INDEX_NONE);
		assert_true(text_index_add(&index, texts, i));
	}
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(text_index_find(&index, texts, texts + i * SIZE), i);
	}
	assert_int_equal(text_index_find(&index, texts, "LIST10000"), TEXT_INDEX_NONE);
	assert_int_equal(text_index_find(&index, texts, ""), TEXT_INDEX_NONE);
	text_index_finish(&index);
	free(texts);
}

/* Of numbered texts, as serial numbers are. Three times as many texts are looked at as are added
 * where each is looked up once: with a scan it would be five thousand times as many. */
static void the_cost_of_each_does_not_grow_with_their_number(void **state)
{
	struct text_index index = text_index_of(text_at);
	char *texts = calloc(COUNT, SIZE);

	(void)state;
	assert_non_null(texts);
	looked_at = 0;
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(texts + i * SIZE, SIZE, "LIST%05zu", i);
		(void)text_index_find(&index, texts, texts + i * SIZE);
		assert_true(text_index_add(&index, texts, i));
	}
	assert_true(looked_at < (size_t)8 * COUNT);
	text_index_finish(&index);
	free(texts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_is_found_and_no_other),
		cmocka_unit_test(the_cost_of_each_does_not_grow_with_their_number),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
