/* SPDX-License-Identifier: MIT */
#include <flagship/pppp_session.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * A session of either side that hears anything at any time. The input is a list of steps: what
 * kind, how long after the step before, and the bytes of a datagram. It must stay within its
 * bounds.
 */

#define STEPS_MAX     512
#define STEP_HEAD     3
#define TIME_UNIT_US  20000
#define PACKETS_LIMIT 2000
#define CHANNEL_USED  1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum step {
	STEP_FROM_PEER,
	STEP_FROM_OTHER_PORT,
	STEP_FROM_STRANGER,
	STEP_WRITE,
	STEP_READ,
	STEP_CLOSE,
	STEP_GAPS,
	STEP_COUNT,
};

static const struct flagship_pppp_host hosts[] = {
	{{10, 0, 0, 1}, 32108}, {{10, 0, 0, 1}, 5000}, {{10, 0, 0, 9}, 32108}};

static void read_all(struct flagship_pppp_session *session)
{
	struct flagship_pppp_piece_in piece;

	for (uint8_t channel = 0; channel < FLAGSHIP_PPPP_CHANNELS; channel++) {
		while (flagship_pppp_session_read(session, channel, &piece)) {
			assert(piece.length <= FLAGSHIP_PPPP_DATA_MAX);
		}
	}
}

static void send_all(struct flagship_pppp_session *session, int64_t now_us)
{
	struct flagship_pppp_outgoing outgoing;
	struct flagship_pppp_packet packet;
	unsigned int count = 0;

	while (flagship_pppp_session_next(session, now_us, &outgoing)) {
		assert(flagship_pppp_packet_read(outgoing.data, outgoing.length, &packet) == 0);
		assert(++count < PACKETS_LIMIT);
	}
	assert(flagship_pppp_session_deadline(session, now_us) >= now_us);
}

static void run_step(struct flagship_pppp_session *session, uint8_t kind, const uint8_t *bytes,
		     size_t length, int64_t now_us)
{
	switch (kind % STEP_COUNT) {
	case STEP_WRITE:
		assert(flagship_pppp_session_write(session, CHANNEL_USED, bytes, length) <= length);
		break;
	case STEP_READ:
		read_all(session);
		break;
	case STEP_CLOSE:
		flagship_pppp_session_close(session, now_us);
		break;
	case STEP_GAPS:
		assert(flagship_pppp_session_allow_gaps(session, CHANNEL_USED) == 0);
		break;
	default: {
		struct flagship_pppp_counts before = *flagship_pppp_session_counts(session);
		int error = flagship_pppp_session_receive(session, &hosts[kind % STEP_COUNT], bytes,
							  length, now_us);
		assert(!error ||
		       flagship_pppp_session_counts(session)->malformed == before.malformed + 1);
		break;
	}
	}
	assert(flagship_pppp_session_pending(session, CHANNEL_USED) <= FLAGSHIP_PPPP_WINDOW);
	if (flagship_pppp_session_state(session) == FLAGSHIP_PPPP_STATE_CLOSED) {
		assert(flagship_pppp_session_end(session) != FLAGSHIP_PPPP_END_NONE);
	}
}

/* In the local network, or by a relay, whom a printer was never told. */
static int begin(struct flagship_pppp_session *session, bool by_relay)
{
	const struct flagship_pppp_relays relays = {.hosts = {hosts[2]}, .count = 1};

	return by_relay ? flagship_pppp_session_reach(session, &relays, 0)
			: flagship_pppp_session_search(session, hosts, 1, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flagship_pppp_options options = {.rate = 100000};
	int64_t now_us = 0;
	int error = flagship_pppp_duid_parse("EUPRAKM-034250-DGEAA", &options.duid);

	if (size == 0 || error) {
		return 0;
	}
	options.role = data[0] & 1 ? FLAGSHIP_PPPP_ROLE_PRINTER : FLAGSHIP_PPPP_ROLE_CLIENT;
	struct flagship_pppp_session *session = flagship_pppp_session_create(&options);
	assert(session);
	error = begin(session, data[0] & 2);
	assert(!error == (options.role == FLAGSHIP_PPPP_ROLE_CLIENT));
	data++;
	size--;
	for (unsigned int i = 0; i < STEPS_MAX && size >= STEP_HEAD; i++) {
		size_t length = data[2] < size - STEP_HEAD ? data[2] : size - STEP_HEAD;
		now_us += (int64_t)data[1] * data[1] * TIME_UNIT_US;
		run_step(session, data[0], data + STEP_HEAD, length, now_us);
		send_all(session, now_us);
		data += STEP_HEAD + length;
		size -= STEP_HEAD + length;
	}
	flagship_pppp_session_destroy(session);
	return 0;
}
