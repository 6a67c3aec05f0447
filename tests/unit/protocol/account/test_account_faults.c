/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/account.h>
#include <flagship/codes.h>
#include <flagship/error.h>

#include "account_vectors.h"
#include "protocol/signed_session.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * The linker sends the library's calls to the functions named here (--wrap). The call that
 * calls_until_fault counts down to fails, all others do their work.
 */
static unsigned int calls_until_fault; /* 0: none fails */

static bool fault_due(void)
{
	return calls_until_fault > 0 && --calls_until_fault == 0;
}

#define WRAP(type, failure, name, parameters, arguments)                  \
	type __real_##name parameters;                                    \
	type __wrap_##name parameters;                                    \
	type __wrap_##name parameters                                     \
	{                                                                 \
		return fault_due() ? (failure) : __real_##name arguments; \
	}

WRAP(EVP_CIPHER_CTX *, NULL, EVP_CIPHER_CTX_new, (void), ())
WRAP(int, 0, EVP_CipherInit_ex2,
     (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, const unsigned char *key,
      const unsigned char *iv, int encrypt, const OSSL_PARAM parameters[]),
     (context, cipher, key, iv, encrypt, parameters))
WRAP(int, 0, EVP_CIPHER_CTX_set_padding, (EVP_CIPHER_CTX * context, int padding),
     (context, padding))
WRAP(int, 0, EVP_CipherUpdate,
     (EVP_CIPHER_CTX * context, unsigned char *out, int *written, const unsigned char *in,
      int length),
     (context, out, written, in, length))
WRAP(int, 0, EVP_EncryptInit_ex2,
     (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, const unsigned char *key,
      const unsigned char *iv, const OSSL_PARAM parameters[]),
     (context, cipher, key, iv, parameters))
WRAP(int, 0, EVP_EncryptUpdate,
     (EVP_CIPHER_CTX * context, unsigned char *out, int *written, const unsigned char *in,
      int length),
     (context, out, written, in, length))
WRAP(int, 0, EVP_EncryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char *out, int *written),
     (context, out, written))
WRAP(int, 0, EVP_DecryptInit_ex2,
     (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, const unsigned char *key,
      const unsigned char *iv, const OSSL_PARAM parameters[]),
     (context, cipher, key, iv, parameters))
WRAP(int, 0, EVP_DecryptUpdate,
     (EVP_CIPHER_CTX * context, unsigned char *out, int *written, const unsigned char *in,
      int length),
     (context, out, written, in, length))
WRAP(int, 0, EVP_DecryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char *out, int *written),
     (context, out, written))
WRAP(EVP_MAC *, NULL, EVP_MAC_fetch,
     (OSSL_LIB_CTX * library, const char *name, const char *properties),
     (library, name, properties))
WRAP(EVP_MAC_CTX *, NULL, EVP_MAC_CTX_new, (EVP_MAC * mac), (mac))
WRAP(int, 0, EVP_MAC_init,
     (EVP_MAC_CTX * context, const unsigned char *key, size_t length,
      const OSSL_PARAM parameters[]),
     (context, key, length, parameters))
WRAP(int, 0, EVP_MAC_update, (EVP_MAC_CTX * context, const unsigned char *data, size_t length),
     (context, data, length))
WRAP(int, 0, EVP_MAC_final,
     (EVP_MAC_CTX * context, unsigned char *out, size_t *written, size_t size),
     (context, out, written, size))
WRAP(int, 0, EVP_Digest,
     (const void *data, size_t length, unsigned char *out, unsigned int *size,
      const EVP_MD *algorithm, ENGINE *engine),
     (data, length, out, size, algorithm, engine))
WRAP(OSSL_PARAM_BLD *, NULL, OSSL_PARAM_BLD_new, (void), ())
WRAP(int, 0, OSSL_PARAM_BLD_push_utf8_string,
     (OSSL_PARAM_BLD * builder, const char *name, const char *text, size_t size),
     (builder, name, text, size))
WRAP(int, 0, OSSL_PARAM_BLD_push_octet_string,
     (OSSL_PARAM_BLD * builder, const char *name, const void *data, size_t size),
     (builder, name, data, size))
WRAP(int, 0, OSSL_PARAM_BLD_push_BN,
     (OSSL_PARAM_BLD * builder, const char *name, const BIGNUM *number), (builder, name, number))
WRAP(OSSL_PARAM *, NULL, OSSL_PARAM_BLD_to_param, (OSSL_PARAM_BLD * builder), (builder))
WRAP(EVP_PKEY_CTX *, NULL, EVP_PKEY_CTX_new_from_name,
     (OSSL_LIB_CTX * library, const char *name, const char *properties),
     (library, name, properties))
WRAP(EVP_PKEY_CTX *, NULL, EVP_PKEY_CTX_new_from_pkey,
     (OSSL_LIB_CTX * library, EVP_PKEY *key, const char *properties), (library, key, properties))
WRAP(int, 0, EVP_PKEY_fromdata_init, (EVP_PKEY_CTX * context), (context))
WRAP(int, 0, EVP_PKEY_fromdata,
     (EVP_PKEY_CTX * context, EVP_PKEY **key, int selection, OSSL_PARAM parameters[]),
     (context, key, selection, parameters))
WRAP(int, 0, EVP_PKEY_public_check, (EVP_PKEY_CTX * context), (context))
WRAP(int, 0, EVP_PKEY_get_octet_string_param,
     (const EVP_PKEY *key, const char *name, unsigned char *out, size_t capacity, size_t *size),
     (key, name, out, capacity, size))
WRAP(int, 0, EVP_PKEY_derive_init, (EVP_PKEY_CTX * context), (context))
WRAP(int, 0, EVP_PKEY_derive_set_peer, (EVP_PKEY_CTX * context, EVP_PKEY *peer), (context, peer))
WRAP(int, 0, EVP_PKEY_derive, (EVP_PKEY_CTX * context, unsigned char *out, size_t *size),
     (context, out, size))
WRAP(BIGNUM *, NULL, BN_bin2bn, (const unsigned char *data, int size, BIGNUM *number),
     (data, size, number))
WRAP(EC_GROUP *, NULL, EC_GROUP_new_by_curve_name, (int name), (name))
WRAP(EC_POINT *, NULL, EC_POINT_new, (const EC_GROUP *group), (group))
WRAP(int, 0, EC_POINT_mul,
     (const EC_GROUP *group, EC_POINT *out, const BIGNUM *number, const EC_POINT *point,
      const BIGNUM *factor, BN_CTX *context),
     (group, out, number, point, factor, context))
WRAP(size_t, 0, EC_POINT_point2oct,
     (const EC_GROUP *group, const EC_POINT *point, point_conversion_form_t form,
      unsigned char *out, size_t size, BN_CTX *context),
     (group, point, form, out, size, context))

#define UNTOUCHED 0xa5

/* The block that the library took last, and whether only zeros were given back. */
static uint8_t *block;
static size_t block_size;
static bool block_was_wiped;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	block = fault_due() ? NULL : __real_malloc(size);
	block_size = size;
	block_was_wiped = false;
	if (block) {
		memset(block, UNTOUCHED, size);
	}
	return block;
}

void __real_free(void *memory);
void __wrap_free(void *memory);
void __wrap_free(void *memory)
{
	size_t zeros = 0;

	while (memory && memory == block && zeros < block_size && block[zeros] == 0) {
		zeros++;
	}
	block_was_wiped = zeros > 0 && zeros == block_size;
	__real_free(memory);
}

/* EVP_EC_gen. */
EVP_PKEY *__real_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *type,
				   ...);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *type,
				   ...);
EVP_PKEY *__wrap_EVP_PKEY_Q_keygen(OSSL_LIB_CTX *library, const char *properties, const char *type,
				   ...)
{
	va_list arguments;

	va_start(arguments, type);
	const char *curve = va_arg(arguments, const char *);
	va_end(arguments);
	return fault_due() ? NULL : __real_EVP_PKEY_Q_keygen(library, properties, type, curve);
}

/* What RAND_bytes gives, byte by byte, in place of chance. */
static const uint8_t *random_bytes;

int __real_RAND_bytes(unsigned char *out, int size);
int __wrap_RAND_bytes(unsigned char *out, int size);
int __wrap_RAND_bytes(unsigned char *out, int size)
{
	if (fault_due()) {
		return 0;
	}
	if (!random_bytes) {
		return __real_RAND_bytes(out, size);
	}
	for (int i = 0; i < size; i++) {
		out[i] = *random_bytes++;
	}
	return 1;
}

#define FILL     'Z'
#define OUT_SIZE 512
#define FILE     "{\"user_id\":\"u\",\"auth_token\":\"a text of more than one block\"}"
#define DUID     "EUPRAKM-012345-ABCDE"
#define MAC      "5a92bc951772"

struct operation {
	const char *name;
	int (*run)(char out[OUT_SIZE]);
	unsigned int faults; /* the calls that can fail */
	/* Of a point that is none, or a wrong key, OpenSSL tells no other error than of a machine
	 * that has run out. */
	bool may_be_wrong;
};

static char encrypted_file[OUT_SIZE];
static size_t encrypted_length;

static int make_encrypted_file(void **state)
{
	(void)state;
	return flagship_login_cache_encode(FILE, strlen(FILE), encrypted_file,
					   sizeof(encrypted_file), &encrypted_length);
}

static int parse_bare(char out[OUT_SIZE])
{
	struct flagship_account account = {0};
	int error = flagship_account_parse(FILE, strlen(FILE), &account);

	if (account.user_id[0]) {
		strcpy(out, account.user_id);
	}
	return error;
}

static int parse_encrypted(char out[OUT_SIZE])
{
	struct flagship_account account = {0};
	int error = flagship_account_parse(encrypted_file, encrypted_length, &account);

	if (account.user_id[0]) {
		strcpy(out, account.user_id);
	}
	return error;
}

static int parse_utf16(char out[OUT_SIZE])
{
	struct flagship_account account = {0};
	char file[2 * OUT_SIZE];
	size_t length = 0;

	for (size_t i = 0; i < encrypted_length; i++) {
		file[length++] = encrypted_file[i];
		file[length++] = '\0';
	}
	int error = flagship_account_parse(file, length, &account);
	if (account.user_id[0]) {
		strcpy(out, account.user_id);
	}
	return error;
}

/* What is half written counts for nothing without its length. */
static int encode(char out[OUT_SIZE])
{
	char file[OUT_SIZE];
	size_t written = 0;
	int error = flagship_login_cache_encode(FILE, strlen(FILE), file, sizeof(file), &written);

	if (written) {
		strcpy(out, file);
	}
	return error;
}

static int password_with_own_key(char out[OUT_SIZE])
{
	static const uint8_t private_key[FLAGSHIP_LOGIN_PRIVATE_SIZE] = {1};

	return flagship_login_password("hunter2", private_key, NULL, out, OUT_SIZE / 2,
				       out + OUT_SIZE / 2);
}

static int password_with_random_key(char out[OUT_SIZE])
{
	return flagship_login_password("hunter2", NULL, NULL, out, OUT_SIZE / 2,
				       out + OUT_SIZE / 2);
}

static int check_code(char out[OUT_SIZE])
{
	return flagship_check_code(DUID, MAC, out);
}

static int security_codes(char out[OUT_SIZE])
{
	return flagship_security_codes(DUID, MAC, "12345678", out, out + OUT_SIZE / 2);
}

static int random_security_codes(char out[OUT_SIZE])
{
	static const uint8_t bytes[] = {0, 9, 10, 19, 100, 249, 248, 125};

	random_bytes = bytes;
	int error = flagship_security_codes(DUID, MAC, NULL, out, out + OUT_SIZE / 2);
	random_bytes = NULL;
	return error;
}

#define ONCE   "0123456789abcdef"
#define SEALED "the text of a request"

static struct signed_key fixed_key(void)
{
	struct signed_key key;

	signed_key_fixed(&key);
	return key;
}

static int seal(char out[OUT_SIZE])
{
	const struct signed_key key = fixed_key();
	size_t written;

	return signed_seal(&key, SEALED, strlen(SEALED), NULL, out, OUT_SIZE, &written);
}

static char sealed_text[OUT_SIZE];

static int open_sealed(char out[OUT_SIZE])
{
	const struct signed_key key = fixed_key();
	char text[OUT_SIZE];
	size_t written;
	int error = signed_open(&key, sealed_text, strlen(sealed_text), text, sizeof(text),
				&written);

	if (!error) {
		strcpy(out, text);
	}
	return error;
}

static int sign(char out[OUT_SIZE])
{
	const struct signed_key key = fixed_key();

	return signed_sign(&key, "1700000000", ONCE, SEALED, strlen(SEALED), out);
}

static char signature[SIGNED_SIGNATURE_HEX];

/* What cannot be checked is not let in. */
static int verify(char out[OUT_SIZE])
{
	const struct signed_key key = fixed_key();

	(void)out;
	return signed_verify(&key, "1700000000", ONCE, SEALED, strlen(SEALED), signature)
		       ? 0
		       : FLAGSHIP_ERROR_CRYPTO;
}

static bool is_reported(const struct operation *operation, int error)
{
	if (operation->may_be_wrong && error == FLAGSHIP_ERROR_ARGUMENT) {
		return true;
	}
	return error == FLAGSHIP_ERROR_MEMORY || error == FLAGSHIP_ERROR_CRYPTO;
}

static void each_failing_call_is_reported_and_changes_nothing(void **state)
{
	static const struct operation operations[] = {
		{"parse bare", parse_bare, 1, false},
		{"parse encrypted", parse_encrypted, 5, false},
		{"parse UTF-16", parse_utf16, 6, false},
		{"encode", encode, 5, false},
		{"password with own key", password_with_own_key, 30, true},
		{"password with random key", password_with_random_key, 19, true},
		{"check code", check_code, 1, false},
		{"security codes", security_codes, 2, false},
		{"random security codes", random_security_codes, 10, false},
		{"seal", seal, 6, false},
		{"open what is sealed", open_sealed, 5, true},
		{"sign", sign, 9, false},
		{"verify", verify, 9, false},
	};
	char before[OUT_SIZE];

	(void)state;
	assert_int_equal(seal(sealed_text), 0);
	assert_int_equal(sign(before), 0);
	memcpy(signature, before, sizeof(signature));
	memset(before, FILL, sizeof(before));
	for (size_t i = 0; i < LENGTH(operations); i++) {
		char out[OUT_SIZE];
		for (unsigned int fault = 1; fault <= operations[i].faults; fault++) {
			memset(out, FILL, sizeof(out));
			calls_until_fault = fault;
			int error = operations[i].run(out);
			if (!is_reported(&operations[i], error)) {
				print_error("%s, call %u: %d\n", operations[i].name, fault, error);
			}
			assert_true(is_reported(&operations[i], error));
			assert_int_equal(calls_until_fault, 0);
			assert_memory_equal(out, before, sizeof(out));
		}
		/* No other call can fail. */
		calls_until_fault = operations[i].faults + 1;
		assert_int_equal(operations[i].run(out), 0);
		assert_int_equal(calls_until_fault, 1);
		calls_until_fault = 0;
	}
}

/* 250 and above are thrown away, else 0 to 5 would come more often than 6 to 9. */
static void random_digits_have_no_bias(void **state)
{
	static const uint8_t bytes[] = {255, 250, 0, 249, 251, 10, 123, 254, 45, 6, 77, 238, 252};
	char code[FLAGSHIP_SECURITY_CODE_SIZE];
	char timestamp[FLAGSHIP_SECURITY_TS_SIZE];

	(void)state;
	random_bytes = bytes;
	assert_int_equal(flagship_security_codes(DUID, MAC, NULL, code, timestamp), 0);
	assert_ptr_equal(random_bytes, bytes + sizeof(bytes) - 1);
	random_bytes = NULL;
	assert_string_equal(timestamp, "0109035678");
}

static void what_was_parsed_is_wiped(void **state)
{
	struct flagship_account account;

	(void)state;
	assert_int_equal(flagship_account_parse(FILE, strlen(FILE), &account), 0);
	assert_true(block_size > strlen(FILE) && block_was_wiped);
	assert_int_equal(flagship_account_parse("{\"user_id\":1.5}", 15, &account),
			 FLAGSHIP_ERROR_LOGIN_CACHE);
	assert_true(block_was_wiped);
	assert_int_equal(flagship_account_parse(encrypted_file, encrypted_length, &account), 0);
	assert_true(block_size > encrypted_length && block_was_wiped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failing_call_is_reported_and_changes_nothing),
		cmocka_unit_test(random_digits_have_no_bias),
		cmocka_unit_test(what_was_parsed_is_wiped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_encrypted_file, NULL);
}
