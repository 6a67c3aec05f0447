/* SPDX-License-Identifier: MIT */
#include "fleet/channel.h"

#include <stdlib.h>
#include <string.h>

void channel_init(struct channel *channel, struct flagship_key *key, enum flagship_model model,
		  const char *guid)
{
	*channel = (struct channel){
		.key = key, .model = model, .model_is_given = model != FLAGSHIP_MODEL_UNKNOWN};
	memcpy(channel->guid, guid, sizeof(channel->guid));
	for (size_t i = 0; i < CHANNEL_TOPIC_KINDS; i++) {
		flagship_reassembler_init(&channel->reassemblers[i], 0);
	}
}

void channel_finish(struct channel *channel)
{
	for (size_t i = 0; i < CHANNEL_TOPIC_KINDS; i++) {
		flagship_reassembler_finish(&channel->reassemblers[i]);
	}
}

void channel_reset(struct channel *channel)
{
	for (size_t i = 0; i < CHANNEL_TOPIC_KINDS; i++) {
		flagship_reassembler_finish(&channel->reassemblers[i]);
		flagship_reassembler_init(&channel->reassemblers[i], 0);
	}
}

bool channel_is_wrong_key(int error)
{
	return error == FLAGSHIP_ERROR_PADDING || error == FLAGSHIP_ERROR_AUTHENTICATION ||
	       error == FLAGSHIP_ERROR_JSON;
}

/* Only JSON that a printer could have written: a wrong key may leave good padding. */
static int deliver(const uint8_t *data, size_t length, struct channel_payload *payload)
{
	int error = flagship_payload_read(data, length, payload->messages,
					  FLAGSHIP_PAYLOAD_OBJECTS_MAX, &payload->count);

	payload->plaintext = data;
	payload->length = length;
	return error ? error : 1;
}

static void learn(struct channel *channel, enum channel_shape shape, enum flagship_model model)
{
	channel->shape = shape;
	if (!channel->model_is_given && model != FLAGSHIP_MODEL_UNKNOWN) {
		channel->model = model;
	}
}

static int open_gcm(struct channel *channel, uint8_t *data, size_t length,
		    struct channel_payload *payload)
{
	uint8_t *opened;
	size_t opened_length;
	int error = flagship_gcm_open(channel->key, data, length, &opened, &opened_length);

	if (error) {
		/* What is neither shape is more likely a damaged frame. */
		return error == FLAGSHIP_ERROR_AUTHENTICATION ? error : FLAGSHIP_ERROR_SIGNATURE;
	}
	learn(channel, CHANNEL_GCM, FLAGSHIP_MODEL_E1);
	return deliver(opened, opened_length, payload);
}

/* A V7111 prints with filament as an M5 does; nothing is known of it that would make it a model. */
static enum flagship_model model_of(uint8_t device_type)
{
	switch (device_type) {
	case FLAGSHIP_DEVICE_TYPE_M5C:
		return FLAGSHIP_MODEL_M5C;
	case FLAGSHIP_DEVICE_TYPE_E1:
		return FLAGSHIP_MODEL_E1;
	case FLAGSHIP_DEVICE_TYPE_M5:
		return FLAGSHIP_MODEL_M5;
	default:
		return FLAGSHIP_MODEL_UNKNOWN;
	}
}

static int open_frame(struct channel *channel, enum flagship_topic_kind kind, uint8_t *data,
		      size_t length, struct channel_payload *payload)
{
	struct flagship_frame frame;
	const uint8_t *whole;
	size_t whole_length;
	int result = flagship_frame_open(channel->key, data, length, &frame);

	if (result) {
		return result;
	}
	learn(channel, CHANNEL_FRAME, model_of(frame.device_type));
	result = flagship_reassembler_push(&channel->reassemblers[kind], frame.packet_type,
					   frame.payload, frame.payload_length, &whole,
					   &whole_length);
	return result > 0 ? deliver(whole, whole_length, payload) : result;
}

int channel_open(struct channel *channel, enum flagship_topic_kind kind, uint8_t *data,
		 size_t length, struct channel_payload *payload)
{
	bool is_frame = length >= 2 && data[0] == 'M' && (data[1] == 'A' || data[1] == 'B');

	return is_frame ? open_frame(channel, kind, data, length, payload)
			: open_gcm(channel, data, length, payload);
}

int channel_seal(const struct channel *channel, enum channel_shape shape, const char *json,
		 size_t length, uint8_t **sealed, size_t *size)
{
	struct flagship_frame frame;
	size_t capacity = length + FLAGSHIP_GCM_OVERHEAD;

	flagship_frame_init(&frame, channel->guid);
	if (shape != CHANNEL_GCM) {
		capacity = flagship_frame_sealed_size(frame.signature, FLAGSHIP_DEVICE_TYPE_M5,
						      length);
	}
	*sealed = malloc(capacity ? capacity : 1);
	if (!*sealed) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (shape == CHANNEL_GCM) {
		return flagship_gcm_seal(channel->key, json, length, *sealed, capacity, size);
	}
	return flagship_frame_seal(channel->key, &frame, json, length, *sealed, capacity, size);
}

void channel_note_query(struct channel *channel, const char *json, size_t length)
{
	if (channel->shape == CHANNEL_UNKNOWN && length <= sizeof(channel->query)) {
		memcpy(channel->query, json, length);
		channel->query_length = length;
	}
}

bool channel_take_query(struct channel *channel, char out[CHANNEL_QUERY_MAX], size_t *length)
{
	bool again = channel->shape == CHANNEL_GCM && channel->query_length > 0;

	if (again) {
		memcpy(out, channel->query, channel->query_length);
		*length = channel->query_length;
	}
	if (channel->shape != CHANNEL_UNKNOWN) {
		channel->query_length = 0;
	}
	return again;
}
