/* SPDX-License-Identifier: MIT */
#include "fleet/channel.h"
#include "printer/state/state.h"

#include <flagship/flagship.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * The whole way in, from what a broker delivers to a printer's state. A fuzzer guesses no
 * encryption, tag or checksum: so each record of the input is sealed as it says, and then perhaps
 * damaged.
 */
#define RECORD_HEADER 4
#define GUID          "00000000-0000-4000-8000-000000000001"
#define CAPACITY_MORE 128

enum form {
	FORM_RAW,
	FORM_FRAME, /* one frame, single */
	FORM_GCM,
	FORM_PART, /* a frame whose packet type is the record's place */
	FORM_DAMAGED_FRAME,
	FORM_DAMAGED_GCM,
	FORM_RECHECKED, /* a damaged frame with its checksum put right */
	FORMS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct flagship_key *make_key(void)
{
	uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {1, 2, 3};
	struct flagship_key *key;

	assert(flagship_key_create(bytes, sizeof(bytes), &key) == 0);
	return key;
}

static size_t seal(struct flagship_key *key, uint8_t form, uint8_t place, const uint8_t *json,
		   size_t length, uint8_t *out, size_t capacity)
{
	static const enum flagship_device_type types[] = {
		FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_DEVICE_TYPE_M5C, FLAGSHIP_DEVICE_TYPE_E1};
	struct flagship_frame frame;
	size_t written = 0;

	if (form == FORM_GCM || form == FORM_DAMAGED_GCM) {
		assert(flagship_gcm_seal(key, json, length, out, capacity, &written) == 0);
		return written;
	}
	if (form == FORM_RAW) {
		memcpy(out, json, length);
		return length;
	}
	flagship_frame_init(&frame, GUID);
	frame.device_type = (uint8_t)types[place % (sizeof(types) / sizeof(types[0]))];
	if (form == FORM_PART) {
		frame.packet_type = place;
	}
	assert(flagship_frame_seal(key, &frame, json, length, out, capacity, &written) == 0);
	return written;
}

static void damage(uint8_t form, uint8_t place, uint8_t value, uint8_t *data, size_t size)
{
	uint8_t checksum = 0;

	if (form < FORM_DAMAGED_FRAME || size == 0) {
		return;
	}
	data[place % size] ^= value;
	if (form == FORM_RECHECKED) {
		for (size_t i = 0; i + 1 < size; i++) {
			checksum ^= data[i];
		}
		data[size - 1] = checksum;
	}
}

static bool is_well_formed(const uint8_t *json, size_t length)
{
	struct flagship_payload payload;
	struct flagship_message message;
	int result;

	flagship_payload_init(&payload, json, length);
	do {
		result = flagship_payload_next(&payload, &message);
	} while (result > 0);
	return result == 0;
}

/* Opens one record. Returns how many bytes of the input it was. */
static size_t run_record(struct channel *channel, struct printer_state *state, const uint8_t *data,
			 size_t size, int64_t now_ms)
{
	uint8_t form = data[0] % FORMS;
	uint8_t place = data[1];
	size_t length = data[3];
	const uint8_t *json = data + RECORD_HEADER;
	uint8_t buffer[UINT8_MAX + CAPACITY_MORE];
	static struct channel_payload payload;

	if (length > size - RECORD_HEADER) {
		length = size - RECORD_HEADER;
	}
	size_t sealed = seal(channel->key, form, place, json, length, buffer, sizeof(buffer));
	damage(form, place, data[2], buffer, sealed);

	uint8_t *exact = malloc(sealed ? sealed : 1);
	assert(exact);
	memcpy(exact, buffer, sealed);
	int result = channel_open(channel, data[2] % CHANNEL_TOPIC_KINDS, exact, sealed, &payload);
	assert(result <= 1);
	if (form == FORM_FRAME || form == FORM_GCM) {
		assert((result == 1) == is_well_formed(json, length));
		assert(result != 1 ||
		       (payload.length == length && memcmp(payload.plaintext, json, length) == 0));
		assert(channel->shape == (form == FORM_GCM ? CHANNEL_GCM : CHANNEL_FRAME));
	}
	if (form == FORM_DAMAGED_FRAME && data[2] != 0) {
		assert(result < 0); /* of one byte the checksum tells */
	}
	if (result == 1) {
		printer_state_merge(state, payload.messages, payload.count, now_ms, NULL, NULL);
	}
	free(exact);
	return RECORD_HEADER + length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flagship_key *key = make_key();
	struct channel *channel = malloc(sizeof(*channel));
	struct printer_state *state = malloc(sizeof(*state));
	int64_t now_ms = INT64_C(1800000000000);

	assert(channel && state);
	channel_init(channel, key, FLAGSHIP_MODEL_UNKNOWN, GUID);
	printer_state_init(state, NULL, NULL, FLAGSHIP_MODEL_UNKNOWN);
	while (size > RECORD_HEADER) {
		size_t used = run_record(channel, state, data, size, now_ms);

		data += used;
		size -= used;
		now_ms += 1000;
	}
	channel_finish(channel);
	free(channel);
	free(state);
	flagship_key_destroy(key);
	return 0;
}
