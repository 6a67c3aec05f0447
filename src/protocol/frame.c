/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"
#include "base/words.h"
#include "protocol/key.h"

#include <flagship/error.h>
#include <flagship/frame.h>

#include <assert.h>
#include <stdbool.h>
#include <string.h>

/* What every printer and every app sends (protocol.md 2). */
#define FRAME_VERSION      5
#define FRAME_PRODUCT_TYPE 1
#define FRAME_DATA_SOURCE  5
#define FRAME_COMMAND_CODE 'F'

/* Bytes that the checksum takes at a time: four words. */
#define FRAME_CHECKSUM_STEP (4 * sizeof(uint64_t))

static_assert(FLAGSHIP_PREFIX_SHORT_SIZE + FLAGSHIP_COMMON_SIZE + FLAGSHIP_DETAILS_LONG_SIZE == 64,
	      "the header of an M5 (protocol.md 2)");
static_assert(FLAGSHIP_PREFIX_SHORT_SIZE + FLAGSHIP_COMMON_SIZE + FLAGSHIP_DETAILS_SHORT_SIZE == 24,
	      "the header of an M5C and an E1 (protocol.md 2)");

/* The two parts of the header that vary in length, bytes; 0 for what is unknown. */
static size_t frame_prefix_size(unsigned int signature)
{
	switch (signature) {
	case FLAGSHIP_SIGNATURE_MA:
		return FLAGSHIP_PREFIX_SHORT_SIZE;
	case FLAGSHIP_SIGNATURE_MB:
		return FLAGSHIP_PREFIX_LONG_SIZE;
	default:
		return 0;
	}
}

static size_t frame_details_size(unsigned int device_type)
{
	switch (device_type) {
	case FLAGSHIP_DEVICE_TYPE_M5:
	case FLAGSHIP_DEVICE_TYPE_V7111:
		return FLAGSHIP_DETAILS_LONG_SIZE;
	case FLAGSHIP_DEVICE_TYPE_M5C:
	case FLAGSHIP_DEVICE_TYPE_E1:
		return FLAGSHIP_DETAILS_SHORT_SIZE;
	default:
		return 0;
	}
}

static bool frame_fits(size_t length, size_t fixed)
{
	return length > fixed && (length - fixed) % KEY_BLOCK_SIZE == 0;
}

/*
 * Of a device type that nobody knows yet: the two headers differ by half a block more than whole
 * ones, so that at most one of them leaves a ciphertext of whole blocks. 0 where neither does.
 */
static_assert((FLAGSHIP_DETAILS_LONG_SIZE - FLAGSHIP_DETAILS_SHORT_SIZE) % KEY_BLOCK_SIZE ==
		      KEY_BLOCK_SIZE / 2,
	      "half a block more than whole ones");

static size_t frame_guess_details_size(size_t prefix_size, size_t length)
{
	const size_t fixed = prefix_size + FLAGSHIP_COMMON_SIZE + FLAGSHIP_FRAME_CHECKSUM_SIZE;

	if (frame_fits(length, fixed + FLAGSHIP_DETAILS_LONG_SIZE)) {
		return FLAGSHIP_DETAILS_LONG_SIZE;
	}
	return frame_fits(length, fixed + FLAGSHIP_DETAILS_SHORT_SIZE) ? FLAGSHIP_DETAILS_SHORT_SIZE
								       : 0;
}

static uint32_t frame_size_limit(unsigned int signature)
{
	return signature == FLAGSHIP_SIGNATURE_MA ? UINT16_MAX : UINT32_MAX;
}

/* The XOR of all bytes. Byte by byte it would cost more than the decryption. */
static uint8_t frame_checksum(const uint8_t *data, size_t length)
{
	uint64_t even = 0;
	uint64_t odd = 0;

	for (; length >= FRAME_CHECKSUM_STEP; length -= FRAME_CHECKSUM_STEP) {
		even ^= word_at(data) ^ word_at(data + 2 * sizeof(uint64_t));
		odd ^= word_at(data + sizeof(uint64_t)) ^ word_at(data + 3 * sizeof(uint64_t));
		data += FRAME_CHECKSUM_STEP;
	}
	even ^= odd;
	even ^= even >> 32;
	even ^= even >> 16;
	uint8_t checksum = (uint8_t)(even ^ even >> 8);
	for (; length > 0; length--) {
		checksum ^= *data++;
	}
	return checksum;
}

static int frame_fail(struct flagship_frame *frame, int error, size_t offset)
{
	frame->error_offset = offset;
	return error;
}

static void frame_read_common(const uint8_t *common, struct flagship_frame *frame)
{
	frame->version = common[FLAGSHIP_COMMON_VERSION_OFFSET];
	frame->product_type = common[FLAGSHIP_COMMON_PRODUCT_TYPE_OFFSET];
	frame->device_type = common[FLAGSHIP_COMMON_DEVICE_TYPE_OFFSET];
	frame->data_source = common[FLAGSHIP_COMMON_DATA_SOURCE_OFFSET];
	frame->command_code = common[FLAGSHIP_COMMON_COMMAND_CODE_OFFSET];
	frame->packet_type = common[FLAGSHIP_COMMON_PACKET_TYPE_OFFSET];
	frame->packet_number = bytes_read_u16le(common + FLAGSHIP_COMMON_PACKET_NUMBER_OFFSET);
}

static void frame_read_details(const uint8_t *details, struct flagship_frame *frame)
{
	if (frame->long_header) {
		frame->time = bytes_read_u32le(details + FLAGSHIP_DETAILS_LONG_TIME_OFFSET);
		/* The rest of *frame is zero, and so is the NUL that the wire may lack. */
		memcpy(frame->guid, details + FLAGSHIP_DETAILS_LONG_GUID_OFFSET,
		       FLAGSHIP_GUID_LENGTH);
	} else {
		memcpy(frame->opaque, details + FLAGSHIP_DETAILS_SHORT_OPAQUE_OFFSET,
		       sizeof(frame->opaque));
	}
}

static size_t frame_read_size(const uint8_t *data, enum flagship_signature signature)
{
	if (signature == FLAGSHIP_SIGNATURE_MA) {
		return bytes_read_u16le(data + FLAGSHIP_PREFIX_SHORT_SIZE_OFFSET);
	}
	return bytes_read_u32le(data + FLAGSHIP_PREFIX_LONG_SIZE_OFFSET);
}

int flagship_frame_parse(uint8_t *data, size_t length, struct flagship_frame *frame)
{
	memset(frame, 0, sizeof(*frame));
	if (length < FLAGSHIP_PREFIX_SHORT_SIGNATURE_SIZE) {
		return frame_fail(frame, FLAGSHIP_ERROR_TOO_SHORT, length);
	}
	frame->signature = bytes_read_u16be(data + FLAGSHIP_PREFIX_SHORT_SIGNATURE_OFFSET);
	size_t prefix_size = frame_prefix_size(frame->signature);
	if (prefix_size == 0) {
		return frame_fail(frame, FLAGSHIP_ERROR_SIGNATURE,
				  FLAGSHIP_PREFIX_SHORT_SIGNATURE_OFFSET);
	}
	if (length < prefix_size + FLAGSHIP_COMMON_SIZE) {
		return frame_fail(frame, FLAGSHIP_ERROR_TOO_SHORT, length);
	}
	frame_read_common(data + prefix_size, frame);
	size_t details_size = frame_details_size(frame->device_type);
	if (details_size == 0) {
		details_size = frame_guess_details_size(prefix_size, length);
	}
	if (details_size == 0) {
		return frame_fail(frame, FLAGSHIP_ERROR_DEVICE_TYPE,
				  prefix_size + FLAGSHIP_COMMON_DEVICE_TYPE_OFFSET);
	}
	frame->long_header = details_size == FLAGSHIP_DETAILS_LONG_SIZE;
	size_t header_size = prefix_size + FLAGSHIP_COMMON_SIZE + details_size;
	if (length < header_size + FLAGSHIP_FRAME_CHECKSUM_SIZE) {
		return frame_fail(frame, FLAGSHIP_ERROR_TOO_SHORT, length);
	}
	frame_read_details(data + prefix_size + FLAGSHIP_COMMON_SIZE, frame);
	frame->size = frame_read_size(data, frame->signature);
	if (frame->size != length) {
		return frame_fail(frame, FLAGSHIP_ERROR_SIZE, FLAGSHIP_PREFIX_SHORT_SIZE_OFFSET);
	}
	if (frame_checksum(data, length) != 0) {
		return frame_fail(frame, FLAGSHIP_ERROR_CHECKSUM,
				  length - FLAGSHIP_FRAME_CHECKSUM_SIZE);
	}
	frame->payload = data + header_size;
	frame->payload_length = length - header_size - FLAGSHIP_FRAME_CHECKSUM_SIZE;
	if (frame->payload_length == 0 || frame->payload_length % KEY_BLOCK_SIZE != 0) {
		return frame_fail(frame, FLAGSHIP_ERROR_CIPHERTEXT_LENGTH, header_size);
	}
	return 0;
}

/* PKCS#7: n bytes of the value n, 1 to 16 of them. How many; 0 where it is none. */
static size_t frame_padding(const uint8_t *plaintext, size_t length)
{
	const size_t count = plaintext[length - 1];

	if (count > KEY_BLOCK_SIZE) {
		return 0;
	}
	for (size_t i = length - count; i < length; i++) {
		if (plaintext[i] != count) {
			return 0;
		}
	}
	return count;
}

int flagship_frame_open(struct flagship_key *key, uint8_t *data, size_t length,
			struct flagship_frame *frame)
{
	int error = flagship_frame_parse(data, length, frame);

	if (error) {
		return error;
	}
	error = key_decrypt(key, frame->payload, frame->payload_length);
	if (error) {
		return frame_fail(frame, error, (size_t)(frame->payload - data));
	}
	size_t padding = frame_padding(frame->payload, frame->payload_length);
	if (padding == 0) {
		return frame_fail(frame, FLAGSHIP_ERROR_PADDING, (size_t)(frame->payload - data));
	}
	frame->payload_length -= padding;
	return 0;
}

size_t flagship_frame_sealed_size(enum flagship_signature signature,
				  enum flagship_device_type device_type, size_t plaintext_length)
{
	const size_t prefix_size = frame_prefix_size(signature);
	const size_t details_size = frame_details_size(device_type);
	const uint32_t limit = frame_size_limit(signature);

	if (prefix_size == 0 || details_size == 0 || plaintext_length > limit) {
		return 0;
	}
	uint64_t size = (uint64_t)prefix_size + FLAGSHIP_COMMON_SIZE + details_size;
	size += ((uint64_t)plaintext_length / KEY_BLOCK_SIZE + 1) * KEY_BLOCK_SIZE;
	size += FLAGSHIP_FRAME_CHECKSUM_SIZE;
	return size <= limit ? (size_t)size : 0;
}

void flagship_frame_init(struct flagship_frame *frame, const char *guid)
{
	memset(frame, 0, sizeof(*frame));
	frame->signature = FLAGSHIP_SIGNATURE_MA;
	frame->version = FRAME_VERSION;
	frame->product_type = FRAME_PRODUCT_TYPE;
	frame->device_type = FLAGSHIP_DEVICE_TYPE_M5;
	frame->data_source = FRAME_DATA_SOURCE;
	frame->command_code = FRAME_COMMAND_CODE;
	frame->packet_type = FLAGSHIP_PACKET_TYPE_SINGLE;
	frame->long_header = true;
	if (guid) {
		memcpy(frame->guid, guid, strnlen(guid, FLAGSHIP_GUID_LENGTH));
	}
}

static void frame_write_details(const struct flagship_frame *frame, uint8_t *details)
{
	if (frame_details_size(frame->device_type) == FLAGSHIP_DETAILS_LONG_SIZE) {
		memset(details, 0, FLAGSHIP_DETAILS_LONG_SIZE);
		bytes_write_u32le(details + FLAGSHIP_DETAILS_LONG_TIME_OFFSET, frame->time);
		memcpy(details + FLAGSHIP_DETAILS_LONG_GUID_OFFSET, frame->guid,
		       strnlen(frame->guid, FLAGSHIP_GUID_LENGTH));
	} else {
		memcpy(details + FLAGSHIP_DETAILS_SHORT_OPAQUE_OFFSET, frame->opaque,
		       sizeof(frame->opaque));
	}
}

/* Returns the length of the header. */
static size_t frame_write_header(const struct flagship_frame *frame, size_t size, uint8_t *out)
{
	const size_t prefix_size = frame_prefix_size(frame->signature);
	uint8_t *common = out + prefix_size;

	bytes_write_u16be(out + FLAGSHIP_PREFIX_SHORT_SIGNATURE_OFFSET, (uint16_t)frame->signature);
	if (frame->signature == FLAGSHIP_SIGNATURE_MA) {
		bytes_write_u16le(out + FLAGSHIP_PREFIX_SHORT_SIZE_OFFSET, (uint16_t)size);
	} else {
		bytes_write_u32le(out + FLAGSHIP_PREFIX_LONG_SIZE_OFFSET, (uint32_t)size);
	}
	common[FLAGSHIP_COMMON_VERSION_OFFSET] = frame->version;
	common[FLAGSHIP_COMMON_PRODUCT_TYPE_OFFSET] = frame->product_type;
	common[FLAGSHIP_COMMON_DEVICE_TYPE_OFFSET] = frame->device_type;
	common[FLAGSHIP_COMMON_DATA_SOURCE_OFFSET] = frame->data_source;
	common[FLAGSHIP_COMMON_COMMAND_CODE_OFFSET] = frame->command_code;
	common[FLAGSHIP_COMMON_PACKET_TYPE_OFFSET] = frame->packet_type;
	bytes_write_u16le(common + FLAGSHIP_COMMON_PACKET_NUMBER_OFFSET, frame->packet_number);
	frame_write_details(frame, common + FLAGSHIP_COMMON_SIZE);
	return prefix_size + FLAGSHIP_COMMON_SIZE + frame_details_size(frame->device_type);
}

static int frame_check_sealed_size(const struct flagship_frame *frame, size_t size, size_t capacity)
{
	if (frame_prefix_size(frame->signature) == 0) {
		return FLAGSHIP_ERROR_SIGNATURE;
	}
	if (frame_details_size(frame->device_type) == 0) {
		return FLAGSHIP_ERROR_DEVICE_TYPE;
	}
	if (size == 0) {
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	return size > capacity ? FLAGSHIP_ERROR_BUFFER : 0;
}

int flagship_frame_seal(struct flagship_key *key, const struct flagship_frame *frame,
			const void *plaintext, size_t plaintext_length, uint8_t *out,
			size_t capacity, size_t *written)
{
	const size_t size = flagship_frame_sealed_size(
		frame->signature, (enum flagship_device_type)frame->device_type, plaintext_length);
	const size_t padding = KEY_BLOCK_SIZE - plaintext_length % KEY_BLOCK_SIZE;

	int error = frame_check_sealed_size(frame, size, capacity);
	if (error) {
		return error;
	}
	uint8_t *ciphertext = out + frame_write_header(frame, size, out);
	if (plaintext_length > 0) {
		memcpy(ciphertext, plaintext, plaintext_length);
	}
	memset(ciphertext + plaintext_length, (int)padding, padding);
	error = key_encrypt(key, ciphertext, plaintext_length + padding);
	if (error) {
		return error;
	}
	out[size - FLAGSHIP_FRAME_CHECKSUM_SIZE] = frame_checksum(
		out, size - FLAGSHIP_FRAME_CHECKSUM_SIZE);
	*written = size;
	return 0;
}
