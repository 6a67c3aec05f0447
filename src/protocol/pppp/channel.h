/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_PPPP_CHANNEL_H
#define PROTOCOL_PPPP_CHANNEL_H

#include "protocol/pppp/path.h"

#include <flagship/pppp_session.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One channel of a session: a window of packets in each direction. A packet's place is its index
 * modulo the window, and indexes wrap, so that only differences of them mean something.
 */

#define CHANNEL_ACKS_MAX (4 * FLAGSHIP_PPPP_WINDOW)

enum channel_slot_state {
	CHANNEL_FREE,
	CHANNEL_QUEUED,  /* was never sent */
	CHANNEL_SENT,    /* and may arrive */
	CHANNEL_LOST,    /* is to be sent again */
	CHANNEL_ARRIVED, /* is acknowledged, but not all before it are */
};

/* What is known of one packet that was written; small, since all of them are looked through. */
struct channel_slot {
	int64_t sent_us;
	uint64_t order; /* of its last transmission, in pppp_path */
	uint16_t length;
	uint8_t state;
	bool again;  /* was sent after it was lost: says nothing of the round trip */
	bool copied; /* was sent a second time before it was missed */
};

/* One packet that came and was not read. */
struct channel_place {
	uint16_t length;
	bool held;
	uint8_t data[FLAGSHIP_PPPP_DATA_MAX];
};

struct pppp_channel {
	uint8_t number;
	uint16_t first; /* index of the oldest packet that is not acknowledged */
	uint16_t count; /* packets from it on */
	uint16_t ready; /* of them, how many wait to be sent, for the first time or again */

	uint16_t wanted; /* index that is read next */
	bool gaps_allowed;
	uint16_t held;      /* places that hold something */
	bool gap;           /* something before wanted was passed over */
	int64_t blocked_us; /* since when later packets wait for wanted; 0 where none do */
	size_t ack_count;
	uint16_t acks[CHANNEL_ACKS_MAX];

	struct channel_slot slots[FLAGSHIP_PPPP_WINDOW];
	uint8_t packets[FLAGSHIP_PPPP_WINDOW]
		       [FLAGSHIP_PPPP_PACKET_MAX]; /* whole, as they are sent */
	struct channel_place places[FLAGSHIP_PPPP_WINDOW];
};

size_t channel_write(struct pppp_channel *channel, const uint8_t *data, size_t length);

/* Each index of a DRW_ACK. */
void channel_acknowledge(struct pppp_channel *channel, struct pppp_path *path,
			 const struct flagship_pppp_packet *packet, int64_t now_us);

/* Finds packets that are lost by now. */
void channel_tick(struct pppp_channel *channel, struct pppp_path *path,
		  struct flagship_pppp_counts *counts, int64_t now_us);

/* The packet that is to be sent next, or NULL. */
struct channel_slot *channel_next(struct pppp_channel *channel);
const uint8_t *channel_packet(const struct pppp_channel *channel, const struct channel_slot *slot);
void channel_sent(struct pppp_channel *channel, struct channel_slot *slot, struct pppp_path *path,
		  int64_t now_us);

/*
 * A packet that is worth a copy by now, and when one will be; NULL and FLAGSHIP_PPPP_NEVER_US where
 * none is. Only where there is nothing else to send.
 */
struct channel_slot *channel_next_copy(struct pppp_channel *channel, const struct pppp_path *path,
				       int64_t now_us);
int64_t channel_copy_us(const struct pppp_channel *channel, const struct pppp_path *path);

/* When a packet may be lost, or a gap passed over. */
int64_t channel_deadline(const struct pppp_channel *channel, const struct pppp_path *path);

void channel_take(struct pppp_channel *channel, const struct flagship_pppp_packet *packet,
		  struct flagship_pppp_counts *counts);
bool channel_read(struct pppp_channel *channel, struct flagship_pppp_piece_in *piece);

#endif
