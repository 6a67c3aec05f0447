/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/framing.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte tells the pieces that the rest comes in: the outcome is the same as of the whole.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mqtt_framing whole = {0};
	struct mqtt_framing pieces = {0};
	enum mqtt_framing_result result = MQTT_FRAMING_GOOD;
	size_t piece;

	if (size < 1) {
		return 0;
	}
	piece = (size_t)data[0] + 1;
	data++;
	size--;
	enum mqtt_framing_result expected = mqtt_framing_take(&whole, data, size);
	for (size_t at = 0; at < size && result == MQTT_FRAMING_GOOD; at += piece) {
		size_t count = size - at < piece ? size - at : piece;

		result = mqtt_framing_take(&pieces, data + at, count);
	}
	assert(result == expected && whole.packets == pieces.packets);
	assert(whole.left == pieces.left && whole.header == pieces.header);
	assert(whole.left <= MQTT_FRAMING_MESSAGE_MAX);
	return 0;
}
