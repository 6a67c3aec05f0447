/* SPDX-License-Identifier: MIT */
#include "base/bytes.h"
#include "protocol/key.h"

#include <flagship/error.h>
#include <flagship/frame.h>

#include <stdbool.h>
#include <string.h>

static const uint8_t gcm_nonce[] = {'3', 'D', 'P', 'r', 'i', 'n', 't', 'A', 'n', 'k', 'e', 'r'};

/*
 * What the length field was seen to count: the ciphertext, with the tag (which is also the whole
 * less the field itself), or the whole.
 */
static bool gcm_length_fits(uint32_t field, size_t length)
{
	return field == length || field == length - FLAGSHIP_GCM_PAYLOAD_LENGTH_SIZE ||
	       field == length - FLAGSHIP_GCM_OVERHEAD;
}

bool flagship_gcm_plausible(const void *data, size_t length)
{
	return length >= FLAGSHIP_GCM_OVERHEAD &&
	       gcm_length_fits(
		       bytes_read_u32be((const uint8_t *)data + FLAGSHIP_GCM_PAYLOAD_LENGTH_OFFSET),
		       length);
}

int flagship_gcm_open(struct flagship_key *key, uint8_t *data, size_t length, uint8_t **plaintext,
		      size_t *plaintext_length)
{
	EVP_CIPHER_CTX *context = key->gcm_decrypt;
	uint8_t *ciphertext = data + FLAGSHIP_GCM_PAYLOAD_CIPHERTEXT_OFFSET;
	int written;

	if (length < FLAGSHIP_GCM_OVERHEAD) {
		return FLAGSHIP_ERROR_TOO_SHORT;
	}
	if (!gcm_length_fits(bytes_read_u32be(data + FLAGSHIP_GCM_PAYLOAD_LENGTH_OFFSET), length)) {
		return FLAGSHIP_ERROR_SIZE;
	}
	if (!context) {
		return FLAGSHIP_ERROR_KEY;
	}
	if (!EVP_DecryptInit_ex(context, NULL, NULL, NULL, gcm_nonce) ||
	    !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, FLAGSHIP_GCM_PAYLOAD_TAG_SIZE,
				 data + FLAGSHIP_GCM_PAYLOAD_TAG_OFFSET)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	int error = key_update(context, ciphertext, length - FLAGSHIP_GCM_OVERHEAD);
	if (error) {
		return error;
	}
	if (!EVP_DecryptFinal_ex(context, ciphertext, &written)) {
		return FLAGSHIP_ERROR_AUTHENTICATION;
	}
	*plaintext = ciphertext;
	*plaintext_length = length - FLAGSHIP_GCM_OVERHEAD;
	return 0;
}

int flagship_gcm_seal(struct flagship_key *key, const void *plaintext, size_t plaintext_length,
		      uint8_t *out, size_t capacity, size_t *written)
{
	EVP_CIPHER_CTX *context = key->gcm_encrypt;
	uint8_t *ciphertext = out + FLAGSHIP_GCM_PAYLOAD_CIPHERTEXT_OFFSET;
	int final_written;

	if (!context) {
		return FLAGSHIP_ERROR_KEY;
	}
	if (plaintext_length > UINT32_MAX - FLAGSHIP_GCM_OVERHEAD) {
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	if (capacity < plaintext_length + FLAGSHIP_GCM_OVERHEAD) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	bytes_write_u32be(out + FLAGSHIP_GCM_PAYLOAD_LENGTH_OFFSET, (uint32_t)plaintext_length);
	if (plaintext_length > 0) {
		memcpy(ciphertext, plaintext, plaintext_length);
	}
	if (!EVP_EncryptInit_ex(context, NULL, NULL, NULL, gcm_nonce) ||
	    key_update(context, ciphertext, plaintext_length) ||
	    !EVP_EncryptFinal_ex(context, ciphertext + plaintext_length, &final_written) ||
	    !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, FLAGSHIP_GCM_PAYLOAD_TAG_SIZE,
				 out + FLAGSHIP_GCM_PAYLOAD_TAG_OFFSET)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	*written = plaintext_length + FLAGSHIP_GCM_OVERHEAD;
	return 0;
}
