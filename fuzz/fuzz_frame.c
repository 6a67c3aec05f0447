/* SPDX-License-Identifier: MIT */
#include <flagship/flagship.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/*
 * Opens the input as it came, again with its size and checksum put right, without which hardly any
 * input would get past them, and as a GCM payload. The seeds are sealed with the key 00 01 02 … 1f.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct flagship_key *make_key(void)
{
	uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256];
	struct flagship_key *key;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)i;
	}
	if (flagship_key_create(bytes, sizeof(bytes), &key)) {
		abort();
	}
	return key;
}

static void check_error(int error, const struct flagship_frame *frame, size_t size)
{
	assert(error < 0 && flagship_strerror(error));
	assert(frame->error_offset <= size);
}

/* What was opened and sealed again opens to the same. */
static void check_seal(struct flagship_key *key, const struct flagship_frame *frame, size_t size)
{
	const size_t sealed_size = flagship_frame_sealed_size(
		frame->signature, (enum flagship_device_type)frame->device_type,
		frame->payload_length);
	uint8_t *sealed = malloc(size);
	struct flagship_frame again;
	size_t written;

	assert(sealed);
	if (sealed_size == 0) {
		/* A device type that is not known is read, but never written. */
		assert(flagship_frame_seal(key, frame, frame->payload, frame->payload_length,
					   sealed, size, &written) == FLAGSHIP_ERROR_DEVICE_TYPE);
		free(sealed);
		return;
	}
	assert(sealed_size == size);
	assert(flagship_frame_seal(key, frame, frame->payload, frame->payload_length, sealed, size,
				   &written) == 0);
	assert(written == size);
	assert(flagship_frame_open(key, sealed, size, &again) == 0);
	assert(again.payload_length == frame->payload_length);
	assert(memcmp(again.payload, frame->payload, frame->payload_length) == 0);
	assert(strcmp(again.guid, frame->guid) == 0 && again.time == frame->time);
	assert(again.packet_type == frame->packet_type);
	free(sealed);
}

static void check_open(struct flagship_key *key, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	struct flagship_frame frame;
	int error;

	assert(copy);
	if (size > 0) {
		memcpy(copy, data, size);
	}
	error = flagship_frame_parse(copy, size, &frame);
	if (error) {
		check_error(error, &frame, size);
	} else {
		assert(frame.payload > copy && frame.payload_length < size);
		assert(frame.payload + frame.payload_length + 1 == copy + size);
		error = flagship_frame_open(key, copy, size, &frame);
		if (error) {
			check_error(error, &frame, size);
			assert(error == FLAGSHIP_ERROR_PADDING);
		} else {
			assert(frame.payload + frame.payload_length < copy + size);
			check_seal(key, &frame, size);
		}
	}
	free(copy);
}

static void check_corrected(struct flagship_key *key, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size);
	uint8_t checksum = 0;

	assert(copy);
	memcpy(copy, data, size);
	copy[FLAGSHIP_PREFIX_SHORT_SIZE_OFFSET] = (uint8_t)size;
	copy[FLAGSHIP_PREFIX_SHORT_SIZE_OFFSET + 1] = (uint8_t)(size >> 8);
	for (size_t i = 0; i < size - 1; i++) {
		checksum ^= copy[i];
	}
	copy[size - 1] = checksum;
	check_open(key, copy, size);
	free(copy);
}

static void check_gcm(struct flagship_key *key, const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	uint8_t *plaintext;
	size_t length;

	assert(copy);
	if (size > 0) {
		memcpy(copy, data, size);
	}
	if (flagship_gcm_open(key, copy, size, &plaintext, &length) == 0) {
		assert(plaintext + length == copy + size);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct flagship_key *key = make_key();

	check_open(key, data, size);
	if (size > FLAGSHIP_PREFIX_SHORT_SIZE) {
		check_corrected(key, data, size);
	}
	check_gcm(key, data, size);
	flagship_key_destroy(key);
	return 0;
}
