/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webpush/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define LONG_SIZE (WEBPUSH_ENDPOINT_MAX + 2)

static void reads_endpoints(void **state)
{
	static const struct {
		const char *url;
		const char *host;
		const char *audience;
		unsigned int port;
	} cases[] = {
		{"https://fcm.googleapis.com/fcm/send/a:b-c", "fcm.googleapis.com",
		 "https://fcm.googleapis.com", 443},
		{"https://push.example.net:8443/?q=@x", "push.example.net",
		 "https://push.example.net:8443", 8443},
		{"https://push.example.net:443/", "push.example.net", "https://push.example.net",
		 443},
		{"https://[2a00::1]:1/x", "2a00::1", "https://[2a00::1]:1", 1},
	};
	struct webpush_endpoint endpoint;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(webpush_endpoint_read(cases[i].url, &endpoint));
		assert_string_equal(endpoint.host, cases[i].host);
		assert_string_equal(endpoint.audience, cases[i].audience);
		assert_int_equal(endpoint.port, cases[i].port);
	}
}

static void refuses_what_is_no_endpoint(void **state)
{
	static const char *const cases[] = {
		"",
		"http://push.example.net/x",
		"HTTPS://push.example.net/x",
		"file:///etc/passwd",
		"https://",
		"https:///x",
		"https://push.example.net",
		"https://push.example.net?x",
		"https://me@push.example.net/x",
		"https://me:secret@push.example.net/x",
		"https://push.example.net:0/x",
		"https://push.example.net:/x",
		"https://push.example.net:65536/x",
		"https://push.example.net:99999999999999999999/x",
		"https://push.example.net/x#y",
		"https://push.example.net/x y",
		"https://push.example.net/x\r\ny",
		"https://push.example.net/\"",
		"https://push.example.net/\\",
		"https://push.ex\xc3\xa4mple.net/",
		"https://push_example.net/",
		"https://[2a00::1/x",
		"https://[2a00::1%25eth0]/x",
		"https://[]/x",
	};
	struct webpush_endpoint endpoint;
	char url[LONG_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_non_null(webpush_endpoint_read(cases[i], &endpoint));
	}
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://push.example.net/", strlen("https://push.example.net/"));
	url[LONG_SIZE - 1] = '\0';
	assert_non_null(webpush_endpoint_read(url, &endpoint));
	url[LONG_SIZE - 2] = '\0';
	assert_null(webpush_endpoint_read(url, &endpoint));
	memset(url + strlen("https://"), 'a', WEBPUSH_HOST_SIZE);
	assert_non_null(webpush_endpoint_read(url, &endpoint));
}

static enum webpush_reach reach_of_text(const char *text)
{
	struct sockaddr_storage address = {.ss_family = AF_INET};
	struct sockaddr_in ipv4 = {.sin_family = AF_INET};
	struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1) {
		memcpy(&address, &ipv4, sizeof(ipv4));
	} else {
		assert_int_equal(inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1);
		memcpy(&address, &ipv6, sizeof(ipv6));
	}
	return webpush_reach_of((const struct sockaddr *)&address);
}

static void knows_where_addresses_lead(void **state)
{
	static const struct {
		enum webpush_reach reach;
		const char *addresses[20];
	} cases[] = {
		{WEBPUSH_PUBLIC,
		 {"8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.0.1", "100.128.0.1",
		  "223.255.255.255", "2a00:1450:4001::1", "2001:4860:4860::8888", "::ffff:8.8.8.8",
		  "64:ff9b::808:808"}},
		{WEBPUSH_LOOPBACK,
		 {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"}},
		{WEBPUSH_PRIVATE,
		 {"0.0.0.0",
		  "10.1.2.3",
		  "172.16.0.1",
		  "172.31.255.255",
		  "192.168.178.1",
		  "169.254.169.254",
		  "100.64.0.1",
		  "100.127.255.255",
		  "224.0.0.1",
		  "255.255.255.255",
		  "198.19.0.1",
		  "::",
		  "fe80::1",
		  "fc00::1",
		  "fdff::1",
		  "ff02::1",
		  "::ffff:192.168.1.1",
		  "64:ff9b::a00:1",
		  "2002:a00:1::",
		  "2001:db8::1"}},
	};
	const struct sockaddr other = {.sa_family = AF_UNIX};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t j = 0; j < 20 && cases[i].addresses[j]; j++) {
			assert_int_equal(reach_of_text(cases[i].addresses[j]), cases[i].reach);
		}
	}
	assert_int_equal(webpush_reach_of(&other), WEBPUSH_PRIVATE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_endpoints),
		cmocka_unit_test(refuses_what_is_no_endpoint),
		cmocka_unit_test(knows_where_addresses_lead),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
