/* SPDX-License-Identifier: MIT */
#include "base/uuid.h"

#include "base/hex.h"

#include <openssl/rand.h>
#include <stddef.h>
#include <string.h>

#define VERSION_AT 6
#define VERSION_4  0x40
#define VARIANT_AT 8
#define VARIANT    0x80

bool guid_make(char out[FLAGSHIP_GUID_LENGTH + 1])
{
	uint8_t bytes[UUID_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	guid_of_bytes(bytes, out);
	return true;
}

void guid_of_bytes(const uint8_t bytes[UUID_BYTES], char out[FLAGSHIP_GUID_LENGTH + 1])
{
	static const size_t groups[] = {4, 2, 2, 2, 6}; /* bytes between the dashes */
	uint8_t marked[UUID_BYTES];
	const uint8_t *next = marked;

	memcpy(marked, bytes, sizeof(marked));
	marked[VERSION_AT] = (uint8_t)((marked[VERSION_AT] & 0x0f) | VERSION_4);
	marked[VARIANT_AT] = (uint8_t)((marked[VARIANT_AT] & 0x3f) | VARIANT);
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		if (i > 0) {
			*out++ = '-';
		}
		hex_encode(next, groups[i], HEX_LOWER, out);
		next += groups[i];
		out += 2 * groups[i];
	}
}
