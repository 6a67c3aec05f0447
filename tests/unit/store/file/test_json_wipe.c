/* SPDX-License-Identifier: MIT */
/* Every block that is freed is looked through for a secret. */
#include "base/memory/wiping.h"
#include "store/file/secrecy.h"

#include <cjson/cJSON.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SECRET "correct horse battery staple"
#define ITEMS  200 /* the printed text outgrows many blocks */

static size_t freed;
static size_t found;

void __real_free(void *block);
void __wrap_free(void *block);

static int holds(const char *block, size_t size)
{
	const size_t length = strlen(SECRET);

	for (size_t i = 0; i + length <= size; i++) {
		if (memcmp(block + i, SECRET, length) == 0) {
			return 1;
		}
	}
	return 0;
}

void __wrap_free(void *block)
{
	if (block) {
		freed++;
		found += (size_t)holds(block, malloc_usable_size(block));
	}
	__real_free(block);
}

static void use_a_tree(void)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *parsed;
	char *text;

	freed = found = 0;
	for (size_t i = 0; i < ITEMS; i++) {
		cJSON_AddItemToArray(cJSON_AddArrayToObject(root, "list of " SECRET),
				     cJSON_CreateString("the secret is " SECRET));
	}
	text = cJSON_PrintUnformatted(root);
	parsed = cJSON_Parse(text);
	assert_non_null(parsed);
	cJSON_Delete(parsed);
	cJSON_Delete(root);
	cJSON_free(text);
}

static void trees_leave_nothing(void **state)
{
	cJSON_Hooks plain = {.malloc_fn = malloc, .free_fn = free};

	(void)state;
	cJSON_InitHooks(&plain);
	use_a_tree();
	assert_true(found > 0);
	json_wipe_install();
	use_a_tree();
	assert_true(freed > (size_t)4 * ITEMS);
	assert_int_equal(found, 0);
}

static void blocks_grow_and_leave_nothing(void **state)
{
	char *block = wiping_realloc(NULL, sizeof(SECRET));

	(void)state;
	assert_non_null(block);
	freed = found = 0;
	strcpy(block, SECRET);
	for (size_t size = sizeof(SECRET); size < 100000; size *= 2) {
		block = wiping_realloc(block, size);
		assert_non_null(block);
		assert_string_equal(block, SECRET);
	}
	assert_non_null(wiping_realloc(block, 1));
	assert_null(wiping_realloc(block, 0));
	wiping_free(NULL);
	assert_true(freed > 1);
	assert_int_equal(found, 0);
}

static void arrays_grow_and_leave_nothing(void **state)
{
	struct row {
		int number;
		char text[sizeof(SECRET)];
	} *rows = NULL;

	(void)state;
	freed = found = 0;
	for (size_t i = 0; i < ITEMS; i++) {
		rows = wiping_grow(rows, i, sizeof(*rows));
		assert_non_null(rows);
		assert_int_equal(rows[i].number, 0);
		assert_int_equal(rows[i].text[0], '\0');
		rows[i].number = (int)i + 1;
		strcpy(rows[i].text, SECRET);
	}
	for (size_t i = 0; i < ITEMS; i++) {
		assert_int_equal(rows[i].number, i + 1);
		assert_string_equal(rows[i].text, SECRET);
	}
	wiping_free(rows);
	assert_true(freed > 1 && freed < ITEMS);
	assert_int_equal(found, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trees_leave_nothing),
		cmocka_unit_test(blocks_grow_and_leave_nothing),
		cmocka_unit_test(arrays_grow_and_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
