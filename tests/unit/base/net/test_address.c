/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/net/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

struct pair {
	const char *one;
	const char *other;
	bool same;
};

static const struct pair pairs[] = {
	{"192.0.2.1", "192.0.2.1", true},
	{"192.0.2.1", "192.0.2.2", false},
	{"192.0.2.1", "::ffff:192.0.2.1", true},
	{"192.0.2.1", "::192.0.2.1", false},
	{"2001:db8::1", "2001:db8::ffff:1", true},
	{"2001:db8::1", "2001:db8:0:0:1::1", true},
	{"2001:db8::1", "2001:db8:0:1::1", false},
	{"2001:db8::1", "nobody", false},
	{"nobody", "", true},
	{"0.0.0.0", "nobody", false},
};

static struct address_key of_socket(const char *text)
{
	struct sockaddr_storage address = {0};
	struct sockaddr_in *ipv4 = (struct sockaddr_in *)&address;
	struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)&address;

	if (inet_pton(AF_INET, text, &ipv4->sin_addr) == 1) {
		address.ss_family = AF_INET;
	} else if (inet_pton(AF_INET6, text, &ipv6->sin6_addr) == 1) {
		address.ss_family = AF_INET6;
	} else {
		address.ss_family = AF_UNIX;
	}
	return address_of_socket(&address);
}

static void a_household_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct address_key one = address_of_text(pairs[i].one);
		struct address_key other = of_socket(pairs[i].other);

		print_message("%s, %s\n", pairs[i].one, pairs[i].other);
		assert_int_equal(address_same(&one, &other), pairs[i].same);
	}
	struct address_key none = address_of_text(NULL);
	assert_memory_equal(none.bytes, (uint8_t[ADDRESS_KEY_SIZE]){0}, ADDRESS_KEY_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_household_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
