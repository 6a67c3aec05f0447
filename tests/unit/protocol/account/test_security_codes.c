/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/codes.h>
#include <flagship/error.h>

#include "account_vectors.h"

#include <stdbool.h>
#include <string.h>

#define DUID "EUPRAKM-012345-ABCDE"
#define MAC  "5a92bc951772"
#define SEED "DF860E721BF1C56BAE57D0B2A0657259"
#define BASE "AKM-854199-AAFDE17"

static void assert_untouched(const char *out, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		assert_int_equal(out[i], 'Z');
	}
}

static void vectors_of_security_code(void **state)
{
	cJSON *vectors = vectors_read("sec_codes.json");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors_list(vectors, "sec_code"))
	{
		char out[FLAGSHIP_SECURITY_CODE_SIZE];
		assert_int_equal(flagship_security_code(vectors_text(vector, "base_code"),
							vectors_text(vector, "seed"), out),
				 0);
		assert_string_equal(out, vectors_text(vector, "sec_code"));
	}
	cJSON_Delete(vectors);
}

struct mixing_case {
	const char *base;
	const char *seed;
	const char *code;
};

/*
 * In each of these, one comparison of the mixing meets equal values and its outcome shows in the
 * code. Worked out from protocol.md by another program.
 */
static void mixing_at_its_boundaries(void **state)
{
	static const struct mixing_case cases[] = {
		{"EUPRAKM-012345-ABCDA9", "758874998F5BD0C393DA094E1967A72B",
		 "DA874923FF5D8C65D44491334807F017"},
		{"EUPRAKM-012345-ABCDA53", "49C0B9D84C2A16FCAF9D25694FDA75E1",
		 "3916507015749D25A9039F552C6E220E"},
		{"EUPRAKM-012345-ABCDA27", "02E74F10E0327AD868D138F2B4FDD6F0",
		 "321FD83D7D747D471030E758F63DB32B"},
		{"EUPRAKM-012345-ABCDA6", "1679091C5A880FAF6FB5E6087EB1B2DC",
		 "D171CE1A973DCCB9733055435A24639C"},
		{"EUPRAKM-012345-ABCDA35", "1C383CD30B7C298AB50293ADFECB7B18",
		 "6B1AEE52CD4C21E5C2B5B516BD759899"},
		{"EUPRAKM-012345-ABCDA41", "3416A75F4CEA9109507CACD8E2F2AEFC",
		 "C4569107CE64A326E7030B32540EEC55"},
		{"EUPRAKM-012345-ABCDA30", "34173CB38F07F89DDBEBC2AC9128303F",
		 "823F367D031F9A5AAB7D324FEC4B980A"},
		{"EUPRAKM-012345-ABCDA24", "1FF1DE774005F8DA13F42943881C655F",
		 "85F0700F81C3C3C1603004C5DF1A6500"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[FLAGSHIP_SECURITY_CODE_SIZE];
		assert_int_equal(flagship_security_code(cases[i].base, cases[i].seed, out), 0);
		assert_string_equal(out, cases[i].code);
	}
}

struct seed_case {
	unsigned int sum;
	const char *digits;
	const char *seed; /* NULL where it is refused */
};

static void makes_seeds(void **state)
{
	static const struct seed_case cases[] = {
		/* MD5 of "98312345678", "100000000000" and "94099999999". */
		{17, "12345678", "17917A033AAB2D9ABEF651A6A18C9A0E"},
		{0, "00000000", "DF26925296C761DF1089CADA109404DF"},
		{60, "99999999", "2282235EC88E390764BE29ACAD851B5C"},
		{61, "12345678", NULL},
		{1000, "12345678", NULL},
		{17, NULL, NULL},
		{17, "", NULL},
		{17, "1234567", NULL},
		{17, "123456789", NULL},
		{17, "1234567a", NULL},
		{17, "-1234567", NULL},
		{17, "12345678 ", NULL},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[FLAGSHIP_SECURITY_SEED_SIZE];
		memset(out, 'Z', sizeof(out));
		int error = flagship_security_seed(cases[i].sum, cases[i].digits, out);
		if (cases[i].seed) {
			assert_int_equal(error, 0);
			assert_string_equal(out, cases[i].seed);
		} else {
			assert_int_equal(error, FLAGSHIP_ERROR_ARGUMENT);
			assert_untouched(out, sizeof(out));
		}
	}
}

static void the_code_refuses_other_arguments(void **state)
{
	static const struct mixing_case cases[] = {
		{NULL, SEED, NULL},
		{"", SEED, NULL},
		{"123456789012345678901234567890123", SEED, NULL},
		{"AKM 854199", SEED, NULL},
		{"AKM\x7f", SEED, NULL},
		{"AKM\xc3\xa9", SEED, NULL},
		{BASE, NULL, NULL},
		{BASE, "", NULL},
		{BASE, "DF860E721BF1C56BAE57D0B2A065725", NULL},
		{BASE, SEED "0", NULL},
		{BASE, "df860e721bf1c56bae57d0b2a0657259", NULL},
		{BASE, "DF860E721BF1C56BAE57D0B2A065725G", NULL},
		{BASE, "DF860E721BF1C56BAE57D0B2A065725@", NULL},
	};
	char out[FLAGSHIP_SECURITY_CODE_SIZE];

	(void)state;
	memset(out, 'Z', sizeof(out));
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(flagship_security_code(cases[i].base, cases[i].seed, out),
				 FLAGSHIP_ERROR_ARGUMENT);
		assert_untouched(out, sizeof(out));
	}
	assert_int_equal(flagship_security_code("!2345678901234567890123456789~12", SEED, out), 0);
}

static void all_of_it_at_once(void **state)
{
	char base[FLAGSHIP_SECURITY_BASE_SIZE];
	char seed[FLAGSHIP_SECURITY_SEED_SIZE];
	char expected[FLAGSHIP_SECURITY_CODE_SIZE];
	char code[FLAGSHIP_SECURITY_CODE_SIZE];
	char timestamp[FLAGSHIP_SECURITY_TS_SIZE];
	unsigned int sum;

	(void)state;
	assert_int_equal(flagship_security_codes(DUID, MAC, "12345678", code, timestamp), 0);
	assert_string_equal(timestamp, "0112345678");
	assert_int_equal(flagship_security_base_code(DUID, MAC, base, &sum), 0);
	assert_int_equal(flagship_security_seed(sum, "12345678", seed), 0);
	assert_int_equal(flagship_security_code(base, seed, expected), 0);
	assert_string_equal(code, expected);
}

static void random_digits_are_told(void **state)
{
	char code[FLAGSHIP_SECURITY_CODE_SIZE];
	char other[FLAGSHIP_SECURITY_CODE_SIZE];
	char first[FLAGSHIP_SECURITY_TS_SIZE];
	char timestamp[FLAGSHIP_SECURITY_TS_SIZE];
	bool differs = false;

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(flagship_security_codes(DUID, MAC, NULL, code, timestamp), 0);
		assert_int_equal(strlen(timestamp), FLAGSHIP_SECURITY_TS_SIZE - 1);
		assert_memory_equal(timestamp, "01", 2);
		assert_int_equal(
			flagship_security_codes(DUID, MAC, timestamp + 2, other, timestamp), 0);
		assert_string_equal(code, other);
		if (i == 0) {
			memcpy(first, timestamp, sizeof(first));
		}
		differs = differs || strcmp(first, timestamp) != 0;
	}
	assert_true(differs);
}

static void all_of_it_refuses_bad_arguments(void **state)
{
	char code[FLAGSHIP_SECURITY_CODE_SIZE];
	char timestamp[FLAGSHIP_SECURITY_TS_SIZE];

	(void)state;
	memset(code, 'Z', sizeof(code));
	memset(timestamp, 'Z', sizeof(timestamp));
	assert_int_equal(
		flagship_security_codes("EUPRAKM-012345-ABCDG", MAC, NULL, code, timestamp),
		FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_security_codes(DUID, "5a92", NULL, code, timestamp),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_security_codes(DUID, MAC, "1234", code, timestamp),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_untouched(code, sizeof(code));
	assert_untouched(timestamp, sizeof(timestamp));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_security_code),
		cmocka_unit_test(mixing_at_its_boundaries),
		cmocka_unit_test(makes_seeds),
		cmocka_unit_test(the_code_refuses_other_arguments),
		cmocka_unit_test(all_of_it_at_once),
		cmocka_unit_test(random_digits_are_told),
		cmocka_unit_test(all_of_it_refuses_bad_arguments),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
