/* SPDX-License-Identifier: MIT */
#include "simulator/printer/sealer.h"

#include <flagship/error.h>

#include <string.h>

#define RANDOM_STREAM_FRAMES  4
#define PRINTER_PACKET_NUMBER 1 /* apps send 0 (protocol.md 2) */
#define OPAQUE_CHANGING       6 /* of the 12 bytes; the rest is zero */
#define OVERHEAD_MAX          128

void sealer_init(struct sealer *sealer, struct flagship_key *key,
		 const struct simulator_model *model, bool gcm, uint64_t seed)
{
	*sealer = (struct sealer){.key = key, .device_type = model->device_type, .gcm = gcm};
	random_init(&sealer->random, seed, RANDOM_STREAM_FRAMES);
	random_uuid(&sealer->random, sealer->guid);
}

size_t sealer_size_max(size_t length)
{
	return length + OVERHEAD_MAX;
}

int sealer_seal(struct sealer *sealer, const char *json, size_t length, uint32_t unix_s,
		uint8_t *out, size_t capacity, size_t *written)
{
	struct flagship_frame frame;

	if (sealer->gcm) {
		return flagship_gcm_seal(sealer->key, json, length, out, capacity, written);
	}
	flagship_frame_init(&frame, sealer->guid);
	frame.device_type = (uint8_t)sealer->device_type;
	frame.packet_number = PRINTER_PACKET_NUMBER;
	frame.time = unix_s;
	if (sealer->device_type != FLAGSHIP_DEVICE_TYPE_M5) {
		random_bytes(&sealer->random, frame.opaque, OPAQUE_CHANGING);
	}
	return flagship_frame_seal(sealer->key, &frame, json, length, out, capacity, written);
}

int sealer_open(struct sealer *sealer, uint8_t *data, size_t length, const uint8_t **payload,
		size_t *payload_length)
{
	struct flagship_frame frame;
	uint8_t *plaintext;

	if (sealer->gcm) {
		int error = flagship_gcm_open(sealer->key, data, length, &plaintext,
					      payload_length);
		*payload = error ? NULL : plaintext;
		return error ? error : 1;
	}
	int error = flagship_frame_parse(data, length, &frame);
	if (error) {
		return error;
	}
	if (!frame.long_header) {
		return 0;
	}
	if (frame.packet_type != FLAGSHIP_PACKET_TYPE_SINGLE) {
		return FLAGSHIP_ERROR_PACKET_TYPE;
	}
	error = flagship_frame_open(sealer->key, data, length, &frame);
	*payload = frame.payload;
	*payload_length = frame.payload_length;
	return error ? error : 1;
}
