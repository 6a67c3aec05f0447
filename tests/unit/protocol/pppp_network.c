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
		assert_true(network->flight_count < NETWORK_FLIGHTS_MAX);
		struct flight *flight = &network->flights[network->flight_count++];
		int64_t jitter = faults->jitter_us > 0
					 ? network_random(network, (uint32_t)faults->jitter_us)
					 : 0;
		flight->arrives_us = network->now_us + waits_us + faults->delay_us + jitter;
		flight->to_printer = to_printer;
		flight->length = outgoing->length;
		memcpy(flight->data, outgoing->data, outgoing->length);
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

/* The first to arrive, by a plain look at all. */
static size_t first_flight(const struct network *network)
{
	size_t first = 0;

	for (size_t i = 1; i < network->flight_count; i++) {
		if (network->flights[i].arrives_us < network->flights[first].arrives_us) {
			first = i;
		}
	}
	return first;
}

static void land(struct network *network, size_t place)
{
	static struct flight flight;

	flight = network->flights[place];
	network->flights[place] = network->flights[--network->flight_count];
	int error = flagship_pppp_session_receive(
		flight.to_printer ? network->printer : network->client,
		flight.to_printer ? &network_client_host : &network_session_host, flight.data,
		flight.length, network->now_us);
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
		next = least(next, network->flights[first_flight(network)].arrives_us);
	}
	if (next >= until_us) {
		network->now_us = until_us;
		return false;
	}
	network->now_us = next > network->now_us ? next : network->now_us + 1;
	while (network->flight_count > 0) {
		size_t first = first_flight(network);
		if (network->flights[first].arrives_us > network->now_us) {
			break;
		}
		land(network, first);
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
