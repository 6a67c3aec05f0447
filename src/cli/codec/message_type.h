/* SPDX-License-Identifier: MIT */
#ifndef CLI_CODEC_MESSAGE_TYPE_H
#define CLI_CODEC_MESSAGE_TYPE_H

#include <flagship/field.h>

/* The type of message that a word names: its number, our name or the vendor's. NULL if unknown. */
const struct flagship_message_info *message_type_find(const char *word);

/* Says on stderr that no type is called so, with the nearest name that there is. */
void message_type_explain_unknown(const char *word);

#endif
