/* SPDX-License-Identifier: MIT */
#include "protocol/pppp/channel.h"

#include <flagship/pppp_packet.h>

#include <assert.h>
#include <string.h>

#define WINDOW FLAGSHIP_PPPP_WINDOW

/* Packets sent later that have arrived, before one is held for lost. */
#define LATER_MIN 3

/* How long video waits for what is missing. */
#define GAP_US INT64_C(500000)

static_assert((UINT16_MAX + 1) % WINDOW == 0, "places stay the same where indexes wrap");

static struct channel_slot *slot_at(struct pppp_channel *channel, size_t place)
{
	return &channel->slots[(size_t)(channel->first + place) % WINDOW];
}

static const struct channel_slot *slot_seen(const struct pppp_channel *channel, size_t place)
{
	return &channel->slots[(size_t)(channel->first + place) % WINDOW];
}

size_t channel_write(struct pppp_channel *channel, const uint8_t *data, size_t length)
{
	size_t taken = 0;

	while (taken < length && channel->count < WINDOW) {
		size_t rest = length - taken;
		struct channel_slot *slot = slot_at(channel, channel->count);
		struct flagship_pppp_packet packet = {
			.type = FLAGSHIP_PPPP_TYPE_DRW,
			.channel = channel->number,
			.index = (uint16_t)(channel->first + channel->count),
			.data = data + taken,
			.data_length = rest < FLAGSHIP_PPPP_DATA_MAX ? rest
								     : FLAGSHIP_PPPP_DATA_MAX,
		};
		size_t written = 0;
		int error = flagship_pppp_packet_write(&packet,
						       channel->packets[slot - channel->slots],
						       FLAGSHIP_PPPP_PACKET_MAX, &written);
		assert(!error);
		(void)error;
		slot->length = (uint16_t)written;
		slot->state = CHANNEL_QUEUED;
		slot->again = false;
		channel->count++;
		channel->ready++;
		taken += packet.data_length;
	}
	return taken;
}

static void acknowledge_one(struct pppp_channel *channel, struct pppp_path *path, uint16_t index,
			    int64_t now_us)
{
	uint16_t place = (uint16_t)(index - channel->first);

	if (place >= channel->count) {
		return;
	}
	struct channel_slot *slot = slot_at(channel, place);
	if (slot->state == CHANNEL_QUEUED || slot->state == CHANNEL_ARRIVED) {
		return; /* what was never sent cannot have arrived */
	}
	if (slot->state == CHANNEL_LOST) {
		channel->ready--;
	} else if (!slot->again) {
		path_sample(path, now_us - slot->sent_us);
		path_note_arrival(path, now_us);
	}
	slot->state = CHANNEL_ARRIVED;
	path->backoff = 0;
	if (slot->order > path->order_arrived) {
		path->order_arrived = slot->order;
	}
}

void channel_acknowledge(struct pppp_channel *channel, struct pppp_path *path,
			 const struct flagship_pppp_packet *packet, int64_t now_us)
{
	for (size_t i = 0; i < packet->index_count; i++) {
		acknowledge_one(channel, path, flagship_pppp_packet_index(packet, i), now_us);
	}
	while (channel->count > 0 && slot_at(channel, 0)->state == CHANNEL_ARRIVED) {
		slot_at(channel, 0)->state = CHANNEL_FREE;
		channel->first++;
		channel->count--;
	}
}

/* How long packets are waited for: the same for all of a channel. */
struct patience {
	int64_t usual_us;
	int64_t overtaken_us; /* where later ones have arrived */
};

static struct patience patience_of(const struct pppp_path *path)
{
	int64_t usual = path_timeout_us(path);
	int64_t reorder = path_reorder_us(path);

	return (struct patience){usual, reorder < usual ? reorder : usual};
}

static bool is_overtaken(const struct channel_slot *slot, const struct pppp_path *path)
{
	return path->order_arrived >= slot->order + LATER_MIN;
}

/* When a packet that is on its way is held for lost. */
static int64_t lost_us(const struct channel_slot *slot, const struct pppp_path *path,
		       const struct patience *patience)
{
	return slot->sent_us +
	       (is_overtaken(slot, path) ? patience->overtaken_us : patience->usual_us);
}

static bool blocked(const struct pppp_channel *channel)
{
	return channel->gaps_allowed && channel->held > 0 &&
	       !channel->places[channel->wanted % WINDOW].held;
}

static void pass_gap(struct pppp_channel *channel, struct flagship_pppp_counts *counts)
{
	for (size_t i = 0; i < WINDOW && !channel->places[channel->wanted % WINDOW].held; i++) {
		channel->wanted++;
	}
	channel->gap = true;
	channel->blocked_us = 0;
	counts->gaps++;
}

void channel_tick(struct pppp_channel *channel, struct pppp_path *path,
		  struct flagship_pppp_counts *counts, int64_t now_us)
{
	const struct patience patience = patience_of(path);
	bool late = false;

	for (size_t i = 0; i < channel->count; i++) {
		struct channel_slot *slot = slot_at(channel, i);
		if (slot->state != CHANNEL_SENT || lost_us(slot, path, &patience) > now_us) {
			continue;
		}
		slot->state = CHANNEL_LOST;
		channel->ready++;
		path_note_loss(path, now_us);
		if (is_overtaken(slot, path)) {
			counts->resent_early++;
		} else {
			counts->resent_late++;
			late = true;
		}
	}
	if (late) {
		path->backoff++;
	}
	if (!blocked(channel)) {
		channel->blocked_us = 0;
	} else if (channel->blocked_us == 0) {
		channel->blocked_us = now_us > 0 ? now_us : 1;
	} else if (now_us - channel->blocked_us >= GAP_US) {
		pass_gap(channel, counts);
	}
}

struct channel_slot *channel_next(struct pppp_channel *channel)
{
	if (channel->ready == 0) {
		return NULL;
	}
	/* The oldest first: what was lost stands before what is new. */
	for (size_t i = 0; i < channel->count; i++) {
		struct channel_slot *slot = slot_at(channel, i);
		if (slot->state == CHANNEL_LOST || slot->state == CHANNEL_QUEUED) {
			return slot;
		}
	}
	return NULL;
}

const uint8_t *channel_packet(const struct pppp_channel *channel, const struct channel_slot *slot)
{
	return channel->packets[slot - channel->slots];
}

void channel_sent(struct pppp_channel *channel, struct channel_slot *slot, struct pppp_path *path,
		  int64_t now_us)
{
	slot->again = slot->state == CHANNEL_LOST;
	slot->copied = false;
	slot->state = CHANNEL_SENT;
	slot->sent_us = now_us;
	slot->order = ++path->order;
	channel->ready--;
}

static int64_t copy_us(const struct channel_slot *slot, int64_t after_us)
{
	return slot->state != CHANNEL_SENT || slot->copied ? FLAGSHIP_PPPP_NEVER_US
							   : slot->sent_us + after_us;
}

struct channel_slot *channel_next_copy(struct pppp_channel *channel, const struct pppp_path *path,
				       int64_t now_us)
{
	const int64_t after_us = path_copy_after_us(path);

	for (size_t i = 0; after_us != FLAGSHIP_PPPP_NEVER_US && i < channel->count; i++) {
		struct channel_slot *slot = slot_at(channel, i);
		if (copy_us(slot, after_us) <= now_us) {
			return slot;
		}
	}
	return NULL;
}

int64_t channel_copy_us(const struct pppp_channel *channel, const struct pppp_path *path)
{
	const int64_t after_us = path_copy_after_us(path);
	int64_t when = FLAGSHIP_PPPP_NEVER_US;

	for (size_t i = 0; after_us != FLAGSHIP_PPPP_NEVER_US && i < channel->count; i++) {
		int64_t due = copy_us(slot_seen(channel, i), after_us);
		when = due < when ? due : when;
	}
	return when;
}

int64_t channel_deadline(const struct pppp_channel *channel, const struct pppp_path *path)
{
	const struct patience patience = patience_of(path);
	int64_t deadline = FLAGSHIP_PPPP_NEVER_US;

	for (size_t i = 0; i < channel->count; i++) {
		const struct channel_slot *slot = slot_seen(channel, i);
		int64_t lost = lost_us(slot, path, &patience);

		if (slot->state == CHANNEL_SENT && lost < deadline) {
			deadline = lost;
		}
	}
	if (blocked(channel) && channel->blocked_us + GAP_US < deadline) {
		deadline = channel->blocked_us + GAP_US;
	}
	return deadline;
}

/* Video: the other side has gone on without what it could not send. */
static void jump_to(struct pppp_channel *channel, uint16_t index,
		    struct flagship_pppp_counts *counts)
{
	uint16_t wanted = (uint16_t)(index - (WINDOW - 1));

	for (size_t i = 0; channel->wanted != wanted && i < WINDOW; i++) {
		struct channel_place *place = &channel->places[channel->wanted++ % WINDOW];
		channel->held = (uint16_t)(channel->held - (place->held ? 1 : 0));
		place->held = false;
	}
	channel->wanted = wanted;
	channel->gap = true;
	counts->gaps++;
}

void channel_take(struct pppp_channel *channel, const struct flagship_pppp_packet *packet,
		  struct flagship_pppp_counts *counts)
{
	uint16_t ahead = (uint16_t)(packet->index - channel->wanted);
	bool before = ahead > UINT16_MAX / 2;

	if (channel->ack_count == CHANNEL_ACKS_MAX) {
		counts->out_of_window++;
		return;
	}
	if (!before && ahead >= WINDOW) {
		if (!channel->gaps_allowed) {
			counts->out_of_window++;
			return;
		}
		jump_to(channel, packet->index, counts);
	}
	channel->acks[channel->ack_count++] = packet->index;
	struct channel_place *place = &channel->places[packet->index % WINDOW];
	if (before || place->held) {
		counts->duplicates++;
		return;
	}
	place->held = true;
	channel->held++;
	place->length = (uint16_t)packet->data_length;
	if (packet->data_length > 0) {
		memcpy(place->data, packet->data, packet->data_length);
	}
}

bool channel_read(struct pppp_channel *channel, struct flagship_pppp_piece_in *piece)
{
	struct channel_place *place = &channel->places[channel->wanted % WINDOW];

	if (!place->held) {
		return false;
	}
	*piece = (struct flagship_pppp_piece_in){place->data, place->length, channel->gap};
	place->held = false;
	channel->held--;
	channel->gap = false;
	channel->wanted++;
	return true;
}
