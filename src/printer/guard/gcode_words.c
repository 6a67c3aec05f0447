/* SPDX-License-Identifier: MIT */
#include "printer/guard/gcode_words.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CODES_MAX  65536 /* the firmware counts codes in 16 bits: M65648 is M112 there */
#define DIGITS_MAX 48
#define BASE_TEN   10

/* What follows is a text or a file name. */
static const int texts[] = {16, 23, 28, 30, 32, 33, 117, 118, 550, 928};

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t') {
		text++;
	}
	return text;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* At a letter G or M with a number behind it, which Marlin takes apart by blanks too. */
static bool read_word(const char *text, struct gcode_word *word)
{
	char letter = (char)toupper((unsigned char)*text);
	const char *digits = skip_blanks(text + (*text != '\0'));
	int number = 0;

	if ((letter != 'G' && letter != 'M') || !is_digit(*digits)) {
		return false;
	}
	for (; is_digit(*digits); digits++) {
		number = (number * BASE_TEN + (*digits - '0')) % CODES_MAX;
	}
	*word = (struct gcode_word){
		.letter = letter, .lower = letter != *text, .number = number, .arguments = digits};
	return true;
}

/* Behind the line's number, where it has one. */
static const char *first_letter(const char *line)
{
	line = skip_blanks(line);
	if (toupper((unsigned char)*line) == 'N') {
		const char *digits = line + 1 + (line[1] == '-');
		line = skip_blanks(digits + strspn(digits, "0123456789"));
	}
	return line;
}

static bool is_text(const struct gcode_word *word)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (word->letter == 'M' && word->number == texts[i]) {
			return true;
		}
	}
	return false;
}

bool gcode_words_next(const char *line, const char **cursor, struct gcode_word *word)
{
	const char *text = *cursor;
	struct gcode_word next;

	while (*text != '\0' && !read_word(text, word)) {
		text++;
	}
	if (*text == '\0') {
		*cursor = text;
		return false;
	}
	bool alone = text == first_letter(line) && is_text(word);
	text = word->arguments;
	while (*text != '\0' && (alone || !read_word(text, &next))) {
		text++;
	}
	word->length = (size_t)(text - word->arguments);
	*cursor = text;
	return true;
}

bool gcode_word_has(const struct gcode_word *word, const char *letters)
{
	for (size_t i = 0; i < word->length; i++) {
		if (strchr(letters, toupper((unsigned char)word->arguments[i]))) {
			return true;
		}
	}
	return false;
}

bool gcode_word_has_as_written(const struct gcode_word *word, const char *letters)
{
	for (size_t i = 0; i < word->length; i++) {
		char c = word->arguments[i];
		bool lower = c >= 'a' && c <= 'z';
		if (lower == word->lower && strchr(letters, toupper((unsigned char)c))) {
			return true;
		}
	}
	return false;
}

/* strtof of the firmware would take 0x190 for 400, and stops at an exponent. */
static void read_value(const char *text, const char *end, struct gcode_value *value)
{
	char digits[DIGITS_MAX + 1];
	size_t length = 0;
	char *stop;

	text = skip_blanks(text);
	while (text + length < end && length < DIGITS_MAX && text[length] != '\0' &&
	       strchr("+-.0123456789", text[length])) {
		length++;
	}
	memcpy(digits, text, length);
	digits[length] = '\0';
	value->value = strtod(digits, &stop);
	bool is_hex = strcmp(digits + strspn(digits, "+-"), "0") == 0 && text + length < end &&
		      toupper((unsigned char)text[length]) == 'X';
	value->readable = *stop == '\0' && length < DIGITS_MAX && !is_hex;
}

bool gcode_word_next(const struct gcode_word *word, const char **cursor, const char *letters,
		     struct gcode_value *value)
{
	const char *end = word->arguments + word->length;

	for (const char *at = *cursor; at < end; at++) {
		char letter = (char)toupper((unsigned char)*at);
		if (letter != '\0' && strchr(letters, letter)) {
			value->letter = letter;
			read_value(at + 1, end, value);
			*cursor = at + 1;
			return true;
		}
	}
	*cursor = end;
	return false;
}
