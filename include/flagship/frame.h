/* SPDX-License-Identifier: MIT */
#ifndef FLAGSHIP_FRAME_H
#define FLAGSHIP_FRAME_H

#include <flagship/error.h>
#include <flagship/key.h>
#include <flagship/mqtt.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define FLAGSHIP_GUID_LENGTH 36

/*
 * One binary envelope, the body of one MQTT message (protocol.md 2; layout in
 * specifications/mqtt.stf).
 */
struct flagship_frame {
	enum flagship_signature signature;
	uint8_t version;
	uint8_t product_type;
	uint8_t device_type; /* enum flagship_device_type; others are read by what fits them */
	uint8_t data_source;
	uint8_t command_code;
	uint8_t packet_type; /* enum flagship_packet_type; other values are passed through */
	uint16_t packet_number;
	bool long_header; /* 64 bytes, 66 after MB; not read by flagship_frame_seal */
	uint32_t time;    /* Unix seconds; 0 in a 24-byte header */
	char guid[FLAGSHIP_GUID_LENGTH + 1];                /* empty in a 24-byte header */
	uint8_t opaque[FLAGSHIP_DETAILS_SHORT_OPAQUE_SIZE]; /* zero in a 64-byte header */

	size_t size;      /* of the whole frame, bytes */
	uint8_t *payload; /* inside the caller's buffer; ciphertext, or plaintext once opened */
	size_t payload_length; /* bytes */
	size_t error_offset;   /* after an error: the byte of the frame that it is about */
};

/*
 * Checks everything that can be checked without a key and fills *frame, whose payload is then the
 * ciphertext inside data. Reserved bytes of the header, version, product_type, data_source and
 * command_code are not judged. A device type that is not in specifications/mqtt.stf is taken with
 * the one header length that makes the ciphertext whole blocks (protocol.md 2).
 * Errors: TOO_SHORT, SIGNATURE, DEVICE_TYPE, SIZE, CHECKSUM, CIPHERTEXT_LENGTH.
 */
FLAGSHIP_CHECKED int flagship_frame_parse(uint8_t *data, size_t length,
					  struct flagship_frame *frame);

/*
 * flagship_frame_parse, then decrypts in place: frame->payload is the plaintext, inside data, not
 * NUL-terminated. No heap. data is left undefined where decryption was tried and failed.
 * Errors: those of flagship_frame_parse, PADDING, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_frame_open(struct flagship_key *key, uint8_t *data, size_t length,
					 struct flagship_frame *frame);

/*
 * Bytes that flagship_frame_seal writes for a plaintext of this length, or 0 for a combination
 * that cannot be: an unknown device type or signature, or too long for the signature.
 */
size_t flagship_frame_sealed_size(enum flagship_signature signature,
				  enum flagship_device_type device_type, size_t plaintext_length);

/* A frame as clients send it: MA, type M5, single, packet number 0, time 0, with this GUID. */
void flagship_frame_init(struct flagship_frame *frame, const char *guid);

/*
 * Pads, encrypts and checksums. Of *frame it uses signature, version, product_type, device_type,
 * data_source, command_code, packet_type, packet_number, time and guid or opaque. out must not
 * overlap plaintext; *written is in bytes. No heap. Errors: DEVICE_TYPE, SIGNATURE, TOO_LARGE (for
 * the signature's size field), BUFFER, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_frame_seal(struct flagship_key *key,
					 const struct flagship_frame *frame, const void *plaintext,
					 size_t plaintext_length, uint8_t *out, size_t capacity,
					 size_t *written);

/*
 * The AES-256-GCM payload seen with some E1 accounts instead of the frame (protocol.md 2, grade C).
 * Decrypts in place; *plaintext points into data. The length field may count any of the four things
 * it was seen to count. Errors: TOO_SHORT, SIZE, KEY (not 32 bytes), AUTHENTICATION, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_gcm_open(struct flagship_key *key, uint8_t *data, size_t length,
				       uint8_t **plaintext, size_t *plaintext_length);

/* Whether these could be the bytes of such a payload: all that can be checked without a key. */
bool flagship_gcm_plausible(const void *data, size_t length);

#define FLAGSHIP_GCM_OVERHEAD FLAGSHIP_GCM_PAYLOAD_CIPHERTEXT_OFFSET

/*
 * Writes FLAGSHIP_GCM_OVERHEAD more bytes than plaintext_length; the length field counts the
 * ciphertext. Errors: BUFFER, TOO_LARGE, KEY, CRYPTO.
 */
FLAGSHIP_CHECKED int flagship_gcm_seal(struct flagship_key *key, const void *plaintext,
				       size_t plaintext_length, uint8_t *out, size_t capacity,
				       size_t *written);

#ifdef __cplusplus
}
#endif

#endif
