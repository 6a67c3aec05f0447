/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gateway/access/sessions.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDLE_S 100
#define MAX_S  1000

static const uint8_t proof[ACCESS_HASH_SIZE];

static int make(void **state)
{
	*state = calloc(1, sizeof(struct sessions));
	return *state == NULL;
}

static int drop(void **state)
{
	free(*state);
	return 0;
}

static void a_session_ends_when_it_is_idle_and_when_it_is_old(void **state)
{
	struct sessions *sessions = *state;
	char token[SESSION_TOKEN_SIZE];

	assert_non_null(sessions_begin(sessions, "ann", proof, 0, token));
	assert_non_null(sessions_find(sessions, token, 99, IDLE_S, MAX_S));
	assert_null(sessions_find(sessions, token, 199, IDLE_S, MAX_S));
	assert_null(sessions_find(sessions, token, 100, IDLE_S, MAX_S));
	assert_non_null(sessions_begin(sessions, "ann", proof, 0, token));
	for (int64_t now_s = 50; now_s < MAX_S; now_s += 50) {
		assert_non_null(sessions_find(sessions, token, now_s, IDLE_S, MAX_S));
	}
	assert_null(sessions_find(sessions, token, MAX_S, IDLE_S, MAX_S));
}

static void the_next_end_is_known(void **state)
{
	struct sessions *sessions = *state;
	char used[SESSION_TOKEN_SIZE];
	char unused[SESSION_TOKEN_SIZE];

	assert_true(sessions_next_end_s(sessions, IDLE_S, MAX_S) == INT64_MAX);
	assert_non_null(sessions_begin(sessions, "ann", proof, 0, used));
	assert_non_null(sessions_begin(sessions, "bob", proof, 10, unused));
	assert_int_equal(sessions_next_end_s(sessions, IDLE_S, MAX_S), IDLE_S);
	assert_non_null(sessions_find(sessions, used, 50, IDLE_S, MAX_S));
	assert_int_equal(sessions_next_end_s(sessions, IDLE_S, MAX_S), 10 + IDLE_S);
	/* The end of their time comes also to those that are used. */
	assert_int_equal(sessions_next_end_s(sessions, IDLE_S, 70), 70);
	sessions_end_old(sessions, 10 + IDLE_S - 1, IDLE_S, MAX_S);
	assert_int_equal(sessions_next_end_s(sessions, IDLE_S, MAX_S), 10 + IDLE_S);
	sessions_end_old(sessions, 10 + IDLE_S, IDLE_S, MAX_S);
	assert_int_equal(sessions_next_end_s(sessions, IDLE_S, MAX_S), 50 + IDLE_S);
	assert_null(sessions_find(sessions, unused, 51, IDLE_S, MAX_S));
	assert_non_null(sessions_find(sessions, used, 51, IDLE_S, MAX_S));
}

static void a_user_with_many_loses_the_one_that_is_unused(void **state)
{
	struct sessions *sessions = *state;
	char tokens[SESSIONS_OF_USER_MAX + 1][SESSION_TOKEN_SIZE];
	char other[SESSION_TOKEN_SIZE];

	assert_non_null(sessions_begin(sessions, "bob", proof, 0, other));
	for (size_t i = 0; i <= SESSIONS_OF_USER_MAX; i++) {
		assert_non_null(sessions_begin(sessions, "ann", proof, 1, tokens[i]));
		assert_non_null(sessions_find(sessions, tokens[0], 1, IDLE_S, MAX_S));
	}
	assert_null(sessions_find(sessions, tokens[1], 1, IDLE_S, MAX_S));
	assert_non_null(sessions_find(sessions, other, 1, IDLE_S, MAX_S));
	sessions_end_of(sessions, "ann");
	assert_null(sessions_find(sessions, tokens[0], 1, IDLE_S, MAX_S));
	assert_non_null(sessions_find(sessions, other, 1, IDLE_S, MAX_S));
}

static void where_all_places_are_taken_the_longest_unused_goes(void **state)
{
	struct sessions *sessions = *state;
	char first[SESSION_TOKEN_SIZE];
	char token[SESSION_TOKEN_SIZE];
	char name[ACCESS_NAME_SIZE];

	assert_non_null(sessions_begin(sessions, "first", proof, 0, first));
	for (int i = 0; i < SESSIONS_MAX; i++) {
		snprintf(name, sizeof(name), "user%d", i);
		assert_non_null(sessions_begin(sessions, name, proof, 0, token));
	}
	assert_null(sessions_find(sessions, first, 0, IDLE_S, MAX_S));
	assert_non_null(sessions_find(sessions, token, 0, IDLE_S, MAX_S));
	assert_null(sessions_find(sessions, "", 0, IDLE_S, MAX_S));
}

static void a_nonce_counts_up(void **state)
{
	struct nonces *nonces = calloc(1, sizeof(*nonces));
	struct nonces *others = calloc(1, sizeof(*others));
	char nonce[NONCE_SIZE];

	(void)state;
	assert_int_equal(nonces_init(nonces), 0);
	assert_int_equal(nonces_init(others), 0);
	assert_true(nonces_make(nonces, 1000, nonce));
	assert_true(nonces_know(nonces, nonce, 1000));
	assert_false(nonces_know(others, nonce, 1000));
	assert_false(nonces_know(nonces, nonce, 1000 + NONCE_LIFE_MS));
	assert_true(nonces_use(nonces, nonce, 1));
	assert_false(nonces_use(nonces, nonce, 1));
	assert_true(nonces_use(nonces, nonce, 3));
	assert_false(nonces_use(nonces, nonce, 2));
	nonce[0] = nonce[0] == '0' ? '1' : '0';
	assert_false(nonces_know(nonces, nonce, 1000));
	free(nonces);
	free(others);
}

/* One that had to be forgotten is never taken anew, as a replay would want it. */
static void a_forgotten_nonce_stays_used(void **state)
{
	struct nonces *nonces = calloc(1, sizeof(*nonces));
	char first[NONCE_SIZE];
	char nonce[NONCE_SIZE];

	(void)state;
	assert_int_equal(nonces_init(nonces), 0);
	assert_true(nonces_make(nonces, 1, first));
	assert_true(nonces_use(nonces, first, 1));
	for (int64_t i = 0; i < NONCES_MAX; i++) {
		assert_true(nonces_make(nonces, 2 + i, nonce));
		assert_true(nonces_use(nonces, nonce, 1));
	}
	assert_false(nonces_use(nonces, first, 1));
	assert_false(nonces_use(nonces, first, 2));
	free(nonces);
}

static void count_release(void *identity)
{
	++*(int *)identity;
}

static void a_token_serves_once_and_soon(void **state)
{
	struct oneshots *oneshots = calloc(1, sizeof(*oneshots));
	char token[SESSION_TOKEN_SIZE];
	int released = 0;

	(void)state;
	oneshots->release = count_release;
	assert_true(oneshots_make(oneshots, &released, 10, token));
	assert_ptr_equal(oneshots_take(oneshots, token, 10 + ONESHOT_LIFE_S), &released);
	assert_null(oneshots_take(oneshots, token, 10));
	assert_int_equal(released, 0);
	assert_true(oneshots_make(oneshots, &released, 10, token));
	assert_null(oneshots_take(oneshots, token, 11 + ONESHOT_LIFE_S));
	assert_int_equal(released, 1);
	for (int i = 0; i < ONESHOTS_MAX + 1; i++) {
		assert_true(oneshots_make(oneshots, &released, 20, token));
	}
	assert_int_equal(released, 2);
	oneshots_finish(oneshots);
	assert_int_equal(released, 2 + ONESHOTS_MAX);
	free(oneshots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_ends_when_it_is_idle_and_when_it_is_old,
						make, drop),
		cmocka_unit_test_setup_teardown(the_next_end_is_known, make, drop),
		cmocka_unit_test_setup_teardown(a_user_with_many_loses_the_one_that_is_unused, make,
						drop),
		cmocka_unit_test_setup_teardown(where_all_places_are_taken_the_longest_unused_goes,
						make, drop),
		cmocka_unit_test(a_nonce_counts_up),
		cmocka_unit_test(a_forgotten_nonce_stays_used),
		cmocka_unit_test(a_token_serves_once_and_soon),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
