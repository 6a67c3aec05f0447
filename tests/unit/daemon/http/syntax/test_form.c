/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/path.h"

#include <stdlib.h>
#include <string.h>

#define CAPACITY 8

struct form {
	const char *body;
	const char *name;
	const char *value; /* NULL: there is none */
};

static const struct form forms[] = {
	{"a=1", "a", "1"},
	{"a=", "a", ""},
	{"a=1&b=2", "b", "2"},
	{"a=1&a=2", "a", "1"},
	{"&&a=1&", "a", "1"},
	{"aa=1&a=2", "a", "2"},
	{"ba=1&a=2", "a", "2"},
	{"a=b=c", "a", "b=c"},
	{"b=a=1", "a", NULL},
	{"a", "a", NULL},
	{"", "a", NULL},
	{"a&b=1", "a", NULL},
	{"A=1", "a", NULL},
	{"a=x+y%20z", "a", "x y z"},
	{"a=%2F%2f", "a", "//"},
	{"a=%26&b=2", "a", "&"},
	{"a=%C3%A9", "a", "\xc3\xa9"},
	{"a=%00", "a", NULL},
	{"a=1%002", "a", NULL},
	{"a=%", "a", NULL},
	{"a=%4", "a", NULL},
	{"a=%4&b=1", "a", NULL},
	{"a=%&b=41", "a", NULL},
	{"a=%zz", "a", NULL},
	{"a=%+1", "a", NULL},
	{"a=%zz&a=1", "a", NULL},
	{"a=1234567", "a", "1234567"},
	{"a=12345678", "a", NULL},
	{"a=%31%32%33%34567", "a", "1234567"},
};

static void values_are_found_and_decoded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t length = strlen(forms[i].body);
		/* Without a NUL, so that a tool sees who reads beyond. */
		char *body = malloc(length + 1);
		char out[CAPACITY] = "before";

		assert_non_null(body);
		char *end = body + 1 + length;
		memcpy(body + 1, forms[i].body, length);
		if (form_get(end - length, length, forms[i].name, out, sizeof(out)) !=
		    (forms[i].value != NULL)) {
			fail_msg("%s in %s", forms[i].name, forms[i].body);
		}
		assert_string_equal(out, forms[i].value ? forms[i].value : "");
		free(body);
	}
}

static void a_nul_is_no_value(void **state)
{
	static const char body[] = "a=1\0002&b=3";
	char out[CAPACITY];

	(void)state;
	assert_false(form_get(body, sizeof(body) - 1, "a", out, sizeof(out)));
	assert_string_equal(out, "");
	assert_true(form_get(body, sizeof(body) - 1, "b", out, sizeof(out)));
	assert_string_equal(out, "3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_found_and_decoded),
		cmocka_unit_test(a_nul_is_no_value),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
