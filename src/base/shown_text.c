/* SPDX-License-Identifier: MIT */
#include "base/shown_text.h"

#include "base/hex.h"
#include "base/text.h"

#include <string.h>

#define PRINTABLE_FIRST     0x20u
#define PRINTABLE_LAST      0x7eu /* of ASCII */
#define SUPPLEMENTARY_FIRST 0x10000u
#define SURROGATE_HIGH      0xd800u
#define SURROGATE_LOW       0xdc00u
#define SURROGATE_BITS      10
#define SURROGATE_VALUE     0x3ffu
#define DIGIT_BITS          4
#define DIGIT_MASK          0xfu
#define UNIT_DIGITS         4
#define NONCHARACTER_FIRST  0xfffeu
#define PLANE_MASK          0xffffu

struct range {
	uint32_t first;
	uint32_t last;
};

/* In order. */
static const struct range refused[] = {
	{0x0000, 0x001f},   /* C0 */
	{0x007f, 0x009f},   /* DEL, C1 */
	{0x061c, 0x061c},   /* Arabic letter mark */
	{0x180e, 0x180e},   /* Mongolian vowel separator, of no width */
	{0x200b, 0x200b},   /* zero width space */
	{0x200e, 0x200f},   /* marks of direction */
	{0x2028, 0x202e},   /* line and paragraph separator, embeddings, overrides */
	{0x2060, 0x206f},   /* word joiner, invisible operators, isolates */
	{0xd800, 0xdfff},   /* surrogates */
	{0xfdd0, 0xfdef},   /* no characters */
	{0xfeff, 0xfeff},   /* byte order mark */
	{0xfff9, 0xfffb},   /* marks of annotations */
	{0xe0000, 0xe0fff}, /* tags and variation selectors that nobody sees */
};

bool shown_text_is_plain(uint32_t character)
{
	if (character >= PRINTABLE_FIRST && character <= PRINTABLE_LAST) {
		return true;
	}
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (character <= refused[i].last) {
			return character < refused[i].first;
		}
	}
	return (character & PLANE_MASK) < NONCHARACTER_FIRST;
}

size_t shown_text_copy(const char *text, size_t length, char *out, size_t capacity)
{
	size_t needed = 0;
	size_t written = 0;

	for (size_t offset = 0; offset < length;) {
		char bytes[UTF8_BYTES_MAX];
		uint32_t character;

		offset += utf8_decode(text + offset, length - offset, &character);
		size_t size = utf8_encode(
			shown_text_is_plain(character) ? character : UTF8_REPLACEMENT, bytes);
		if (written == needed && needed + size < capacity) {
			memcpy(out + written, bytes, size);
			written += size;
		}
		needed += size;
	}
	if (capacity > 0) {
		out[written] = '\0';
	}
	return needed;
}

bool shown_text_is_clean(const char *text, size_t length)
{
	for (size_t offset = 0; offset < length;) {
		uint32_t character;
		size_t size = utf8_decode(text + offset, length - offset, &character);

		if (!shown_text_is_plain(character) ||
		    (size == 1 && character == UTF8_REPLACEMENT)) {
			return false;
		}
		offset += size;
	}
	return true;
}

static void write_unit(uint32_t unit, char out[SHOWN_TEXT_ESCAPE_MAX / 2])
{
	out[0] = '\\';
	out[1] = 'u';
	for (size_t i = 0; i < UNIT_DIGITS; i++) {
		size_t shift = (UNIT_DIGITS - 1 - i) * DIGIT_BITS;

		out[2 + i] = HEX_LOWER[unit >> shift & DIGIT_MASK];
	}
}

size_t shown_text_escape(uint32_t character, char out[SHOWN_TEXT_ESCAPE_MAX])
{
	if (character < SUPPLEMENTARY_FIRST) {
		write_unit(character, out);
		return SHOWN_TEXT_ESCAPE_MAX / 2;
	}
	character -= SUPPLEMENTARY_FIRST;
	write_unit(SURROGATE_HIGH | character >> SURROGATE_BITS, out);
	write_unit(SURROGATE_LOW | (character & SURROGATE_VALUE), out + SHOWN_TEXT_ESCAPE_MAX / 2);
	return SHOWN_TEXT_ESCAPE_MAX;
}
