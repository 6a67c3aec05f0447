/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cloud/api/work.h"
#include "cloud/broker/certificate.h"
#include "cloud/registry/credential.h"
#include "cloud/rules/cluster.h"
#include "failing_memory.h"
#include "fake_clock.h"
#include "fake_http.h"
#include "temporary.h"

#include <flagship/account.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Requests from the first byte to the answer: each allocation fails once, clients leave at every
 * step, and what expires does so at its moment.
 */
#define EMAIL       "owner@example.com"
#define PASSWORD    "correct horse battery staple"
#define TOKEN_S     INT64_C(1000)
#define S           INT64_C(1000)
#define OK          200
#define MALFORMED   400
#define NOT_LOGGED  401
#define TOO_MANY    429
#define BROKEN      500
#define BUSY        503
#define REQUESTS    6
#define TURNS_MAX   8
#define ATTEMPT_MAX 64

static struct scene {
	struct temporary temporary;
	struct registry_service service;
	struct api api;
	char key[PATH_MAX];
	char token[REGISTRY_TOKEN_SIZE];
	char cluster_path[128];
	char login[FAKE_HTTP_TEXT];
	struct http_request requests[REQUESTS];
	int statuses[REQUESTS];
} scene;

static void write_login(void)
{
	char encrypted[FLAGSHIP_LOGIN_ENCRYPTED_SIZE];
	char public_hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];

	assert_int_equal(flagship_login_password(PASSWORD, NULL,
						 exchange_public_hex(scene.api.exchange), encrypted,
						 sizeof(encrypted), public_hex),
			 0);
	snprintf(scene.login, sizeof(scene.login),
		 "{\"email\":\"" EMAIL "\",\"password\":\"%s\",\"client_secret_info\":{"
		 "\"public_key\":\"%s\"}}",
		 encrypted, public_hex);
}

static void add_request(size_t number, const char *method, const char *path, const char *body,
			int status)
{
	scene.requests[number] = (struct http_request){
		.method = method, .path = path, .body = body, .token = scene.token};
	scene.statuses[number] = status;
}

static int set_up(void **state)
{
	char secret[CLUSTER_SECRET_SIZE];

	(void)state;
	failing_memory_arm(0);
	memset(&scene, 0, sizeof(scene));
	temporary_open(&scene.temporary);
	struct registry *registry = scene.temporary.registry;
	struct registry_account account = temporary_account(&scene.temporary, EMAIL, "");
	temporary_printer(&scene.temporary, account.user_id, "AK7ABC0000000001");
	assert_int_equal(registry_issue_token(registry, account.user_id, "test", clock_unix_s(),
					      clock_unix_s() + TOKEN_S, scene.token),
			 1);
	assert_true(cluster_secret(registry, secret) >= 0);
	snprintf(scene.cluster_path, sizeof(scene.cluster_path), CLUSTER_PREFIX "%s/rabbitmq/user",
		 secret);
	snprintf(scene.key, sizeof(scene.key), "%s/key", scene.temporary.folder);
	assert_int_equal(certificate_make_key(scene.key, CERTIFICATE_ECDSA), 0);
	assert_int_equal(exchange_create(scene.key, &scene.api.exchange), 0);
	scene.api.service = &scene.service;
	scene.api.sessions = signed_sessions_create();
	assert_non_null(scene.api.sessions);
	login_throttle_init(&scene.api.throttle);
	api_work_init(&scene.api);
	fake_work_begin(registry);
	write_login();
	add_request(0, "GET", "/v3/passport/profile", NULL, OK);
	add_request(1, "POST", "/v1/app/query_fdm_list", "{}", OK);
	add_request(2, "POST", "/v3/passport/login", scene.login, OK);
	add_request(3, "POST", scene.cluster_path, "username=nobody&password=x", OK);
	add_request(4, "GET", "/v1/flagship/service", NULL, OK);
	add_request(5, "POST", API_SIGNED_EXCHANGE_PATH, "{\"payload\":\"none\"}", MALFORMED);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	failing_memory_arm(0);
	exchange_destroy(scene.api.exchange);
	signed_sessions_destroy(scene.api.sessions);
	unlink(scene.key);
	temporary_close(&scene.temporary);
	return 0;
}

static void work_off(void)
{
	while (fake_work_turn()) {
	}
}

static int ask(struct http_request *request)
{
	unsigned int answers = request->answers;

	fake_http_send(&scene.api, request);
	work_off();
	assert_int_equal(request->answers, answers + 1);
	return request->status;
}

/* Once with each allocation failing, until there is none more to fail. */
static void lose_each_allocation_of(struct http_request *request, int expected)
{
	unsigned int number = 0;

	do {
		failing_memory_arm(++number);
		int status = ask(request);
		failing_memory_pause();
		/* What was lost may be no part of the answer: that a token was used. */
		if (status != expected) {
			assert_true(failing_memory_fell());
			assert_true(status == BUSY || status == BROKEN);
		}
		assert_true(request->has_text || request->closes);
		assert_int_equal(ask(request), expected);
	} while (failing_memory_fell());
	assert_true(number > 1);
}

static void each_allocation_fails_once(void **state)
{
	(void)state;
	for (int briefly = 0; briefly < 2; briefly++) {
		fake_work_briefly(briefly);
		for (size_t i = 0; i < REQUESTS; i++) {
			lose_each_allocation_of(&scene.requests[i], scene.statuses[i]);
		}
	}
}

static void clients_leave_at_every_step(void **state)
{
	(void)state;
	for (size_t i = 0; i < REQUESTS; i++) {
		struct http_request *request = &scene.requests[i];

		for (int turns = 0; turns < TURNS_MAX; turns++) {
			request->answers = 0;
			fake_http_send(&scene.api, request);
			for (int turn = 0; turn < turns; turn++) {
				fake_work_turn();
			}
			unsigned int answered = request->answers;
			fake_http_leave(request);
			work_off();
			assert_int_equal(request->answers, answered);
			assert_null(scene.api.works);
		}
		assert_int_equal(ask(request), scene.statuses[i]);
	}
}

static void who_finds_no_room_is_told_when_to_come_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct http_request *request = &scene.requests[i];

		fake_work_refuse(true);
		assert_int_equal(ask(request), BUSY);
		assert_string_equal(request->retry_after, "2");
		fake_work_refuse(false);
		assert_int_equal(ask(request), OK);
	}
}

static void a_token_ends_at_its_second(void **state)
{
	struct http_request *request = &scene.requests[0];

	(void)state;
	fake_clock_pass((TOKEN_S - 1) * S);
	assert_int_equal(ask(request), OK);
	fake_clock_pass(S);
	assert_int_equal(ask(request), NOT_LOGGED);
}

/* Whoever guesses waits, and no second longer than was told; putting the wall's clock on helps not.
 */
static void wrong_passwords_wait_for_as_long_as_is_told(void **state)
{
	struct http_request *request = &scene.requests[2];
	int attempts = 0;

	(void)state;
	fake_passwords(false);
	while (ask(request) != TOO_MANY) {
		assert_in_range(++attempts, 1, ATTEMPT_MAX);
	}
	int64_t wait_s = strtoll(request->retry_after, NULL, 10);
	assert_true(wait_s > 0);
	fake_clock_step(wait_s * S);
	assert_int_equal(ask(request), TOO_MANY);
	fake_clock_pass((wait_s - 1) * S);
	assert_int_equal(ask(request), TOO_MANY);
	assert_string_equal(request->retry_after, "1");
	fake_clock_pass(S);
	fake_passwords(true);
	assert_int_equal(ask(request), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_allocation_fails_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clients_leave_at_every_step, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_finds_no_room_is_told_when_to_come_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_token_ends_at_its_second, set_up, tear_down),
		cmocka_unit_test_setup_teardown(wrong_passwords_wait_for_as_long_as_is_told, set_up,
						tear_down),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sessions", tests, NULL, NULL);
}
