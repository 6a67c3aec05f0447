/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/broker_url.h"

#include <stdio.h>
#include <string.h>

struct address {
	const char *text;
	const char *host; /* NULL: it is none */
	uint16_t port;
	bool plain;
	bool has_scheme;
};

static const struct address addresses[] = {
	{"mqtts://broker.example:8789", "broker.example", 8789, false, true},
	{"mqtt://broker.example:1884", "broker.example", 1884, true, true},
	/* What is left out. */
	{"mqtts://broker.example", "broker.example", 8789, false, true},
	{"mqtt://broker.example", "broker.example", 1883, true, true},
	{"broker.example:1", "broker.example", 1, false, false},
	{"192.0.2.1", "192.0.2.1", 8789, false, false},
	{"mqtts://[2001:db8::1]:65535", "2001:db8::1", 65535, false, true},
	{"[::1]", "::1", 8789, false, false},
	/* What is none. */
	{.text = ""},
	{.text = "mqtts://"},
	{.text = "mqtts://:8789"},
	{.text = "https://broker.example"},
	{.text = "ws://broker.example"},
	{.text = "MQTTS://broker.example"},
	{.text = "mqtts://broker.example:"},
	{.text = "mqtts://broker.example:0"},
	{.text = "mqtts://broker.example:65536"},
	{.text = "mqtts://broker.example:000001"},
	{.text = "mqtts://broker.example:+1"},
	{.text = "mqtts://broker.example:8789x"},
	{.text = "mqtts://2001:db8::1:8789"},
	{.text = "mqtts://[2001:db8::1"},
	{.text = "mqtts://[2001:db8::1]8789"},
	{.text = "mqtts://[]"},
	{.text = "mqtts://anne:secret@broker.example"},
	{.text = "mqtts://broker.example/path"},
	{.text = "mqtts://broker.example?a"},
	{.text = "mqtts://broker.example#a"},
	{.text = "mqtts://broker.example :8789"},
	{.text = "mqtts://broker.example\n"},
};

static void brokers_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		const struct address *wanted = &addresses[i];
		struct broker_url url;
		const char *problem = broker_url_parse(wanted->text, &url);

		print_message("%s: %s\n", wanted->text, problem ? problem : "read");
		assert_true((problem == NULL) == (wanted->host != NULL));
		if (wanted->host) {
			assert_string_equal(url.host, wanted->host);
			assert_int_equal(url.port, wanted->port);
			assert_int_equal(url.plain, wanted->plain);
			assert_int_equal(url.has_scheme, wanted->has_scheme);
		} else {
			assert_null(strstr(problem, "secret"));
		}
	}
}

static void a_host_has_a_length(void **state)
{
	char text[BROKER_URL_HOST_MAX + 1];
	struct broker_url url;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[BROKER_URL_HOST_MAX - 1] = '\0';
	assert_null(broker_url_parse(text, &url));
	assert_string_equal(url.host, text);
	text[BROKER_URL_HOST_MAX - 1] = 'a';
	text[BROKER_URL_HOST_MAX] = '\0';
	assert_non_null(broker_url_parse(text, &url));
}

static void what_is_written_is_read(void **state)
{
	static const char *const hosts[] = {"broker.example", "192.0.2.1", "2001:db8::1"};
	char text[BROKER_URL_EXPLAINED_MAX];
	struct broker_url url;

	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		assert_true(broker_url_write(hosts[i], 8883, text, sizeof(text)));
		assert_null(broker_url_parse(text, &url));
		assert_string_equal(url.host, hosts[i]);
		assert_int_equal(url.port, 8883);
		assert_false(url.plain);
	}
	assert_false(broker_url_write("broker.example", 8883, text, 10));
	assert_string_equal(text, "");
}

static void people_are_shown_no_login(void **state)
{
	char out[BROKER_URL_EXPLAINED_MAX];
	char long_text[2 * BROKER_URL_EXPLAINED_MAX];

	(void)state;
	assert_string_equal(broker_url_explain("mqtts://a:b@c@broker.example:1", out),
			    "mqtts://\xe2\x80\xa6@broker.example:1");
	assert_string_equal(broker_url_explain("secret@broker", out), "\xe2\x80\xa6@broker");
	assert_string_equal(broker_url_explain("mqtts://broker.example", out),
			    "mqtts://broker.example");
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	assert_int_equal(strlen(broker_url_explain(long_text, out)), BROKER_URL_EXPLAINED_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brokers_are_read),
		cmocka_unit_test(a_host_has_a_length),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(people_are_shown_no_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
