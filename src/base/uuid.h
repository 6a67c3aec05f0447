/* SPDX-License-Identifier: MIT */
#ifndef BASE_UUID_H
#define BASE_UUID_H

#include <flagship/frame.h>

#include <stdbool.h>
#include <stdint.h>

#define UUID_BYTES 16

/* A random UUID, version 4. False where there is no randomness. */
bool guid_make(char out[FLAGSHIP_GUID_LENGTH + 1]);

/* A UUID of version 4 out of these bytes, whoever drew them; six bits of it say what it is. */
void guid_of_bytes(const uint8_t bytes[UUID_BYTES], char out[FLAGSHIP_GUID_LENGTH + 1]);

#endif
