/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/lan/batch.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))
#define LONGEST   FLAGSHIP_PPPP_PACKET_MAX

/* Two receivers, and a sender that knows how to cut, or does not. */
struct place {
	int sender;
	int receivers[2];
	struct sockaddr_in hosts[2];
	struct batch_out out;
	struct batch_in in;
	uint8_t seed;
};

static int open_socket(struct sockaddr_in *own)
{
	socklen_t size = sizeof(*own);
	int descriptor = socket(AF_INET, SOCK_DGRAM, 0);

	assert_true(descriptor >= 0);
	*own = (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	assert_int_equal(bind(descriptor, (struct sockaddr *)own, size), 0);
	assert_int_equal(getsockname(descriptor, (struct sockaddr *)own, &size), 0);
	return descriptor;
}

static struct place *open_place(bool segments)
{
	struct place *place = calloc(1, sizeof(*place));
	struct sockaddr_in own;

	assert_non_null(place);
	for (size_t i = 0; i < LENGTH(place->receivers); i++) {
		place->receivers[i] = open_socket(&place->hosts[i]);
		batch_init(&place->out, place->receivers[i]);
	}
	place->sender = open_socket(&own);
	batch_init(&place->out, place->sender);
	place->out.segments = place->out.segments && segments;
	return place;
}

static void close_place(struct place *place)
{
	close(place->sender);
	close(place->receivers[0]);
	close(place->receivers[1]);
	free(place);
}

static void fill(uint8_t *data, size_t length, uint8_t seed)
{
	for (size_t i = 0; i < length; i++) {
		data[i] = (uint8_t)(seed + 7 * i);
	}
}

/* What is written for a receiver, and must be what it gets. */
struct planned {
	size_t receiver;
	size_t length;
};

static void expect(const struct planned *planned, size_t count, size_t receiver, size_t *next,
		   const uint8_t *data, size_t length)
{
	uint8_t expected[LONGEST];

	while (*next < count && planned[*next].receiver != receiver) {
		(*next)++;
	}
	assert_true(*next < count);
	assert_int_equal(length, planned[*next].length);
	fill(expected, length, (uint8_t)*next);
	assert_memory_equal(data, expected, length);
	(*next)++;
}

static void send_planned(struct place *place, const struct planned *planned, size_t count)
{
	uint8_t data[LONGEST];

	for (size_t i = 0; i < count; i++) {
		fill(data, planned[i].length, (uint8_t)i);
		batch_add(&place->out, &place->hosts[planned[i].receiver], data, planned[i].length);
	}
	batch_send(&place->out, place->sender);
	assert_int_equal(place->out.count, 0);
	assert_int_equal(place->out.bytes, 0);
}

static void receive_planned(struct place *place, const struct planned *planned, size_t count,
			    size_t receiver)
{
	size_t next = 0;
	int came;

	while ((came = batch_receive(&place->in, place->receivers[receiver])) > 0) {
		for (int i = 0; i < came; i++) {
			const struct batch_received *received = &place->in.received[i];
			size_t offset = 0;
			do {
				size_t left = received->length - offset;
				size_t length = left < received->step ? left : received->step;
				expect(planned, count, receiver, &next, received->data + offset,
				       length);
				offset += length;
			} while (offset < received->length);
		}
	}
	assert_int_equal(came, 0);
	while (next < count && planned[next].receiver != receiver) {
		next++;
	}
	assert_int_equal(next, count);
}

static void check_plan(const struct planned *planned, size_t count)
{
	for (int segments = 0; segments < 2; segments++) {
		struct place *place = open_place(segments == 1);
		send_planned(place, planned, count);
		receive_planned(place, planned, count, 0);
		receive_planned(place, planned, count, 1);
		close_place(place);
	}
}

static void each_datagram_comes_as_it_was_sent(void **state)
{
	static const struct planned few[] = {{0, 4},       {0, LONGEST}, {0, LONGEST}, {0, 17},
					     {0, LONGEST}, {1, LONGEST}, {1, LONGEST}, {0, 17},
					     {1, 300},     {1, 301},     {1, 301},     {0, 0},
					     {0, 0},       {0, 1}};
	struct planned many[BATCH_OUT_MAX];

	(void)state;
	check_plan(few, LENGTH(few));
	check_plan(few, 1);
	for (size_t i = 0; i < LENGTH(many); i++) {
		many[i] = (struct planned){0, LONGEST};
	}
	check_plan(many, LENGTH(many));
	many[LENGTH(many) - 1].length = 1;
	check_plan(many, LENGTH(many));
	for (size_t i = 0; i < LENGTH(many); i++) {
		many[i] = (struct planned){i % 2, LONGEST - i};
	}
	check_plan(many, LENGTH(many));
}

static void nothing_comes_where_nothing_was_sent(void **state)
{
	struct place *place = open_place(true);

	(void)state;
	batch_send(&place->out, place->sender);
	assert_int_equal(batch_receive(&place->in, place->receivers[0]), 0);
	close_place(place);
}

static void what_nobody_takes_is_told_and_passed(void **state)
{
	static const struct planned planned[] = {{0, LONGEST}, {0, LONGEST}};
	struct place *place = open_place(true);

	(void)state;
	assert_int_equal(connect(place->sender, (struct sockaddr *)&place->hosts[1],
				 sizeof(place->hosts[1])),
			 0);
	close(place->receivers[1]);
	place->receivers[1] = -1;
	assert_int_equal(send(place->sender, "x", 1, 0), 1);
	assert_true(batch_receive(&place->in, place->sender) < 0);
	/* It goes on, to others. */
	send_planned(place, planned, LENGTH(planned));
	receive_planned(place, planned, LENGTH(planned), 0);
	close_place(place);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_datagram_comes_as_it_was_sent),
		cmocka_unit_test(nothing_comes_where_nothing_was_sent),
		cmocka_unit_test(what_nobody_takes_is_told_and_passed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
