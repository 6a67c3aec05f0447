/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cloud/api/signed_sessions.h"
#include "protocol/ecdh.h"

#include "../../stride.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define NOW      INT64_C(1800000000)
#define HERE     "192.0.2.1"
#define BODY     "sealed"
#define TEXT_MAX 80

/* A client: the session that it has. */
struct client {
	uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE];
	char ident[TEXT_MAX];
	char sealed[SIGNED_SESSIONS_SEALED_POINT];
	struct signed_key key;
};

/* Buffers behind a request. */
struct texts {
	char timestamp[TEXT_MAX];
	char once[TEXT_MAX];
	char signature[SIGNED_SIGNATURE_HEX];
};

static int make(void **state)
{
	*state = signed_sessions_create();
	return *state == NULL;
}

static int drop(void **state)
{
	signed_sessions_destroy(*state);
	return 0;
}

static void client_name(struct client *client, unsigned int number)
{
	snprintf(client->ident, sizeof(client->ident), "%032x", number);
}

static void client_init(struct client *client, unsigned int number)
{
	struct signed_key fixed;
	char point[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];
	size_t length;

	memset(client, 0, sizeof(*client));
	client_name(client, number);
	memset(client->scalar, 7, sizeof(client->scalar));
	signed_key_fixed(&fixed);
	assert_int_equal(ecdh_public_hex(client->scalar, point), 0);
	assert_int_equal(signed_seal(&fixed, point, strlen(point), NULL, client->sealed,
				     sizeof(client->sealed), &length),
			 0);
}

static struct signed_request request_of(const struct client *client, const struct signed_key *key,
					const char *body, unsigned int once, int64_t timestamp_s,
					struct texts *texts)
{
	snprintf(texts->timestamp, sizeof(texts->timestamp), "%" PRId64, timestamp_s);
	snprintf(texts->once, sizeof(texts->once), "%032x", once);
	assert_int_equal(signed_sign(key, texts->timestamp, texts->once, body, strlen(body),
				     texts->signature),
			 0);
	return (struct signed_request){
		.ident = client->ident,
		.timestamp = texts->timestamp,
		.once = texts->once,
		.signature = texts->signature,
		.body = body,
		.length = strlen(body),
		.address = HERE,
		.now_s = timestamp_s,
		.steady_s = timestamp_s,
	};
}

/* As time goes where nobody sets a clock. */
static void at(struct signed_request *request, int64_t now_s)
{
	request->now_s = now_s;
	request->steady_s = now_s;
}

static enum signed_result offer_at(struct signed_sessions *sessions, const struct client *client,
				   unsigned int once, int64_t now_s, const char *address,
				   char sealed[SIGNED_SESSIONS_SEALED_POINT])
{
	struct signed_key fixed;
	struct texts texts;

	signed_key_fixed(&fixed);
	struct signed_request request = request_of(client, &fixed, client->sealed, once, now_s,
						   &texts);
	request.address = address;
	return signed_sessions_exchange(sessions, &request, sealed);
}

static enum signed_result exchange_at(struct signed_sessions *sessions, struct client *client,
				      unsigned int once, int64_t now_s, const char *address)
{
	struct signed_key fixed;
	char sealed[SIGNED_SESSIONS_SEALED_POINT];
	char point[SIGNED_SESSIONS_SEALED_POINT];
	size_t length;

	signed_key_fixed(&fixed);
	enum signed_result result = offer_at(sessions, client, once, now_s, address, sealed);
	if (result == SIGNED_TAKEN) {
		assert_int_equal(
			signed_open(&fixed, sealed, strlen(sealed), point, sizeof(point), &length),
			0);
		assert_int_equal(signed_key_derive(client->scalar, point, &client->key), 0);
	}
	return result;
}

static enum signed_result check_at(struct signed_sessions *sessions, const struct client *client,
				   unsigned int once, int64_t now_s)
{
	struct texts texts;
	struct signed_key key;
	struct signed_request request = request_of(client, &client->key, BODY, once, now_s, &texts);
	enum signed_result result = signed_sessions_check(sessions, &request, &key);

	if (result == SIGNED_TAKEN) {
		assert_memory_equal(&key, &client->key, sizeof(key));
	}
	return result;
}

static void keys_are_exchanged_and_requests_taken_once(void **state)
{
	struct client client;

	client_init(&client, 1);
	assert_int_equal(check_at(*state, &client, 1, NOW), SIGNED_NO_SESSION);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_REPLAYED);
	assert_int_equal(check_at(*state, &client, 1, NOW), SIGNED_TAKEN);
	assert_int_equal(check_at(*state, &client, 1, NOW), SIGNED_REPLAYED);
	/* The number counts, not the rest. */
	assert_int_equal(check_at(*state, &client, 1, NOW + 1), SIGNED_REPLAYED);
	assert_int_equal(check_at(*state, &client, 2, NOW + 1), SIGNED_TAKEN);
}

static void a_time_that_is_far_is_refused(void **state)
{
	struct client client;
	struct texts texts;
	struct signed_key key;

	client_init(&client, 1);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	struct signed_request request = request_of(&client, &client.key, BODY, 5, NOW, &texts);
	at(&request, NOW + SIGNED_SESSIONS_WINDOW_S + 1);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_BAD_TIME);
	at(&request, NOW - SIGNED_SESSIONS_WINDOW_S - 1);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_BAD_TIME);
	/* It was not remembered, and at the edge it is taken, once. */
	at(&request, NOW + SIGNED_SESSIONS_WINDOW_S);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_TAKEN);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_REPLAYED);
	at(&request, NOW - SIGNED_SESSIONS_WINDOW_S);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_REPLAYED);
}

/* What is remembered may go only when its time is over. */
static void a_replay_stays_one_as_long_as_its_time_is_near(void **state)
{
	struct client client;
	struct texts texts;
	struct signed_key key;

	client_init(&client, 1);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	/* From a clock that is ahead: it could come again for twice the window. */
	struct signed_request request = request_of(&client, &client.key, BODY, 5,
						   NOW + SIGNED_SESSIONS_WINDOW_S, &texts);
	at(&request, NOW);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_TAKEN);
	for (int64_t later = 0; later <= 2 * SIGNED_SESSIONS_WINDOW_S; later += 10) {
		at(&request, NOW + later);
		assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_REPLAYED);
	}
	at(&request, NOW + 2 * SIGNED_SESSIONS_WINDOW_S + 1);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_BAD_TIME);
}

/* The attack: a request that was recorded, the clock put back to when it was sent. */
static void a_clock_that_is_put_back_takes_nothing_twice(void **state)
{
	static const int64_t corrections[] = {
		0, 1, SIGNED_SESSIONS_BACK_S, SIGNED_SESSIONS_BACK_S + 1, 2000, 31536000};
	struct texts texts;
	struct signed_key key;

	for (size_t i = 0; i < sizeof(corrections) / sizeof(corrections[0]); i++) {
		struct client client;
		int64_t before_s = NOW - corrections[i];

		client_init(&client, (unsigned int)i + 1);
		assert_int_equal(exchange_at(*state, &client, (unsigned int)i, NOW, HERE),
				 SIGNED_TAKEN);
		struct signed_request request = request_of(&client, &client.key, BODY, 5, NOW,
							   &texts);
		assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_TAKEN);
		for (int64_t since_s = 0; since_s < SIGNED_SESSIONS_IDLE_S;
		     since_s += 10 * (int64_t)test_stride()) {
			request.steady_s = NOW + since_s;
			request.now_s = before_s + since_s;
			assert_int_not_equal(signed_sessions_check(*state, &request, &key),
					     SIGNED_TAKEN);
		}
	}
}

/* The clock of the wall alone jumps: whoever is logged in stays, no longer than otherwise. */
static void sessions_last_by_the_steady_clock(void **state)
{
	struct client client;
	struct texts texts;
	struct signed_key key;
	const int64_t year_s = 31536000;

	client_init(&client, 1);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	struct signed_request request = request_of(&client, &client.key, BODY, 5, NOW + year_s,
						   &texts);
	request.steady_s = NOW + SIGNED_SESSIONS_IDLE_S - 1;
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_TAKEN);
	request.steady_s += SIGNED_SESSIONS_IDLE_S;
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_NO_SESSION);
}

static void what_is_forged_is_refused(void **state)
{
	struct client client;
	struct texts texts;
	struct signed_key key;
	struct signed_key fixed;
	char sealed[SIGNED_SESSIONS_SEALED_POINT];

	client_init(&client, 1);
	signed_key_fixed(&fixed);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	struct signed_request request = request_of(&client, &fixed, BODY, 5, NOW, &texts);
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_BAD_SIGNATURE);
	request = request_of(&client, &client.key, BODY, 5, NOW, &texts);
	request.body = "Sealed";
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_BAD_SIGNATURE);
	/* A number that was used for something forged is free still. */
	assert_int_equal(check_at(*state, &client, 5, NOW), SIGNED_TAKEN);
	request = request_of(&client, &client.key, client.sealed, 6, NOW, &texts);
	assert_int_equal(signed_sessions_exchange(*state, &request, sealed), SIGNED_BAD_SIGNATURE);
}

static void malformed_headers_are_refused(void **state)
{
	static const char *const idents[] = {"", "00", "0000000000000000000000000000000g",
					     "000000000000000000000000000000000"};
	static const char *const times[] = {"", "-1", "1.5", " 1800000000", "99999999999999999999"};
	struct client client;
	struct texts texts;
	struct signed_key key;
	char sealed[SIGNED_SESSIONS_SEALED_POINT];

	client_init(&client, 1);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	struct signed_request good = request_of(&client, &client.key, BODY, 5, NOW, &texts);
	for (size_t i = 0; i < sizeof(idents) / sizeof(idents[0]); i++) {
		struct signed_request request = good;
		request.ident = idents[i];
		assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_MALFORMED);
		assert_int_equal(signed_sessions_exchange(*state, &request, sealed),
				 SIGNED_MALFORMED);
	}
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct signed_request request = good;
		request.timestamp = times[i];
		assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_MALFORMED);
	}
	struct signed_request request = good;
	request.once = "";
	assert_int_equal(signed_sessions_check(*state, &request, &key), SIGNED_MALFORMED);
	/* A key exchange without a point in it. */
	signed_key_fixed(&key);
	request = request_of(&client, &key, "AAAA", 6, NOW, &texts);
	assert_int_equal(signed_sessions_exchange(*state, &request, sealed), SIGNED_MALFORMED);
	assert_int_equal(check_at(*state, &client, 99, NOW), SIGNED_TAKEN);
}

static void sessions_end(void **state)
{
	struct client client;
	int64_t now_s = NOW;
	unsigned int once = 10;

	client_init(&client, 1);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	assert_int_equal(check_at(*state, &client, 2, NOW + SIGNED_SESSIONS_IDLE_S),
			 SIGNED_NO_SESSION);
	assert_int_equal(exchange_at(*state, &client, 3, NOW, HERE), SIGNED_TAKEN);
	/* Busy all the time, and yet it ends. */
	while (now_s + SIGNED_SESSIONS_IDLE_S - 1 < NOW + SIGNED_SESSIONS_LIFETIME_S) {
		now_s += SIGNED_SESSIONS_IDLE_S - 1;
		assert_int_equal(check_at(*state, &client, once++, now_s), SIGNED_TAKEN);
	}
	assert_int_equal(check_at(*state, &client, once, NOW + SIGNED_SESSIONS_LIFETIME_S),
			 SIGNED_NO_SESSION);
}

static void an_address_has_only_so_many(void **state)
{
	struct client first;
	struct client other;
	struct client client;

	client_init(&other, 9999);
	assert_int_equal(exchange_at(*state, &other, 9999, NOW, "192.0.2.2"), SIGNED_TAKEN);
	for (unsigned int i = 0; i <= SIGNED_SESSIONS_OF_ADDRESS_MAX; i++) {
		client_init(&client, i);
		assert_int_equal(exchange_at(*state, &client, i, NOW + i, HERE), SIGNED_TAKEN);
		if (i == 0) {
			first = client;
		}
	}
	/* Its own oldest made room, not another's. */
	assert_int_equal(check_at(*state, &first, 1, NOW + 100), SIGNED_NO_SESSION);
	assert_int_equal(check_at(*state, &client, 1, NOW + 100), SIGNED_TAKEN);
	assert_int_equal(check_at(*state, &other, 1, NOW + 100), SIGNED_TAKEN);
}

static void there_are_only_so_many(void **state)
{
	struct client client;
	char address[TEXT_MAX];
	char sealed[SIGNED_SESSIONS_SEALED_POINT];
	unsigned int i = 0;

	/* One key of the client for all, and the last session's alone is used. */
	client_init(&client, i);
	for (; i < SIGNED_SESSIONS_MAX + 9; i++) {
		client_name(&client, i);
		snprintf(address, sizeof(address), "192.0.2.%u", i / 10);
		assert_int_equal(offer_at(*state, &client, i, NOW + i, address, sealed),
				 SIGNED_TAKEN);
	}
	client_name(&client, i);
	assert_int_equal(exchange_at(*state, &client, i, NOW + i, address), SIGNED_TAKEN);
	assert_int_equal(check_at(*state, &client, 1, NOW + 300), SIGNED_TAKEN);
}

static void a_name_is_taken_over_by_its_own_address_only(void **state)
{
	struct client client;
	struct client thief;

	client_init(&client, 1);
	client_init(&thief, 1);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	assert_int_equal(exchange_at(*state, &thief, 2, NOW, "192.0.2.2"), SIGNED_NO_SESSION);
	assert_int_equal(check_at(*state, &client, 1, NOW), SIGNED_TAKEN);
	assert_int_equal(exchange_at(*state, &client, 3, NOW, HERE), SIGNED_TAKEN);
	/* A new key: what was sent with the old one is nothing now. */
	assert_int_equal(check_at(*state, &client, 1, NOW), SIGNED_TAKEN);
}

static void requests_within_the_window_are_limited(void **state)
{
	struct client client;
	int64_t later = NOW + SIGNED_SESSIONS_WINDOW_S + SIGNED_SESSIONS_BACK_S + 1;

	client_init(&client, 1);
	assert_int_equal(exchange_at(*state, &client, 1, NOW, HERE), SIGNED_TAKEN);
	for (unsigned int i = 0; i < SIGNED_SESSIONS_REQUESTS_MAX; i++) {
		assert_int_equal(check_at(*state, &client, i, NOW), SIGNED_TAKEN);
	}
	assert_int_equal(check_at(*state, &client, 99999, NOW), SIGNED_TOO_MANY);
	assert_int_equal(check_at(*state, &client, 99999, later), SIGNED_TAKEN);
}

static void every_result_is_reported(void **state)
{
	(void)state;
	assert_null(signed_result_text(SIGNED_TAKEN));
	for (enum signed_result result = SIGNED_MALFORMED; result <= SIGNED_BROKEN; result++) {
		assert_true(strlen(signed_result_text(result)) > 10);
	}
	signed_sessions_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(keys_are_exchanged_and_requests_taken_once, make,
						drop),
		cmocka_unit_test_setup_teardown(a_time_that_is_far_is_refused, make, drop),
		cmocka_unit_test_setup_teardown(a_replay_stays_one_as_long_as_its_time_is_near,
						make, drop),
		cmocka_unit_test_setup_teardown(a_clock_that_is_put_back_takes_nothing_twice, make,
						drop),
		cmocka_unit_test_setup_teardown(sessions_last_by_the_steady_clock, make, drop),
		cmocka_unit_test_setup_teardown(what_is_forged_is_refused, make, drop),
		cmocka_unit_test_setup_teardown(malformed_headers_are_refused, make, drop),
		cmocka_unit_test_setup_teardown(sessions_end, make, drop),
		cmocka_unit_test_setup_teardown(an_address_has_only_so_many, make, drop),
		cmocka_unit_test_setup_teardown(there_are_only_so_many, make, drop),
		cmocka_unit_test_setup_teardown(a_name_is_taken_over_by_its_own_address_only, make,
						drop),
		cmocka_unit_test_setup_teardown(requests_within_the_window_are_limited, make, drop),
		cmocka_unit_test(every_result_is_reported),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
