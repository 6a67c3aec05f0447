/* SPDX-License-Identifier: MIT */
#ifndef PROTOCOL_MESSAGE_OBJECT_H
#define PROTOCOL_MESSAGE_OBJECT_H

#include <flagship/message.h>

#include "base/json/reader.h"

/*
 * Reads one object of a payload, at whose opening brace the cursor stands, straight into *message.
 * The cursor ends behind it, or at the byte that does not fit. Errors: JSON, TOO_DEEP.
 */
int message_object_read(struct json_reader *reader, struct flagship_message *message);

#endif
