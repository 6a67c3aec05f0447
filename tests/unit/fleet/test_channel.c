/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/uuid.h"
#include "fleet/channel.h"

#include <stdlib.h>
#include <string.h>

#define KEY_HEX   "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
#define OTHER_HEX "ff112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
#define NOTICE    "{\"commandType\":1003,\"currentTemp\":2000}"
#define QUERY     "{\"commandType\":1027}"
#define BYTES     512

struct pair {
	struct flagship_key *key;
	struct flagship_key *other;
	struct channel channel;
};

static int make(void **state)
{
	struct pair *pair = calloc(1, sizeof(*pair));
	char guid[FLAGSHIP_GUID_LENGTH + 1];

	*state = pair;
	if (pair == NULL || !guid_make(guid)) {
		return 1;
	}
	channel_init(&pair->channel, NULL, FLAGSHIP_MODEL_UNKNOWN, guid);
	if (flagship_key_create_hex(KEY_HEX, strlen(KEY_HEX), &pair->key) != 0 ||
	    flagship_key_create_hex(OTHER_HEX, strlen(OTHER_HEX), &pair->other) != 0) {
		return 1;
	}
	pair->channel.key = pair->key;
	return 0;
}

static int drop(void **state)
{
	struct pair *pair = *state;

	channel_finish(&pair->channel);
	flagship_key_destroy(pair->key);
	flagship_key_destroy(pair->other);
	free(pair);
	return 0;
}

static size_t seal_frame(struct flagship_key *key, enum flagship_device_type type, uint8_t packet,
			 const char *json, uint8_t out[BYTES])
{
	struct flagship_frame frame;
	size_t size;

	flagship_frame_init(&frame, "00000000-0000-4000-8000-000000000000");
	frame.device_type = (uint8_t)type;
	frame.packet_type = packet;
	assert_int_equal(flagship_frame_seal(key, &frame, json, strlen(json), out, BYTES, &size),
			 0);
	return size;
}

static int open_bytes(struct channel *channel, uint8_t *data, size_t size, const char **text,
		      size_t *length)
{
	static struct channel_payload payload;
	int result = channel_open(channel, FLAGSHIP_TOPIC_NOTICE, data, size, &payload);

	*text = (const char *)payload.plaintext;
	*length = payload.length;
	assert_true(result != 1 || payload.count == 1);
	return result;
}

static void learns_the_model_from_the_device_type(void **state)
{
	static const struct {
		enum flagship_device_type type;
		enum flagship_model model;
	} cases[] = {
		/* Heard, but no model that anything is known of. */
		{FLAGSHIP_DEVICE_TYPE_V7111, FLAGSHIP_MODEL_UNKNOWN},
		{FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_MODEL_M5},
		{FLAGSHIP_DEVICE_TYPE_M5C, FLAGSHIP_MODEL_M5C},
		{FLAGSHIP_DEVICE_TYPE_E1, FLAGSHIP_MODEL_E1},
	};
	struct pair *pair = *state;
	uint8_t data[BYTES];
	const char *text;
	size_t length;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t size = seal_frame(pair->key, cases[i].type, FLAGSHIP_PACKET_TYPE_SINGLE,
					 NOTICE, data);

		assert_int_equal(open_bytes(&pair->channel, data, size, &text, &length), 1);
		assert_int_equal(length, strlen(NOTICE));
		assert_memory_equal(text, NOTICE, length);
		assert_int_equal(pair->channel.model, cases[i].model);
		assert_int_equal(pair->channel.shape, CHANNEL_FRAME);
	}
	/* A model that is given stays. */
	pair->channel.model_is_given = true;
	pair->channel.model = FLAGSHIP_MODEL_M5;
	size_t size = seal_frame(pair->key, FLAGSHIP_DEVICE_TYPE_M5C, FLAGSHIP_PACKET_TYPE_SINGLE,
				 NOTICE, data);
	assert_int_equal(open_bytes(&pair->channel, data, size, &text, &length), 1);
	assert_int_equal(pair->channel.model, FLAGSHIP_MODEL_M5);
}

static void wrong_keys_and_damage_are_told_apart(void **state)
{
	struct pair *pair = *state;
	uint8_t data[BYTES];
	const char *text;
	size_t length;
	size_t size = seal_frame(pair->other, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_PACKET_TYPE_SINGLE,
				 NOTICE, data);
	int error = open_bytes(&pair->channel, data, size, &text, &length);

	assert_true(error < 0 && channel_is_wrong_key(error));
	assert_int_equal(pair->channel.shape, CHANNEL_UNKNOWN);
	size = seal_frame(pair->key, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_PACKET_TYPE_SINGLE, NOTICE,
			  data);
	data[size - 1] ^= 1;
	error = open_bytes(&pair->channel, data, size, &text, &length);
	assert_int_equal(error, FLAGSHIP_ERROR_CHECKSUM);
	assert_false(channel_is_wrong_key(error));
	error = open_bytes(&pair->channel, data, 0, &text, &length);
	assert_true(error < 0 && !channel_is_wrong_key(error));
	size = seal_frame(pair->key, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_PACKET_TYPE_SINGLE,
			  "no json", data);
	assert_true(channel_is_wrong_key(open_bytes(&pair->channel, data, size, &text, &length)));
}

static void parts_make_a_whole_unless_the_connection_was_lost(void **state)
{
	struct pair *pair = *state;
	uint8_t data[BYTES];
	const char *text;
	size_t length;
	size_t size = seal_frame(pair->key, FLAGSHIP_DEVICE_TYPE_M5,
				 FLAGSHIP_PACKET_TYPE_MULTI_BEGIN, "{\"commandType\":", data);

	assert_int_equal(open_bytes(&pair->channel, data, size, &text, &length), 0);
	size = seal_frame(pair->key, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_PACKET_TYPE_MULTI_FINISH,
			  "1003}", data);
	assert_int_equal(open_bytes(&pair->channel, data, size, &text, &length), 1);
	assert_memory_equal(text, "{\"commandType\":1003}", length);

	size = seal_frame(pair->key, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_PACKET_TYPE_MULTI_BEGIN,
			  "{\"commandType\":", data);
	assert_int_equal(open_bytes(&pair->channel, data, size, &text, &length), 0);
	channel_reset(&pair->channel);
	size = seal_frame(pair->key, FLAGSHIP_DEVICE_TYPE_M5, FLAGSHIP_PACKET_TYPE_MULTI_FINISH,
			  "1003}", data);
	assert_int_equal(open_bytes(&pair->channel, data, size, &text, &length),
			 FLAGSHIP_ERROR_PACKET_ORDER);
}

static void a_query_goes_out_again_where_gcm_was_right(void **state)
{
	struct pair *pair = *state;
	uint8_t data[BYTES];
	char query[CHANNEL_QUERY_MAX];
	uint8_t *sealed;
	const char *text;
	size_t length, size;

	channel_note_query(&pair->channel, QUERY, strlen(QUERY));
	assert_false(channel_take_query(&pair->channel, query, &length));
	assert_int_equal(flagship_gcm_seal(pair->key, NOTICE, strlen(NOTICE), data, BYTES, &size),
			 0);
	assert_int_equal(open_bytes(&pair->channel, data, size, &text, &length), 1);
	assert_int_equal(pair->channel.shape, CHANNEL_GCM);
	assert_int_equal(pair->channel.model, FLAGSHIP_MODEL_E1);
	assert_true(channel_take_query(&pair->channel, query, &length));
	assert_memory_equal(query, QUERY, strlen(QUERY));
	assert_false(channel_take_query(&pair->channel, query, &length));

	assert_int_equal(channel_seal(&pair->channel, pair->channel.shape, QUERY, strlen(QUERY),
				      &sealed, &size),
			 0);
	assert_true(flagship_gcm_plausible(sealed, size));
	free(sealed);
	assert_int_equal(
		channel_seal(&pair->channel, CHANNEL_FRAME, QUERY, strlen(QUERY), &sealed, &size),
		0);
	assert_memory_equal(sealed, "MA", 2);
	free(sealed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(learns_the_model_from_the_device_type, make, drop),
		cmocka_unit_test_setup_teardown(wrong_keys_and_damage_are_told_apart, make, drop),
		cmocka_unit_test_setup_teardown(parts_make_a_whole_unless_the_connection_was_lost,
						make, drop),
		cmocka_unit_test_setup_teardown(a_query_goes_out_again_where_gcm_was_right, make,
						drop),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
