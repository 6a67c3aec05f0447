/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/access/requests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HERE "192.0.2.1"

static int make(void **state)
{
	*state = calloc(1, sizeof(struct key_requests));
	return *state == NULL;
}

static int drop(void **state)
{
	key_requests_finish(*state);
	free(*state);
	return 0;
}

static struct key_request *add(struct key_requests *requests, const char *address, int64_t now_s,
			       char token[SESSION_TOKEN_SIZE])
{
	return key_requests_add(requests, "Cura", "SN1", address, now_s, token);
}

static void a_request_ends_when_it_is_old(void **state)
{
	struct key_requests *requests = *state;
	char token[SESSION_TOKEN_SIZE];
	int64_t now_s = 0;

	assert_non_null(add(requests, HERE, now_s, token));
	for (; now_s < KEY_REQUEST_LIFE_S; now_s += KEY_REQUEST_QUIET_S - 1) {
		assert_non_null(key_requests_ask(requests, token, "SN1", now_s));
	}
	assert_null(key_requests_ask(requests, token, "SN1", KEY_REQUEST_LIFE_S));
	assert_null(key_requests_next(requests, NULL, KEY_REQUEST_LIFE_S));
}

static void a_program_that_is_gone_gets_nothing(void **state)
{
	struct key_requests *requests = *state;
	char token[SESSION_TOKEN_SIZE];
	struct key_request *request = add(requests, HERE, 0, token);

	assert_ptr_equal(key_requests_find(requests, request->id, KEY_REQUEST_QUIET_S - 1),
			 request);
	assert_true(key_request_grant(request, ACCESS_VIEWER, "SN1 SN2"));
	assert_null(key_requests_find(requests, request->id, 1));
	assert_null(key_requests_ask(requests, token, "SN1", KEY_REQUEST_QUIET_S));
	assert_int_equal(request->state, KEY_REQUEST_NONE);
	assert_null(request->printers);
}

static void a_grant_waits_for_its_program(void **state)
{
	struct key_requests *requests = *state;
	char token[SESSION_TOKEN_SIZE];
	struct key_request *request = add(requests, HERE, 0, token);

	assert_true(key_request_grant(request, ACCESS_OPERATOR, NULL));
	assert_null(request->printers);
	assert_ptr_equal(key_requests_ask(requests, token, "SN1", 1), request);
	key_request_end(request);
	request = add(requests, HERE, 0, token);
	assert_true(key_request_grant(request, ACCESS_OPERATOR, "SN1"));
	assert_string_equal(key_requests_ask(requests, token, "SN1", 1)->printers, "SN1");
}

static void a_token_is_of_one_printer(void **state)
{
	struct key_requests *requests = *state;
	char token[SESSION_TOKEN_SIZE];
	char other[SESSION_TOKEN_SIZE];
	const struct key_request *one = add(requests, HERE, 0, token);
	const struct key_request *two = add(requests, HERE, 0, other);

	assert_ptr_equal(key_requests_ask(requests, token, "SN1", 1), one);
	assert_ptr_equal(key_requests_ask(requests, other, "SN1", 1), two);
	assert_null(key_requests_ask(requests, token, "SN2", 1));
	assert_null(key_requests_ask(requests, one->id, "SN1", 1));
	assert_null(key_requests_find(requests, token, 1));
}

static void there_are_few(void **state)
{
	struct key_requests *requests = *state;
	char token[SESSION_TOKEN_SIZE];
	char address[sizeof("192.0.2.255")];
	size_t count = 0;

	for (int i = 0; i < KEY_REQUESTS_OF_ADDRESS; i++) {
		assert_non_null(add(requests, HERE, 0, token));
	}
	assert_null(add(requests, HERE, 0, token));
	for (int i = KEY_REQUESTS_OF_ADDRESS; i < KEY_REQUESTS_MAX; i++) {
		snprintf(address, sizeof(address), "192.0.2.%d", i + 2);
		assert_non_null(add(requests, address, 0, token));
	}
	assert_null(add(requests, "192.0.2.200", 0, token));
	for (struct key_request *at = NULL; (at = key_requests_next(requests, at, 1));) {
		count++;
	}
	assert_int_equal(count, KEY_REQUESTS_MAX);
	/* Those whose programs are gone make room. */
	assert_non_null(add(requests, "192.0.2.200", KEY_REQUEST_QUIET_S, token));
}

/* 4 of an address, and 4 by its mapped form, are 4. */
static void addresses_of_one_network_are_one(void **state)
{
	struct key_requests *requests = *state;
	char token[SESSION_TOKEN_SIZE];
	char address[sizeof("2001:db8::ff")];

	for (int i = 0; i < KEY_REQUESTS_OF_ADDRESS; i++) {
		snprintf(address, sizeof(address), "2001:db8::%d", i + 1);
		assert_non_null(add(requests, address, 0, token));
		assert_non_null(add(requests, HERE, 0, token));
	}
	assert_null(add(requests, "2001:db8::ff", 0, token));
	assert_null(add(requests, "::ffff:" HERE, 0, token));
	assert_non_null(add(requests, "2001:db8:0:1::1", 0, token));
}

static void keys_have_names_that_keys_can_have(void **state)
{
	static const struct {
		const char *app;
		const char *name;
	} cases[] = {
		{"Cura", "Cura"},       {"Octo App 2", "Octo-App-2"},    {"  x", "x"},
		{"---", "program"},     {"\xc3\xbc", "program"},         {"a(b)", "a-b-"},
		{"me@home", "me@home"}, {"a \xc3\xbc\xc3\xbc b", "a-b"},
	};
	char name[ACCESS_NAME_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(key_request_app_valid(cases[i].app));
		key_request_name(cases[i].app, name);
		assert_string_equal(name, cases[i].name);
		assert_true(access_name_valid(name));
	}
	assert_false(key_request_app_valid(""));
	assert_false(key_request_app_valid("a\nb"));
	assert_false(key_request_app_valid("a\xff"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_request_ends_when_it_is_old, make, drop),
		cmocka_unit_test_setup_teardown(a_program_that_is_gone_gets_nothing, make, drop),
		cmocka_unit_test_setup_teardown(a_grant_waits_for_its_program, make, drop),
		cmocka_unit_test_setup_teardown(a_token_is_of_one_printer, make, drop),
		cmocka_unit_test_setup_teardown(there_are_few, make, drop),
		cmocka_unit_test_setup_teardown(addresses_of_one_network_are_one, make, drop),
		cmocka_unit_test(keys_have_names_that_keys_can_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
