/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/access/book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file of users that somebody edited, or that a disk damaged: what is said of it. */

#define TEXT_MAX   65536
#define SECRET     "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HA1        "00112233445566778899aabbccddeeff"
#define A16        "aaaaaaaaaaaaaaaa"
#define A64        A16 A16 A16 A16
#define A256       A64 A64 A64 A64
#define A4096      A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256 A256

#define ANN        "{\"name\":\"ann\",\"role\":\"admin\",\"password\":\"x\"}"
#define USER(rest) "{\"name\":\"bob\"," rest "}"
#define KEY(rest)  "{\"name\":\"orca\",\"id\":\"0123456789ab\"," rest "}"
#define GOOD_KEY   KEY("\"role\":\"viewer\",\"hash\":\"" SECRET "\"")

static const char *parse(const char *text, struct access_book *book)
{
	assert_int_equal(access_book_init(book), 0);
	return access_book_parse(book, text, strlen(text));
}

static void assert_fault(const char *text, const char *expected)
{
	struct access_book book;
	const char *fault = parse(text, &book);

	if (!fault || strcmp(fault, expected) != 0) {
		print_error("%.200s: %s\n", text, fault ? fault : "no fault");
	}
	assert_non_null(fault);
	assert_string_equal(fault, expected);
	access_book_finish(&book);
}

/* A whole book, good but for what is given. */
static const char *book_of(const char *users, const char *keys, const char *settings)
{
	static char text[TEXT_MAX];
	int length = snprintf(text, sizeof(text),
			      "{\"version\":1,\"secret\":\"" SECRET
			      "\",\"users\":[%s],\"keys\":[%s],\"settings\":{%s}}",
			      users, keys, settings);

	assert_in_range(length, 1, sizeof(text) - 1);
	return text;
}

static void what_is_no_book_is_told(void **state)
{
	static const char no_object[] = "it is no JSON object";
	static const char version[] = "it is of another version of flagship";
	static const char no_secret[] = "its secret is missing";
	static const char no_lists[] = "users or keys are missing";
	static const struct {
		const char *text;
		const char *fault;
	} cases[] = {
		{"", no_object},
		{"[]", no_object},
		{"null", no_object},
		{"{\"version\":1", no_object},
		{"{}", version},
		{"{\"version\":2}", version},
		{"{\"version\":-1}", version},
		{"{\"version\":1e300}", version},
		{"{\"version\":\"1\"}", version},
		{"{\"version\":1}", no_secret},
		{"{\"version\":1,\"secret\":7}", no_secret},
		{"{\"version\":1,\"secret\":\"\"}", no_secret},
		{"{\"version\":1,\"secret\":\"" SECRET "0\"}", no_secret},
		{"{\"version\":1,\"secret\":\"" A64 "\"}", no_lists},
		{"{\"version\":1,\"secret\":\"ZZ112233445566778899aabbccddeeff"
		 "00112233445566778899aabbccddeeff\"}",
		 no_secret},
		{"{\"version\":1,\"secret\":\"" SECRET "\",\"users\":{}}", no_lists},
		{"{\"version\":1,\"secret\":\"" SECRET "\",\"users\":[]}", no_lists},
		{"{\"version\":1,\"secret\":\"" SECRET "\",\"users\":[],\"keys\":1}", no_lists},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_fault(cases[i].text, cases[i].fault);
	}
}

static void a_damaged_user_is_told(void **state)
{
	static const char no_name[] = "a user has no name, or that of another one";
	static const char no_password[] = "a user has no password";
	static const char no_role[] = "it has no role";
	static const char no_serials[] = "its printers are no serial numbers";
	static const struct {
		const char *users;
		const char *fault;
	} cases[] = {
		{"1", no_name},
		{"{}", no_name},
		{"{\"name\":7}", no_name},
		{"{\"name\":\"\"}", no_name},
		{"{\"name\":\"a b\"}", no_name},
		{"{\"name\":\"" A64 "\"}", no_name},
		{ANN "," ANN, no_name},
		{USER("\"role\":\"admin\""), no_password},
		{USER("\"password\":null"), no_password},
		{USER("\"password\":\"" A256 "\""), no_password},
		{USER("\"password\":\"x\""), no_role},
		{USER("\"password\":\"x\",\"role\":\"nobody\""), no_role},
		{USER("\"password\":\"x\",\"role\":3"), no_role},
		{USER("\"password\":\"x\",\"role\":\"admin\",\"printers\":[]"), no_serials},
		{USER("\"password\":\"x\",\"role\":\"admin\",\"printers\":\"\""), no_serials},
		{USER("\"password\":\"x\",\"role\":\"admin\",\"printers\":\"a/b\""), no_serials},
		{USER("\"password\":\"x\",\"role\":\"admin\",\"printers\":\"" A64 "\""),
		 no_serials},
		{USER("\"password\":\"x\",\"role\":\"admin\",\"printers\":\"" A4096 "\""),
		 no_serials},
		/* Somebody wrote it by hand: it is not taken for all printers. */
		{USER("\"password\":\"x\",\"role\":\"admin\",\"Printers\":\"SN1\""), no_serials},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_fault(book_of(cases[i].users, "", ""), cases[i].fault);
	}
}

static void a_damaged_key_is_told(void **state)
{
	static const char no_name[] = "a key has no name and id, or those of another one";
	static const char no_hash[] = "a key has no hash";
	static const struct {
		const char *keys;
		const char *fault;
	} cases[] = {
		{"{}", no_name},
		{"{\"name\":\"a b\",\"id\":\"0123456789ab\"}", no_name},
		{"{\"name\":\"orca\"}", no_name},
		{"{\"name\":\"orca\",\"id\":\"0123456789abc\"}", no_name},
		{"{\"name\":\"orca\",\"id\":\"0123456789a\"}", no_name},
		{"{\"name\":\"orca\",\"id\":\"0123456789AB\"}", no_name},
		{GOOD_KEY "," GOOD_KEY, no_name},
		{KEY("\"role\":\"viewer\""), no_hash},
		{KEY("\"hash\":\"" HA1 "\""), no_hash},
		{KEY("\"hash\":\"" A256 "\""), no_hash},
		{KEY("\"hash\":\"" SECRET "\",\"ha1\":\"\""), no_hash},
		{KEY("\"hash\":\"" SECRET "\",\"ha1\":\"" SECRET "\""), no_hash},
		{KEY("\"hash\":\"" SECRET "\",\"made_by\":\"a b\""), "a key was made by no user"},
		{KEY("\"hash\":\"" SECRET "\""), "it has no role"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_fault(book_of("", cases[i].keys, ""), cases[i].fault);
	}
}

static void damaged_settings_are_told(void **state)
{
	static const char names[] = "names are names of hosts with blanks between them";
	static const char origins[] =
		"cors_origins are origins such as https://host with blanks between them";
	static const char networks[] =
		"trusted_networks are networks such as 192.168.1.0/24 with blanks between";
	static const char span[] = "a session lasts from a minute to a year";
	static const struct {
		const char *settings;
		const char *fault;
	} cases[] = {
		{"\"names\":\"a/b\"", names},
		{"\"names\":\"" A4096 "\"", names},
		{"\"cors_origins\":\"https://a;b\"", origins},
		{"\"cors_origins\":\"" A4096 "\"", origins},
		{"\"trusted_networks\":\"home\"", networks},
		{"\"trusted_networks\":\"" A4096 "\"", networks},
		{"\"session_idle_s\":59", span},
		{"\"session_idle_s\":31622401", span},
		{"\"session_max_s\":59", span},
		{"\"session_max_s\":31622401", span},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_fault(book_of("", "", cases[i].settings), cases[i].fault);
	}
}

/* So many of `item`, which has the number in its name. */
static char *list_of(const char *item, size_t count)
{
	char *list = malloc(TEXT_MAX);
	size_t length = 0;

	assert_non_null(list);
	for (size_t i = 0; i < count; i++) {
		char number[8];
		const char *place = strchr(item, '#');

		snprintf(number, sizeof(number), "%03zu", i);
		length += (size_t)snprintf(list + length, TEXT_MAX - length, "%s%.*s%s%s",
					   i > 0 ? "," : "", (int)(place - item), item, number,
					   place + 1);
		assert_in_range(length, 1, TEXT_MAX - 1);
	}
	return list;
}

static void there_are_as_many_as_there_may_be(void **state)
{
	static const char user[] = "{\"name\":\"u#\",\"role\":\"admin\",\"password\":\"x\"}";
	static const char key[] = "{\"name\":\"k\",\"id\":\"012345678#\",\"role\":\"viewer\","
				  "\"hash\":\"" SECRET "\"}";
	char *users = list_of(user, ACCESS_USERS_MAX);
	char *keys = list_of(key, ACCESS_KEYS_MAX);
	struct access_book book;

	(void)state;
	assert_null(parse(book_of(users, keys, ""), &book));
	assert_int_equal(book.user_count, ACCESS_USERS_MAX);
	assert_int_equal(book.key_count, ACCESS_KEYS_MAX);
	struct access_change change = {.name = "one", .password = "x", .role = ACCESS_VIEWER};
	assert_string_equal(access_add_user(&book, &change),
			    "there are as many users as there may be");
	assert_string_equal(access_add_key(&book, &change),
			    "there are as many keys as there may be");
	access_book_finish(&book);
	free(users);
	free(keys);
	users = list_of(user, ACCESS_USERS_MAX + 1);
	keys = list_of(key, ACCESS_KEYS_MAX + 1);
	assert_fault(book_of(users, "", ""), "there are too many users");
	assert_fault(book_of("", keys, ""), "there are too many keys");
	free(users);
	free(keys);
}

/* It is for people to look at, and decides nothing. */
static void a_wrong_time_is_no_fault(void **state)
{
	static const char *const times[] = {"-1", "1e15", "\"1\"", "null"};

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct access_book book;
		char user[256];

		snprintf(user, sizeof(user),
			 "{\"name\":\"ann\",\"role\":\"admin\",\"password\":\"x\","
			 "\"created_at\":%s}",
			 times[i]);
		assert_null(parse(book_of(user, GOOD_KEY, ""), &book));
		assert_int_equal(book.users[0].created_at, 0);
		assert_string_equal(book.keys[0].ha1, "");
		assert_int_equal(book.settings.session_idle_s, ACCESS_SESSION_IDLE_S);
		access_book_finish(&book);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_book_is_told),
		cmocka_unit_test(a_damaged_user_is_told),
		cmocka_unit_test(a_damaged_key_is_told),
		cmocka_unit_test(damaged_settings_are_told),
		cmocka_unit_test(there_are_as_many_as_there_may_be),
		cmocka_unit_test(a_wrong_time_is_no_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
