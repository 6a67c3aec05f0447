/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/http/peers.h"

#include <stdio.h>
#include <stdlib.h>

#define NOW         1000000
#define ALL         512
#define OF_ADDRESS  32
#define OF_TRUSTED  256
#define STEP_MS     20000
#define LIFETIME_MS 600000
#define REQUESTS    1000
#define STREAM_RATE 1000

static int make_with(void **state, unsigned int requests_per_s)
{
	const struct http_peer_limits limits = {
		.all = ALL,
		.of_address = OF_ADDRESS,
		.of_trusted = OF_TRUSTED,
		.step_ms = STEP_MS,
		.lifetime_ms = LIFETIME_MS,
		.requests = REQUESTS,
		.stream_rate = STREAM_RATE,
		.requests_per_s = requests_per_s,
	};
	struct http_peers *peers = malloc(sizeof(*peers));

	*state = peers;
	return !peers || http_peers_init(peers, &limits) != 0;
}

static int make(void **state)
{
	return make_with(state, 0);
}

static int make_rated(void **state)
{
	return make_with(state, 2);
}

static int drop(void **state)
{
	http_peers_finish(*state);
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
static struct http_peer *come(struct http_peers *peers, int number, int64_t now_ms)
{
	struct address_key from = address(number);
	struct http_peer *victim = http_peers_victim(peers, &from);

	if (victim) {
		victim->doomed = true;
	}
	struct http_peer *connection = http_peers_add(peers, &from, now_ms);

	if (victim) {
		*victim = (struct http_peer){0};
	}
	return connection;
}

static void fill(struct http_peers *peers)
{
	for (int i = 0; i < ALL; i++) {
		struct http_peer *connection = come(peers, i / OF_ADDRESS, NOW + i);

		assert_non_null(connection);
		http_peer_step(connection, HTTP_STEP_HEAD, NOW + i);
	}
	assert_int_equal(http_peers_count(peers, NULL), ALL);
}

static void an_address_ends_its_own(void **state)
{
	struct http_peers *peers = *state;
	struct address_key own = address(1);
	struct http_peer *other = come(peers, 2, NOW - 1);

	for (int i = 0; i < 3 * OF_ADDRESS; i++) {
		assert_non_null(come(peers, 1, NOW + i));
	}
	assert_int_equal(http_peers_count(peers, &own), OF_ADDRESS);
	assert_true(other->used);
}

static void the_idlest_goes(void **state)
{
	struct http_peers *peers = *state;

	fill(peers);
	struct http_peer *first = &peers->items[0];
	struct http_peer *second = &peers->items[1];
	struct address_key stranger = address(900);

	assert_ptr_equal(http_peers_victim(peers, &stranger), first);
	http_peer_step(first, HTTP_STEP_BODY, NOW + 2 * ALL);
	assert_ptr_equal(http_peers_victim(peers, &stranger), second);
	/* One that waits for its answer stays, however long. */
	http_peer_step(second, HTTP_STEP_WORK, NOW);
	assert_ptr_equal(http_peers_victim(peers, &stranger), &peers->items[2]);
	assert_null(http_peers_add(peers, &stranger, NOW));
}

/* Who shook hands is not put out by who only opens. */
static void the_silent_go_first_where_they_are_many(void **state)
{
	struct http_peers *peers = *state;
	struct address_key own = address(1);

	for (int i = 0; i < OF_ADDRESS; i++) {
		struct http_peer *connection = come(peers, 1, NOW + i);

		connection->silent = i >= OF_ADDRESS / 2;
	}
	assert_ptr_equal(http_peers_victim(peers, &own), &peers->items[OF_ADDRESS / 2]);
	peers->items[OF_ADDRESS / 2].silent = false;
	assert_ptr_equal(http_peers_victim(peers, &own), &peers->items[0]);
}

static void there_may_be_fewer(void **state)
{
	struct http_peers *peers = *state;
	struct address_key stranger = address(900);

	peers->limits.all = 3;
	for (int i = 0; i < 3; i++) {
		assert_null(http_peers_victim(peers, &stranger));
		assert_non_null(come(peers, i, NOW));
	}
	assert_non_null(http_peers_victim(peers, &stranger));
	assert_null(http_peers_add(peers, &stranger, NOW));
}

static void ipv6_counts_by_its_first_half(void **state)
{
	struct http_peers *peers = *state;
	struct address_key one = address_of_text("2001:db8:0:1::1");
	struct address_key same = address_of_text("2001:db8:0:1:ffff::2");
	struct address_key other = address_of_text("2001:db8:0:2::1");

	for (int i = 0; i < OF_ADDRESS; i++) {
		assert_non_null(http_peers_add(peers, i % 2 ? &one : &same, NOW));
	}
	assert_null(http_peers_add(peers, &same, NOW));
	assert_non_null(http_peers_add(peers, &other, NOW));
}

static void who_is_trusted_stays(void **state)
{
	struct http_peers *peers = *state;
	struct address_key own = address(1);
	struct http_peer *first = come(peers, 1, NOW);

	assert_true(http_peers_trust(peers, first));
	assert_false(http_peers_trust(peers, first));
	for (int i = 0; i < 2 * OF_ADDRESS; i++) {
		assert_null(http_peers_victim(peers, &own));
		assert_non_null(http_peers_add(peers, &own, NOW));
	}
	first->requests = REQUESTS;
	assert_false(http_peer_is_worn(peers, first, NOW + LIFETIME_MS));
	/* Addresses are forgotten for others, not for themselves again. */
	for (int i = 2; i < 2 + HTTP_TRUSTED_MAX; i++) {
		struct address_key another = address(i);

		http_peers_add_trusted(peers, &another);
		http_peers_add_trusted(peers, &another);
	}
	assert_int_equal(peers->trusted_count, HTTP_TRUSTED_MAX);
	assert_non_null(http_peers_victim(peers, &own));
}

static void each_step_ends(void **state)
{
	struct http_peers *peers = *state;
	struct http_peer *connection = come(peers, 1, NOW);

	assert_false(http_peer_is_overdue(peers, connection, NOW + STEP_MS - 1));
	assert_true(http_peer_is_overdue(peers, connection, NOW + STEP_MS));
	http_peer_step(connection, HTTP_STEP_BODY, NOW + 5);
	assert_false(http_peer_is_overdue(peers, connection, NOW + STEP_MS));
	assert_true(http_peer_is_overdue(peers, connection, NOW + 5 + STEP_MS));
	http_peer_step(connection, HTTP_STEP_WORK, NOW + 6);
	assert_false(http_peer_is_overdue(peers, connection, NOW + 9 * STEP_MS));
	assert_false(http_peer_is_worn(peers, connection, NOW));
	assert_true(http_peer_is_worn(peers, connection, NOW + LIFETIME_MS));
	for (int i = 1; i < REQUESTS; i++) {
		assert_false(http_peer_is_worn(peers, connection, NOW));
		http_peer_step(connection, HTTP_STEP_HEAD, NOW);
		http_peer_step(connection, HTTP_STEP_BODY, NOW);
	}
	assert_true(http_peer_is_worn(peers, connection, NOW));
}

/* Bytes keep a stream alive, but not one now and then. */
static void a_stream_goes_on_while_bytes_come(void **state)
{
	struct http_peers *peers = *state;
	struct http_peer *peer = come(peers, 1, NOW);
	int64_t now_ms = NOW;

	http_peer_step(peer, HTTP_STEP_BODY, now_ms);
	peer->streams = true;
	for (int i = 0; i < 100; i++) {
		now_ms += 1000;
		assert_false(http_peer_is_overdue(peers, peer, now_ms));
		http_peer_move(peer, STREAM_RATE, now_ms);
	}
	/* However much there was: it stops, and so it ends. */
	http_peer_move(peer, 1000 * STREAM_RATE, now_ms);
	assert_false(http_peer_is_overdue(peers, peer, now_ms + STEP_MS - 1));
	assert_true(http_peer_is_overdue(peers, peer, now_ms + STEP_MS));
	/* But where the program makes it wait. */
	http_peer_excuse(peer, STEP_MS, now_ms + STEP_MS);
	assert_false(http_peer_is_overdue(peers, peer, now_ms + STEP_MS));
	http_peer_step(peer, HTTP_STEP_BODY, NOW);
	peer->streams = true;
	http_peer_move(peer, 1, NOW + STEP_MS - 1);
	assert_true(http_peer_is_overdue(peers, peer, NOW + STEP_MS + 1));
	http_peer_step(peer, HTTP_STEP_STREAM, NOW);
	assert_false(http_peer_is_overdue(peers, peer, NOW + 100 * STEP_MS));
}

static void local_ones_count_in_all_only(void **state)
{
	struct http_peers *peers = *state;

	for (int i = 0; i < ALL; i++) {
		assert_null(http_peers_victim(peers, NULL));
		assert_non_null(http_peers_add(peers, NULL, NOW + i));
	}
	assert_ptr_equal(http_peers_victim(peers, NULL), &peers->items[0]);
	assert_null(http_peers_add(peers, NULL, NOW));
}

static void requests_of_an_address_are_rated(void **state)
{
	struct http_peers *peers = *state;
	struct address_key own = address(1);
	struct address_key other = address(2);

	for (int i = 0; i < 8; i++) {
		assert_int_equal(http_peers_count_request(peers, &own, NOW), 0);
	}
	assert_int_equal(http_peers_count_request(peers, &own, NOW), 1);
	assert_int_equal(http_peers_count_request(peers, &other, NOW), 0);
	assert_int_equal(http_peers_count_request(peers, &own, NOW + 499), 1);
	assert_int_equal(http_peers_count_request(peers, &own, NOW + 1000), 0);
	/* It fills up, and no further. */
	for (int i = 0; i < 8; i++) {
		assert_int_equal(http_peers_count_request(peers, &own, NOW + 1000000), 0);
	}
	assert_int_equal(http_peers_count_request(peers, &own, NOW + 1000000), 1);
	/* Ever other addresses push out the one that asked longest ago. */
	for (int i = 3; i < 3 + HTTP_RATES_MAX; i++) {
		struct address_key another = address(i);

		assert_int_equal(http_peers_count_request(peers, &another, NOW + 1000001), 0);
	}
	assert_int_equal(http_peers_count_request(peers, &own, NOW + 1000001), 0);
	http_peers_add_trusted(peers, &own);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(http_peers_count_request(peers, &own, NOW + 1000001), 0);
	}
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
		cmocka_unit_test_setup_teardown(who_is_trusted_stays, make, drop),
		cmocka_unit_test_setup_teardown(each_step_ends, make, drop),
		cmocka_unit_test_setup_teardown(a_stream_goes_on_while_bytes_come, make, drop),
		cmocka_unit_test_setup_teardown(local_ones_count_in_all_only, make, drop),
		cmocka_unit_test_setup_teardown(requests_of_an_address_are_rated, make_rated, drop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
