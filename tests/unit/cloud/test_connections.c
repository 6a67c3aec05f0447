/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/api/connections.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW 1000000

static int make(void **state)
{
	*state = calloc(1, sizeof(struct connections));
	return *state == NULL;
}

static int drop(void **state)
{
	free(*state);
	return 0;
}

static struct address_key address(int number)
{
	char text[32];

	snprintf(text, sizeof(text), "192.0.%d.%d", number / 200, number % 200);
	return address_of_text(text);
}

/* As the API does it: whoever has to go is ended, and then one more comes. */
static struct connection *come(struct connections *connections, int number, int64_t now_ms)
{
	struct address_key from = address(number);
	struct connection *victim = connections_victim(connections, &from);

	if (victim) {
		victim->doomed = true;
	}
	struct connection *connection = connections_add(connections, &from, now_ms);

	if (victim) {
		*victim = (struct connection){0};
	}
	return connection;
}

static void fill(struct connections *connections)
{
	for (int i = 0; i < CONNECTIONS_MAX; i++) {
		struct connection *connection = come(connections, i / CONNECTIONS_OF_ADDRESS_MAX,
						     NOW + i);

		assert_non_null(connection);
		connections_step(connection, CONNECTION_HEAD, NOW + i);
	}
	assert_int_equal(connections_count(connections, NULL), CONNECTIONS_MAX);
}

static void an_address_ends_its_own(void **state)
{
	struct connections *connections = *state;
	struct address_key own = address(1);
	struct connection *other = come(connections, 2, NOW - 1);

	for (int i = 0; i < 3 * CONNECTIONS_OF_ADDRESS_MAX; i++) {
		assert_non_null(come(connections, 1, NOW + i));
	}
	assert_int_equal(connections_count(connections, &own), CONNECTIONS_OF_ADDRESS_MAX);
	assert_true(other->used);
}

static void the_idlest_goes(void **state)
{
	struct connections *connections = *state;

	fill(connections);
	struct connection *first = &connections->items[0];
	struct connection *second = &connections->items[1];
	struct address_key stranger = address(900);

	assert_ptr_equal(connections_victim(connections, &stranger), first);
	connections_step(first, CONNECTION_BODY, NOW + 2 * CONNECTIONS_MAX);
	assert_ptr_equal(connections_victim(connections, &stranger), second);
	/* One that waits for its answer stays, however long. */
	connections_step(second, CONNECTION_WORK, NOW);
	assert_ptr_equal(connections_victim(connections, &stranger), &connections->items[2]);
	assert_null(connections_add(connections, &stranger, NOW));
}

/* Who shook hands is not put out by who only opens. */
static void the_silent_go_first_where_they_are_many(void **state)
{
	struct connections *connections = *state;
	struct address_key own = address(1);

	for (int i = 0; i < CONNECTIONS_OF_ADDRESS_MAX; i++) {
		struct connection *connection = come(connections, 1, NOW + i);

		connection->silent = i >= CONNECTIONS_OF_ADDRESS_MAX / 2;
	}
	assert_ptr_equal(connections_victim(connections, &own),
			 &connections->items[CONNECTIONS_OF_ADDRESS_MAX / 2]);
	connections->items[CONNECTIONS_OF_ADDRESS_MAX / 2].silent = false;
	assert_ptr_equal(connections_victim(connections, &own), &connections->items[0]);
}

static void there_may_be_fewer(void **state)
{
	struct connections *connections = *state;
	struct address_key stranger = address(900);

	connections->most = 3;
	for (int i = 0; i < 3; i++) {
		assert_null(connections_victim(connections, &stranger));
		assert_non_null(come(connections, i, NOW));
	}
	assert_non_null(connections_victim(connections, &stranger));
	assert_null(connections_add(connections, &stranger, NOW));
}

static void ipv6_counts_by_its_first_half(void **state)
{
	struct connections *connections = *state;
	struct address_key one = address_of_text("2001:db8:0:1::1");
	struct address_key same = address_of_text("2001:db8:0:1:ffff::2");
	struct address_key other = address_of_text("2001:db8:0:2::1");

	for (int i = 0; i < CONNECTIONS_OF_ADDRESS_MAX; i++) {
		assert_non_null(connections_add(connections, i % 2 ? &one : &same, NOW));
	}
	assert_null(connections_add(connections, &same, NOW));
	assert_non_null(connections_add(connections, &other, NOW));
}

static void a_cluster_stays(void **state)
{
	struct connections *connections = *state;
	struct address_key own = address(1);
	struct connection *first = come(connections, 1, NOW);

	assert_true(connections_prove(connections, first));
	assert_false(connections_prove(connections, first));
	for (int i = 0; i < 2 * CONNECTIONS_OF_ADDRESS_MAX; i++) {
		assert_null(connections_victim(connections, &own));
		assert_non_null(connections_add(connections, &own, NOW));
	}
	first->requests = CONNECTIONS_REQUESTS_MAX;
	assert_false(connections_is_worn(first, NOW + CONNECTIONS_LIFETIME_MS));
	/* Addresses are forgotten for others, not for themselves again. */
	for (int i = 2; i < 2 + CONNECTIONS_CLUSTERS_MAX; i++) {
		struct address_key another = address(i);

		connections_add_cluster(connections, &another);
		connections_add_cluster(connections, &another);
	}
	assert_int_equal(connections->cluster_count, CONNECTIONS_CLUSTERS_MAX);
	assert_non_null(connections_victim(connections, &own));
}

static void each_step_ends(void **state)
{
	struct connections *connections = *state;
	struct connection *connection = come(connections, 1, NOW);

	assert_false(connections_is_overdue(connection, NOW + CONNECTIONS_STEP_MS - 1));
	assert_true(connections_is_overdue(connection, NOW + CONNECTIONS_STEP_MS));
	connections_step(connection, CONNECTION_BODY, NOW + 5);
	assert_false(connections_is_overdue(connection, NOW + CONNECTIONS_STEP_MS));
	assert_true(connections_is_overdue(connection, NOW + 5 + CONNECTIONS_STEP_MS));
	connections_step(connection, CONNECTION_WORK, NOW + 6);
	assert_false(connections_is_overdue(connection, NOW + 9 * CONNECTIONS_STEP_MS));
	assert_false(connections_is_worn(connection, NOW));
	assert_true(connections_is_worn(connection, NOW + CONNECTIONS_LIFETIME_MS));
	for (int i = 1; i < CONNECTIONS_REQUESTS_MAX; i++) {
		assert_false(connections_is_worn(connection, NOW));
		connections_step(connection, CONNECTION_HEAD, NOW);
		connections_step(connection, CONNECTION_BODY, NOW);
	}
	assert_true(connections_is_worn(connection, NOW));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_address_ends_its_own, make, drop),
		cmocka_unit_test_setup_teardown(the_idlest_goes, make, drop),
		cmocka_unit_test_setup_teardown(the_silent_go_first_where_they_are_many, make,
						drop),
		cmocka_unit_test_setup_teardown(there_may_be_fewer, make, drop),
		cmocka_unit_test_setup_teardown(ipv6_counts_by_its_first_half, make, drop),
		cmocka_unit_test_setup_teardown(a_cluster_stays, make, drop),
		cmocka_unit_test_setup_teardown(each_step_ends, make, drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
