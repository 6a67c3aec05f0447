/* SPDX-License-Identifier: MIT */
#ifndef FLEET_CHANNEL_H
#define FLEET_CHANNEL_H

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One printer's payloads, from bytes to JSON and back: no I/O. Learns from what the printer writes
 * how it wants to be written to: in frames, or in the GCM shape of some E1 accounts.
 */
#define CHANNEL_TOPIC_KINDS FLAGSHIP_TOPIC_KINDS
#define CHANNEL_QUERY_MAX   128

enum channel_shape {
	CHANNEL_UNKNOWN,
	CHANNEL_FRAME,
	CHANNEL_GCM,
};

struct channel {
	/* First what each message touches. */
	struct flagship_key *key; /* borrowed */
	enum channel_shape shape;
	enum flagship_model model;
	bool model_is_given;
	struct flagship_reassembler reassemblers[CHANNEL_TOPIC_KINDS];
	char guid[FLAGSHIP_GUID_LENGTH + 1];
	char query[CHANNEL_QUERY_MAX]; /* the last one, until the shape is known */
	size_t query_length;
};

/* What was opened. The texts lie in the bytes that were opened, or in the channel, and are valid
 * until either changes. */
struct channel_payload {
	const uint8_t *plaintext;
	size_t length; /* bytes */
	size_t count;
	struct flagship_message messages[FLAGSHIP_PAYLOAD_OBJECTS_MAX];
};

/* model UNKNOWN: learned. guid: of this client. */
void channel_init(struct channel *channel, struct flagship_key *key, enum flagship_model model,
		  const char *guid);
void channel_finish(struct channel *channel);

/* The connection was lost: what was collected of a message in parts is incomplete for good. */
void channel_reset(struct channel *channel);

/*
 * Decrypts in place and reads the messages. 1: *payload is a whole one, and well-formed; 0: a part
 * of one; or an error of the frame, the key or the JSON, which changed nothing.
 */
int channel_open(struct channel *channel, enum flagship_topic_kind kind, uint8_t *data,
		 size_t length, struct channel_payload *payload);

/* Whether such an error says that the key does not fit. */
bool channel_is_wrong_key(int error);

/* Encrypts into *sealed, which the caller frees. Errors: MEMORY, those of sealing. */
int channel_seal(const struct channel *channel, enum channel_shape shape, const char *json,
		 size_t length, uint8_t **sealed, size_t *size);

/*
 * Remembers a query that went out as a frame before the shape was known. None goes out in the GCM
 * shape to a printer that was not seen to use it: its nonce is fixed, so that two queries with
 * known text give the key of its tags away, and whoever has that forges replies.
 */
void channel_note_query(struct channel *channel, const char *json, size_t length);

/* Whether channel_take_query has anything to do. */
static inline bool channel_has_query(const struct channel *channel)
{
	return channel->query_length > 0;
}

/* Whether that query has to go out again, since GCM turned out to be right; forgets it. */
bool channel_take_query(struct channel *channel, char out[CHANNEL_QUERY_MAX], size_t *length);

#endif
