/* SPDX-License-Identifier: MIT */
#include "cli/cell_text.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#define REPLACEMENT       0xfffdU
#define REPLACEMENT_ASCII '?'
#define LEFT_OUT          "~"
#define ASCII_END         0x80U
#define CONTROL_END       0x20U
#define DELETE            0x7fU
#define C1_FIRST          0x80U
#define C1_LAST           0x9fU
#define CHARACTER_LAST    0x10ffffU
#define SURROGATE_FIRST   0xd800U
#define SURROGATE_LAST    0xdfffU
#define CONTINUATION_BITS 6
#define CONTINUATION_MASK 0x3fU

/* Reads one character; the length is 1 for what is no UTF-8. */
static uint32_t decode(const char *text, size_t *length)
{
	static const struct {
		unsigned char mask;
		unsigned char lead;
		uint32_t least;
	} forms[] = {
		{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
	const unsigned char *bytes = (const unsigned char *)text;

	*length = 1;
	for (size_t extra = 0; extra < sizeof(forms) / sizeof(forms[0]); extra++) {
		uint32_t character = bytes[0] & (unsigned char)~forms[extra].mask;

		if ((bytes[0] & forms[extra].mask) != forms[extra].lead) {
			continue;
		}
		for (size_t i = 1; i <= extra; i++) {
			if ((bytes[i] & ~CONTINUATION_MASK) != ASCII_END) {
				return REPLACEMENT;
			}
			character = character << CONTINUATION_BITS | (bytes[i] & CONTINUATION_MASK);
		}
		if (character < forms[extra].least || character > CHARACTER_LAST ||
		    (character >= SURROGATE_FIRST && character <= SURROGATE_LAST)) {
			return REPLACEMENT;
		}
		*length = extra + 1;
		return character;
	}
	return REPLACEMENT;
}

static bool is_control(uint32_t character)
{
	return character < CONTROL_END || character == DELETE ||
	       (character >= C1_FIRST && character <= C1_LAST);
}

/* What stands for it on the terminal, and how wide that is. */
static uint32_t show(uint32_t character, bool ascii, size_t *width)
{
	int columns;

	*width = 1;
	if (is_control(character)) {
		character = REPLACEMENT;
	}
	if (character < ASCII_END) {
		return character;
	}
	if (ascii) {
		return REPLACEMENT_ASCII;
	}
	columns = wcwidth((wchar_t)character);
	/* The locale does not know it: one column is what most take. */
	*width = columns >= 0 ? (size_t)columns : 1;
	return character;
}

size_t cell_text_encode(unsigned long character, char out[CELL_TEXT_CHARACTER_MAX])
{
	static const unsigned char leads[] = {0x00, 0xc0, 0xe0, 0xf0};
	static const unsigned long ends[] = {0x80, 0x800, 0x10000, CHARACTER_LAST + 1};
	size_t extra = 0;

	if (character > CHARACTER_LAST) {
		return 0;
	}
	while (character >= ends[extra]) {
		extra++;
	}
	for (size_t i = extra; i > 0; i--) {
		out[i] = (char)(ASCII_END | (character & CONTINUATION_MASK));
		character >>= CONTINUATION_BITS;
	}
	out[0] = (char)(leads[extra] | character);
	return extra + 1;
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
