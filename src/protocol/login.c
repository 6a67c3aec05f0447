/* SPDX-License-Identifier: MIT */
#include "protocol/login.h"

#include "base/base64.h"
#include "base/hex.h"
#include "base/json/reader.h"
#include "base/text_encoding.h"
#include "protocol/ecdh.h"

#include <flagship/error.h>
#include <flagship/message.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE 16
/* Whole blocks and whole base64 groups: pieces of this size can be encoded one after another. */
#define PIECE_SIZE (3 * BLOCK_SIZE)

/* The same in every copy of the slicer (protocol.md 4). */
static const uint8_t slicer_key[BLOCK_SIZE] = {
	0x1b, 0x55, 0xf9, 0x77, 0x93, 0xd5, 0x88, 0x64,
	0x57, 0x1e, 0x10, 0x55, 0x83, 0x8c, 0xac, 0x97,
};

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int create_cipher(bool encrypt, EVP_CIPHER_CTX **context)
{
	*context = EVP_CIPHER_CTX_new();
	if (!*context) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (EVP_CipherInit_ex2(*context, EVP_aes_128_ecb(), slicer_key, NULL, encrypt, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding(*context, 0) != 1) {
		EVP_CIPHER_CTX_free(*context);
		return FLAGSHIP_ERROR_CRYPTO;
	}
	return 0;
}

static int decrypt_in_place(uint8_t *data, size_t size)
{
	EVP_CIPHER_CTX *context;
	int written;
	int error = create_cipher(false, &context);

	if (error) {
		return error;
	}
	bool done = EVP_CipherUpdate(context, data, &written, data, (int)size) == 1;
	EVP_CIPHER_CTX_free(context);
	return done && (size_t)written == size ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

static size_t without_zero_padding(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == '\0') {
		length--;
	}
	return length;
}

static int decode_encrypted(const char *text, size_t length, char *out, size_t capacity,
			    size_t *json_length)
{
	size_t size;
	int error = base64_decode(text, length, (uint8_t *)out, capacity, &size);

	if (error == FLAGSHIP_ERROR_BUFFER) {
		return error;
	}
	if (error || size == 0 || size % BLOCK_SIZE) {
		return FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	error = decrypt_in_place((uint8_t *)out, size);
	if (error) {
		return error;
	}
	*json_length = without_zero_padding(out, size);
	return *json_length < capacity ? 0 : FLAGSHIP_ERROR_BUFFER;
}

static int copy_bare(const char *text, size_t length, char *out, size_t capacity,
		     size_t *json_length)
{
	*json_length = without_zero_padding(text, length);
	if (*json_length >= capacity) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	memcpy(out, text, *json_length);
	return 0;
}

static int check_object(const char *json, size_t length)
{
	struct json_value value;
	int error = json_read_document(json, length, FLAGSHIP_PAYLOAD_DEPTH_MAX, &value);

	if (error == FLAGSHIP_ERROR_TOO_DEEP) {
		return error;
	}
	return error || value.kind != JSON_OBJECT ? FLAGSHIP_ERROR_LOGIN_CACHE : 0;
}

static bool begins_object(const char *text, size_t length)
{
	struct json_reader reader = {text, text + length};

	return json_take(&reader, '{');
}

/* text: UTF-8. */
static int decode_text(const char *text, size_t length, char *out, size_t capacity,
		       size_t *json_length)
{
	size_t used = smaller(length, capacity);
	size_t found = 0;
	int error = begins_object(text, length)
			    ? copy_bare(text, length, out, capacity, &found)
			    : decode_encrypted(text, length, out, capacity, &found);

	if (!error) {
		error = check_object(out, found);
	}
	if (error) {
		OPENSSL_cleanse(out, used);
		return error;
	}
	out[found] = '\0';
	*json_length = found;
	return 0;
}

static int decode_utf16(const void *file, size_t length, char *out, size_t capacity,
			size_t *json_length)
{
	size_t size = TEXT_ENCODING_MAX(length);
	char *text = malloc(size);
	size_t text_length;

	if (!text) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = text_encoding_to_utf8(file, length, text, size, &text_length);
	if (!error) {
		error = decode_text(text, text_length, out, capacity, json_length);
	}
	OPENSSL_cleanse(text, size);
	free(text);
	return error;
}

int flagship_login_cache_decode(const void *file, size_t length, char *out, size_t capacity,
				size_t *json_length)
{
	if (length > FLAGSHIP_LOGIN_CACHE_MAX) {
		return FLAGSHIP_ERROR_LOGIN_CACHE;
	}
	if (text_encoding_is_utf16(file, length)) {
		return decode_utf16(file, length, out, capacity, json_length);
	}
	const char *text = text_encoding_skip_mark(file, &length);
	return decode_text(text, length, out, capacity, json_length);
}

/* Encrypts json, filled up with zeros to `size` bytes, and writes it as base64. */
static int encode_pieces(EVP_CIPHER_CTX *context, const char *json, size_t length, size_t size,
			 char *out)
{
	uint8_t piece[PIECE_SIZE];
	int error = 0;

	for (size_t offset = 0; offset < size && !error; offset += sizeof(piece)) {
		int taken = (int)smaller(size - offset, sizeof(piece));
		int written;

		memset(piece, 0, sizeof(piece));
		memcpy(piece, json + offset, smaller(length - offset, sizeof(piece)));
		if (EVP_CipherUpdate(context, piece, &written, piece, taken) == 1) {
			out += EVP_EncodeBlock((unsigned char *)out, piece, written);
		} else {
			error = FLAGSHIP_ERROR_CRYPTO;
		}
	}
	OPENSSL_cleanse(piece, sizeof(piece));
	return error;
}

int flagship_login_cache_encode(const char *json, size_t length, char *out, size_t capacity,
				size_t *written)
{
	EVP_CIPHER_CTX *context;

	if (length > FLAGSHIP_LOGIN_CACHE_MAX) {
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	size_t size = (length + BLOCK_SIZE - 1) / BLOCK_SIZE * BLOCK_SIZE;
	size_t encoded = BASE64_LENGTH(size);
	if (encoded > FLAGSHIP_LOGIN_CACHE_MAX) {
		return FLAGSHIP_ERROR_TOO_LARGE;
	}
	if (encoded >= capacity) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	int error = create_cipher(true, &context);
	if (error) {
		return error;
	}
	error = encode_pieces(context, json, length, size, out);
	EVP_CIPHER_CTX_free(context);
	if (error) {
		return error;
	}
	out[encoded] = '\0';
	*written = encoded;
	return 0;
}

#define CIPHERTEXT_MAX (FLAGSHIP_LOGIN_PASSWORD_MAX + BLOCK_SIZE)

/* The public key of the login service (protocol.md 4). */
static const char vendor_public_hex[] =
	"04"
	"c5c00c4f8d1197cc7c3167c52bf7acb054d722f0ef08dcd7e0883236e0d72a38"
	"68d9750cb47fa4619248f3d83f0f662671dadc6e2d31c2f41db0161651c7c076";

/* The shared secret is the key, its first block the IV. */
static int encrypt_password(const uint8_t secret[ECDH_SECRET_SIZE], const char *password,
			    size_t length, uint8_t ciphertext[CIPHERTEXT_MAX], size_t *size)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int first = 0;
	int last = 0;
	bool done = context &&
		    EVP_EncryptInit_ex2(context, EVP_aes_256_cbc(), secret, secret, NULL) == 1 &&
		    EVP_EncryptUpdate(context, ciphertext, &first, (const unsigned char *)password,
				      (int)length) == 1 &&
		    EVP_EncryptFinal_ex(context, ciphertext + first, &last) == 1;

	EVP_CIPHER_CTX_free(context);
	*size = (size_t)first + (size_t)last;
	return done ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

static int encrypt_for_service(const char *password, size_t length, const uint8_t *private_key,
			       const char *service_public_hex, uint8_t point[ECDH_POINT_SIZE],
			       uint8_t ciphertext[CIPHERTEXT_MAX], size_t *size)
{
	uint8_t secret[ECDH_SECRET_SIZE];
	EVP_PKEY *own = NULL;
	EVP_PKEY *service = NULL;

	/* What a refused key leaves in OpenSSL's queue would end the caller's TLS connection. */
	ERR_set_mark();
	int error = ecdh_peer_key(service_public_hex, &service);
	if (!error) {
		error = ecdh_own_key(private_key, point, &own);
	}
	if (!error) {
		error = ecdh_derive(own, service, secret);
	}
	if (!error) {
		error = encrypt_password(secret, password, length, ciphertext, size);
	}
	ERR_pop_to_mark();
	OPENSSL_cleanse(secret, sizeof(secret));
	EVP_PKEY_free(own);
	EVP_PKEY_free(service);
	return error;
}

int flagship_login_password(const char *password, const uint8_t *private_key,
			    const char *service_public_hex, char *encrypted, size_t capacity,
			    char public_hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE])
{
	uint8_t point[ECDH_POINT_SIZE];
	uint8_t ciphertext[CIPHERTEXT_MAX];
	size_t size;

	if (!password) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	size_t length = strlen(password);
	if (length > FLAGSHIP_LOGIN_PASSWORD_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (capacity <= BASE64_LENGTH((length / BLOCK_SIZE + 1) * BLOCK_SIZE)) {
		return FLAGSHIP_ERROR_BUFFER;
	}
	int error = encrypt_for_service(password, length, private_key,
					service_public_hex ? service_public_hex : vendor_public_hex,
					point, ciphertext, &size);
	if (error) {
		return error;
	}
	EVP_EncodeBlock((unsigned char *)encrypted, ciphertext, (int)size);
	hex_encode(point, sizeof(point), HEX_LOWER, public_hex);
	return 0;
}

static bool decrypt_secret(const uint8_t secret[ECDH_SECRET_SIZE], const uint8_t *ciphertext,
			   size_t size, uint8_t *out, size_t *length)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int first = 0;
	int last = 0;
	bool done = context &&
		    EVP_DecryptInit_ex2(context, EVP_aes_256_cbc(), secret, secret, NULL) == 1 &&
		    EVP_DecryptUpdate(context, out, &first, ciphertext, (int)size) == 1 &&
		    EVP_DecryptFinal_ex(context, out + first, &last) == 1;

	EVP_CIPHER_CTX_free(context);
	*length = (size_t)first + (size_t)last;
	return done;
}

int login_secret_open(const char *sealed, const uint8_t private_key[FLAGSHIP_LOGIN_PRIVATE_SIZE],
		      const char *service_public_hex, char *out, size_t capacity)
{
	uint8_t secret[ECDH_SECRET_SIZE];
	uint8_t ciphertext[CIPHERTEXT_MAX];
	uint8_t text[CIPHERTEXT_MAX + BLOCK_SIZE];
	size_t size;
	size_t length = 0;

	if (base64_decode(sealed, strlen(sealed), ciphertext, sizeof(ciphertext), &size) ||
	    size == 0 || size % BLOCK_SIZE) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = ecdh_share(private_key, service_public_hex, secret);
	if (!error && (!decrypt_secret(secret, ciphertext, size, text, &length) ||
		       length >= capacity || memchr(text, '\0', length))) {
		error = FLAGSHIP_ERROR_ARGUMENT;
	}
	if (!error) {
		memcpy(out, text, length);
		out[length] = '\0';
	}
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(text, sizeof(text));
	return error;
}
