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
	char check[FLAGSHIP_CHECK_CODE_SIZE];
	unsigned int sum;

	(void)state;
	/* MD5 of "ABCDEFGH-4294967295-ABCDEF+CDEF+00000000ffff". */
	assert_int_equal(flagship_check_code("ABCDEFGH-4294967295-ABCDEF", "00000000ffff", check),
			 0);
	assert_string_equal(check, "c02bf4c5b7c1318010762d7c90b64524");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_of_check_code),
		cmocka_unit_test(vectors_of_base_code),
		cmocka_unit_test(judges_the_form_of_a_duid),
		cmocka_unit_test(judges_the_form_of_a_mac),
		cmocka_unit_test(the_longest_duid_fits),
		cmocka_unit_test(colons_change_nothing),
		cmocka_unit_test(the_base_code_of_every_last_character),
		cmocka_unit_test(the_check_code_of_any_last_character),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
