/* SPDX-License-Identifier: MIT */
#include <flagship/account.h>

#include <flagship/error.h>

#include "protocol/base64.h"
#include "protocol/hex.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <stdbool.h>
#include <string.h>

#define CURVE_NAME         "P-256"
#define POINT_SIZE         65 /* 04, X, Y */
#define POINT_UNCOMPRESSED 0x04
#define PUBLIC_HEX_LENGTH  (FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE - 1)
#define SECRET_SIZE        32
#define BLOCK_SIZE         16
#define CIPHERTEXT_MAX     (FLAGSHIP_LOGIN_PASSWORD_MAX + BLOCK_SIZE)

/* The public key of the login service (protocol.md 4). */
static const char vendor_public_hex[] =
	"04"
	"c5c00c4f8d1197cc7c3167c52bf7acb054d722f0ef08dcd7e0883236e0d72a38"
	"68d9750cb47fa4619248f3d83f0f662671dadc6e2d31c2f41db0161651c7c076";

/* Takes ownership of nothing. private_key may be NULL for a public key alone. */
static int key_from_parts(const uint8_t point[POINT_SIZE], const BIGNUM *private_key,
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
	    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE) !=
		    1) {
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
static int point_of_scalar(const EC_GROUP *group, const BIGNUM *scalar, uint8_t point[POINT_SIZE])
{
	EC_POINT *product;
	size_t size = 0;

	if (BN_is_zero(scalar) || BN_cmp(scalar, EC_GROUP_get0_order(group)) >= 0) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	product = EC_POINT_new(group);
	if (product && EC_POINT_mul(group, product, scalar, NULL, NULL, NULL) == 1) {
		size = EC_POINT_point2oct(group, product, POINT_CONVERSION_UNCOMPRESSED, point,
					  POINT_SIZE, NULL);
	}
	EC_POINT_free(product);
	return size == POINT_SIZE ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

static int own_key_from_scalar(const uint8_t scalar[FLAGSHIP_LOGIN_PRIVATE_SIZE],
			       uint8_t point[POINT_SIZE], EVP_PKEY **key)
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

static int own_key_at_random(uint8_t point[POINT_SIZE], EVP_PKEY **key)
{
	size_t size = 0;

	*key = EVP_EC_gen(CURVE_NAME);
	if (!*key ||
	    EVP_PKEY_get_octet_string_param(*key, OSSL_PKEY_PARAM_PUB_KEY, point, POINT_SIZE,
					    &size) != 1 ||
	    size != POINT_SIZE) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	return 0;
}

/* A point that is not on the curve would let whoever sent it learn the private scalar. */
static int service_key(const char *hex, EVP_PKEY **key)
{
	uint8_t point[POINT_SIZE];
	EVP_PKEY_CTX *context;
	bool valid;

	if (strlen(hex) != PUBLIC_HEX_LENGTH || !hex_decode(hex, point, POINT_SIZE) ||
	    point[0] != POINT_UNCOMPRESSED || key_from_parts(point, NULL, key)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	context = EVP_PKEY_CTX_new_from_pkey(NULL, *key, NULL);
	if (!context) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	valid = EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	return valid ? 0 : FLAGSHIP_ERROR_ARGUMENT;
}

static int derive_secret(EVP_PKEY *own, EVP_PKEY *service, uint8_t secret[SECRET_SIZE])
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	size_t size = SECRET_SIZE;
	bool done = context && EVP_PKEY_derive_init(context) == 1 &&
		    EVP_PKEY_derive_set_peer(context, service) == 1 &&
		    EVP_PKEY_derive(context, secret, &size) == 1 && size == SECRET_SIZE;

	EVP_PKEY_CTX_free(context);
	return done ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

/* The shared secret is the key, its first block the IV. */
static int encrypt_password(const uint8_t secret[SECRET_SIZE], const char *password, size_t length,
			    uint8_t ciphertext[CIPHERTEXT_MAX], size_t *size)
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
			       const char *service_public_hex, uint8_t point[POINT_SIZE],
			       uint8_t ciphertext[CIPHERTEXT_MAX], size_t *size)
{
	uint8_t secret[SECRET_SIZE];
	EVP_PKEY *own = NULL;
	EVP_PKEY *service = NULL;

	/* What a refused key leaves in OpenSSL's queue would end the caller's TLS connection. */
	ERR_set_mark();
	int error = service_key(service_public_hex, &service);
	if (!error) {
		error = private_key ? own_key_from_scalar(private_key, point, &own)
				    : own_key_at_random(point, &own);
	}
	if (!error) {
		error = derive_secret(own, service, secret);
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
	uint8_t point[POINT_SIZE];
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
