/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/syntax/path.h"

#include <string.h>

static const struct {
	const char *target;
	const char *path; /* NULL: refused */
} paths[] = {
	{"/", "/"},
	{"/a/b", "/a/b"},
	{"/a%20b%2Fc", "/a b/c"},
	{"/%C3%A9", "/\xc3\xa9"},
	{"/...", "/..."},
	{"/.a/a.", "/.a/a."},
	{"//a", "//a"},
	{"", NULL},
	{"a", NULL},
	{"/..", NULL},
	{"/a/../b", NULL},
	{"/a/./b", NULL},
	{"/a/%2e%2E/b", NULL},
	{"/a%2f..%2fb", NULL},
	{"/a%5c..%5cb", NULL},
	{"/..%5c", NULL},
	{"/%00", NULL},
	{"/%0a", NULL},
	{"/%7f", NULL},
	{"/%", NULL},
	{"/%4", NULL},
	{"/%zz", NULL},
	{"/%+1", NULL},
};

static void paths_are_unescaped_and_do_not_climb(void **state)
{
	char out[HTTP_PATH_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		bool taken = http_path_decode(paths[i].target, out);

		if (taken != (paths[i].path != NULL)) {
			fail_msg("%s", paths[i].target);
		}
		assert_string_equal(out, paths[i].path ? paths[i].path : "");
	}
}

static void long_paths_are_refused(void **state)
{
	char target[HTTP_PATH_MAX + 1];
	char out[HTTP_PATH_MAX];

	(void)state;
	memset(target, 'a', sizeof(target));
	target[0] = '/';
	target[HTTP_PATH_MAX - 1] = '\0';
	assert_true(http_path_decode(target, out));
	target[HTTP_PATH_MAX - 1] = 'a';
	target[HTTP_PATH_MAX] = '\0';
	assert_false(http_path_decode(target, out));
}

static const struct {
	const char *pattern;
	const char *target;
	const char *first; /* values; NULL: none */
	const char *second;
	bool fits;
} matches[] = {
	{"/", "/", NULL, NULL, true},
	{"/a", "/a", NULL, NULL, true},
	{"/a", "/a/", NULL, NULL, false},
	{"/a/", "/a", NULL, NULL, false},
	{"/a", "/ab", NULL, NULL, false},
	{"/ab", "/a", NULL, NULL, false},
	{"/a b", "/a%20b", NULL, NULL, true},
	{"/{x}", "/1", "1", NULL, true},
	{"/{x}", "/", NULL, NULL, false},
	{"/{x}", "/a/b", NULL, NULL, false},
	{"/{x}", "/a%2Fb", "a/b", NULL, true},
	{"/p/{x}/c/{y}", "/p/Anne%27s/c/2", "Anne's", "2", true},
	{"/p/{x}/c/{y}", "/p/1/d/2", NULL, NULL, false},
	{"/f/{x...}", "/f/a/b%20c", "a/b c", NULL, true},
	{"/f/{x...}", "/f/", NULL, NULL, false},
	{"/f/{x...}", "/f", NULL, NULL, false},
	{"/{x}/{y...}", "/1/2/3", "1", "2/3", true},
	{"/{x}", "/%zz", NULL, NULL, false},
};

static void patterns_match(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		struct http_match match;

		if (http_path_match(matches[i].pattern, matches[i].target, &match) !=
		    matches[i].fits) {
			fail_msg("%s with %s", matches[i].pattern, matches[i].target);
		}
		if (matches[i].first) {
			assert_string_equal(http_match_value(&match, "x"), matches[i].first);
		}
		if (matches[i].second) {
			assert_string_equal(http_match_value(&match, "y"), matches[i].second);
		}
		if (matches[i].fits) {
			assert_null(http_match_value(&match, "z"));
			assert_int_equal(match.count,
					 (matches[i].first != NULL) + (matches[i].second != NULL));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_unescaped_and_do_not_climb),
		cmocka_unit_test(long_paths_are_refused),
		cmocka_unit_test(patterns_match),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
