/* SPDX-License-Identifier: MIT */
#include "base/text.h"

#include "base/hex.h"
#include "base/json/reader.h"
#include "base/words.h"

#include <flagship/message.h>

#include <assert.h>
#include <string.h>

#define SURROGATE_FIRST 0xd800u
#define SURROGATE_LAST  0xdfffu
#define CHARACTER_LAST  0x10ffffu
#define ASCII_LAST      0x7fu
#define PRINTABLE_FIRST 0x20u
#define PRINTABLE_LAST  0x7eu

/* Bytes of the character that starts with this one, and the smallest character so written. */
struct lead {
	uint8_t mask;
	uint8_t value;
	uint8_t length;
	uint32_t smallest;
};

static const struct lead leads[] = {
	{0x80, 0x00, 1, 0},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

static const struct lead *lead_of(uint8_t byte)
{
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		if ((byte & leads[i].mask) == leads[i].value) {
			return &leads[i];
		}
	}
	return NULL;
}

size_t utf8_decode(const char *data, size_t length, uint32_t *character)
{
	uint8_t first = (uint8_t)data[0];

	if (first <= ASCII_LAST) {
		*character = first;
		return 1;
	}
	const struct lead *lead = lead_of(first);
	*character = UTF8_REPLACEMENT;
	if (!lead || lead->length > length) {
		return 1;
	}
	uint32_t value = first & (uint8_t)~lead->mask;
	for (size_t i = 1; i < lead->length; i++) {
		uint8_t byte = (uint8_t)data[i];
		if ((byte & 0xc0) != 0x80) {
			return 1;
		}
		value = value << 6 | (byte & 0x3f);
	}
	if (value < lead->smallest || value > CHARACTER_LAST ||
	    (value >= SURROGATE_FIRST && value <= SURROGATE_LAST)) {
		return 1;
	}
	*character = value;
	return lead->length;
}

bool utf8_valid(const char *data, size_t length)
{
	while (length > 0) {
		uint32_t character;
		size_t count = utf8_decode(data, length, &character);

		if (character == UTF8_REPLACEMENT && count == 1) {
			return false;
		}
		data += count;
		length -= count;
	}
	return true;
}

size_t utf8_encode(uint32_t character, char out[UTF8_BYTES_MAX])
{
	size_t length = 1;

	if (character <= ASCII_LAST) {
		out[0] = (char)character;
		return 1;
	}
	while (length < UTF8_BYTES_MAX && character >= leads[length].smallest) {
		length++;
	}
	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (character & 0x3f));
		character >>= 6;
	}
	out[0] = (char)(leads[length - 1].value | character);
	return length;
}

/* The high bit of a byte is set where that is not printable ASCII, or of one behind such a byte. */
static uint64_t unprintable(uint64_t word)
{
	return (word | (word - WORD_OF(PRINTABLE_FIRST)) |
		(word + WORD_OF(0x7f - PRINTABLE_LAST))) &
	       WORD_HIGH_BITS;
}

/* The same of a byte that is this one. */
static uint64_t occurs(uint64_t word, char byte)
{
	uint64_t differs = word ^ WORD_OF((uint8_t)byte);

	return (differs - WORD_OF(1)) & ~differs & WORD_HIGH_BITS;
}

static bool is_printable(char c)
{
	return (uint8_t)c >= PRINTABLE_FIRST && (uint8_t)c <= PRINTABLE_LAST;
}

/* What is left of a text behind its whole words, as one word: its last eight bytes, or, where it
 * has fewer, its first and last four. */
static uint64_t last_word(const char *data, size_t length)
{
	return length >= sizeof(uint64_t) ? word_at(data + length - sizeof(uint64_t))
					  : (uint64_t)half_word_at(data) << 32 |
						    half_word_at(data + length - sizeof(uint32_t));
}

size_t text_ascii_span(const char *data, size_t length)
{
	size_t span = 0;

	while (length - span >= sizeof(uint64_t) && !unprintable(word_at(data + span))) {
		span += sizeof(uint64_t);
	}
	if (length >= sizeof(uint32_t) && length - span < sizeof(uint64_t) &&
	    !unprintable(last_word(data, length))) {
		return length;
	}
	while (span < length && is_printable(data[span])) {
		span++;
	}
	return span;
}

static bool is_literal_word(uint64_t word)
{
	return !(unprintable(word) | occurs(word, '"') | occurs(word, '\\'));
}

size_t text_literal_span(const char *data, size_t length)
{
	size_t span = 0;

	while (length - span >= sizeof(uint64_t) && is_literal_word(word_at(data + span))) {
		span += sizeof(uint64_t);
	}
	if (length >= sizeof(uint32_t) && length - span < sizeof(uint64_t) &&
	    is_literal_word(last_word(data, length))) {
		return length;
	}
	while (span < length && is_printable(data[span]) && data[span] != '"' &&
	       data[span] != '\\') {
		span++;
	}
	return span;
}

#define SURROGATE_HIGH        0xd800u
#define SURROGATE_LOW         0xdc00u
#define SURROGATE_MASK        0xfc00u
#define SURROGATE_BITS        10
#define SURROGATE_VALUE       0x3ffu
#define SUPPLEMENTARY_FIRST   0x10000u
#define UNICODE_ESCAPE_LENGTH 6 /* \uXXXX */

struct flagship_text flagship_text_from(const char *string)
{
	return (struct flagship_text){.data = string, .length = (uint32_t)strlen(string)};
}

/* The code unit of a \uXXXX escape, or UTF8_REPLACEMENT where data does not begin with one. */
static uint32_t unicode_escape(const char *data, size_t length)
{
	uint32_t unit = 0;

	if (length < UNICODE_ESCAPE_LENGTH || data[0] != '\\' || data[1] != 'u') {
		return UTF8_REPLACEMENT;
	}
	for (size_t i = 2; i < UNICODE_ESCAPE_LENGTH; i++) {
		unit = unit << 4 | (uint32_t)hex_digit_value(data[i]);
	}
	return unit;
}

static size_t decode_unicode_escape(const char *data, size_t length, uint32_t *character)
{
	uint32_t high = unicode_escape(data, length);
	if ((high & SURROGATE_MASK) != SURROGATE_HIGH) {
		bool lone = (high & SURROGATE_MASK) == SURROGATE_LOW;
		*character = lone ? UTF8_REPLACEMENT : high;
		return UNICODE_ESCAPE_LENGTH;
	}

	uint32_t low = unicode_escape(data + UNICODE_ESCAPE_LENGTH, length - UNICODE_ESCAPE_LENGTH);
	if ((low & SURROGATE_MASK) != SURROGATE_LOW) {
		*character = UTF8_REPLACEMENT;
		return UNICODE_ESCAPE_LENGTH;
	}
	*character = SUPPLEMENTARY_FIRST +
		     ((high & SURROGATE_VALUE) << SURROGATE_BITS | (low & SURROGATE_VALUE));
	return 2 * UNICODE_ESCAPE_LENGTH;
}

static size_t decode_escape(const char *data, size_t length, uint32_t *character)
{
	static const char letters[] = "bfnrt";
	static const char meanings[] = "\b\f\n\r\t";

	if (length < 2) {
		*character = UTF8_REPLACEMENT;
		return length;
	}
	if (data[1] == 'u') {
		return decode_unicode_escape(data, length, character);
	}
	const char *letter = strchr(letters, data[1]);
	*character = (uint32_t)(letter ? meanings[letter - letters] : data[1]);
	return 2;
}

size_t text_next_character(struct flagship_text text, size_t offset, uint32_t *character)
{
	const char *data = text.data + offset;
	size_t length = text.length - offset;

	if (text.escaped && data[0] == '\\') {
		return decode_escape(data, length, character);
	}
	return utf8_decode(data, length, character);
}

size_t flagship_text_copy(struct flagship_text text, char *out, size_t capacity)
{
	size_t needed = 0;
	size_t written = 0;

	size_t plain = text_literal_span(text.data, text.length);
	if (plain > 0 && plain < capacity) {
		memcpy(out, text.data, plain);
		needed = written = plain;
	} else {
		plain = 0;
	}
	for (size_t offset = plain; offset < text.length;) {
		char bytes[UTF8_BYTES_MAX];
		uint32_t character;

		offset += text_next_character(text, offset, &character);
		size_t length = utf8_encode(character ? character : UTF8_REPLACEMENT, bytes);
		if (written == needed && needed + length < capacity) {
			memcpy(out + written, bytes, length);
			written += length;
		}
		needed += length;
	}
	if (capacity > 0) {
		out[written] = '\0';
	}
	return needed;
}

bool flagship_text_equals(struct flagship_text text, const char *string)
{
	size_t length = strlen(string);
	size_t position = 0;

	if (!text.escaped) {
		return text.length == length && memcmp(text.data, string, length) == 0;
	}
	for (size_t offset = 0; offset < text.length;) {
		char bytes[UTF8_BYTES_MAX];
		uint32_t character;

		offset += text_next_character(text, offset, &character);
		size_t n = utf8_encode(character, bytes);
		if (length - position < n || memcmp(string + position, bytes, n) != 0) {
			return false;
		}
		position += n;
	}
	return position == length;
}

bool flagship_json_next_text(struct flagship_json *cursor, struct flagship_text *text)
{
	struct json_reader reader = {cursor->data, cursor->data + cursor->length};

	if (!json_take(&reader, '[') && !json_take(&reader, ',')) {
		return false;
	}
	if (json_read_string(&reader, text)) {
		return false;
	}
	cursor->data = reader.cursor;
	cursor->length = (uint32_t)(reader.end - reader.cursor);
	return true;
}

bool text_buffer_holds_decoded(const char *buffer, size_t capacity, struct flagship_text text)
{
	char decoded[TEXT_BUFFER_MAX];

	assert(capacity <= sizeof(decoded));
	flagship_text_copy(text, decoded, capacity);
	return strcmp(buffer, decoded) == 0;
}
