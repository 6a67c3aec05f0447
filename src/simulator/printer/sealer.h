/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_SEALER_H
#define SIMULATOR_PRINTER_SEALER_H

#include "simulator/machine/model.h"
#include "simulator/machine/random.h"

#include <flagship/frame.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Puts payloads into envelopes as a model does. */
struct sealer {
	struct flagship_key *key; /* borrowed */
	enum flagship_device_type device_type;
	bool gcm; /* the GCM shape instead of the frame */
	struct random_source random;
	char guid[RANDOM_UUID_SIZE];
};

void sealer_init(struct sealer *sealer, struct flagship_key *key,
		 const struct simulator_model *model, bool gcm, uint64_t seed);

/* The room that sealer_seal needs for a payload of this length. */
size_t sealer_size_max(size_t length);

/* unix_s goes into a 64-byte header. Errors: those of flagship_frame_seal and flagship_gcm_seal. */
int sealer_seal(struct sealer *sealer, const char *json, size_t length, uint32_t unix_s,
		uint8_t *out, size_t capacity, size_t *written);

/*
 * Opens what a client sent, in place. Returns 1 with the payload, 0 for a frame that a printer
 * drops without a word (a 24-byte header), or an error: those of flagship_frame_open and
 * flagship_gcm_open; PACKET_TYPE for a part of a multi packet.
 */
int sealer_open(struct sealer *sealer, uint8_t *data, size_t length, const uint8_t **payload,
		size_t *payload_length);

#endif
