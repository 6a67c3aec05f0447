/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pppp_network.h"
#include "stride.h"

#include <flagship/pppp_session.h>

#define STREAM     1
#define SEEDS      5
#define UNBOUND    0
#define PIECE      32768
#define PIECES     64
#define REPLY      15
#define START_RATE UINT64_C(1250000)
#define LEAST_RATE UINT64_C(125000)

static struct network network;

static void open_network(const struct network_faults *faults, uint64_t seed, uint64_t rate)
{
	network_init(&network, faults, seed, rate);
	assert_true(network_connect(&network));
}

static size_t read_all(struct flagship_pppp_session *session)
{
	struct flagship_pppp_piece_in piece;
	size_t length = 0;

	while (flagship_pppp_session_read(session, STREAM, &piece)) {
		length += piece.length;
	}
	return length;
}

static void step(void)
{
	assert_true(network_step(&network, network.now_us + 60 * SECOND));
}

/* As an upload goes: each piece is answered before the next is sent. How long they took. */
static int64_t send_pieces(size_t count, size_t size)
{
	static const uint8_t data[PIECE];
	const int64_t begun_us = network.now_us;

	for (size_t i = 0; i < count; i++) {
		size_t written = 0;
		size_t arrived = 0;
		bool answered = false;

		while (!answered) {
			written += flagship_pppp_session_write(network.client, STREAM,
							       data + written, size - written);
			step();
			size_t came = read_all(network.printer);
			arrived += came;
			if (came > 0 && arrived == size) {
				assert_int_equal(flagship_pppp_session_write(network.printer,
									     STREAM, data, REPLY),
						 REPLY);
			}
			answered = read_all(network.client) == REPLY;
		}
	}
	return network.now_us - begun_us;
}

/* A stream without answers; bytes a second that arrived. */
static uint64_t stream_rate(uint64_t size)
{
	static const uint8_t data[PIECE];
	const int64_t begun_us = network.now_us;
	uint64_t written = 0;
	uint64_t arrived = 0;

	while (arrived < size) {
		uint64_t left = size - written;
		written += flagship_pppp_session_write(network.client, STREAM, data,
						       left < PIECE ? (size_t)left : PIECE);
		step();
		arrived += read_all(network.printer);
	}
	return size * (uint64_t)SECOND / (uint64_t)(network.now_us - begun_us);
}

static void what_is_lost_is_made_good_before_it_is_missed(void **state)
{
	static const struct network_faults lossy = {.loss_percent = 5, .delay_us = 20 * MS};
	/* Stop-and-wait: a round trip each, and half a second where one of 32 is lost: four of
	 * five. */
	const int64_t stop_and_wait_us = PIECES * (40 * MS + 500 * MS * 4 / 5);

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		open_network(&lossy, seed, UNBOUND);
		int64_t took_us = send_pieces(PIECES, PIECE);
		assert_true(took_us * 7 <= stop_and_wait_us);
		assert_true(flagship_pppp_session_counts(network.client)->copies > 0);
		network_finish(&network);
	}
}

static void where_nothing_is_lost_nothing_is_sent_twice(void **state)
{
	static const struct network_faults calm = {.delay_us = 20 * MS};

	(void)state;
	open_network(&calm, 1, UNBOUND);
	(void)send_pieces(PIECES, PIECE);
	assert_int_equal(flagship_pppp_session_counts(network.client)->copies, 0);
	assert_int_equal(network.from_client[FLAGSHIP_PPPP_TYPE_DRW],
			 PIECES * PIECE / FLAGSHIP_PPPP_DATA_MAX);
	network_finish(&network);
}

/* A session as network_init makes it, but with a rate that adapts. */
static void open_adaptive(const struct network_faults *faults, uint64_t seed, uint64_t rate)
{
	struct flagship_pppp_options options = {
		.role = FLAGSHIP_PPPP_ROLE_CLIENT, .rate = rate, .adaptive = true};

	network_init(&network, faults, seed, UNBOUND);
	flagship_pppp_session_destroy(network.client);
	network.client = flagship_pppp_session_create(&options);
	assert_non_null(network.client);
	assert_true(network_connect(&network));
}

static void an_adaptive_rate_finds_what_the_network_bears(void **state)
{
	static const uint64_t rates[] = {300000, 1000000, 4000000};

	(void)state;
	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i += test_stride()) {
		for (uint64_t seed = 1; seed <= SEEDS / 2; seed += test_stride()) {
			const struct network_faults narrow = {
				.delay_us = 3 * MS, .rate = rates[i], .queue_us = 40 * MS};
			open_adaptive(&narrow, seed, START_RATE);
			uint64_t arrived = stream_rate(20 * rates[i]);
			assert_true(arrived > rates[i] * 6 / 10);
			const struct flagship_pppp_counts *counts = flagship_pppp_session_counts(
				network.client);
			uint64_t again = counts->resent_early + counts->resent_late +
					 counts->copies;
			assert_true(again * 100 < 5 * network.from_client[FLAGSHIP_PPPP_TYPE_DRW]);
			network_finish(&network);
		}
	}
}

static void an_adaptive_rate_falls_with_loss_and_rises_again(void **state)
{
	static const struct network_faults calm = {.delay_us = 3 * MS};

	(void)state;
	open_adaptive(&calm, 1, START_RATE);
	(void)stream_rate(10 * START_RATE);
	uint64_t risen = flagship_pppp_session_rate(network.client);
	assert_true(risen > 4 * START_RATE);
	network.faults.loss_percent = 20;
	(void)stream_rate(10 * START_RATE);
	uint64_t fallen = flagship_pppp_session_rate(network.client);
	assert_int_equal(fallen, LEAST_RATE);
	network.faults.loss_percent = 0;
	(void)stream_rate(2 * START_RATE);
	assert_true(flagship_pppp_session_rate(network.client) > 2 * fallen);
	network_finish(&network);
}

static void a_rate_that_nobody_uses_up_does_not_grow(void **state)
{
	static const struct network_faults slow = {.delay_us = 200 * MS};

	(void)state;
	open_adaptive(&slow, 1, START_RATE);
	(void)send_pieces(PIECES, PIECE / 4);
	assert_int_equal(flagship_pppp_session_rate(network.client), START_RATE);
	network_finish(&network);
}

static void what_has_no_bound_cannot_adapt(void **state)
{
	static const struct network_faults lossy = {.loss_percent = 10, .delay_us = MS};

	(void)state;
	open_adaptive(&lossy, 1, UNBOUND);
	(void)stream_rate(START_RATE);
	assert_int_equal(flagship_pppp_session_rate(network.client), UNBOUND);
	flagship_pppp_session_set_rate(network.client, START_RATE);
	(void)stream_rate(10 * START_RATE);
	assert_true(flagship_pppp_session_rate(network.client) < START_RATE);
	network_finish(&network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_lost_is_made_good_before_it_is_missed),
		cmocka_unit_test(where_nothing_is_lost_nothing_is_sent_twice),
		cmocka_unit_test(an_adaptive_rate_finds_what_the_network_bears),
		cmocka_unit_test(an_adaptive_rate_falls_with_loss_and_rises_again),
		cmocka_unit_test(a_rate_that_nobody_uses_up_does_not_grow),
		cmocka_unit_test(what_has_no_bound_cannot_adapt),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
