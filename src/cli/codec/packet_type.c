/* SPDX-License-Identifier: MIT */
#include "cli/codec/packet_type.h"

#include <flagship/mqtt.h>

#include <stddef.h>

const char *const packet_type_choices[] = {"single", "begin", "append", "finish", NULL};

static const uint8_t packet_types[] = {
	FLAGSHIP_PACKET_TYPE_SINGLE,
	FLAGSHIP_PACKET_TYPE_MULTI_BEGIN,
	FLAGSHIP_PACKET_TYPE_MULTI_APPEND,
	FLAGSHIP_PACKET_TYPE_MULTI_FINISH,
};

const char *packet_type_name(uint8_t type)
{
	for (size_t i = 0; i < sizeof(packet_types); i++) {
		if (packet_types[i] == type) {
			return packet_type_choices[i];
		}
	}
	return NULL;
}

uint8_t packet_type_at(int index)
{
	return packet_types[index];
}
