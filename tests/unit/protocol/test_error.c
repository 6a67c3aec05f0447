/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>

#include <limits.h>
#include <string.h>

#define ERROR_LAST FLAGSHIP_ERROR_DUID

static void every_error_has_its_own_text(void **state)
{
	const char *unknown = flagship_strerror(ERROR_LAST - 1);

	(void)state;
	for (int error = FLAGSHIP_OK; error >= ERROR_LAST; error--) {
		const char *text = flagship_strerror(error);

		assert_non_null(text);
		assert_true(strlen(text) > 0);
		assert_null(strchr(text, '\n'));
		assert_int_not_equal(text[strlen(text) - 1], '.');
		assert_string_not_equal(text, unknown);
		for (int other = FLAGSHIP_OK; other > error; other--) {
			assert_string_not_equal(text, flagship_strerror(other));
		}
	}
}

static void a_wrong_key_is_named_as_such(void **state)
{
	(void)state;
	assert_string_equal(flagship_strerror(FLAGSHIP_ERROR_PADDING),
			    "wrong key or damaged payload (padding)");
	assert_string_equal(flagship_strerror(FLAGSHIP_ERROR_AUTHENTICATION),
			    "wrong key or damaged payload (authentication tag)");
	assert_string_equal(flagship_strerror(FLAGSHIP_ERROR_JSON),
			    "wrong key or damaged payload (not valid JSON)");
}

static void other_values_have_a_text_as_well(void **state)
{
	static const int values[] = {1, 2, INT_MAX, ERROR_LAST - 1, INT_MIN, INT_MIN + 1};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_string_equal(flagship_strerror(values[i]), "unknown error");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_its_own_text),
		cmocka_unit_test(a_wrong_key_is_named_as_such),
		cmocka_unit_test(other_values_have_a_text_as_well),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
