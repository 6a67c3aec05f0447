/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>

#include "pppp_network.h"

#include <cmocka.h>

#include <string.h>

const struct flagship_pppp_host network_client_host = {{192, 168, 7, 2}, 32108};
const struct flagship_pppp_host network_asked_host = {{192, 168, 7, 20}, 32108};
const struct flagship_pppp_host network_session_host = {{192, 168, 7, 20}, 41234};

uint32_t network_random(struct network *network, uint32_t below)
{
	network->random = network->random * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((network->random >> 33) % below);
}

void network_init(struct network *network, const struct network_faults *faults, uint64_t seed,
		  uint64_t rate)
{
	struct flagship_pppp_options options = {.role = FLAGSHIP_PPPP_ROLE_PRINTER, .rate = rate};

	memset(network, 0, sizeof(*network));
	network->faults = *faults;
	network->random = seed;
	network->now_us = 5 * SECOND;
	assert_int_equal(flagship_pppp_duid_parse("EUPRAKM-012345-ABCDE", &options.duid), 0);
	network->printer = flagship_pppp_session_create(&options);
	options.role = FLAGSHIP_PPPP_ROLE_CLIENT;
	network->client = flagship_pppp_session_create(&options);
	assert_non_null(network->printer);
	assert_non_null(network->client);
	for (size_t i = 0; i < NETWORK_FLIGHTS_MAX; i++) {
		network->order[i] = (uint16_t)i;
	}
}

void network_finish(struct network *network)
{
	flagship_pppp_session_destroy(network->client);
	flagship_pppp_session_destroy(network->printer);
}

/* What a datagram waits for those before it; negative where there is no room for it. */
static int64_t queue_us(struct network *network, bool to_printer, size_t length)
{
	const struct network_faults *faults = &network->faults;

	if (!to_printer || faults->rate == 0) {
		return 0;
	}
	if (network->free_us < network->now_us) {
		network->free_us = network->now_us;
	}
	if (network->free_us - network->now_us > faults->queue_us) {
		return -1;
	}
	network->free_us += (int64_t)(length * (uint64_t)SECOND / faults->rate);
	return network->free_us - network->now_us;
}

/* --- flights: a heap, the first to arrive on top --- */

static void swap(struct network *network, size_t one, size_t other)
{
	uint16_t place = network->order[one];

	network->order[one] = network->order[other];
	network->order[other] = place;
}

static int64_t arrives_us(const struct network *network, size_t at)
{
	return network->flights[network->order[at]].arrives_us;
}

static void rise(struct network *network, size_t at)
{
	while (at > 0 && arrives_us(network, at) < arrives_us(network, (at - 1) / 2)) {
		swap(network, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static void sink(struct network *network)
{
	for (size_t at = 0, least = 1; least < network->flight_count; least = 2 * at + 1) {
		if (least + 1 < network->flight_count &&
		    arrives_us(network, least + 1) < arrives_us(network, least)) {
			least++;
		}
		if (arrives_us(network, at) <= arrives_us(network, least)) {
			return;
		}
		swap(network, at, least);
		at = least;
	}
}

/* The place of one more, which rises once it is known when it arrives. */
static struct flight *add_flight(struct network *network)
{
	assert_true(network->flight_count < NETWORK_FLIGHTS_MAX);
	return &network->flights[network->order[network->flight_count++]];
}

/* --- the way --- */

static void launch(struct network *network, bool to_printer,
		   const struct flagship_pppp_outgoing *outgoing)
{
	struct network_faults *faults = &network->faults;
	unsigned int copies = network_random(network, 100) < faults->double_percent ? 2 : 1;

	network->carried++;
	for (unsigned int i = 0; i < copies; i++) {
		if (network->cut || network_random(network, 100) < faults->loss_percent) {
			continue;
		}
		int64_t waits_us = queue_us(network, to_printer, outgoing->length);
		if (waits_us < 0) {
			continue;
		}
		struct flight *flight = add_flight(network);
		int64_t jitter = faults->jitter_us > 0
					 ? network_random(network, (uint32_t)faults->jitter_us)
					 : 0;
		flight->arrives_us = network->now_us + waits_us + faults->delay_us + jitter;
		flight->to_printer = to_printer;
		flight->length = outgoing->length;
		memcpy(flight->data, outgoing->data, outgoing->length);
		rise(network, network->flight_count - 1);
	}
}

static void send_all(struct network *network)
{
	struct flagship_pppp_outgoing outgoing;

	while (flagship_pppp_session_next(network->client, network->now_us, &outgoing)) {
		network->from_client[outgoing.data[1]]++;
		launch(network, true, &outgoing);
	}
	while (flagship_pppp_session_next(network->printer, network->now_us, &outgoing)) {
		network->from_printer[outgoing.data[1]]++;
		launch(network, false, &outgoing);
	}
}

static void land_first(struct network *network)
{
	const struct flight *flight = &network->flights[network->order[0]];

	swap(network, 0, --network->flight_count);
	sink(network);
	int error = flagship_pppp_session_receive(
		flight->to_printer ? network->printer : network->client,
		flight->to_printer ? &network_client_host : &network_session_host, flight->data,
		flight->length, network->now_us);
	assert_int_equal(error, 0);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

bool network_step(struct network *network, int64_t until_us)
{
	send_all(network);
	int64_t next = least(flagship_pppp_session_deadline(network->client, network->now_us),
			     flagship_pppp_session_deadline(network->printer, network->now_us));
	if (network->flight_count > 0) {
		next = least(next, arrives_us(network, 0));
	}
	if (next >= until_us) {
		network->now_us = until_us;
		return false;
	}
	network->now_us = next > network->now_us ? next : network->now_us + 1;
	while (network->flight_count > 0 && arrives_us(network, 0) <= network->now_us) {
		land_first(network);
	}
	send_all(network);
	return true;
}

bool network_connect(struct network *network)
{
	int64_t until_us = network->now_us + 20 * SECOND;

	assert_int_equal(flagship_pppp_session_search(network->client, &network_asked_host, 1,
						      network->now_us),
			 0);
	while (network_step(network, until_us)) {
		if (flagship_pppp_session_state(network->client) == FLAGSHIP_PPPP_STATE_OPEN &&
		    flagship_pppp_session_state(network->printer) == FLAGSHIP_PPPP_STATE_OPEN) {
			return true;
		}
	}
	return false;
}
