/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <flagship/error.h>
#include <flagship/frame.h>
#include <flagship/reassembler.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define PLAINTEXT   "[{\"commandType\":1003,\"currentTemp\":5263,\"targetTemp\":18000}]"
#define CAPACITY    256
#define ROUNDS      100
#define CALLS_NEVER 1000
#define LARGE       10000

/*
 * The linker sends the library's calls to the functions named below (--wrap), and OpenSSL allocates
 * through them as well.
 */
static struct {
	bool no_heap;                   /* every allocation fails */
	unsigned int allocations;       /* that were tried */
	unsigned int calls_until_fault; /* of any function below; 0: none fails */
	const uint8_t *freed;           /* watched block */
	bool freed_was_wiped;
	const void *wiped; /* what the library wiped last */
	size_t wiped_size;
} faults;

static bool fault_due(void)
{
	return faults.calls_until_fault > 0 && --faults.calls_until_fault == 0;
}

#define WRAP(type, failure, name, parameters, arguments)                  \
	type __real_##name parameters;                                    \
	type __wrap_##name parameters;                                    \
	type __wrap_##name parameters                                     \
	{                                                                 \
		return fault_due() ? (failure) : __real_##name arguments; \
	}

WRAP(EVP_CIPHER_CTX *, NULL, EVP_CIPHER_CTX_new, (void), ())
WRAP(int, 0, EVP_CIPHER_CTX_set_padding, (EVP_CIPHER_CTX * context, int padding),
     (context, padding))
WRAP(int, 0, EVP_CIPHER_CTX_ctrl, (EVP_CIPHER_CTX * context, int type, int argument, void *data),
     (context, type, argument, data))
WRAP(int, 0, EVP_CipherInit_ex,
     (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, ENGINE *engine, const unsigned char *key,
      const unsigned char *iv, int direction),
     (context, cipher, engine, key, iv, direction))
WRAP(int, 0, EVP_CipherUpdate,
     (EVP_CIPHER_CTX * context, unsigned char *out, int *written, const unsigned char *in,
      int length),
     (context, out, written, in, length))
WRAP(int, 0, EVP_DecryptInit_ex,
     (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, ENGINE *engine, const unsigned char *key,
      const unsigned char *iv),
     (context, cipher, engine, key, iv))
WRAP(int, 0, EVP_DecryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char *out, int *written),
     (context, out, written))
WRAP(int, 0, EVP_EncryptInit_ex,
     (EVP_CIPHER_CTX * context, const EVP_CIPHER *cipher, ENGINE *engine, const unsigned char *key,
      const unsigned char *iv),
     (context, cipher, engine, key, iv))
WRAP(int, 0, EVP_EncryptFinal_ex, (EVP_CIPHER_CTX * context, unsigned char *out, int *written),
     (context, out, written))

void __real_OPENSSL_cleanse(void *memory, size_t size);
void __wrap_OPENSSL_cleanse(void *memory, size_t size);
void __wrap_OPENSSL_cleanse(void *memory, size_t size)
{
	faults.wiped = memory;
	faults.wiped_size = size;
	__real_OPENSSL_cleanse(memory, size);
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);

static bool may_allocate(void)
{
	faults.allocations++;
	return !fault_due() && !faults.no_heap;
}

void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
	return may_allocate() ? __real_realloc(memory, size) : NULL;
}

void __wrap_free(void *memory)
{
	if (memory && memory == faults.freed) {
		faults.freed_was_wiped = !memchr(memory, 's', LARGE);
	}
	__real_free(memory);
}

static void *openssl_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	faults.allocations++;
	return faults.no_heap ? NULL : __real_malloc(size);
}

static void *openssl_realloc(void *memory, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	faults.allocations++;
	return faults.no_heap ? NULL : __real_realloc(memory, size);
}

static void openssl_free(void *memory, const char *file, int line)
{
	(void)file;
	(void)line;
	__real_free(memory);
}

static int reset(void **state)
{
	(void)state;
	memset(&faults, 0, sizeof(faults));
	return 0;
}

static struct flagship_key *make_key(size_t size)
{
	static const uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {7};
	struct flagship_key *key;

	assert_int_equal(flagship_key_create(bytes, size, &key), 0);
	return key;
}

static int seal_and_open(struct flagship_key *key)
{
	uint8_t data[CAPACITY];
	struct flagship_frame frame;
	size_t size;
	int error;

	flagship_frame_init(&frame, NULL);
	error = flagship_frame_seal(key, &frame, PLAINTEXT, strlen(PLAINTEXT), data, sizeof(data),
				    &size);
	if (!error) {
		error = flagship_frame_open(key, data, size, &frame);
	}
	if (!error && (frame.payload_length != strlen(PLAINTEXT) ||
		       memcmp(frame.payload, PLAINTEXT, frame.payload_length) != 0)) {
		fail_msg("the plaintext is another one");
	}
	return error;
}

static int seal_and_open_gcm(struct flagship_key *key)
{
	uint8_t data[CAPACITY];
	uint8_t *plaintext = NULL;
	size_t size;
	int error;

	error = flagship_gcm_seal(key, PLAINTEXT, strlen(PLAINTEXT), data, sizeof(data), &size);
	if (!error) {
		error = flagship_gcm_open(key, data, size, &plaintext, &size);
	}
	if (!error && (size != strlen(PLAINTEXT) || memcmp(plaintext, PLAINTEXT, size) != 0)) {
		fail_msg("the plaintext is another one");
	}
	return error;
}

static void opening_and_sealing_need_no_heap(void **state)
{
	static const size_t sizes[] = {FLAGSHIP_KEY_SIZE_AES128, FLAGSHIP_KEY_SIZE_AES256};

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct flagship_key *key;
		int frame_errors = 0;
		int gcm_errors = 0;

		/* The counter has to see what OpenSSL and the library allocate. */
		faults.allocations = 0;
		key = make_key(sizes[i]);
		assert_true(faults.allocations > 2);
		faults.allocations = 0;
		faults.no_heap = true;
		for (int round = 0; round < ROUNDS; round++) {
			frame_errors += seal_and_open(key) != 0;
			gcm_errors += seal_and_open_gcm(key) != 0;
		}
		faults.no_heap = false;
		assert_int_equal(faults.allocations, 0);
		assert_int_equal(frame_errors, 0);
		assert_int_equal(gcm_errors, sizes[i] == FLAGSHIP_KEY_SIZE_AES256 ? 0 : ROUNDS);
		flagship_key_destroy(key);
	}
}

static void keys_are_whole_or_not_at_all(void **state)
{
	static const uint8_t bytes[FLAGSHIP_KEY_SIZE_AES256] = {7};
	unsigned int call;

	(void)state;
	for (call = 1; call < CALLS_NEVER; call++) {
		struct flagship_key *key = (struct flagship_key *)&call;
		int error;

		faults.calls_until_fault = call;
		error = flagship_key_create(bytes, sizeof(bytes), &key);
		if (!error) {
			flagship_key_destroy(key);
			break;
		}
		assert_true(error == FLAGSHIP_ERROR_MEMORY || error == FLAGSHIP_ERROR_CRYPTO);
		assert_null(key);
	}
	faults.calls_until_fault = 0;
	/* One allocation and three calls for each of the four contexts. */
	assert_int_equal(call, 1 + 4 * 3 + 1);
}

static void keys_are_wiped(void **state)
{
	static const char hex[] =
		"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
	struct flagship_key *key;

	(void)state;
	assert_int_equal(flagship_key_create_hex(hex, strlen(hex), &key), 0);
	assert_int_equal(faults.wiped_size, FLAGSHIP_KEY_SIZE_AES256);
	assert_ptr_not_equal(faults.wiped, key);
	flagship_key_destroy(key);
	assert_ptr_equal(faults.wiped, key);
	faults.wiped_size = 0;
	assert_int_equal(
		flagship_key_create_hex("0001020304050607080x0a0b0c0d0e0f", strlen(hex) / 2, &key),
		FLAGSHIP_ERROR_KEY);
	assert_int_equal(faults.wiped_size, FLAGSHIP_KEY_SIZE_AES256);
}

static void check_failing_calls(int (*work)(struct flagship_key *key), unsigned int expected)
{
	struct flagship_key *key = make_key(FLAGSHIP_KEY_SIZE_AES256);
	unsigned int call;

	for (call = 1; call < CALLS_NEVER; call++) {
		int error;

		faults.calls_until_fault = call;
		error = work(key);
		if (faults.calls_until_fault > 0) {
			assert_int_equal(error, 0);
			break;
		}
		assert_true(error == FLAGSHIP_ERROR_CRYPTO ||
			    error == FLAGSHIP_ERROR_AUTHENTICATION);
		assert_int_equal(work(key), 0);
	}
	faults.calls_until_fault = 0;
	assert_int_equal(call, expected + 1);
	flagship_key_destroy(key);
}

static void a_key_recovers_from_failing_calls(void **state)
{
	(void)state;
	check_failing_calls(seal_and_open, 2);
	check_failing_calls(seal_and_open_gcm, 8);
}

static int push(struct flagship_reassembler *reassembler, uint8_t type, size_t length)
{
	static uint8_t data[LARGE];
	const uint8_t *message;
	size_t message_length;

	memset(data, 's', sizeof(data));
	return flagship_reassembler_push(reassembler, type, data, length, &message,
					 &message_length);
}

static void the_reassembler_survives_without_memory(void **state)
{
	struct flagship_reassembler reassembler;

	(void)state;
	flagship_reassembler_init(&reassembler, 0);
	faults.no_heap = true;
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_SINGLE, LARGE), 1);
	assert_int_equal(faults.allocations, 0);
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_BEGIN, 1),
			 FLAGSHIP_ERROR_MEMORY);
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_FINISH, 1),
			 FLAGSHIP_ERROR_PACKET_ORDER);
	faults.no_heap = false;
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_BEGIN, 1), 0);
	faults.no_heap = true;
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_APPEND, 1), 0);
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_APPEND, LARGE),
			 FLAGSHIP_ERROR_MEMORY);
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_FINISH, 1),
			 FLAGSHIP_ERROR_PACKET_ORDER);
	/* What it has still serves a message that fits. */
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_BEGIN, 1), 0);
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_FINISH, 1), 1);
	faults.no_heap = false;
	flagship_reassembler_finish(&reassembler);
}

static void the_reassembler_wipes_what_it_gives_back(void **state)
{
	struct flagship_reassembler reassembler;

	(void)state;
	flagship_reassembler_init(&reassembler, 0);
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_BEGIN, LARGE), 0);
	faults.freed = reassembler.data;
	/* A larger buffer takes the place of this one. */
	assert_int_equal(push(&reassembler, FLAGSHIP_PACKET_TYPE_MULTI_APPEND, LARGE), 0);
	assert_ptr_not_equal(reassembler.data, faults.freed);
	assert_true(faults.freed_was_wiped);
	faults.freed_was_wiped = false;
	faults.freed = reassembler.data;
	flagship_reassembler_finish(&reassembler);
	assert_true(faults.freed_was_wiped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(opening_and_sealing_need_no_heap, reset),
		cmocka_unit_test_setup(keys_are_whole_or_not_at_all, reset),
		cmocka_unit_test_setup(keys_are_wiped, reset),
		cmocka_unit_test_setup(a_key_recovers_from_failing_calls, reset),
		cmocka_unit_test_setup(the_reassembler_survives_without_memory, reset),
		cmocka_unit_test_setup(the_reassembler_wipes_what_it_gives_back, reset),
	};

	if (!CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free)) {
		return EXIT_FAILURE;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
