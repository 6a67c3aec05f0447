/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "transport/mqtt/framing.h"

#include <string.h>

#define PUBLISH  0x30
#define PINGRESP 0xd0
#define SUBACK   0x90

static enum mqtt_framing_result take(struct mqtt_framing *framing, const uint8_t *bytes,
				     size_t count, size_t piece)
{
	enum mqtt_framing_result result = MQTT_FRAMING_GOOD;

	while (count > 0 && result == MQTT_FRAMING_GOOD) {
		size_t taken = count < piece ? count : piece;

		result = mqtt_framing_take(framing, bytes, taken);
		bytes += taken;
		count -= taken;
	}
	return result;
}

static void packets_are_counted_in_whatever_pieces(void **state)
{
	static const uint8_t bytes[] = {
		0x20, 2,   0,    0, PINGRESP, 0, PUBLISH | 2, 7,        0, 1, 't', 0,   1,
		'h',  'i', 0x40, 2, 0,        1, PUBLISH,     0x80 | 4, 0, 0, 1,   't', 'x'};

	(void)state;
	for (size_t piece = 1; piece <= sizeof(bytes); piece++) {
		struct mqtt_framing framing = {0};

		assert_int_equal(take(&framing, bytes, sizeof(bytes), piece), MQTT_FRAMING_GOOD);
		assert_int_equal(framing.packets, 5);
		assert_int_equal(framing.left, 0);
		assert_int_equal(framing.header, 0);
	}
}

static enum mqtt_framing_result announce(uint8_t first, uint32_t length)
{
	struct mqtt_framing framing = {0};
	uint8_t bytes[5] = {first};
	size_t count = 1;

	do {
		bytes[count++] = (uint8_t)((length & 0x7f) | (length > 0x7f ? 0x80 : 0));
		length >>= 7;
	} while (length > 0);
	return take(&framing, bytes, count, 1);
}

static void lengths_are_bounded(void **state)
{
	(void)state;
	assert_int_equal(announce(PUBLISH, MQTT_FRAMING_MESSAGE_MAX), MQTT_FRAMING_GOOD);
	assert_int_equal(announce(PUBLISH, MQTT_FRAMING_MESSAGE_MAX + 1), MQTT_FRAMING_TOO_LARGE);
	assert_int_equal(announce(PUBLISH, 268435455), MQTT_FRAMING_TOO_LARGE);
	assert_int_equal(announce(SUBACK, MQTT_FRAMING_OTHER_MAX), MQTT_FRAMING_GOOD);
	assert_int_equal(announce(SUBACK, MQTT_FRAMING_OTHER_MAX + 1), MQTT_FRAMING_TOO_LARGE);
}

static void a_length_has_four_bytes(void **state)
{
	static const uint8_t bytes[] = {PINGRESP, 0x80, 0x80, 0x80, 0x80, 0x00};
	struct mqtt_framing framing = {0};

	(void)state;
	assert_int_equal(take(&framing, bytes, sizeof(bytes), 1), MQTT_FRAMING_BAD_LENGTH);
}

static void nothing_has_to_be_kept(void **state)
{
	(void)state;
	assert_int_equal(announce(PUBLISH | 2, 10), MQTT_FRAMING_GOOD);
	assert_int_equal(announce(PUBLISH | 4, 10), MQTT_FRAMING_BAD_QOS);
	assert_int_equal(announce(PUBLISH | 6, 10), MQTT_FRAMING_BAD_QOS);
	/* Its flags are others. */
	assert_int_equal(announce(0x60 | 2, 2), MQTT_FRAMING_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packets_are_counted_in_whatever_pieces),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(a_length_has_four_bytes),
		cmocka_unit_test(nothing_has_to_be_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
