/* SPDX-License-Identifier: MIT */
#include "cli/output/ascii.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CONTINUATION_MASK 0xc0
#define CONTINUATION      0x80
#define ASCII_END         0x80

static const struct {
	const char *sign;
	const char *spelling;
} signs[] = {
	{"\xe2\x80\xa6", "..."}, /* … */
	{"\xc2\xb0", ""},        /* ° as in °C */
	{"\xe2\x86\x92", "->"},  /* → */
	{"\xe2\x9c\x93", "ok"},  /* ✓ */
	{"\xe2\x9c\x97", "!!"},  /* ✗ */
	{"\xe2\x80\x94", "-"},   /* — */
	{"\xe2\x80\x93", "-"},   /* – */
	{"\xc2\xb7", "-"},       /* · */
	{"\xc3\x97", "x"},       /* × */
	{"\xc2\xb5", "u"},       /* µ */
};

/* The locale that counts for characters, or NULL where the environment names none. */
static const char *character_locale(void)
{
	static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && value[0] != '\0') {
			return value;
		}
	}
	return NULL;
}

static bool is_utf8(const char *locale)
{
	const char *dot = strchr(locale, '.');

	return dot && (strncasecmp(dot + 1, "utf-8", strlen("utf-8")) == 0 ||
		       strncasecmp(dot + 1, "utf8", strlen("utf8")) == 0);
}

bool ascii_wanted(FILE *stream)
{
	const char *locale = character_locale();
	const char *terminal = getenv("TERM");
	bool is_terminal = isatty(fileno(stream)) == 1;

	if (is_terminal && (!locale || (terminal && strcmp(terminal, "dumb") == 0))) {
		return true;
	}
	return locale && !is_utf8(locale);
}

/* The bytes of the character there; 1 for what is no UTF-8. */
static size_t character_length(const char *text, size_t length)
{
	size_t used = 1;

	while (used < length && ((unsigned char)text[used] & CONTINUATION_MASK) == CONTINUATION) {
		used++;
	}
	return used;
}

static const char *spell(const char *character, size_t length)
{
	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		if (strlen(signs[i].sign) == length &&
		    memcmp(signs[i].sign, character, length) == 0) {
			return signs[i].spelling;
		}
	}
	return "?";
}

void ascii_write(FILE *stream, const char *text, size_t length)
{
	for (size_t i = 0; i < length;) {
		if ((unsigned char)text[i] < ASCII_END) {
			fputc(text[i++], stream);
			continue;
		}
		size_t used = character_length(text + i, length - i);

		fputs(spell(text + i, used), stream);
		i += used;
	}
}

size_t ascii_width(const char *text, size_t length)
{
	size_t width = 0;

	for (size_t i = 0; i < length;) {
		size_t used = 1;

		if ((unsigned char)text[i] < ASCII_END) {
			width++;
		} else {
			used = character_length(text + i, length - i);
			width += strlen(spell(text + i, used));
		}
		i += used;
	}
	return width;
}
