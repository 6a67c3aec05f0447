/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/account.h>
#include <flagship/error.h>

#include "account_vectors.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OUT_SIZE  4096
#define FILL      0x5a
#define OBJECT    "{\"user_id\":\"u\""
#define PER_LINE  64
#define BYTES_MAX 200 /* of the lengths tried one by one */

static void assert_decodes_to(const char *file, size_t length, const char *json)
{
	char *out = malloc(length + 1);
	size_t json_length;

	assert_non_null(out);
	assert_int_equal(flagship_login_cache_decode(file, length, out, length + 1, &json_length),
			 0);
	assert_int_equal(json_length, strlen(json));
	assert_string_equal(out, json);
	free(out);
}

static void vectors_decode_and_encode(void **state)
{
	cJSON *vectors = vectors_read("login_cache.json");
	const cJSON *vector;
	size_t count = 0;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		const char *file = vectors_text(vector, "file");
		char out[OUT_SIZE];
		char again[OUT_SIZE];
		size_t length;
		size_t written;
		assert_int_equal(flagship_login_cache_decode(file, strlen(file), out,
							     strlen(file) + 1, &length),
				 0);
		assert_int_equal(length, strlen(out));
		cJSON *json = cJSON_Parse(out);
		assert_true(cJSON_Compare(json, cJSON_GetObjectItem(vector, "json"), true));
		cJSON_Delete(json);

		assert_int_equal(
			flagship_login_cache_encode(out, length, again, strlen(file) + 1, &written),
			0);
		assert_int_equal(written, strlen(file));
		assert_string_equal(again, file);
		count++;
	}
	assert_int_equal(count, 3);
	cJSON_Delete(vectors);
}

static void vectors_give_the_account(void **state)
{
	cJSON *vectors = vectors_read("login_cache.json");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		const char *file = vectors_text(vector, "file");
		const cJSON *data = cJSON_GetObjectItem(cJSON_GetObjectItem(vector, "json"),
							"data");
		struct flagship_account account;
		assert_int_equal(flagship_account_parse(file, strlen(file), &account), 0);
		assert_string_equal(account.user_id, vectors_text(data, "user_id"));
		assert_string_equal(account.email, vectors_text(data, "email"));
		assert_string_equal(account.auth_token, vectors_text(data, "auth_token"));
		assert_string_equal(account.country, vectors_text(data, "ab_code"));
		assert_string_equal(account.domain, "");
		assert_true(account.token_expires_at == 1893456000);
		assert_string_equal(flagship_region_name(account.region),
				    vectors_text(vector, "region"));
	}
	cJSON_Delete(vectors);
}

static void allows_line_breaks(void **state)
{
	cJSON *vectors = vectors_read("login_cache.json");
	const char *file = vectors_text(cJSON_GetArrayItem(vectors, 0), "file");
	char plain[OUT_SIZE];
	char broken[OUT_SIZE] = "\xef\xbb\xbf \n";
	size_t length;

	(void)state;
	assert_int_equal(
		flagship_login_cache_decode(file, strlen(file), plain, sizeof(plain), &length), 0);
	for (const char *line = file; *line;) {
		size_t used = strlen(broken);
		int taken = snprintf(broken + used, sizeof(broken) - used, "%.*s\r\n", PER_LINE,
				     line);
		line += taken - 2;
	}
	assert_decodes_to(broken, strlen(broken), plain);
	cJSON_Delete(vectors);
}

struct bare_case {
	const char *file;
	size_t length;
	const char *json;
};

#define TEXT(literal) literal, sizeof(literal) - 1

static void takes_bare_json(void **state)
{
	static const struct bare_case cases[] = {
		{TEXT("{}"), "{}"},
		{TEXT("{\"a\":1}\n"), "{\"a\":1}\n"},
		{TEXT(" \t{\"a\":\"\\u00e9\"}"), " \t{\"a\":\"\\u00e9\"}"},
		{TEXT("\xef\xbb\xbf{\"a\":1}"), "{\"a\":1}"},
		{TEXT("{\"a\":1}\0\0\0"), "{\"a\":1}"},
		{TEXT("{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}"),
		 "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_decodes_to(cases[i].file, cases[i].length, cases[i].json);
	}
}

enum spelling {
	UTF16_LITTLE,
	UTF16_BIG,
	UTF16_LITTLE_MARKED,
	UTF16_BIG_MARKED,
	SPELLINGS,
};

/* A text of ASCII as Windows may write it. Returns the bytes. */
static size_t spell(const char *text, enum spelling spelling, char *out)
{
	bool big = spelling == UTF16_BIG || spelling == UTF16_BIG_MARKED;
	size_t size = 0;

	if (spelling == UTF16_LITTLE_MARKED || spelling == UTF16_BIG_MARKED) {
		memcpy(out, big ? "\xfe\xff" : "\xff\xfe", 2);
		size = 2;
	}
	for (; *text; text++) {
		out[size++] = big ? '\0' : *text;
		out[size++] = big ? *text : '\0';
	}
	return size;
}

static void takes_utf16_and_unpadded_base64(void **state)
{
	cJSON *vectors = vectors_read("login_cache.json");
	const cJSON *vector;

	(void)state;
	cJSON_ArrayForEach(vector, vectors)
	{
		const char *file = vectors_text(vector, "file");
		char wide[2 * OUT_SIZE];
		char plain[OUT_SIZE];
		char bare[OUT_SIZE] = "";
		size_t length;
		assert_int_equal(flagship_login_cache_decode(file, strlen(file), plain,
							     sizeof(plain), &length),
				 0);
		strncat(bare, file, strcspn(file, "="));
		assert_decodes_to(bare, strlen(bare), plain);
		for (enum spelling spelling = 0; spelling < SPELLINGS; spelling++) {
			assert_decodes_to(wide, spell(file, spelling, wide), plain);
			assert_decodes_to(wide, spell(bare, spelling, wide), plain);
			assert_decodes_to(wide, spell(plain, spelling, wide), plain);
		}
	}
	cJSON_Delete(vectors);
}

/* What is short in UTF-16 and long in UTF-8. */
static void utf16_may_grow(void **state)
{
	static const char file[] = "\xff\xfe{\0\"\0\x16\x53\x16\x53\x16\x53\x16\x53\x16\x53"
				   "\x16\x53\x16\x53\x16\x53\x16\x53\x16\x53\x16\x53\x16\x53"
				   "\"\0:\0001\0}\0";
	const size_t length = sizeof(file) - 1;
	char out[OUT_SIZE];
	size_t found;

	(void)state;
	assert_int_equal(flagship_login_cache_decode(file, length, out, length * 3 / 2 + 1, &found),
			 0);
	assert_int_equal(found, strlen("{\"\":1}") + 12 * strlen("\xe5\x8c\x96"));
	memset(out, FILL, sizeof(out));
	assert_int_equal(flagship_login_cache_decode(file, length, out, found, &found),
			 FLAGSHIP_ERROR_BUFFER);
}

struct bad_case {
	const char *file;
	size_t length;
	int error;
};

static void refuses_other_files(void **state)
{
	static const struct bad_case cases[] = {
		{TEXT(""), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT(" \n"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("\xef\xbb\xbf"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("\xef\xbb{}"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{}{}"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{} x"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{}\0 "), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{\"a\":\"\0\"}"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{\"a\":}"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("[{}]"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("\"text\""), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("null"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("no base64"), FLAGSHIP_ERROR_LOGIN_CACHE},
		/* No whole block, one byte too many, and a block of something else. */
		{TEXT("AAAA"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("AAAAAAAAAAAAAAAAAAAAAAA="), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("AAAAAAAAAAAAAAAAAAAAAA=="), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{\"a\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}"), FLAGSHIP_ERROR_TOO_DEEP},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char out[OUT_SIZE];
		size_t length = FILL;
		struct flagship_account account;
		struct flagship_account before;
		memset(out, FILL, sizeof(out));
		assert_int_equal(flagship_login_cache_decode(cases[i].file, cases[i].length, out,
							     sizeof(out), &length),
				 cases[i].error);
		assert_int_equal(length, FILL);

		memset(&account, FILL, sizeof(account));
		memcpy(&before, &account, sizeof(account));
		assert_int_equal(flagship_account_parse(cases[i].file, cases[i].length, &account),
				 cases[i].error);
		assert_memory_equal(&account, &before, sizeof(account));
	}
}

/* A block of zeros and an encrypted list: decrypted well, yet no login. */
static void refuses_what_decrypts_to_no_object(void **state)
{
	static const struct bad_case cases[] = {
		{TEXT("[{\"user_id\":\"u\"}]"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("\0\0\0\0"), FLAGSHIP_ERROR_LOGIN_CACHE},
		{TEXT("{\"user_id\":\"u\"} {}"), FLAGSHIP_ERROR_LOGIN_CACHE},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char file[OUT_SIZE];
		char out[OUT_SIZE];
		size_t written;
		size_t length;
		assert_int_equal(flagship_login_cache_encode(cases[i].file, cases[i].length, file,
							     sizeof(file), &written),
				 0);
		assert_int_equal(
			flagship_login_cache_decode(file, written, out, sizeof(out), &length),
			cases[i].error);
		/* What was decrypted on the way is gone. */
		for (size_t j = 0; j < written; j++) {
			assert_int_equal(out[j], 0);
		}
	}
}

/* An object of `length` bytes: {"user_id":"u"   …}. */
static void make_object(char *json, size_t length)
{
	memset(json, ' ', length);
	memcpy(json, OBJECT, strlen(OBJECT));
	json[length - 1] = '}';
	json[length] = '\0';
}

static void every_length_round_trips(void **state)
{
	(void)state;
	for (size_t length = strlen(OBJECT) + 1; length <= BYTES_MAX; length++) {
		char json[BYTES_MAX + 1];
		char file[OUT_SIZE];
		char out[OUT_SIZE];
		size_t written;
		size_t found;
		make_object(json, length);
		assert_int_equal(
			flagship_login_cache_encode(json, length, file, sizeof(file), &written), 0);
		assert_int_equal(written, strlen(file));
		assert_decodes_to(file, written, json);

		size_t exact = written;
		assert_int_equal(flagship_login_cache_encode(json, length, file, exact, &written),
				 FLAGSHIP_ERROR_BUFFER);
		assert_int_equal(
			flagship_login_cache_encode(json, length, file, exact + 1, &written), 0);
		assert_int_equal(flagship_login_cache_decode(file, exact, out, length, &found),
				 FLAGSHIP_ERROR_BUFFER);
		assert_int_equal(flagship_login_cache_decode(json, length, out, length, &found),
				 FLAGSHIP_ERROR_BUFFER);
		assert_int_equal(flagship_login_cache_decode(json, length, out, length + 1, &found),
				 0);
	}
}

static void an_empty_text_encodes_to_nothing(void **state)
{
	char file[1];
	size_t written;

	(void)state;
	assert_int_equal(flagship_login_cache_encode("", 0, file, sizeof(file), &written), 0);
	assert_int_equal(written, 0);
	assert_string_equal(file, "");
}

static void assert_bare_of_size(size_t size, int expected)
{
	char *json = malloc(size + 1);
	char *out = malloc(size + 1);
	struct flagship_account account;
	size_t length;

	assert_non_null(json);
	assert_non_null(out);
	make_object(json, size);
	assert_int_equal(flagship_login_cache_decode(json, size, out, size + 1, &length), expected);
	assert_int_equal(flagship_account_parse(json, size, &account), expected);
	free(json);
	free(out);
}

static void refuses_large_files(void **state)
{
	(void)state;
	assert_bare_of_size(FLAGSHIP_LOGIN_CACHE_MAX, 0);
	assert_bare_of_size(FLAGSHIP_LOGIN_CACHE_MAX + 1, FLAGSHIP_ERROR_LOGIN_CACHE);
}

static void encodes_only_what_can_be_decoded(void **state)
{
	/* The longest whole blocks whose base64 is within the limit. */
	size_t largest = FLAGSHIP_LOGIN_CACHE_MAX / 4 * 3 / 16 * 16;
	size_t capacity = FLAGSHIP_LOGIN_CACHE_MAX + 1;
	char *json = malloc(FLAGSHIP_LOGIN_CACHE_MAX + 2);
	char *file = malloc(capacity);
	size_t written;

	(void)state;
	assert_non_null(json);
	assert_non_null(file);
	make_object(json, largest);
	assert_int_equal(flagship_login_cache_encode(json, largest, file, capacity, &written), 0);
	assert_decodes_to(file, written, json);
	assert_int_equal(flagship_login_cache_encode(json, largest + 1, file, capacity, &written),
			 FLAGSHIP_ERROR_TOO_LARGE);
	assert_int_equal(flagship_login_cache_encode(json, FLAGSHIP_LOGIN_CACHE_MAX + 1, file,
						     capacity, &written),
			 FLAGSHIP_ERROR_TOO_LARGE);
	free(json);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_decode_and_encode),
		cmocka_unit_test(vectors_give_the_account),
		cmocka_unit_test(allows_line_breaks),
		cmocka_unit_test(takes_bare_json),
		cmocka_unit_test(takes_utf16_and_unpadded_base64),
		cmocka_unit_test(utf16_may_grow),
		cmocka_unit_test(refuses_other_files),
		cmocka_unit_test(refuses_what_decrypts_to_no_object),
		cmocka_unit_test(every_length_round_trips),
		cmocka_unit_test(an_empty_text_encodes_to_nothing),
		cmocka_unit_test(refuses_large_files),
		cmocka_unit_test(encodes_only_what_can_be_decoded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
