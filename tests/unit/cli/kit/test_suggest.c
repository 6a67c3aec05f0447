/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/kit/suggest.h"

#include <string.h>

static const struct {
	const char *left;
	const char *right;
	size_t distance;
} distances[] = {
	{"", "", 0},
	{"a", "", 1},
	{"", "abc", 3},
	{"status", "status", 0},
	{"STATUS", "status", 0},
	{"statsu", "status", 1},
	{"sttus", "status", 1},
	{"sstatus", "status", 1},
	{"stbtus", "status", 1},
	{"kitten", "sitting", 3},
	{"ca", "abc", 3},
	{"ba", "ab", 1},
};

static void counts_edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(distances) / sizeof(distances[0]); i++) {
		assert_int_equal(suggest_distance(distances[i].left, distances[i].right),
				 distances[i].distance);
		assert_int_equal(suggest_distance(distances[i].right, distances[i].left),
				 distances[i].distance);
	}
}

static void refuses_long_words(void **state)
{
	char word[66];

	(void)state;
	memset(word, 'a', sizeof(word));
	word[65] = '\0';
	assert_true(suggest_distance(word, "a") == SIZE_MAX);
	assert_true(suggest_distance("a", word) == SIZE_MAX);
	word[64] = '\0';
	assert_int_equal(suggest_distance(word, "a"), 63);
}

static const struct {
	const char *word;
	const char *best;
} words[] = {
	{"monitr", "monitor"},
	{"moniotr", "monitor"},
	{"mon", "monitor"},
	{"stauts", "status"},
	{"typ", "types"},
	{"gode", "gcode"},
	{"zzz", NULL},
	{"x", NULL},
	{"", NULL},
	{"decoder", "decode"},
	{"replace", "replay"},
	{"frobnicate", NULL},
};

static void finds_what_was_meant(void **state)
{
	static const char *const candidates[] = {"monitor", "status", "gcode", "decode",
						 "encode",  "types",  "replay"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct suggest suggest;

		suggest_init(&suggest, words[i].word);
		for (size_t c = 0; c < sizeof(candidates) / sizeof(candidates[0]); c++) {
			suggest_offer(&suggest, candidates[c]);
		}
		if (words[i].best == NULL) {
			assert_null(suggest_best(&suggest));
		} else {
			assert_non_null(suggest_best(&suggest));
			assert_string_equal(suggest_best(&suggest), words[i].best);
		}
	}
}

static void keeps_the_first_of_equals(void **state)
{
	struct suggest suggest;

	(void)state;
	suggest_init(&suggest, "xode");
	assert_null(suggest_best(&suggest));
	suggest_offer(&suggest, "code");
	suggest_offer(&suggest, "node");
	assert_string_equal(suggest_best(&suggest), "code");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_edits),
		cmocka_unit_test(refuses_long_words),
		cmocka_unit_test(finds_what_was_meant),
		cmocka_unit_test(keeps_the_first_of_equals),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
