/* SPDX-License-Identifier: MIT */
#include "base/uuid.h"

#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>

#define GUID_BYTES 16

bool guid_make(char out[FLAGSHIP_GUID_LENGTH + 1])
{
	uint8_t bytes[GUID_BYTES];
	char *p = out;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(bytes); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10) {
			*p++ = '-';
		}
		p += sprintf(p, "%02x", bytes[i]);
	}
	return true;
}
