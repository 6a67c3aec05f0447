/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/http/http.h"
#include "vendor/api/api.h"

#include <flagship/error.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_MS 200

/* What needs no service: mistakes, refusals, and ends in the middle. Answers are tested from
 * outside, in tests/blackbox/test_api.py. */

struct fixture {
	uv_loop_t loop;
	struct http_client *client;
	int listener;
	char url[64];
	int answers;
	enum http_failure failure;
	bool close_in_handler;
	int closed;
};

static void count_close(void *context)
{
	struct fixture *fixture = context;

	fixture->closed++;
}

static void keep_answer(void *context, const struct http_answer *answer)
{
	struct fixture *fixture = context;

	fixture->answers++;
	fixture->failure = answer->failure;
	assert_non_null(answer->body);
	assert_non_null(answer->detail);
	assert_true(answer->failure == HTTP_FAILURE_NONE || answer->detail[0]);
	if (fixture->close_in_handler) {
		http_client_close(fixture->client, count_close, fixture);
	}
}

/* A port where nobody answers what is said; closed, one where nobody listens. */
static void take_port(struct fixture *fixture)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);

	fixture->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(fixture->listener >= 0);
	assert_int_equal(bind(fixture->listener, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fixture->listener, 4), 0);
	assert_int_equal(getsockname(fixture->listener, (struct sockaddr *)&address, &size), 0);
	snprintf(fixture->url, sizeof(fixture->url), "https://127.0.0.1:%d",
		 ntohs(address.sin_port));
}

static void set_up(struct fixture *fixture, uint32_t timeout_ms)
{
	struct http_options options = {.url = fixture->url, .timeout_ms = timeout_ms};
	char detail[HTTP_DETAIL_MAX];

	*fixture = (struct fixture){0};
	take_port(fixture);
	assert_int_equal(uv_loop_init(&fixture->loop), 0);
	assert_int_equal(http_client_create(&fixture->loop, &options, detail, &fixture->client), 0);
	assert_string_equal(detail, "");
}

static void tear_down(struct fixture *fixture)
{
	uv_run(&fixture->loop, UV_RUN_DEFAULT);
	assert_int_equal(fixture->closed, 1);
	assert_int_equal(uv_loop_close(&fixture->loop), 0);
	close(fixture->listener);
}

static const struct http_request request = {
	.method = "POST", .path = "/", .body = "{}", .length = 2};

static void silence_is_a_timeout(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, TIMEOUT_MS);
	assert_int_equal(http_send(fixture.client, &request, keep_answer, &fixture), 0);
	assert_int_equal(fixture.answers, 0);
	uv_run(&fixture.loop, UV_RUN_DEFAULT);
	assert_int_equal(fixture.answers, 1);
	assert_int_equal(fixture.failure, HTTP_FAILURE_TIMEOUT);
	http_client_close(fixture.client, count_close, &fixture);
	tear_down(&fixture);
}

static void nobody_there(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, 0);
	close(fixture.listener);
	fixture.listener = -1;
	assert_int_equal(http_send(fixture.client, &request, keep_answer, &fixture), 0);
	fixture.close_in_handler = true;
	tear_down(&fixture);
	assert_int_equal(fixture.answers, 1);
	assert_int_equal(fixture.failure, HTTP_FAILURE_CONNECT);
}

static void closed_in_the_middle(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(http_send(fixture.client, &request, keep_answer, &fixture), 0);
	}
	uv_run(&fixture.loop, UV_RUN_NOWAIT);
	http_client_close(fixture.client, count_close, &fixture);
	http_client_close(fixture.client, count_close, &fixture);
	tear_down(&fixture);
	assert_int_equal(fixture.answers, 0);
}

static void closed_before_anything(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture, 0);
	http_client_close(fixture.client, count_close, &fixture);
	tear_down(&fixture);
	http_client_close(NULL, count_close, &fixture);
	assert_int_equal(fixture.closed, 1);
}

static void headers_cannot_be_smuggled_in(void **state)
{
	static const char *const headers[] = {"X-Auth-Token: a\r\nX-Other: b"};
	const struct http_request wrong[] = {
		{.method = "GET", .path = "/", .headers = headers, .header_count = 1},
		{.method = "GET", .path = "/ HTTP/1.1\r\nX: y"},
		{.method = "GET", .path = "/a b"},
		{.method = "GET", .path = "elsewhere"},
	};
	struct fixture fixture;

	(void)state;
	set_up(&fixture, 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(http_send(fixture.client, &wrong[i], keep_answer, &fixture),
				 FLAGSHIP_ERROR_ARGUMENT);
	}
	http_client_close(fixture.client, count_close, &fixture);
	tear_down(&fixture);
	assert_int_equal(fixture.answers, 0);
}

static void refuses_services(void **state)
{
	static const struct http_options wrong[] = {
		{.url = NULL},
		{.url = ""},
		{.url = "http://localhost"},
		{.url = "https://"},
		{.url = "https://user@localhost"},
		{.url = "https://localhost?x=y"},
		{.url = "https://localhost#x"},
		{.url = "file:///etc/passwd"},
		{.url = "https://localhost", .trust = {.pin_sha256 = "12"}},
		{.url = "https://localhost", .trust = {.ca_file = "/nonexistent"}},
	};
	char detail[HTTP_DETAIL_MAX];
	struct http_client *client = NULL;
	uv_loop_t loop;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_true(http_client_create(&loop, &wrong[i], detail, &client) < 0);
		assert_true(detail[0]);
		assert_null(client);
	}
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void knows_its_host(void **state)
{
	static const char *const urls[][2] = {
		{"https://localhost", "localhost"},
		{"https://[::1]:8443/", "::1"},
		{"https://make-app.ankermake.com:443/prefix/", "make-app.ankermake.com"},
	};
	char detail[HTTP_DETAIL_MAX];
	uv_loop_t loop;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct http_options options = {.url = urls[i][0]};
		struct http_client *client = NULL;

		assert_int_equal(http_client_create(&loop, &options, detail, &client), 0);
		assert_string_equal(http_client_host(client), urls[i][1]);
		http_client_close(client, NULL, NULL);
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	assert_int_equal(uv_loop_close(&loop), 0);
}

static void refuses_logins_that_cannot_be_sent(void **state)
{
	struct vendor_api_options options = {.http = {.url = "https://localhost"}, .token = "a\nb"};
	char detail[HTTP_DETAIL_MAX];
	struct vendor_api *api = NULL;
	uv_loop_t loop;

	(void)state;
	assert_int_equal(uv_loop_init(&loop), 0);
	assert_int_equal(vendor_api_create(&loop, &options, detail, &api), FLAGSHIP_ERROR_ARGUMENT);
	options.token = "good";
	options.country = "Germany!";
	assert_int_equal(vendor_api_create(&loop, &options, detail, &api), FLAGSHIP_ERROR_ARGUMENT);
	options.country = "DE";
	assert_int_equal(vendor_api_create(&loop, &options, detail, &api), 0);
	assert_int_equal(vendor_api_set_login(api, "good", "a\rb"), FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(vendor_api_set_login(api, NULL, NULL), 0);
	vendor_api_close(api, NULL, NULL);
	vendor_api_close(NULL, NULL, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_is_a_timeout),
		cmocka_unit_test(nobody_there),
		cmocka_unit_test(closed_in_the_middle),
		cmocka_unit_test(closed_before_anything),
		cmocka_unit_test(headers_cannot_be_smuggled_in),
		cmocka_unit_test(refuses_services),
		cmocka_unit_test(knows_its_host),
		cmocka_unit_test(refuses_logins_that_cannot_be_sent),
	};

	/* A proxy of whoever runs the tests would be asked in place of them. */
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
