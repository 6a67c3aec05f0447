/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/session_internal.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct flagship_pppp_session *flagship_pppp_session_create(
	const struct flagship_pppp_options *options)
{
	struct flagship_pppp_session *session = calloc(1, sizeof(*session));

	if (!session) {
		return NULL;
	}
	session->options = *options;
	if (session->options.search_us == 0) {
		session->options.search_us = FLAGSHIP_PPPP_SEARCH_US;
	}
	if (session->options.connect_us == 0) {
		session->options.connect_us = FLAGSHIP_PPPP_CONNECT_US;
	}
	session->ticked_us = INT64_MIN;
	path_init(&session->path, options->rate);
	path_adapt(&session->path, options->adaptive);
	return session;
}

void flagship_pppp_session_destroy(struct flagship_pppp_session *session)
{
	if (!session) {
		return;
	}
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		free(session->channels[i]);
	}
	relay_destroy(session->relay);
	free(session);
}

int flagship_pppp_session_search(struct flagship_pppp_session *session,
				 const struct flagship_pppp_host *hosts, size_t count,
				 int64_t now_us)
{
	if (session->options.role != FLAGSHIP_PPPP_ROLE_CLIENT ||
	    session->state != FLAGSHIP_PPPP_STATE_IDLE || count == 0 ||
	    count > FLAGSHIP_PPPP_SEARCH_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	memcpy(session->searched, hosts, count * sizeof(hosts[0]));
	session->searched_count = count;
	session->begun_us = now_us;
	session_enter(session, FLAGSHIP_PPPP_STATE_SEARCHING, now_us);
	return 0;
}

/* The channel, made where it is not there yet; NULL where memory is short. */
static struct pppp_channel *session_channel(struct flagship_pppp_session *session, uint8_t number)
{
	struct pppp_channel *channel = session->channels[number];

	if (!channel) {
		channel = calloc(1, sizeof(*channel));
		session->channels[number] = channel;
		if (channel) {
			channel->number = number;
		}
	}
	return channel;
}

static bool from_peer(const struct flagship_pppp_session *session,
		      const struct flagship_pppp_host *from)
{
	return session->state >= FLAGSHIP_PPPP_STATE_READYING &&
	       flagship_pppp_host_equal(from, &session->peer);
}

/* A printer goes on from another port than the one that was asked; its address stays. */
static bool same_machine(const struct flagship_pppp_host *a, const struct flagship_pppp_host *b)
{
	return memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

/* What a client hears of a printer before and after it is its peer. */
static bool client_knows(struct flagship_pppp_session *session,
			 const struct flagship_pppp_duid *duid)
{
	return session->options.duid.prefix[0] == '\0' ||
	       flagship_pppp_duid_equal(&session->options.duid, duid);
}

static bool take_punch(struct flagship_pppp_session *session, const struct flagship_pppp_host *from,
		       const struct flagship_pppp_packet *packet, int64_t now_us)
{
	if (session->options.role != FLAGSHIP_PPPP_ROLE_CLIENT ||
	    session->state != FLAGSHIP_PPPP_STATE_SEARCHING ||
	    !client_knows(session, &packet->duid)) {
		return false;
	}
	session->options.duid = packet->duid;
	session->peer = *from;
	session->found = true;
	session_enter(session, FLAGSHIP_PPPP_STATE_READYING, now_us);
	return true;
}

static bool client_takes_ready(struct flagship_pppp_session *session,
			       const struct flagship_pppp_host *from,
			       const struct flagship_pppp_packet *packet, int64_t now_us)
{
	if (!flagship_pppp_duid_equal(&session->options.duid, &packet->duid)) {
		return false;
	}
	if (session->state == FLAGSHIP_PPPP_STATE_READYING && same_machine(from, &session->peer)) {
		session->peer = *from;
		session_enter(session, FLAGSHIP_PPPP_STATE_OPEN, now_us);
	}
	if (session->state != FLAGSHIP_PPPP_STATE_OPEN || !from_peer(session, from)) {
		return false;
	}
	session_owe(session, SESSION_DUE_READY_ACK);
	return true;
}

static bool printer_takes_ready(struct flagship_pppp_session *session,
				const struct flagship_pppp_host *from,
				const struct flagship_pppp_packet *packet, int64_t now_us)
{
	if (!flagship_pppp_duid_equal(&session->options.duid, &packet->duid)) {
		return false;
	}
	if (session->state == FLAGSHIP_PPPP_STATE_IDLE) {
		session->peer = *from;
		session_enter(session, FLAGSHIP_PPPP_STATE_READYING, now_us);
		return true;
	}
	if (!from_peer(session, from)) {
		return false;
	}
	session_owe(session, SESSION_DUE_READY);
	return true;
}

static bool take_ready_ack(struct flagship_pppp_session *session, int64_t now_us)
{
	session->answered_us = now_us;
	if (session->state == FLAGSHIP_PPPP_STATE_READYING) {
		session_enter(session, FLAGSHIP_PPPP_STATE_OPEN, now_us);
	}
	return true;
}

static bool take_close(struct flagship_pppp_session *session)
{
	if (session->state == FLAGSHIP_PPPP_STATE_READYING) {
		/* A client clears what was left with CLOSE, and may be answered in kind. */
		return true;
	}
	session_end(session, session->state == FLAGSHIP_PPPP_STATE_CLOSING
				     ? FLAGSHIP_PPPP_END_DONE
				     : FLAGSHIP_PPPP_END_PEER);
	return true;
}

static bool take_data(struct flagship_pppp_session *session,
		      const struct flagship_pppp_packet *packet, int64_t now_us)
{
	if (session->state == FLAGSHIP_PPPP_STATE_READYING) {
		/* Data says as much as the P2P_RDY_ACK, or P2P_RDY, that was lost. */
		session_enter(session, FLAGSHIP_PPPP_STATE_OPEN, now_us);
	}
	if (session->state != FLAGSHIP_PPPP_STATE_OPEN) {
		return false;
	}
	if (packet->type == FLAGSHIP_PPPP_TYPE_DRW) {
		struct pppp_channel *channel = session_channel(session, packet->channel);
		if (channel) {
			channel_take(channel, packet, &session->counts);
		}
		return true;
	}
	struct pppp_channel *channel = session->channels[packet->channel];
	if (channel) {
		channel_acknowledge(channel, &session->path, packet, now_us);
		session->counts.round_trip_us = session->path.smoothed_us;
	}
	return true;
}

/* What only the other side of the session may say. */
static bool take_from_peer(struct flagship_pppp_session *session,
			   const struct flagship_pppp_packet *packet, int64_t now_us)
{
	switch (packet->type) {
	case FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK:
		return take_ready_ack(session, now_us);
	case FLAGSHIP_PPPP_TYPE_CLOSE:
		return take_close(session);
	case FLAGSHIP_PPPP_TYPE_ALIVE:
		session_owe(session, SESSION_DUE_ALIVE_ACK);
		return true;
	case FLAGSHIP_PPPP_TYPE_ALIVE_ACK:
		return true;
	case FLAGSHIP_PPPP_TYPE_HELLO:
		session_owe(session, SESSION_DUE_HELLO_ACK);
		return true;
	case FLAGSHIP_PPPP_TYPE_DRW:
	case FLAGSHIP_PPPP_TYPE_DRW_ACK:
		return take_data(session, packet, now_us);
	default:
		return false;
	}
}

static bool take_packet(struct flagship_pppp_session *session,
			const struct flagship_pppp_host *from,
			const struct flagship_pppp_packet *packet, int64_t now_us)
{
	bool printer = session->options.role == FLAGSHIP_PPPP_ROLE_PRINTER;

	if (session->relay && session->state == FLAGSHIP_PPPP_STATE_SEARCHING) {
		return relay_take(session, from, packet, now_us);
	}
	switch (packet->type) {
	case FLAGSHIP_PPPP_TYPE_LAN_SEARCH:
		if (!printer) {
			return false;
		}
		session->asker = *from;
		session_owe(session, SESSION_DUE_PUNCH);
		return true;
	case FLAGSHIP_PPPP_TYPE_PUNCH_PKT:
		return take_punch(session, from, packet, now_us);
	case FLAGSHIP_PPPP_TYPE_P2P_RDY:
		return printer ? printer_takes_ready(session, from, packet, now_us)
			       : client_takes_ready(session, from, packet, now_us);
	default:
		if (!from_peer(session, from)) {
			session->counts.strangers++;
			return true;
		}
		return take_from_peer(session, packet, now_us);
	}
}

int flagship_pppp_session_receive(struct flagship_pppp_session *session,
				  const struct flagship_pppp_host *from, const uint8_t *data,
				  size_t length, int64_t now_us)
{
	struct flagship_pppp_packet packet;

	session->counts.received++;
	session->ticked_us = INT64_MIN;
	int error = flagship_pppp_packet_read(data, length, &packet);
	if (error) {
		session->counts.malformed++;
		return error;
	}
	if (session->state == FLAGSHIP_PPPP_STATE_CLOSED) {
		session->counts.unexpected++;
		return 0;
	}
	if (!take_packet(session, from, &packet, now_us)) {
		session->counts.unexpected++;
	}
	if (from_peer(session, from)) {
		session->heard_us = now_us;
	}
	return 0;
}

size_t flagship_pppp_session_write(struct flagship_pppp_session *session, uint8_t channel,
				   const uint8_t *data, size_t length)
{
	assert(channel < FLAGSHIP_PPPP_CHANNELS);
	if (session->state != FLAGSHIP_PPPP_STATE_OPEN || length == 0) {
		return 0;
	}
	struct pppp_channel *used = session_channel(session, channel);
	return used ? channel_write(used, data, length) : 0;
}

size_t flagship_pppp_session_pending(const struct flagship_pppp_session *session, uint8_t channel)
{
	assert(channel < FLAGSHIP_PPPP_CHANNELS);
	return session->channels[channel] ? session->channels[channel]->count : 0;
}

bool flagship_pppp_session_read(struct flagship_pppp_session *session, uint8_t channel,
				struct flagship_pppp_piece_in *piece)
{
	assert(channel < FLAGSHIP_PPPP_CHANNELS);
	return session->channels[channel] && channel_read(session->channels[channel], piece);
}

int flagship_pppp_session_allow_gaps(struct flagship_pppp_session *session, uint8_t channel)
{
	if (channel >= FLAGSHIP_PPPP_CHANNELS) {
		return FLAGSHIP_ERROR_RANGE;
	}
	struct pppp_channel *used = session_channel(session, channel);
	if (!used) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	used->gaps_allowed = true;
	return 0;
}

enum flagship_pppp_state flagship_pppp_session_state(const struct flagship_pppp_session *session)
{
	return session->state;
}

enum flagship_pppp_end flagship_pppp_session_end(const struct flagship_pppp_session *session)
{
	return session->end;
}

const struct flagship_pppp_duid *flagship_pppp_session_duid(
	const struct flagship_pppp_session *session)
{
	return &session->options.duid;
}

const struct flagship_pppp_host *flagship_pppp_session_peer(
	const struct flagship_pppp_session *session)
{
	return &session->peer;
}

const struct flagship_pppp_counts *flagship_pppp_session_counts(
	const struct flagship_pppp_session *session)
{
	return &session->counts;
}

uint64_t flagship_pppp_session_rate(const struct flagship_pppp_session *session)
{
	return session->path.rate;
}

void flagship_pppp_session_set_rate(struct flagship_pppp_session *session, uint64_t rate)
{
	path_set_rate(&session->path, rate);
	path_adapt(&session->path, session->options.adaptive);
}
