/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/session_internal.h"

#include "base/bytes.h"

#include <assert.h>

#define INDEX_BYTES sizeof(uint16_t)

static const uint8_t due_types[SESSION_DUE_COUNT] = {
	[SESSION_DUE_SEARCH] = FLAGSHIP_PPPP_TYPE_LAN_SEARCH,
	[SESSION_DUE_PUNCH] = FLAGSHIP_PPPP_TYPE_PUNCH_PKT,
	[SESSION_DUE_CLOSE] = FLAGSHIP_PPPP_TYPE_CLOSE,
	[SESSION_DUE_READY] = FLAGSHIP_PPPP_TYPE_P2P_RDY,
	[SESSION_DUE_READY_ACK] = FLAGSHIP_PPPP_TYPE_P2P_RDY_ACK,
	[SESSION_DUE_HELLO_ACK] = FLAGSHIP_PPPP_TYPE_HELLO_ACK,
	[SESSION_DUE_ALIVE] = FLAGSHIP_PPPP_TYPE_ALIVE,
	[SESSION_DUE_ALIVE_ACK] = FLAGSHIP_PPPP_TYPE_ALIVE_ACK,
};

void session_write(struct flagship_pppp_session *session, const struct flagship_pppp_packet *packet,
		   struct flagship_pppp_outgoing *outgoing)
{
	int error = flagship_pppp_packet_write(packet, session->scratch, sizeof(session->scratch),
					       &outgoing->length);

	assert(!error);
	(void)error;
	outgoing->data = session->scratch;
}

static bool next_due(struct flagship_pppp_session *session, struct flagship_pppp_outgoing *outgoing)
{
	for (size_t due = 0; due < SESSION_DUE_COUNT; due++) {
		if (session->due[due] == 0) {
			continue;
		}
		const struct flagship_pppp_packet packet = {
			.type = due_types[due],
			.duid = session->options.duid,
			.host = session->peer,
		};
		session->due[due]--;
		outgoing->to = session->peer;
		if (due == SESSION_DUE_SEARCH) {
			outgoing->to = session->searched[session->due[due]];
		} else if (due == SESSION_DUE_PUNCH) {
			outgoing->to = session->asker;
		}
		session_write(session, &packet, outgoing);
		return true;
	}
	return false;
}

static bool next_acknowledgement(struct flagship_pppp_session *session,
				 struct flagship_pppp_outgoing *outgoing)
{
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		struct pppp_channel *channel = session->channels[i];
		uint8_t indexes[CHANNEL_ACKS_MAX * INDEX_BYTES];

		if (!channel || channel->ack_count == 0) {
			continue;
		}
		for (size_t place = 0; place < channel->ack_count; place++) {
			bytes_write_u16be(indexes + place * INDEX_BYTES, channel->acks[place]);
		}
		const struct flagship_pppp_packet packet = {
			.type = FLAGSHIP_PPPP_TYPE_DRW_ACK,
			.channel = channel->number,
			.index_count = (uint16_t)channel->ack_count,
			.data = indexes,
			.data_length = channel->ack_count * INDEX_BYTES,
		};
		channel->ack_count = 0;
		outgoing->to = session->peer;
		session_write(session, &packet, outgoing);
		return true;
	}
	return false;
}

static bool next_data(struct flagship_pppp_session *session, int64_t now_us,
		      struct flagship_pppp_outgoing *outgoing)
{
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		struct pppp_channel *channel = session->channels[i];
		struct channel_slot *slot = channel ? channel_next(channel) : NULL;

		if (!slot) {
			continue;
		}
		if (!path_take(&session->path, slot->length, now_us)) {
			return false;
		}
		channel_sent(channel, slot, &session->path, now_us);
		outgoing->data = channel_packet(channel, slot);
		outgoing->length = slot->length;
		outgoing->to = session->peer;
		return true;
	}
	return false;
}

/* Where nothing else is to be sent and packets are lost: what is not acknowledged, once more. */
static bool next_copy(struct flagship_pppp_session *session, int64_t now_us,
		      struct flagship_pppp_outgoing *outgoing)
{
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		struct pppp_channel *channel = session->channels[i];
		struct channel_slot *slot = channel ? channel_next_copy(channel, &session->path,
									now_us)
						    : NULL;

		if (!slot) {
			continue;
		}
		if (!path_take(&session->path, slot->length, now_us)) {
			return false;
		}
		slot->copied = true;
		session->counts.copies++;
		outgoing->data = channel_packet(channel, slot);
		outgoing->length = slot->length;
		outgoing->to = session->peer;
		return true;
	}
	return false;
}

static bool data_waits(const struct flagship_pppp_session *session)
{
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		if (session->channels[i] && session->channels[i]->ready > 0) {
			return true;
		}
	}
	return false;
}

static bool searches_by_relay(const struct flagship_pppp_session *session)
{
	return session->relay && session->state == FLAGSHIP_PPPP_STATE_SEARCHING;
}

bool flagship_pppp_session_next(struct flagship_pppp_session *session, int64_t now_us,
				struct flagship_pppp_outgoing *outgoing)
{
	session_tick(session, now_us);
	if ((searches_by_relay(session) && relay_next(session, outgoing)) ||
	    next_due(session, outgoing) ||
	    (session->state == FLAGSHIP_PPPP_STATE_OPEN &&
	     (next_acknowledgement(session, outgoing) || next_data(session, now_us, outgoing) ||
	      (!data_waits(session) && next_copy(session, now_us, outgoing))))) {
		session->counts.sent++;
		return true;
	}
	return false;
}

/* When what waits may be sent: now, but for data that the rate holds back. */
static int64_t sending_us(const struct flagship_pppp_session *session, int64_t now_us)
{
	int64_t when = FLAGSHIP_PPPP_NEVER_US;

	for (size_t due = 0; due < SESSION_DUE_COUNT; due++) {
		if (session->due[due] > 0) {
			return now_us;
		}
	}
	if (searches_by_relay(session) && relay_is_due(session)) {
		return now_us;
	}
	if (session->state != FLAGSHIP_PPPP_STATE_OPEN) {
		return when;
	}
	for (size_t i = 0; i < FLAGSHIP_PPPP_CHANNELS; i++) {
		const struct pppp_channel *channel = session->channels[i];
		if (channel && channel->ack_count > 0) {
			return now_us;
		}
		int64_t copy_us = channel ? channel_copy_us(channel, &session->path) : when;
		when = copy_us < when ? copy_us : when;
	}
	if (data_waits(session)) {
		when = now_us;
	}
	int64_t tokens_us = path_when_us(&session->path, FLAGSHIP_PPPP_PACKET_MAX, now_us);
	return when < tokens_us ? tokens_us : when;
}

int64_t flagship_pppp_session_deadline(const struct flagship_pppp_session *session, int64_t now_us)
{
	int64_t timer = session_timer(session);
	int64_t sending = sending_us(session, now_us);
	int64_t when = timer < sending ? timer : sending;

	return when > now_us || when == FLAGSHIP_PPPP_NEVER_US ? when : now_us;
}
