/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/proof/proof.h"

#include "base/text.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_SIZE_MAX ((size_t)65536) /* a notice is far shorter */

/*
 * AES-CBC lets whoever knows the text of some blocks make others say what he likes, at the price of
 * blocks of noise between them. So what counts as opened holds no noise.
 */
static bool is_clean(const char *text, size_t length)
{
	uint32_t character;

	while (length > 0) {
		size_t bytes = utf8_decode(text, length, &character);

		if (character < ' ' || character == UTF8_REPLACEMENT) {
			return false;
		}
		text += bytes;
		length -= bytes;
	}
	return true;
}

static enum proof judge_plaintext(const void *plaintext, size_t length, struct challenge *challenge)
{
	struct flagship_payload payload;
	struct flagship_message message;
	int result;

	if (!is_clean(plaintext, length)) {
		return PROOF_MISFIT;
	}
	flagship_payload_init(&payload, plaintext, length);
	while ((result = flagship_payload_next(&payload, &message)) > 0) {
	}
	if (result < 0) {
		return PROOF_MISFIT;
	}
	switch (challenge ? challenge_receive(challenge, plaintext, length) : CHALLENGE_NO_ANSWER) {
	case CHALLENGE_ANSWERED:
		return PROOF_GIVEN;
	case CHALLENGE_GOES_ON:
		return PROOF_GOES_ON;
	case CHALLENGE_WRONG:
		return PROOF_WRONG;
	case CHALLENGE_NO_ANSWER:
		break;
	}
	return PROOF_OPENS;
}

/* The text of a part ends anywhere. */
static bool is_part(const struct flagship_frame *frame)
{
	return frame->packet_type == FLAGSHIP_PACKET_TYPE_MULTI_BEGIN ||
	       frame->packet_type == FLAGSHIP_PACKET_TYPE_MULTI_APPEND ||
	       frame->packet_type == FLAGSHIP_PACKET_TYPE_MULTI_FINISH;
}

static enum proof test_frame(struct flagship_key *key, struct challenge *challenge, uint8_t *data,
			     size_t length)
{
	struct flagship_frame frame;

	if (flagship_frame_parse(data, length, &frame) != 0) {
		return PROOF_MISFIT;
	}
	/* Whoever puts parts of a question together could say what he has not read. */
	if (challenge && challenge_repeats(challenge, frame.payload, frame.payload_length)) {
		challenge = NULL;
	}
	if (flagship_frame_open(key, data, length, &frame) != 0) {
		return PROOF_MISFIT;
	}
	return is_part(&frame) ? PROOF_UNTESTED
			       : judge_plaintext(frame.payload, frame.payload_length, challenge);
}

static enum proof test(struct flagship_key *key, struct challenge *challenge, uint8_t *data,
		       size_t length)
{
	uint8_t *plaintext;
	size_t plaintext_length;

	if (length >= 2 && data[0] == 'M') {
		return test_frame(key, challenge, data, length);
	}
	return flagship_gcm_open(key, data, length, &plaintext, &plaintext_length) == 0
		       ? judge_plaintext(plaintext, plaintext_length, NULL)
		       : PROOF_MISFIT;
}

enum proof proof_check(struct registry *registry, struct challenge *challenge, const char *serial,
		       const void *payload, size_t length)
{
	struct registry_printer printer;
	struct flagship_key *key = NULL;
	uint8_t *copy = NULL;
	enum proof proof = PROOF_UNTESTED;

	if (length == 0 || length > PROOF_SIZE_MAX ||
	    registry_find_printer(registry, serial, &printer) != 1) {
		return PROOF_UNTESTED;
	}
	if (flagship_key_create_hex(printer.key_hex, strlen(printer.key_hex), &key) == 0) {
		copy = malloc(length);
	}
	if (copy) {
		/* Decryption works in place, and the broker's bytes go on to others. */
		memcpy(copy, payload, length);
		proof = test(key, challenge, copy, length);
		OPENSSL_cleanse(copy, length);
	}
	free(copy);
	flagship_key_destroy(key);
	OPENSSL_cleanse(&printer, sizeof(printer));
	return proof;
}

bool proof_key_digest(struct registry *registry, const char *serial,
		      uint8_t digest[PROOF_DIGEST_SIZE])
{
	struct registry_printer printer;
	bool known = registry_find_printer(registry, serial, &printer) == 1 &&
		     printer.key_hex[0] != '\0' &&
		     EVP_Digest(printer.key_hex, strlen(printer.key_hex), digest, NULL,
				EVP_sha256(), NULL) == 1;

	OPENSSL_cleanse(&printer, sizeof(printer));
	return known;
}
