/* SPDX-License-Identifier: MIT */
#include "daemon/login/password.h"

#include "base/hex.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

/* OWASP's recommendation for scrypt of 2023: N = 2^15 with r = 8 wants p = 3. */
#define SCRYPT_LOG2_N     15
#define SCRYPT_R          8
#define SCRYPT_P          3
#define SCRYPT_LOG2_N_MAX 20
#define SCRYPT_FACTOR_MAX 32
#define SCRYPT_MEMORY_MAX (UINT64_C(2) << 30)
#define SALT_SIZE         16
#define HASH_SIZE         32
#define SCRYPT_TEXT       "scrypt$%u$%u$%u$%32[0-9a-f]$%64[0-9a-f]%n"

struct parameters {
	unsigned int log2_n;
	unsigned int r;
	unsigned int p;
	uint8_t salt[SALT_SIZE];
	uint8_t hash[HASH_SIZE];
};

static bool derive(const char *password, const struct parameters *parameters,
		   uint8_t hash[HASH_SIZE])
{
	return EVP_PBE_scrypt(password, strlen(password), parameters->salt, SALT_SIZE,
			      UINT64_C(1) << parameters->log2_n, parameters->r, parameters->p,
			      SCRYPT_MEMORY_MAX, hash, HASH_SIZE) == 1;
}

int password_hash(const char *password, char out[PASSWORD_HASH_SIZE])
{
	struct parameters parameters = {.log2_n = SCRYPT_LOG2_N, .r = SCRYPT_R, .p = SCRYPT_P};
	char salt[2 * SALT_SIZE + 1];
	char hash[2 * HASH_SIZE + 1];

	if (!password || password[0] == '\0' || strlen(password) > FLAGSHIP_LOGIN_PASSWORD_MAX) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (RAND_bytes(parameters.salt, SALT_SIZE) != 1) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	if (!derive(password, &parameters, parameters.hash)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	hex_encode(parameters.salt, SALT_SIZE, HEX_LOWER, salt);
	hex_encode(parameters.hash, HASH_SIZE, HEX_LOWER, hash);
	snprintf(out, PASSWORD_HASH_SIZE, "scrypt$%u$%u$%u$%s$%s", parameters.log2_n, parameters.r,
		 parameters.p, salt, hash);
	return 0;
}

static bool parse(const char *text, struct parameters *parameters)
{
	char salt[2 * SALT_SIZE + 1];
	char hash[2 * HASH_SIZE + 1];
	int end = 0;

	return sscanf(text, SCRYPT_TEXT, &parameters->log2_n, &parameters->r, &parameters->p, salt,
		      hash, &end) == 5 &&
	       text[end] == '\0' && parameters->log2_n > 0 &&
	       parameters->log2_n <= SCRYPT_LOG2_N_MAX && parameters->r > 0 &&
	       parameters->r <= SCRYPT_FACTOR_MAX && parameters->p > 0 &&
	       parameters->p <= SCRYPT_FACTOR_MAX && strlen(salt) == sizeof(salt) - 1 &&
	       hex_decode(salt, parameters->salt, SALT_SIZE) && strlen(hash) == sizeof(hash) - 1 &&
	       hex_decode(hash, parameters->hash, HASH_SIZE);
}

int password_verify(const char *password, const char *text)
{
	struct parameters parameters = {0};
	uint8_t hash[HASH_SIZE];
	bool known = parse(text, &parameters);

	if (!known) {
		parameters = (struct parameters){
			.log2_n = SCRYPT_LOG2_N, .r = SCRYPT_R, .p = SCRYPT_P};
	}
	bool is_possible = strlen(password) <= FLAGSHIP_LOGIN_PASSWORD_MAX;
	/* Its parameters are in bounds, so that memory is all that it can lack. */
	bool derived = is_possible && derive(password, &parameters, hash);
	bool same = derived && CRYPTO_memcmp(hash, parameters.hash, HASH_SIZE) == 0;
	OPENSSL_cleanse(hash, sizeof(hash));
	OPENSSL_cleanse(&parameters, sizeof(parameters));
	if (is_possible && !derived) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	return known && same;
}
