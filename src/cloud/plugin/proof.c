/* SPDX-License-Identifier: MIT */
#include "cloud/plugin/proof.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_SIZE_MAX ((size_t)65536) /* a notice is far shorter */

static bool is_payload(const void *plaintext, size_t length)
{
	struct flagship_payload payload;
	struct flagship_message message;
	size_t typed = 0;
	int result;

	flagship_payload_init(&payload, plaintext, length);
	while ((result = flagship_payload_next(&payload, &message)) > 0) {
		typed += message.type != FLAGSHIP_MESSAGE_UNTYPED;
	}
	/* A wrong key leaves good padding once in 256 times, but never an object with a type. */
	return result == 0 && typed > 0;
}

static bool opens(struct flagship_key *key, uint8_t *data, size_t length)
{
	struct flagship_frame frame;
	uint8_t *plaintext;
	size_t plaintext_length;

	if (length >= 2 && data[0] == 'M') {
		return flagship_frame_open(key, data, length, &frame) == 0 &&
		       is_payload(frame.payload, frame.payload_length);
	}
	return flagship_gcm_open(key, data, length, &plaintext, &plaintext_length) == 0 &&
	       is_payload(plaintext, plaintext_length);
}

bool proof_check(struct registry *registry, const char *serial, const void *payload, size_t length)
{
	struct store_printer printer;
	struct flagship_key *key = NULL;
	uint8_t *copy = NULL;
	bool proven = false;

	if (length == 0 || length > PROOF_SIZE_MAX ||
	    registry_find_printer(registry, serial, &printer) != 1) {
		return false;
	}
	if (flagship_key_create_hex(printer.key_hex, strlen(printer.key_hex), &key) == 0) {
		copy = malloc(length);
	}
	if (copy) {
		/* Decryption works in place, and the broker's bytes go on to others. */
		memcpy(copy, payload, length);
		proven = opens(key, copy, length);
		OPENSSL_cleanse(copy, length);
	}
	free(copy);
	flagship_key_destroy(key);
	OPENSSL_cleanse(&printer, sizeof(printer));
	return proven;
}
