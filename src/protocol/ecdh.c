/* SPDX-License-Identifier: MIT */
#include "protocol/ecdh.h"

#include "base/hex.h"

#include <flagship/error.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include <stdbool.h>
#include <string.h>

#define CURVE_NAME         "P-256"
#define POINT_UNCOMPRESSED 0x04
#define PUBLIC_HEX_LENGTH  (FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE - 1)
#define SCALAR_TRIES       8 /* all but one in four billion scalars are one */

/* Takes ownership of nothing. private_key may be NULL for a public key alone. */
static int key_from_parts(const uint8_t point[ECDH_POINT_SIZE], const BIGNUM *private_key,
			  EVP_PKEY **key)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM *parameters = NULL;
	int selection = private_key ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
	int error = FLAGSHIP_ERROR_CRYPTO;

	if (!builder || !context ||
	    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, CURVE_NAME, 0) !=
		    1 ||
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point,
					     ECDH_POINT_SIZE) != 1) {
		goto out;
	}
	if (private_key &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, private_key) != 1) {
		goto out;
	}
	parameters = OSSL_PARAM_BLD_to_param(builder);
	if (parameters && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, key, selection, parameters) == 1) {
		error = 0;
	}
out:
	OSSL_PARAM_free(parameters);
	EVP_PKEY_CTX_free(context);
	OSSL_PARAM_BLD_free(builder);
	return error;
}

/* The scalar must lie within [1, order of the curve - 1]. */
static int point_of_scalar(const EC_GROUP *group, const BIGNUM *scalar,
			   uint8_t point[ECDH_POINT_SIZE])
{
	EC_POINT *product;
	size_t size = 0;

	if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	product = EC_POINT_new(group);
	if (product && EC_POINT_mul(group, product, scalar, NULL, NULL, NULL) == 1) {
		size = EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, point,
					  ECDH_POINT_SIZE, NULL);
	}
	EC_POINT_free(product);
	return size == ECDH_POINT_SIZE ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

static int own_key_from_scalar(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE],
			       uint8_t point[ECDH_POINT_SIZE], EVP_PKEY **key)
{
	BIGNUM *number = BN_bin2bn(scalar, FLAGSHIP_LOGIN_PRIVATE_SIZE, NULL);
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	int error = FLAGSHIP_ERROR_CRYPTO;

	if (number && group) {
		BN_set_flags(number, BN_FLG_CONSTTIME);
		error = point_of_scalar(group, number, point);
	}
	if (!error) {
		error = key_from_parts(point, number, key);
	}
	EC_GROUP_free(group);
	BN_clear_free(number);
	return error;
}

static int own_key_at_random(uint8_t point[ECDH_POINT_SIZE], EVP_PKEY **key)
{
	size_t size = 0;

	*key = EVP_EC_gen(CURVE_NAME);
	if (!*key ||
	    EVP_PKEY_get_octet_string_param(*key, OSSL_PKEY_PARAM_PUB_KEY, point, ECDH_POINT_SIZE,
					    &size) != 1 ||
	    size != ECDH_POINT_SIZE) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	return 0;
}

/* A point that is not on the curve would let whoever sent it learn the private scalar. */
int ecdh_peer_key(const char *hex, EVP_PKEY **key)
{
	uint8_t point[ECDH_POINT_SIZE];
	EVP_PKEY_CTX *context;

	if (strlen(hex) != PUBLIC_HEX_LENGTH || !hex_decode(hex, point, ECDH_POINT_SIZE) ||
	    point[0] != POINT_UNCOMPRESSED || key_from_parts(point, NULL, key)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	context = EVP_PKEY_CTX_new_from_pkey(NULL, *key, NULL);
	if (!context) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	bool valid = EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	return valid ? 0 : FLAGSHIP_ERROR_ARGUMENT;
}

int ecdh_derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t secret[ECDH_SECRET_SIZE])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t size = ECDH_SECRET_SIZE;
	bool done = context && EVP_PKEY_derive_init(context) == 1 &&
		    EVP_PKEY_derive_set_peer(context, peer) == 1 &&
		    EVP_PKEY_derive(context, secret, &size) == 1 && size == ECDH_SECRET_SIZE;

	EVP_PKEY_CTX_free(context);
	return done ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

int ecdh_own_key(const uint8_t *scalar, uint8_t point[ECDH_POINT_SIZE], EVP_PKEY **key)
{
	return scalar ? own_key_from_scalar(scalar, point, key) : own_key_at_random(point, key);
}

int ecdh_share(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE], const char *peer_hex,
	       uint8_t secret[ECDH_SECRET_SIZE])
{
	uint8_t point[ECDH_POINT_SIZE];
	uint8_t made[ECDH_SECRET_SIZE];
	EVP_PKEY *own = NULL;
	EVP_PKEY *peer = NULL;

	/* What a refused key leaves in OpenSSL's queue would end the caller's TLS connection. */
	ERR_set_mark();
	int error = ecdh_peer_key(peer_hex, &peer);
	if (!error) {
		error = ecdh_own_key(scalar, point, &own);
	}
	if (!error) {
		error = ecdh_derive(own, peer, made);
	}
	if (!error) {
		memcpy(secret, made, sizeof(made));
	}
	ERR_pop_to_mark();
	OPENSSL_cleanse(made, sizeof(made));
	EVP_PKEY_free(own);
	EVP_PKEY_free(peer);
	return error;
}

int ecdh_public_hex(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE],
		    char hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE])
{
	uint8_t point[ECDH_POINT_SIZE];
	EVP_PKEY *key = NULL;
	int error = own_key_from_scalar(scalar, point, &key);

	EVP_PKEY_free(key);
	if (!error) {
		hex_encode(point, sizeof(point), HEX_LOWER, hex);
	}
	return error;
}

int ecdh_random_scalar(uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE])
{
	char hex[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE];

	for (int i = 0; i < SCALAR_TRIES; i++) {
		if (RAND_priv_bytes(scalar, FLAGSHIP_LOGIN_PRIVATE_SIZE) != 1) {
			return FLAGSHIP_ERROR_CRYPTO;
		}
		int error = ecdh_public_hex(scalar, hex);
		if (error != FLAGSHIP_ERROR_ARGUMENT) {
			return error;
		}
	}
	return FLAGSHIP_ERROR_CRYPTO;
}
