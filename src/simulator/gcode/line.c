/* SPDX-License-Identifier: MIT */
#include "simulator/gcode/line.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORD_NUMBER_MAX 99999
#define VALUE_DIGITS    32
#define VALUE_LIMIT     1e9

static bool is_end(char c)
{
	return c == '\0' || c == ';' || c == '\n' || c == '\r';
}

static const char *skip_space(const char *text)
{
	while (*text == ' ' || *text == '\t') {
		text++;
	}
	return text;
}

static bool read_word(const char **text, char out[GCODE_WORD_MAX])
{
	const char *cursor = *text;
	char letter = (char)toupper((unsigned char)*cursor);
	char *end;

	if (!isalpha((unsigned char)*cursor) || !isdigit((unsigned char)cursor[1])) {
		return false;
	}
	unsigned long number = strtoul(cursor + 1, &end, 10);
	if (number > WORD_NUMBER_MAX) {
		return false;
	}
	snprintf(out, GCODE_WORD_MAX, "%c%lu", letter, number);
	*text = end;
	return true;
}

/* strtod would take "1E5", "0x1" and "inf", which Marlin does not: copy what is a plain number. */
static size_t read_value(const char *text, struct gcode_parameter *parameter)
{
	char digits[VALUE_DIGITS + 1];
	size_t length = strspn(text, "+-0123456789.");

	if (length == 0 || length > VALUE_DIGITS) {
		return length;
	}
	memcpy(digits, text, length);
	digits[length] = '\0';
	char *end;
	double value = strtod(digits, &end);
	if (*end == '\0' && value > -VALUE_LIMIT && value < VALUE_LIMIT) {
		parameter->has_value = true;
		parameter->value = value;
	}
	return length;
}

static bool is_break(char c)
{
	return c == '\0' || c == '\n' || c == '\r';
}

/* What stands behind a ; is no comment to the board: its capital letters count (protocol.md 3.5).
 */
static void read_parameters(const char *text, struct gcode_line *line)
{
	bool is_comment = false;

	for (text = skip_space(text); !is_break(*text) && line->count < GCODE_PARAMETERS_MAX;
	     text = skip_space(text)) {
		bool is_lower = islower((unsigned char)*text);
		char letter = (char)toupper((unsigned char)*text++);
		is_comment = is_comment || letter == ';';
		if (!isalpha((unsigned char)letter) || (is_comment && is_lower)) {
			continue;
		}
		struct gcode_parameter *parameter = &line->parameters[line->count++];
		*parameter = (struct gcode_parameter){.letter = letter};
		text = skip_space(text);
		text += read_value(text, parameter);
	}
}

bool gcode_line_read(const char *text, struct gcode_line *line)
{
	*line = (struct gcode_line){0};
	text = skip_space(text);
	if (is_end(*text)) {
		return false;
	}
	if (read_word(&text, line->word)) {
		read_parameters(text, line);
	}
	return true;
}

const struct gcode_parameter *gcode_line_find(const struct gcode_line *line, char letter)
{
	for (size_t i = 0; i < line->count; i++) {
		if (line->parameters[i].letter == letter) {
			return &line->parameters[i];
		}
	}
	return NULL;
}

bool gcode_line_value(const struct gcode_line *line, char letter, double *value)
{
	const struct gcode_parameter *parameter = gcode_line_find(line, letter);

	if (!parameter || !parameter->has_value) {
		return false;
	}
	*value = parameter->value;
	return true;
}
