/* SPDX-License-Identifier: MIT */
#include <flagship/account.h>

#include <flagship/error.h>

#include "base/base64.h"
#include "base/hex.h"
#include "protocol/ecdh.h"
#include "protocol/login_secret.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <stdbool.h>
#include <string.h>

#define BLOCK_SIZE     16
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
