/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/broker/plugin/clients.h"

#include "stride.h"

#include <stdbool.h>
#include <string.h>

#define HANDLES 2000
#define ROUNDS  20000

/* Any order of comings and goings leaves exactly those that came and did not go. */
static void finds_whoever_is_there(void **state)
{
	static char memory[HANDLES];
	static bool present[HANDLES];
	struct plugin_clients clients;
	uint32_t random = 1;
	size_t count = 0;

	(void)state;
	clients_init(&clients);
	assert_null(clients_find(&clients, memory));
	for (size_t i = 0; i < ROUNDS; i += test_stride()) {
		random = random * 1664525u + 1013904223u;
		size_t which = (random >> 8) % HANDLES;

		if (present[which]) {
			clients_leave(&clients, clients_find(&clients, &memory[which]), 1);
			clients_sweep(&clients, 1);
			count--;
		} else {
			struct plugin_client *client = clients_add(&clients, &memory[which]);

			assert_non_null(client);
			assert_int_equal(client->login.role, ACCESS_NOBODY);
			client->login.serial[0] = (char)('A' + which % 26);
			count++;
		}
		present[which] = !present[which];
	}
	assert_int_equal(clients.count, count);
	for (size_t i = 0; i < HANDLES; i++) {
		const struct plugin_client *client = clients_find(&clients, &memory[i]);

		assert_int_equal(client != NULL, present[i]);
		assert_true(client == NULL || client->login.serial[0] == (char)('A' + i % 26));
	}
	clients_finish(&clients);
	assert_int_equal(clients.count, 0);
}

static void a_handle_that_comes_again_is_new(void **state)
{
	struct plugin_clients clients;
	int handle;

	(void)state;
	clients_init(&clients);
	clients_add(&clients, &handle)->login.role = ACCESS_ADMINISTRATOR;
	assert_int_equal(clients_add(&clients, &handle)->login.role, ACCESS_NOBODY);
	assert_int_equal(clients.count, 1);
	clients_finish(&clients);
}

static void who_left_is_kept_for_a_while(void **state)
{
	struct plugin_clients clients;
	int handles[2];

	(void)state;
	clients_init(&clients);
	for (size_t i = 0; i < 2; i++) {
		clients_add(&clients, &handles[i])->login.role = ACCESS_ACCOUNT;
		clients_leave(&clients, clients_find(&clients, &handles[i]), 10);
		clients_leave(&clients, clients_find(&clients, &handles[i]), 10);
	}
	assert_int_equal(clients_connected(&clients), 0);
	clients_sweep(&clients, 9);
	assert_int_equal(clients_find(&clients, &handles[0])->login.role, ACCESS_ACCOUNT);
	/* The broker's memory is used again for a client that comes. */
	assert_int_equal(clients_add(&clients, &handles[0])->login.role, ACCESS_NOBODY);
	assert_int_equal(clients_connected(&clients), 1);
	clients_sweep(&clients, 10);
	assert_non_null(clients_find(&clients, &handles[0]));
	assert_null(clients_find(&clients, &handles[1]));
	assert_int_equal(clients_connected(&clients), 1);
	clients_finish(&clients);
}

static void remembers_whole_topics_of_one_generation(void **state)
{
	static const char topic[] = "/phone/maker/AK7/notice";
	static const char other[] = "/phone/maker/AK8/notice";
	char endless[CLIENT_DECISION_MAX + 1];
	struct plugin_client client = {0};

	(void)state;
	memset(endless, 'x', sizeof(endless));
	assert_false(client_was_allowed(&client, ACCESS_PUBLISH, topic, strlen(topic), 1));
	client_remember(&client, ACCESS_PUBLISH, topic, strlen(topic), 1);
	assert_true(client_was_allowed(&client, ACCESS_PUBLISH, topic, strlen(topic), 1));
	assert_false(client_was_allowed(&client, ACCESS_PUBLISH, topic, strlen(topic), 2));
	assert_false(client_was_allowed(&client, ACCESS_SUBSCRIBE, topic, strlen(topic), 1));
	assert_false(client_was_allowed(&client, ACCESS_PUBLISH, other, strlen(other), 1));
	assert_false(client_was_allowed(&client, ACCESS_PUBLISH, topic, strlen(topic) - 1, 1));
	client_remember(&client, ACCESS_PUBLISH, endless, sizeof(endless), 1);
	assert_false(client_was_allowed(&client, ACCESS_PUBLISH, endless, sizeof(endless), 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_whoever_is_there),
		cmocka_unit_test(a_handle_that_comes_again_is_new),
		cmocka_unit_test(who_left_is_kept_for_a_while),
		cmocka_unit_test(remembers_whole_topics_of_one_generation),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
