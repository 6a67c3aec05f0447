/* SPDX-License-Identifier: MIT */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Texts by words of eight bytes, in the machine's own order: what each message passes through. */

/* A word of eight times this byte. */
#define WORD_OF(byte)  (UINT64_C(0x0101010101010101) * (byte))

#define WORD_HIGH_BITS WORD_OF(0x80)
#define WORD_BYTE_BITS 8

static inline uint64_t word_at(const void *data)
{
	uint64_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

static inline uint32_t half_word_at(const void *data)
{
	uint32_t word;

	memcpy(&word, data, sizeof(word));
	return word;
}

/* The first byte is the lowest on every machine. */
static inline uint64_t little_word_at(const void *data)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return word_at(data);
#else
	return __builtin_bswap64(word_at(data));
#endif
}

/* Where the first byte stands whose high bit is set in this little word, which is not 0. */
static inline unsigned int word_first_high(uint64_t word)
{
	return (unsigned int)__builtin_ctzll(word) / WORD_BYTE_BITS;
}

/* memcmp for what is too short to be worth a call. The last word overlaps the one before it, so
 * that nothing is left over. */
static inline bool words_are_equal(const char *a, const char *b, size_t length)
{
	if (length >= sizeof(uint64_t)) {
		const size_t last = length - sizeof(uint64_t);
		for (size_t i = 0; i < last; i += sizeof(uint64_t)) {
			if (word_at(a + i) != word_at(b + i)) {
				return false;
			}
		}
		return word_at(a + last) == word_at(b + last);
	}
	if (length >= sizeof(uint32_t)) {
		const size_t last = length - sizeof(uint32_t);
		return half_word_at(a) == half_word_at(b) &&
		       half_word_at(a + last) == half_word_at(b + last);
	}
	for (size_t i = 0; i < length; i++) {
		if (a[i] != b[i]) {
			return false;
		}
	}
	return true;
}

#endif
