/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory/list.h"
#include "base/memory/text_arena.h"
#include "base/memory/wiping.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXTS     1000
#define LONG_TEXT 100000

struct item {
	int number;
	struct list place;
};

/* The numbers, in their order. */
static long number_of(const struct list *head)
{
	long number = 0;

	for (const struct list *at = head->next; at != head; at = at->next) {
		number = 10 * number + LIST_OF(at, struct item, place)->number;
		assert_ptr_equal(at->next->previous, at);
	}
	return number;
}

static void a_list_keeps_its_order(void **state)
{
	struct item items[] = {{.number = 1}, {.number = 2}, {.number = 3}, {.number = 4}};
	struct list one;
	struct list other;

	(void)state;
	list_init(&one);
	list_init(&other);
	assert_true(list_is_empty(&one));
	for (int i = 0; i < 3; i++) {
		list_insert(&one, &items[i].place);
	}
	assert_int_equal(number_of(&one), 123);
	list_init(&items[3].place);
	list_remove(&items[3].place);
	list_insert(&items[1].place, &items[3].place);
	assert_int_equal(number_of(&one), 1423);
	list_remove(&items[0].place);
	list_remove(&items[0].place);
	list_insert(&other, &items[0].place);
	list_move_all(&other, &one);
	assert_true(list_is_empty(&one));
	list_move_all(&other, &one);
	assert_int_equal(number_of(&other), 1423);
}

static void texts_stay_where_they_are(void **state)
{
	const char *texts[TEXTS];
	static char text[LONG_TEXT];
	struct text_arena arena = {0};
	struct text_arena other = {0};

	(void)state;
	memset(text, 'x', sizeof(text));
	const char *long_one = text_arena_copy(&other, text, sizeof(text));
	for (int i = 0; i < TEXTS; i++) {
		int length = snprintf(text, sizeof(text), "text %d, and more of it", i);

		texts[i] = text_arena_copy(&arena, text, (size_t)length);
		assert_non_null(texts[i]);
	}
	text_arena_take(&arena, &other);
	assert_null(other.blocks);
	text_arena_take(&arena, &other);
	for (int i = 0; i < TEXTS; i++) {
		snprintf(text, sizeof(text), "text %d, and more of it", i);
		assert_string_equal(texts[i], text);
	}
	assert_int_equal(strspn(long_one, "x"), LONG_TEXT);
	assert_int_equal(long_one[LONG_TEXT], '\0');
	assert_string_equal(text_arena_copy(&arena, "", 0), "");
	text_arena_finish(&arena);
	assert_null(arena.blocks);
	text_arena_finish(&other);
}

static void an_array_grows_with_zeroes(void **state)
{
	int *numbers = NULL;

	(void)state;
	for (size_t count = 0; count < TEXTS; count++) {
		int *larger = wiping_grow(numbers, count, sizeof(*numbers));

		assert_non_null(larger);
		numbers = larger;
		assert_int_equal(numbers[count], 0);
		numbers[count] = (int)count + 1;
	}
	for (size_t i = 0; i < TEXTS; i++) {
		assert_int_equal(numbers[i], i + 1);
	}
	wiping_free(numbers);
	wiping_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_keeps_its_order),
		cmocka_unit_test(texts_stay_where_they_are),
		cmocka_unit_test(an_array_grows_with_zeroes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
