/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulator/printer/sealer.h"

#include <flagship/error.h>

#include <string.h>

#define FRAME_MAX 1024
#define JSON      "{\"commandType\":1027}"
#define NOW       1700000000u

static const uint8_t key_bytes[FLAGSHIP_KEY_SIZE_AES256] = {1, 2, 3};

static struct flagship_key *key;
static struct sealer sealer;
static uint8_t frame[FRAME_MAX];

static int make_key(void **state)
{
	(void)state;
	return flagship_key_create(key_bytes, sizeof(key_bytes), &key);
}

static int drop_key(void **state)
{
	(void)state;
	flagship_key_destroy(key);
	return 0;
}

static void start(enum flagship_model model, bool gcm, uint64_t seed)
{
	sealer_init(&sealer, key, simulator_model_find(model), gcm, seed);
}

static size_t seal(void)
{
	size_t written;

	assert_true(sealer_size_max(strlen(JSON)) <= sizeof(frame));
	assert_int_equal(sealer_seal(&sealer, JSON, strlen(JSON), NOW, frame,
				     sealer_size_max(strlen(JSON)), &written),
			 0);
	return written;
}

static void seals_as_an_m5(void **state)
{
	struct flagship_frame opened;

	(void)state;
	start(FLAGSHIP_MODEL_M5, false, 1);
	size_t length = seal();
	assert_int_equal(flagship_frame_open(key, frame, length, &opened), 0);
	assert_int_equal(opened.device_type, FLAGSHIP_DEVICE_TYPE_M5);
	assert_int_equal(opened.packet_number, 1);
	assert_int_equal(opened.packet_type, FLAGSHIP_PACKET_TYPE_SINGLE);
	assert_int_equal(opened.time, NOW);
	assert_string_equal(opened.guid, sealer.guid);
	assert_int_equal(strlen(sealer.guid), FLAGSHIP_GUID_LENGTH);
	assert_memory_equal(opened.payload, JSON, strlen(JSON));
}

static void seals_with_a_short_header(void **state)
{
	static const enum flagship_model models[] = {FLAGSHIP_MODEL_M5C, FLAGSHIP_MODEL_E1};
	static const uint8_t zeros[6] = {0};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct flagship_frame first;
		struct flagship_frame second;
		start(models[i], false, 1);
		size_t length = seal();
		assert_int_equal(flagship_frame_open(key, frame, length, &first), 0);
		assert_int_equal(first.device_type,
				 i == 0 ? FLAGSHIP_DEVICE_TYPE_M5C : FLAGSHIP_DEVICE_TYPE_E1);
		length = seal();
		assert_int_equal(flagship_frame_open(key, frame, length, &second), 0);
		assert_memory_not_equal(first.opaque, second.opaque, sizeof(zeros));
		assert_memory_equal(second.opaque + sizeof(zeros), zeros, sizeof(zeros));
	}
}

static void seals_the_same_for_the_same_seed(void **state)
{
	uint8_t before[FRAME_MAX];

	(void)state;
	start(FLAGSHIP_MODEL_M5C, false, 5);
	size_t length = seal();
	memcpy(before, frame, length);
	start(FLAGSHIP_MODEL_M5C, false, 5);
	assert_int_equal(seal(), length);
	assert_memory_equal(before, frame, length);
	start(FLAGSHIP_MODEL_M5C, false, 6);
	assert_int_equal(seal(), length);
	assert_memory_not_equal(before, frame, length);
}

static int open_frame(size_t length)
{
	const uint8_t *payload = NULL;
	size_t payload_length = 0;
	int result = sealer_open(&sealer, frame, length, &payload, &payload_length);

	if (result == 1) {
		assert_int_equal(payload_length, strlen(JSON));
		assert_memory_equal(payload, JSON, payload_length);
	}
	return result;
}

static void opens_what_clients_send(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5, false, 1);
	assert_int_equal(open_frame(seal()), 1);
	size_t length = seal();
	frame[length - 2] ^= 1;
	assert_int_equal(open_frame(length), FLAGSHIP_ERROR_CHECKSUM);
	assert_int_equal(open_frame(3), FLAGSHIP_ERROR_TOO_SHORT);
	length = seal();
	frame[9] = FLAGSHIP_PACKET_TYPE_MULTI_BEGIN;
	frame[length - 1] ^= FLAGSHIP_PACKET_TYPE_SINGLE ^ FLAGSHIP_PACKET_TYPE_MULTI_BEGIN;
	assert_int_equal(open_frame(length), FLAGSHIP_ERROR_PACKET_TYPE);
}

static void drops_short_headers_without_a_word(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_M5C, false, 1);
	assert_int_equal(open_frame(seal()), 0);
}

static void speaks_gcm(void **state)
{
	(void)state;
	start(FLAGSHIP_MODEL_E1, true, 1);
	size_t length = seal();
	assert_int_equal(length, strlen(JSON) + FLAGSHIP_GCM_OVERHEAD);
	frame[length - 1] ^= 1;
	assert_int_equal(open_frame(length), FLAGSHIP_ERROR_AUTHENTICATION);
	assert_int_equal(open_frame(seal()), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seals_as_an_m5),
		cmocka_unit_test(seals_with_a_short_header),
		cmocka_unit_test(seals_the_same_for_the_same_seed),
		cmocka_unit_test(opens_what_clients_send),
		cmocka_unit_test(drops_short_headers_without_a_word),
		cmocka_unit_test(speaks_gcm),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("sealer", tests, make_key, drop_key);
}
