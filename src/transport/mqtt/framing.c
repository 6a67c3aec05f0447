/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/framing.h"

#include <stdbool.h>

#define TYPE_MASK    0xf0u
#define TYPE_PUBLISH 0x30u
#define QOS_MASK     0x06u
#define QOS_1        0x02u
#define LENGTH_BYTES 4
#define LENGTH_BITS  7
#define LENGTH_MASK  0x7fu
#define LENGTH_MORE  0x80u

static bool is_message(const struct mqtt_framing *framing)
{
	return (framing->first & TYPE_MASK) == TYPE_PUBLISH;
}

static enum mqtt_framing_result take_first(struct mqtt_framing *framing, uint8_t byte)
{
	framing->first = byte;
	framing->header = 1;
	framing->length = 0;
	framing->packets++;
	return is_message(framing) && (byte & QOS_MASK) > QOS_1 ? MQTT_FRAMING_BAD_QOS
								: MQTT_FRAMING_GOOD;
}

static enum mqtt_framing_result take_length(struct mqtt_framing *framing, uint8_t byte)
{
	framing->length |= (byte & LENGTH_MASK) << (LENGTH_BITS * (framing->header - 1));
	framing->header++;
	if (framing->length >
	    (is_message(framing) ? MQTT_FRAMING_MESSAGE_MAX : MQTT_FRAMING_OTHER_MAX)) {
		return MQTT_FRAMING_TOO_LARGE;
	}
	if (byte & LENGTH_MORE) {
		return framing->header > LENGTH_BYTES ? MQTT_FRAMING_BAD_LENGTH : MQTT_FRAMING_GOOD;
	}
	framing->header = 0;
	framing->left = framing->length;
	return MQTT_FRAMING_GOOD;
}

enum mqtt_framing_result mqtt_framing_take(struct mqtt_framing *framing, const uint8_t *bytes,
					   size_t count)
{
	enum mqtt_framing_result result = MQTT_FRAMING_GOOD;

	while (count > 0 && result == MQTT_FRAMING_GOOD) {
		if (framing->left > 0) {
			size_t skipped = count < framing->left ? count : framing->left;

			framing->left -= (uint32_t)skipped;
			bytes += skipped;
			count -= skipped;
			continue;
		}
		result = framing->header == 0 ? take_first(framing, *bytes)
					      : take_length(framing, *bytes);
		bytes++;
		count--;
	}
	return result;
}
