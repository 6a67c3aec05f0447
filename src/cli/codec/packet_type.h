/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_PACKET_TYPE_H
#define CLI_CODEC_PACKET_TYPE_H

#include <stdint.h>

/* The values of packet_type_choices, in their order, and a NULL. */
extern const char *const packet_type_choices[];

/* "single", "begin", "append", "finish"; NULL for any other type. */
const char *packet_type_name(uint8_t type);

/* The packet type at this place of packet_type_choices. */
uint8_t packet_type_at(int index);

#endif
