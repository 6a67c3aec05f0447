/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_TYPE_NAME_H
#define CLI_CODEC_TYPE_NAME_H

#include <flagship/field.h>

#include <stdint.h>

/* The type of message that a word names: its number, our name or the vendor's. NULL if unknown. */
const struct flagship_message_info *message_type_find(const char *word);

/* Says on stderr that no type is called so, with the nearest name that there is. */
void message_type_explain_unknown(const char *word);

/* The values of packet_type_choices, in their order, and a NULL. */
extern const char *const packet_type_choices[];

/* "single", "begin", "append", "finish"; NULL for any other type. */
const char *packet_type_name(uint8_t type);

/* The packet type at this place of packet_type_choices. */
uint8_t packet_type_at(int index);

#endif
