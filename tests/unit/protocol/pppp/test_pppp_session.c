/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pppp_network.h"
#include "stride.h"

#include <flagship/pppp_session.h>

#include <string.h>

#define LENGTH(a)    (sizeof(a) / sizeof((a)[0]))
#define CONTROL      0
#define STREAM       1
#define SEEDS        5
#define UNBOUND      0
#define WRAP_PACKETS 70000

static const struct network_faults calm = {.delay_us = 2 * MS};
static const struct network_faults rough = {
	.loss_percent = 10, .double_percent = 3, .delay_us = 10 * MS, .jitter_us = 100 * MS};

static struct network network;

/* Byte n of a stream; each differs from its neighbours, and streams from each other. */
static uint8_t pattern(uint64_t n, unsigned int stream)
{
	return (uint8_t)(n * 31 + (n >> 8) * 7 + (n >> 16) + stream * 101);
}

/* One direction of a transfer. */
struct transfer {
	struct flagship_pppp_session *from;
	struct flagship_pppp_session *to;
	uint8_t channel;
	unsigned int stream;
	size_t step; /* bytes of one write at most */
	uint64_t size;
	uint64_t written;
	uint64_t read;
	/* The piece that was not taken whole. */
	uint8_t piece[8 * FLAGSHIP_PPPP_DATA_MAX];
	size_t piece_length;
	size_t piece_taken;
};

static void make_piece(struct transfer *transfer)
{
	uint64_t left = transfer->size - transfer->written;

	transfer->piece_length = left < transfer->step ? (size_t)left : transfer->step;
	transfer->piece_taken = 0;
	for (size_t i = 0; i < transfer->piece_length; i++) {
		transfer->piece[i] = pattern(transfer->written + i, transfer->stream);
	}
}

static void push(struct transfer *transfer)
{
	while (transfer->written < transfer->size) {
		if (transfer->piece_taken == transfer->piece_length) {
			make_piece(transfer);
		}
		size_t taken = flagship_pppp_session_write(
			transfer->from, transfer->channel, transfer->piece + transfer->piece_taken,
			transfer->piece_length - transfer->piece_taken);
		transfer->written += taken;
		transfer->piece_taken += taken;
		if (transfer->piece_taken < transfer->piece_length) {
			return;
		}
	}
}

static void pull(struct transfer *transfer)
{
	struct flagship_pppp_piece_in piece;

	while (flagship_pppp_session_read(transfer->to, transfer->channel, &piece)) {
		assert_false(piece.gap);
		for (size_t i = 0; i < piece.length; i++) {
			assert_int_equal(piece.data[i],
					 pattern(transfer->read + i, transfer->stream));
		}
		transfer->read += piece.length;
	}
}

/* Runs until all of both is read and acknowledged; how long that took. */
static int64_t run_transfers(struct transfer *transfers, size_t count, int64_t limit_us)
{
	const int64_t begun_us = network.now_us;

	for (;;) {
		bool done = true;
		for (size_t i = 0; i < count; i++) {
			struct transfer *transfer = &transfers[i];
			push(transfer);
			pull(transfer);
			done = done && transfer->read == transfer->size &&
			       flagship_pppp_session_pending(transfer->from, transfer->channel) ==
				       0;
		}
		if (done) {
			return network.now_us - begun_us;
		}
		assert_true(network_step(&network, begun_us + limit_us));
	}
}

static struct transfer upload(uint64_t size, size_t step)
{
	return (struct transfer){.from = network.client,
				 .to = network.printer,
				 .channel = STREAM,
				 .stream = 1,
				 .size = size,
				 .step = step};
}

static void a_client_finds_its_printer_and_follows_it(void **state)
{
	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	assert_int_equal(network.from_client[FLAGSHIP_PPPP_TYPE_LAN_SEARCH], 1);
	assert_int_equal(network.from_printer[FLAGSHIP_PPPP_TYPE_PUNCH_PKT], 1);
	assert_int_equal(network.from_client[FLAGSHIP_PPPP_TYPE_CLOSE], 1);
	assert_true(flagship_pppp_host_equal(flagship_pppp_session_peer(network.client),
					     &network_session_host));
	assert_true(flagship_pppp_host_equal(flagship_pppp_session_peer(network.printer),
					     &network_client_host));
	network_finish(&network);
}

static void each_p2p_rdy_is_acknowledged(void **state)
{
	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	while (network_step(&network, 65 * SECOND)) {
	}
	unsigned int asked = network.from_printer[FLAGSHIP_PPPP_TYPE_P2P_RDY];
	unsigned int answered = network.from_client[FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK];
	/* 20 a second for a minute; one may be on its way. */
	assert_true(asked >= 1190 && asked <= 1205);
	assert_true(answered == asked || answered + 1 == asked);
	/* Every five seconds from each side. */
	assert_in_range(network.from_client[FLAGSHIP_PPPP_TYPE_ALIVE], 11, 12);
	assert_in_range(network.from_printer[FLAGSHIP_PPPP_TYPE_ALIVE_ACK], 11, 12);
	assert_int_equal(flagship_pppp_session_state(network.client), FLAGSHIP_PPPP_STATE_OPEN);
	assert_int_equal(flagship_pppp_session_state(network.printer), FLAGSHIP_PPPP_STATE_OPEN);
	network_finish(&network);
}

static void a_search_that_nobody_answers_ends(void **state)
{
	int64_t begun_us;

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	begun_us = network.now_us;
	network.cut = true;
	assert_false(network_connect(&network));
	assert_int_equal(flagship_pppp_session_end(network.client), FLAGSHIP_PPPP_END_NOT_FOUND);
	assert_in_range(network.from_client[FLAGSHIP_PPPP_TYPE_LAN_SEARCH], 19, 21);
	assert_true(network.now_us > begun_us);
	assert_int_equal(flagship_pppp_session_deadline(network.client, network.now_us),
			 FLAGSHIP_PPPP_NEVER_US);
	network_finish(&network);
}

static void a_printer_that_is_never_ready_has_refused(void **state)
{
	static const uint8_t busy[] = {0xf1, FLAGSHIP_PPPP_TYPE_CLOSE, 0, 0};
	struct flagship_pppp_outgoing outgoing;
	struct flagship_pppp_packet punch = {.type = FLAGSHIP_PPPP_TYPE_PUNCH_PKT};
	uint8_t bytes[FLAGSHIP_PPPP_PACKET_MAX];
	unsigned int searches = 0;
	size_t length;
	int64_t now_us = 0;

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	punch.duid = *flagship_pppp_session_duid(network.client);
	assert_int_equal(flagship_pppp_packet_write(&punch, bytes, sizeof(bytes), &length), 0);
	assert_int_equal(flagship_pppp_session_search(network.client, &network_asked_host, 1, 0),
			 0);
	while (flagship_pppp_session_state(network.client) != FLAGSHIP_PPPP_STATE_CLOSED) {
		while (flagship_pppp_session_next(network.client, now_us, &outgoing)) {
			if (outgoing.data[1] == FLAGSHIP_PPPP_TYPE_LAN_SEARCH) {
				searches++;
				assert_int_equal(flagship_pppp_session_receive(
							 network.client, &network_session_host,
							 bytes, length, now_us),
						 0);
			} else {
				assert_int_equal(flagship_pppp_session_receive(
							 network.client, &network_session_host,
							 busy, sizeof(busy), now_us),
						 0);
			}
		}
		now_us = flagship_pppp_session_deadline(network.client, now_us);
	}
	assert_int_equal(flagship_pppp_session_end(network.client), FLAGSHIP_PPPP_END_REFUSED);
	/* It asks again every five seconds, past the 20 s in which a printer is reluctant. */
	assert_int_equal(searches, 5);
	network_finish(&network);
}

static void a_close_reaches_the_other_side(void **state)
{
	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	unsigned int before = network.from_client[FLAGSHIP_PPPP_TYPE_CLOSE];
	flagship_pppp_session_close(network.client, network.now_us);
	flagship_pppp_session_close(network.client, network.now_us);
	int64_t until_us = network.now_us + SECOND;
	while (network_step(&network, until_us)) {
		if (flagship_pppp_session_state(network.client) == FLAGSHIP_PPPP_STATE_CLOSED) {
			break;
		}
	}
	assert_int_equal(network.from_client[FLAGSHIP_PPPP_TYPE_CLOSE], before + 3);
	assert_int_equal(flagship_pppp_session_end(network.client), FLAGSHIP_PPPP_END_DONE);
	assert_int_equal(flagship_pppp_session_end(network.printer), FLAGSHIP_PPPP_END_PEER);
	network_finish(&network);
}

static void silence_ends_a_session_after_15_s(void **state)
{
	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	int64_t cut_us = network.now_us;
	network.cut = true;
	while (network_step(&network, cut_us + 60 * SECOND)) {
		if (flagship_pppp_session_state(network.client) == FLAGSHIP_PPPP_STATE_CLOSED) {
			break;
		}
	}
	assert_int_equal(flagship_pppp_session_end(network.client), FLAGSHIP_PPPP_END_SILENT);
	assert_true(network.now_us - cut_us <= 15 * SECOND);
	assert_true(network.now_us - cut_us >= 14 * SECOND);
	/* A printer whose readiness nobody acknowledges closes sooner. */
	assert_int_equal(flagship_pppp_session_end(network.printer), FLAGSHIP_PPPP_END_SILENT);
	network_finish(&network);
}

static void streams_arrive_whole_over_a_rough_network(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed += test_stride()) {
		network_init(&network, &rough, seed, UNBOUND);
		assert_true(network_connect(&network));
		struct transfer transfers[] = {
			upload(300000, 5000),
			{.from = network.client,
			 .to = network.printer,
			 .channel = CONTROL,
			 .stream = 2,
			 .size = 3000,
			 .step = 40},
			{.from = network.printer,
			 .to = network.client,
			 .channel = STREAM,
			 .stream = 3,
			 .size = 200000,
			 .step = 1500},
		};
		run_transfers(transfers, LENGTH(transfers), 300 * SECOND);
		const struct flagship_pppp_counts *counts = flagship_pppp_session_counts(
			network.printer);
		assert_true(counts->duplicates > 0);
		assert_int_equal(counts->malformed, 0);
		assert_true(flagship_pppp_session_counts(network.client)->resent_early > 0);
		network_finish(&network);
	}
}

static void indexes_wrap_around(void **state)
{
	static const struct network_faults lossy = {
		.loss_percent = 1, .delay_us = MS, .jitter_us = MS};

	(void)state;
	network_init(&network, &lossy, 7, UNBOUND);
	assert_true(network_connect(&network));
	struct transfer transfers[] = {upload(WRAP_PACKETS / test_stride(), 1)};
	run_transfers(transfers, 1, 3600 * SECOND);
	network_finish(&network);
}

static void loss_is_noticed_long_before_a_timeout(void **state)
{
	static const struct network_faults lossy = {.loss_percent = 5, .delay_us = 10 * MS};
	const uint64_t size = 2000000;

	(void)state;
	network_init(&network, &lossy, 3, UNBOUND);
	assert_true(network_connect(&network));
	struct transfer transfers[] = {upload(size, 8 * FLAGSHIP_PPPP_DATA_MAX)};
	int64_t took_us = run_transfers(transfers, 1, 600 * SECOND);
	/* Stop-and-wait of 32 KiB: a round trip each, and half a second for every loss among 32. */
	int64_t pieces = (int64_t)(size / 32768) + 1;
	int64_t stop_and_wait_us = pieces * 20 * MS + pieces * 32 * 5 / 100 * 500 * MS;
	assert_true(took_us * 8 <= stop_and_wait_us);
	network_finish(&network);
}

static void a_transfer_keeps_to_its_rate(void **state)
{
	static const uint64_t rates[] = {1250000, 100000};

	(void)state;
	for (size_t i = 0; i < LENGTH(rates); i++) {
		network_init(&network, &calm, 4, rates[i]);
		assert_true(network_connect(&network));
		struct transfer transfers[] = {upload(1000000, 4096)};
		int64_t took_us = run_transfers(transfers, 1, 60 * SECOND);
		int64_t expected_us = (int64_t)(UINT64_C(1000000) * SECOND / rates[i]);
		assert_true(took_us > expected_us * 95 / 100);
		assert_true(took_us < expected_us * 115 / 100);
		network_finish(&network);
	}
}

static void tell(struct flagship_pppp_session *session, const struct flagship_pppp_host *from,
		 const struct flagship_pppp_packet *packet)
{
	uint8_t bytes[FLAGSHIP_PPPP_PACKET_MAX];
	size_t length;

	assert_int_equal(flagship_pppp_packet_write(packet, bytes, sizeof(bytes), &length), 0);
	assert_int_equal(
		flagship_pppp_session_receive(session, from, bytes, length, network.now_us), 0);
}

static void strangers_change_nothing(void **state)
{
	static const struct flagship_pppp_host stranger = {{192, 168, 7, 66}, 32108};
	static const uint8_t types[] = {
		FLAGSHIP_PPPP_TYPE_CLOSE,     FLAGSHIP_PPPP_TYPE_ALIVE,
		FLAGSHIP_PPPP_TYPE_DRW,       FLAGSHIP_PPPP_TYPE_DRW_ACK,
		FLAGSHIP_PPPP_TYPE_PUNCH_PKT, FLAGSHIP_PPPP_TYPE_P2P_RDY,
		FLAGSHIP_PPPP_TYPE_HELLO,     FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK};
	struct flagship_pppp_piece_in piece;
	struct flagship_pppp_outgoing outgoing;

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	for (size_t i = 0; i < LENGTH(types); i++) {
		const struct flagship_pppp_packet packet = {
			.type = types[i], .duid = *flagship_pppp_session_duid(network.client)};
		tell(network.client, &stranger, &packet);
	}
	assert_int_equal(flagship_pppp_session_state(network.client), FLAGSHIP_PPPP_STATE_OPEN);
	assert_true(flagship_pppp_host_equal(flagship_pppp_session_peer(network.client),
					     &network_session_host));
	assert_false(flagship_pppp_session_read(network.client, CONTROL, &piece));
	assert_false(flagship_pppp_session_next(network.client, network.now_us, &outgoing));
	assert_true(flagship_pppp_session_counts(network.client)->strangers > 0);
	network_finish(&network);
}

static void another_printer_is_not_taken(void **state)
{
	struct flagship_pppp_packet punch = {.type = FLAGSHIP_PPPP_TYPE_PUNCH_PKT};

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_int_equal(flagship_pppp_duid_parse("EUPRAKM-012346-ABCDE", &punch.duid), 0);
	assert_int_equal(flagship_pppp_session_search(network.client, &network_asked_host, 1,
						      network.now_us),
			 0);
	tell(network.client, &network_session_host, &punch);
	assert_int_equal(flagship_pppp_session_state(network.client),
			 FLAGSHIP_PPPP_STATE_SEARCHING);
	punch.duid = *flagship_pppp_session_duid(network.printer);
	tell(network.client, &network_session_host, &punch);
	assert_int_equal(flagship_pppp_session_state(network.client), FLAGSHIP_PPPP_STATE_READYING);
	network_finish(&network);
}

static void a_flood_is_bounded(void **state)
{
	static const uint8_t types[] = {FLAGSHIP_PPPP_TYPE_ALIVE, FLAGSHIP_PPPP_TYPE_HELLO,
					FLAGSHIP_PPPP_TYPE_P2P_RDY, FLAGSHIP_PPPP_TYPE_DRW};
	struct flagship_pppp_outgoing outgoing;
	unsigned int answers = 0;

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	for (unsigned int i = 0; i < 10000; i++) {
		const struct flagship_pppp_packet packet = {
			.type = types[i % LENGTH(types)],
			.index = (uint16_t)i,
			.duid = *flagship_pppp_session_duid(network.client)};
		tell(network.client, &network_session_host, &packet);
	}
	while (flagship_pppp_session_next(network.client, network.now_us, &outgoing)) {
		answers++;
	}
	assert_true(answers < 60);
	assert_true(flagship_pppp_session_counts(network.client)->out_of_window > 0);
	network_finish(&network);
}

static void data_that_nobody_reads_stops_the_sender(void **state)
{
	struct flagship_pppp_piece_in piece;

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	struct transfer transfer = upload(200 * FLAGSHIP_PPPP_DATA_MAX, FLAGSHIP_PPPP_DATA_MAX);
	int64_t until_us = network.now_us + 3 * SECOND;
	do {
		push(&transfer);
	} while (network_step(&network, until_us));
	assert_int_equal(transfer.written, 128 * FLAGSHIP_PPPP_DATA_MAX);
	unsigned int pieces = 0;
	while (flagship_pppp_session_read(network.printer, STREAM, &piece)) {
		pieces++;
	}
	assert_int_equal(pieces, FLAGSHIP_PPPP_WINDOW);
	network_finish(&network);
}

static void tell_data(uint16_t index)
{
	const struct flagship_pppp_packet packet = {.type = FLAGSHIP_PPPP_TYPE_DRW,
						    .channel = STREAM,
						    .index = index,
						    .data = (const uint8_t *)&index,
						    .data_length = sizeof(index)};

	tell(network.client, &network_session_host, &packet);
}

static void expect_data(uint16_t index, bool gap)
{
	struct flagship_pppp_piece_in piece;
	uint16_t found;

	assert_true(flagship_pppp_session_read(network.client, STREAM, &piece));
	assert_int_equal(piece.length, sizeof(found));
	memcpy(&found, piece.data, sizeof(found));
	assert_int_equal(found, index);
	assert_int_equal(piece.gap, gap);
}

static void video_passes_over_what_is_missing(void **state)
{
	struct flagship_pppp_piece_in piece;

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_true(network_connect(&network));
	assert_int_equal(flagship_pppp_session_allow_gaps(network.client, STREAM), 0);
	assert_int_equal(flagship_pppp_session_allow_gaps(network.client, FLAGSHIP_PPPP_CHANNELS),
			 FLAGSHIP_ERROR_RANGE);
	tell_data(0);
	tell_data(2);
	expect_data(0, false);
	assert_false(flagship_pppp_session_read(network.client, STREAM, &piece));
	int64_t until_us = network.now_us + SECOND;
	while (network_step(&network, until_us)) {
		if (flagship_pppp_session_counts(network.client)->gaps > 0) {
			break;
		}
	}
	expect_data(2, true);
	tell_data(1000);
	assert_false(flagship_pppp_session_read(network.client, STREAM, &piece));
	tell_data(1000 - (FLAGSHIP_PPPP_WINDOW - 1));
	expect_data(1000 - (FLAGSHIP_PPPP_WINDOW - 1), true);
	network_finish(&network);
}

static void wrong_use_is_told(void **state)
{
	static const struct flagship_pppp_host hosts[FLAGSHIP_PPPP_SEARCH_MAX + 1];

	(void)state;
	network_init(&network, &calm, 1, UNBOUND);
	assert_int_equal(flagship_pppp_session_search(network.printer, hosts, 1, 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_pppp_session_search(network.client, hosts, 0, 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(flagship_pppp_session_search(network.client, hosts, LENGTH(hosts), 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	assert_int_equal(
		flagship_pppp_session_write(network.client, STREAM, (const uint8_t *)"x", 1), 0);
	assert_int_equal(flagship_pppp_session_pending(network.client, STREAM), 0);
	assert_int_equal(flagship_pppp_session_search(network.client, hosts, 1, 0), 0);
	assert_int_equal(flagship_pppp_session_search(network.client, hosts, 1, 0),
			 FLAGSHIP_ERROR_ARGUMENT);
	flagship_pppp_session_close(network.client, 0);
	assert_int_equal(flagship_pppp_session_end(network.client), FLAGSHIP_PPPP_END_DONE);
	network_finish(&network);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_client_finds_its_printer_and_follows_it),
		cmocka_unit_test(each_p2p_rdy_is_acknowledged),
		cmocka_unit_test(a_search_that_nobody_answers_ends),
		cmocka_unit_test(a_printer_that_is_never_ready_has_refused),
		cmocka_unit_test(a_close_reaches_the_other_side),
		cmocka_unit_test(silence_ends_a_session_after_15_s),
		cmocka_unit_test(streams_arrive_whole_over_a_rough_network),
		cmocka_unit_test(indexes_wrap_around),
		cmocka_unit_test(loss_is_noticed_long_before_a_timeout),
		cmocka_unit_test(a_transfer_keeps_to_its_rate),
		cmocka_unit_test(strangers_change_nothing),
		cmocka_unit_test(another_printer_is_not_taken),
		cmocka_unit_test(a_flood_is_bounded),
		cmocka_unit_test(data_that_nobody_reads_stops_the_sender),
		cmocka_unit_test(video_passes_over_what_is_missing),
		cmocka_unit_test(wrong_use_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
