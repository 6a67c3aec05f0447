/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/codes.h>
#include <flagship/error.h>

#include "vectors.h"

#include <stdbool.h>
#include <stdio.h>
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

static void vectors_of_check_code(void **state)
{
	cJSON *vectors = vectors_read("sec_codes.json");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors_list(vectors, "check_code"))
	{
		char out[FLAGSHIP_CHECK_CODE_SIZE];
		assert_int_equal(flagship_check_code(vectors_text(vector, "duid"),
						     vectors_text(vector, "mac"), out),
				 0);
		assert_string_equal(out, vectors_text(vector, "check_code"));
	}
	cJSON_Delete(vectors);
}

static void vectors_of_base_code(void **state)
{
	cJSON *vectors = vectors_read("sec_codes.json");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors_list(vectors, "base_code"))
	{
		char out[FLAGSHIP_SECURITY_BASE_SIZE];
		unsigned int sum;
		const cJSON *expected = cJSON_GetObjectItem(vector, "mac_suffix_sum");
		assert_true(cJSON_IsNumber(expected));
		assert_int_equal(flagship_security_base_code(vectors_text(vector, "duid"),
							     vectors_text(vector, "mac"), out,
							     &sum),
				 0);
		assert_string_equal(out, vectors_text(vector, "base_code"));
		assert_int_equal(sum, expected->valueint);
	}
	cJSON_Delete(vectors);
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

/* Whether both functions that take a duid and a MAC accept these. */
static bool accepted(const char *duid, const char *mac)
{
	char check[FLAGSHIP_CHECK_CODE_SIZE];
	char base[FLAGSHIP_SECURITY_BASE_SIZE];
	unsigned int sum = 'Z';

	memset(check, 'Z', sizeof(check));
	memset(base, 'Z', sizeof(base));
	int error = flagship_check_code(duid, mac, check);
	assert_int_equal(flagship_security_base_code(duid, mac, base, &sum), error);
	if (error) {
		assert_int_equal(error, FLAGSHIP_ERROR_ARGUMENT);
		assert_untouched(check, sizeof(check));
		assert_untouched(base, sizeof(base));
		assert_int_equal(sum, 'Z');
	}
	return error == 0;
}

struct form_case {
	const char *text;
	bool good;
};

static void judges_the_form_of_a_duid(void **state)
{
	static const struct form_case cases[] = {
		{DUID, true},
		{"A-000000-ABCD", true},
		{"ABCDEFGH-000000-ABCD", true},
		{"ABCDEFGH-4294967295-ABCDEF", true},
		{"EUPRAKM-012345-00000", true},
		{"EUPRAKM-012345-ABCDE9", true},
		{NULL, false},
		{"", false},
		{"-012345-ABCDE", false},
		{"ABCDEFGHI-012345-ABCDE", false},
		{"EUPRAKm-012345-ABCDE", false},
		{"EUPRA7M-012345-ABCDE", false},
		{"@UPRAKM-012345-ABCDE", false},
		{"[UPRAKM-012345-ABCDE", false},
		{"EUPRAKM", false},
		{"EUPRAKM-", false},
		{"EUPRAKM-01234-ABCDE", false},
		{"EUPRAKM-01234567890-ABCDE", false},
		{"EUPRAKM-01234A-ABCDE", false},
		{"EUPRAKM-/12345-ABCDE", false},
		{"EUPRAKM-:12345-ABCDE", false},
		{"EUPRAKM-012345", false},
		{"EUPRAKM-012345-", false},
		{"EUPRAKM-012345-CDE", false},
		{"EUPRAKM-012345-ABCDEFA", false},
		{"EUPRAKM-012345-abcde", false},
		{"EUPRAKM-012345-ABCDE ", false},
		{" EUPRAKM-012345-ABCDE", false},
		{"EUPRAKM_012345_ABCDE", false},
		{"EUPRAKM-012345-ABCDE-", false},
		{"EUPRAKM--012345-ABCDE", false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(accepted(cases[i].text, MAC), cases[i].good);
	}
}

static void judges_the_form_of_a_mac(void **state)
{
	static const struct form_case cases[] = {
		{"5a92bc951772", true},
		{"5A92BC951772", true},
		{"5a:92:bc:95:17:72", true},
		{NULL, false},
		{"", false},
		{"5a92bc95177", false},
		{"5a92bc9517722", false},
		{"5a92bc95177g", false},
		{"5a:92:bc:95:1772", false},
		{"5a:92:bc:95:17:7", false},
		{"5a:92:bc:95:17:722", false},
		{"5a:92:bc:95:17:7g", false},
		{"5a-92-bc-95-17-72", false},
		{"5a92:bc:95:17:72:", false},
		{":5a:92:bc:95:17:7", false},
		{"5a:92:bc:95:17::2", false},
		{"5a92bc95177200000", false},
		{"5a92bc95:772", false},
		{" 5a92bc951772", false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(accepted(DUID, cases[i].text), cases[i].good);
	}
}

/* The longest of all: what comes out still fits. */
static void the_longest_duid_fits(void **state)
{
	char out[FLAGSHIP_SECURITY_BASE_SIZE];
	unsigned int sum;

	(void)state;
	assert_int_equal(flagship_security_base_code("ABCDEFGH-4294967295-ABCDEA", "00000000ffff",
						     out, &sum),
			 0);
	assert_string_equal(out, "ABCDEFGH-4294967295-ABCDEA60");
	assert_int_equal(sum, 60);
}

static void colons_change_nothing(void **state)
{
	char plain[FLAGSHIP_CHECK_CODE_SIZE];
	char colons[FLAGSHIP_CHECK_CODE_SIZE];

	(void)state;
	assert_int_equal(flagship_check_code(DUID, "5a92bc951772", plain), 0);
	assert_int_equal(flagship_check_code(DUID, "5a:92:bc:95:17:72", colons), 0);
	assert_string_equal(plain, colons);
}

struct base_case {
	const char *duid;
	const char *mac;
	const char *base; /* NULL where it is refused */
	unsigned int sum;
};

/* The last character, as a hex digit modulo ten, says how many are left out in front. */
static void the_base_code_of_every_last_character(void **state)
{
	static const struct base_case cases[] = {
		{"EUPRAKM-012345-ABCD0", "000000000000", "EUPRAKM-012345-ABCD00", 0},
		{"EUPRAKM-012345-ABCD1", "000000000001", "UPRAKM-012345-ABCD11", 1},
		{"EUPRAKM-012345-ABCD2", "000000000010", "PRAKM-012345-ABCD21", 1},
		{"EUPRAKM-012345-ABCD3", "000000000100", "RAKM-012345-ABCD31", 1},
		{"EUPRAKM-012345-ABCD4", "000000001000", "AKM-012345-ABCD41", 1},
		{"EUPRAKM-012345-ABCD5", "000000010000", "KM-012345-ABCD50", 0},
		{"EUPRAKM-012345-ABCD6", "ffffffff0000", "M-012345-ABCD60", 0},
		{"EUPRAKM-012345-ABCD7", "00000000000F", "-012345-ABCD715", 15},
		{"EUPRAKM-012345-ABCD8", "0000000000fF", "012345-ABCD830", 30},
		{"EUPRAKM-012345-ABCD9", "00:00:00:00:ff:ff", "12345-ABCD960", 60},
		{"EUPRAKM-012345-ABCDA", "000000001234", "EUPRAKM-012345-ABCDA10", 10},
		{"EUPRAKM-012345-ABCDF", "000000001234", "KM-012345-ABCDF10", 10},
		{"EUPRAKM-012345-ABCDG", "000000001234", NULL, 0},
		{"EUPRAKM-012345-ABCDZ", "000000001234", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[FLAGSHIP_SECURITY_BASE_SIZE];
		unsigned int sum;
		memset(out, 'Z', sizeof(out));
		int error = flagship_security_base_code(cases[i].duid, cases[i].mac, out, &sum);
		if (cases[i].base) {
			assert_int_equal(error, 0);
			assert_string_equal(out, cases[i].base);
			assert_int_equal(sum, cases[i].sum);
		} else {
			assert_int_equal(error, FLAGSHIP_ERROR_ARGUMENT);
			assert_untouched(out, sizeof(out));
		}
	}
}

/* A check code asks for no hex digit at the end. */
static void the_check_code_of_any_last_character(void **state)
{
	char out[FLAGSHIP_CHECK_CODE_SIZE];

	(void)state;
	assert_int_equal(flagship_check_code("EUPRAKM-012345-ABCDZ", MAC, out), 0);
	assert_int_equal(strlen(out), FLAGSHIP_CHECK_CODE_SIZE - 1);
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
	assert_int_equal(flagship_security_code("12345678901234567890123456789012", SEED, out), 0);
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
		cmocka_unit_test(vectors_of_check_code),
		cmocka_unit_test(vectors_of_base_code),
		cmocka_unit_test(vectors_of_security_code),
		cmocka_unit_test(mixing_at_its_boundaries),
		cmocka_unit_test(judges_the_form_of_a_duid),
		cmocka_unit_test(judges_the_form_of_a_mac),
		cmocka_unit_test(the_longest_duid_fits),
		cmocka_unit_test(colons_change_nothing),
		cmocka_unit_test(the_base_code_of_every_last_character),
		cmocka_unit_test(the_check_code_of_any_last_character),
		cmocka_unit_test(makes_seeds),
		cmocka_unit_test(the_code_refuses_other_arguments),
		cmocka_unit_test(all_of_it_at_once),
		cmocka_unit_test(random_digits_are_told),
		cmocka_unit_test(all_of_it_refuses_bad_arguments),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
