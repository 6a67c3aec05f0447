/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_FRAMING_H
#define TRANSPORT_MQTT_FRAMING_H

#include <stddef.h>
#include <stdint.h>

/*
 * Follows the packets in what a broker sends (MQTT 3.1.1 and 5, 2.1), in whatever pieces it comes,
 * before libmosquitto sees it: that one makes room for whatever length is announced, up to 256 MB.
 * No I/O.
 */
#define MQTT_FRAMING_MESSAGE_MAX ((uint32_t)1024 * 1024) /* of a PUBLISH */
#define MQTT_FRAMING_OTHER_MAX   ((uint32_t)64 * 1024)   /* of anything else */

enum mqtt_framing_result {
	MQTT_FRAMING_GOOD,
	MQTT_FRAMING_TOO_LARGE,
	MQTT_FRAMING_BAD_LENGTH, /* of more bytes than there may be */
	MQTT_FRAMING_BAD_QOS,    /* 2, for which nobody asks: it would have to be kept */
};

/* All zero at the start of a connection. */
struct mqtt_framing {
	uint8_t first;       /* type and flags of the packet */
	unsigned int header; /* bytes of the fixed header that were taken; 0: between packets */
	uint32_t length;     /* what the header announces, as far as it is known */
	uint32_t left;       /* of the packet, after its header */
	uint64_t packets;    /* begun */
};

/* What follows the first mistake is not looked at. */
enum mqtt_framing_result mqtt_framing_take(struct mqtt_framing *framing, const uint8_t *bytes,
					   size_t count);

#endif
