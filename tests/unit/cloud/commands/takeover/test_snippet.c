/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/commands/takeover/internal.h"

#include <stdlib.h>
#include <string.h>

/* What is printed; to be freed. */
static char *printed(enum snippet_kind kind, const struct snippet_values *values)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	snippet_print(kind, values, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static size_t count_of(const char *text, const char *what)
{
	size_t count = 0;

	while ((text = strstr(text, what))) {
		count++;
		text++;
	}
	return count;
}

static void each_name_leads_here(void **state)
{
	struct snippet_values values = {.address = "192.0.2.7", .printer = "192.0.2.9"};

	(void)state;
	for (enum snippet_kind kind = SNIPPET_DNSMASQ; kind <= SNIPPET_HOSTS; kind++) {
		for (int brokers_only = 0; brokers_only <= 1; brokers_only++) {
			values.brokers_only = brokers_only != 0;
			char *text = printed(kind, &values);

			print_message("%s\n", snippet_names[kind]);
			assert_true(count_of(text, values.address) >= SNIPPET_BROKER_HOSTS);
			for (size_t i = 0; snippet_broker_hosts[i]; i++) {
				assert_non_null(strstr(text, snippet_broker_hosts[i]));
			}
			for (size_t i = 0; snippet_api_hosts[i]; i++) {
				bool there = strstr(text, snippet_api_hosts[i]) != NULL;

				assert_int_equal(there, !values.brokers_only);
			}
			/* Nothing but the brokers' names is taken from anybody. */
			assert_int_equal(strstr(text, "eufylife") != NULL,
					 !values.brokers_only && kind != SNIPPET_HOSTS);
			free(text);
		}
	}
}

static void a_router_lets_the_printer_come_here_alone(void **state)
{
	struct snippet_values values = {
		.address = "192.0.2.7", .printer = "192.0.2.9", .mqtt_port = 8789, .api_port = 443};

	(void)state;
	char *text = printed(SNIPPET_NFTABLES, &values);
	assert_non_null(strstr(text, "elements = { 192.0.2.9 }"));
	assert_non_null(strstr(text, "ip daddr 192.0.2.7 accept"));
	assert_null(strstr(text, "redirect"));
	assert_int_equal(count_of(text, "{"), count_of(text, "}"));
	free(text);
	/* Printers look for the vendor's ports. */
	values.api_port = 8443;
	text = printed(SNIPPET_NFTABLES, &values);
	assert_non_null(strstr(text, "dport 443 redirect to :8443"));
	assert_non_null(strstr(text, "dport 8789 redirect to :8789"));
	assert_int_equal(count_of(text, "{"), count_of(text, "}"));
	free(text);
}

static void a_clock_is_offered_to_private_networks(void **state)
{
	const struct snippet_values values = {.address = "192.0.2.7"};

	(void)state;
	char *text = printed(SNIPPET_CHRONY, &values);
	assert_int_equal(count_of(text, "\nallow "), 3);
	assert_non_null(strstr(text, "ntp-server,192.0.2.7"));
	free(text);
	assert_null(snippet_names[SNIPPET_CHRONY + 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_leads_here),
		cmocka_unit_test(a_router_lets_the_printer_come_here_alone),
		cmocka_unit_test(a_clock_is_offered_to_private_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
