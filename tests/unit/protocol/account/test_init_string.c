/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/codes.h>
#include <flagship/error.h>

#include "account_vectors.h"
#include "base/hex.h"

#include <stdio.h>
#include <string.h>

#define TABLE_SIZE 54
#define TEXT_SIZE  8192
#define FILL       'Z'

typedef char host[FLAGSHIP_HOST_LENGTH_MAX + 1];

/* The inverse of the decoder, with the table of the vectors. Returns the letters written. */
static size_t encode(const char *text, size_t length, char *out)
{
	cJSON *tables = vectors_read("pppp_tables.json");
	const char *hex = vectors_text(tables, "init_string_54");
	uint8_t table[TABLE_SIZE];
	uint8_t chain = 0x39;

	assert_int_equal(strlen(hex), 2 * TABLE_SIZE);
	assert_true(hex_decode(hex, table, TABLE_SIZE));
	cJSON_Delete(tables);
	for (size_t i = 0; i < length; i++) {
		uint8_t pair = (uint8_t)(chain ^ table[i % TABLE_SIZE] ^ (uint8_t)text[i]);
		chain ^= (uint8_t)text[i];
		out[2 * i] = (char)('A' + (pair >> 4));
		out[2 * i + 1] = (char)('A' + (pair & 0x0f));
	}
	return 2 * length;
}

/* Decodes what encode makes of text. */
static int decode_text(const char *text, host *hosts, size_t capacity)
{
	char encoded[2 * TEXT_SIZE];

	assert_true(strlen(text) <= TEXT_SIZE);
	return flagship_init_string_decode(encoded, encode(text, strlen(text), encoded), hosts,
					   capacity);
}

static void vectors_pass(void **state)
{
	cJSON *vectors = vectors_read("init_strings.json");
	const cJSON *vector;
	size_t count = 0;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		const char *encoded = vectors_text(vector, "encoded");
		const cJSON *expected = vectors_list(vector, "hosts");
		int size = cJSON_GetArraySize(expected);
		host hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX];
		assert_int_equal(
			flagship_init_string_decode(encoded, strlen(encoded), hosts, LENGTH(hosts)),
			size);
		for (int i = 0; i < size; i++) {
			const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(expected, i));
			assert_string_equal(hosts[i], name);
		}
		count++;
	}
	assert_int_equal(count, 3);
	cJSON_Delete(vectors);
}

struct text_case {
	const char *text;
	int result;
};

static void judges_what_comes_out(void **state)
{
	static const struct text_case cases[] = {
		{"a,", 1},
		{"AZ-az.09,", 1},
		{"a,b,", 2},
		{"192.0.2.17,198.51.100.4,", 2},
		/* Longer than the table. */
		{"p2p-mk-ohi.ankermake.com,p2p-mk-fra.ankermake.com,192.0.2.17,203.0.113.9,", 4},
		{"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,", 16},
		{"a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,", FLAGSHIP_ERROR_BUFFER},
		{"", FLAGSHIP_ERROR_INIT_STRING},
		{",", FLAGSHIP_ERROR_INIT_STRING},
		{"a", FLAGSHIP_ERROR_INIT_STRING},
		{"a,b", FLAGSHIP_ERROR_INIT_STRING},
		{",a,", FLAGSHIP_ERROR_INIT_STRING},
		{"a,,", FLAGSHIP_ERROR_INIT_STRING},
		{"a b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a_b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a/b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a:b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a@b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a[b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a`b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a{b,", FLAGSHIP_ERROR_INIT_STRING},
		{"a\nb,", FLAGSHIP_ERROR_INIT_STRING},
		{"a\x80,", FLAGSHIP_ERROR_INIT_STRING},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		host hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX];
		host before[FLAGSHIP_INIT_STRING_HOSTS_MAX];
		memset(hosts, FILL, sizeof(hosts));
		memset(before, FILL, sizeof(before));
		assert_int_equal(decode_text(cases[i].text, hosts, LENGTH(hosts)), cases[i].result);
		if (cases[i].result < 0) {
			assert_memory_equal(hosts, before, sizeof(hosts));
			continue;
		}
		char again[TEXT_SIZE] = "";
		for (int j = 0; j < cases[i].result; j++) {
			strcat(again, hosts[j]);
			strcat(again, ",");
		}
		assert_string_equal(again, cases[i].text);
	}
}

static void refuses_a_nul_inside(void **state)
{
	char encoded[TEXT_SIZE];
	host hosts[1];
	size_t length = encode("a\0,", 3, encoded);

	(void)state;
	assert_int_equal(flagship_init_string_decode(encoded, length, hosts, LENGTH(hosts)),
			 FLAGSHIP_ERROR_INIT_STRING);
}

static void refuses_other_letters(void **state)
{
	host hosts[1];

	(void)state;
	for (int c = 0; c <= UINT8_MAX; c++) {
		char encoded[4];
		encode("a,", 2, encoded);
		if (c >= 'A' && c <= 'P') {
			continue;
		}
		for (size_t i = 0; i < sizeof(encoded); i++) {
			char kept = encoded[i];
			encoded[i] = (char)c;
			assert_int_equal(flagship_init_string_decode(encoded, sizeof(encoded),
								     hosts, LENGTH(hosts)),
					 FLAGSHIP_ERROR_INIT_STRING);
			encoded[i] = kept;
		}
		assert_int_equal(
			flagship_init_string_decode(encoded, sizeof(encoded), hosts, LENGTH(hosts)),
			1);
	}
}

static void refuses_half_a_pair(void **state)
{
	char encoded[5] = {0};
	host hosts[1];

	(void)state;
	encode("a,", 2, encoded);
	encoded[4] = 'A';
	for (size_t length = 0; length <= sizeof(encoded); length++) {
		assert_int_equal(flagship_init_string_decode(encoded, length, hosts, LENGTH(hosts)),
				 length == 4 ? 1 : FLAGSHIP_ERROR_INIT_STRING);
	}
}

static void keeps_to_the_capacity(void **state)
{
	host hosts[2];
	host before[2];

	(void)state;
	memset(hosts, FILL, sizeof(hosts));
	memset(before, FILL, sizeof(before));
	assert_int_equal(decode_text("a,b,", hosts, 0), FLAGSHIP_ERROR_BUFFER);
	assert_int_equal(decode_text("a,b,", hosts, 1), FLAGSHIP_ERROR_BUFFER);
	assert_memory_equal(hosts, before, sizeof(hosts));
	assert_int_equal(decode_text("a,", hosts, 1), 1);
	assert_memory_equal(hosts[1], before[1], sizeof(host));
	assert_int_equal(decode_text("a,b,", hosts, 2), 2);
}

static void names_have_a_longest_length(void **state)
{
	char text[FLAGSHIP_HOST_LENGTH_MAX + 3] = "";
	host hosts[1];

	(void)state;
	memset(text, 'a', FLAGSHIP_HOST_LENGTH_MAX);
	strcat(text, ",");
	assert_int_equal(decode_text(text, hosts, 1), 1);
	assert_int_equal(strlen(hosts[0]), FLAGSHIP_HOST_LENGTH_MAX);
	text[FLAGSHIP_HOST_LENGTH_MAX] = 'a';
	strcat(text, ",");
	assert_int_equal(decode_text(text, hosts, 1), FLAGSHIP_ERROR_INIT_STRING);
}

static void strings_have_a_longest_length(void **state)
{
	static char text[TEXT_SIZE];
	static host hosts[FLAGSHIP_INIT_STRING_HOSTS_MAX];

	(void)state;
	for (int i = 0; i < FLAGSHIP_INIT_STRING_HOSTS_MAX; i++) {
		char *end = text + strlen(text);
		memset(end, 'a', FLAGSHIP_HOST_LENGTH_MAX);
		end[FLAGSHIP_HOST_LENGTH_MAX] = ',';
	}
	assert_int_equal(decode_text(text, hosts, LENGTH(hosts)), LENGTH(hosts));
	strcat(text, "a,");
	assert_int_equal(decode_text(text, hosts, LENGTH(hosts)), FLAGSHIP_ERROR_INIT_STRING);
}

static void encoding_is_the_inverse(void **state)
{
	static const struct {
		host hosts[3];
		size_t count;
		int result;
	} cases[] = {
		{{"a"}, 1, 0},
		{{"a.example", "192.0.2.7", "make-app.ankermake.com"}, 3, 0},
		{{"a"}, 0, FLAGSHIP_ERROR_INIT_STRING},
		{{""}, 1, FLAGSHIP_ERROR_INIT_STRING},
		{{"a", ""}, 2, FLAGSHIP_ERROR_INIT_STRING},
		{{"a,b"}, 1, FLAGSHIP_ERROR_INIT_STRING},
		{{"fd00::1"}, 1, FLAGSHIP_ERROR_INIT_STRING},
	};
	host decoded[3];
	char expected[128];
	char out[128];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		memset(out, FILL, sizeof(out));
		assert_int_equal(flagship_init_string_encode(cases[i].hosts, cases[i].count, out,
							     sizeof(out)),
				 cases[i].result);
		if (cases[i].result != 0) {
			assert_int_equal(out[0], FILL);
			continue;
		}
		assert_int_equal(flagship_init_string_decode(out, strlen(out), decoded, 3),
				 cases[i].count);
		for (size_t j = 0; j < cases[i].count; j++) {
			assert_string_equal(decoded[j], cases[i].hosts[j]);
		}
	}
	expected[encode("ab,c,", 5, expected)] = '\0';
	const host two[] = {"ab", "c"};
	assert_int_equal(flagship_init_string_encode(two, 2, out, 11), 0);
	assert_string_equal(out, expected);
	assert_int_equal(flagship_init_string_encode(two, 2, out, 10), FLAGSHIP_ERROR_BUFFER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_pass),
		cmocka_unit_test(encoding_is_the_inverse),
		cmocka_unit_test(judges_what_comes_out),
		cmocka_unit_test(refuses_a_nul_inside),
		cmocka_unit_test(refuses_other_letters),
		cmocka_unit_test(refuses_half_a_pair),
		cmocka_unit_test(keeps_to_the_capacity),
		cmocka_unit_test(names_have_a_longest_length),
		cmocka_unit_test(strings_have_a_longest_length),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
