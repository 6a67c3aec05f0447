/* SPDX-License-Identifier: MIT */
#include "cli/output/cell_text.h"

#include "base/shown_text.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#define REPLACEMENT_ASCII '?'
#define LEFT_OUT          "~"
#define ASCII_CODES       0x80U
#define CHARACTER_LAST    0x10ffffU

/* Reads one character; the length is 1 for what is no UTF-8. */
static uint32_t decode(const char *text, size_t *length)
{
	uint32_t character;

	*length = utf8_decode(text, strnlen(text, UTF8_BYTES_MAX), &character);
	return shown_text_is_plain(character) ? character : UTF8_REPLACEMENT;
}

/* What stands for it on the terminal, and how wide that is. */
static uint32_t show(uint32_t character, bool ascii, size_t *width)
{
	*width = 1;
	if (character < ASCII_CODES) {
		return character;
	}
	if (ascii) {
		return REPLACEMENT_ASCII;
	}
	int columns = wcwidth((wchar_t)character);
	/* The locale does not know it: one column is what most take. */
	*width = columns >= 0 ? (size_t)columns : 1;
	return character;
}

size_t cell_text_encode(unsigned long character, char out[CELL_TEXT_CHARACTER_MAX])
{
	return character <= CHARACTER_LAST ? utf8_encode((uint32_t)character, out) : 0;
}

size_t cell_text_width(const char *text)
{
	size_t sum = 0;

	while (*text != '\0') {
		size_t length;
		size_t width;

		(void)show(decode(text, &length), false, &width);
		sum += width;
		text += length;
	}
	return sum;
}

/* Appends as many characters as fit; *text stands behind the last of them afterwards. */
static size_t append(const char **text, size_t columns, bool ascii, char *out, size_t capacity)
{
	size_t used = 0;
	size_t sum = 0;

	while (**text != '\0') {
		char bytes[CELL_TEXT_CHARACTER_MAX];
		size_t length;
		size_t width;
		size_t size = cell_text_encode(show(decode(*text, &length), ascii, &width), bytes);

		if (sum + width > columns || used + size >= capacity) {
			break;
		}
		memcpy(out + used, bytes, size);
		used += size;
		sum += width;
		*text += length;
	}
	out[used] = '\0';
	return sum;
}

size_t cell_text_fit(const char *text, size_t columns, bool ascii, char *out, size_t capacity)
{
	const char *rest = text;
	size_t sum = append(&rest, columns, ascii, out, capacity);

	if (*rest == '\0' || columns == 0 || capacity <= sizeof(LEFT_OUT)) {
		return sum;
	}
	rest = text;
	sum = append(&rest, columns - 1, ascii, out, capacity - 1);
	memcpy(out + strlen(out), LEFT_OUT, sizeof(LEFT_OUT));
	return sum + 1;
}
