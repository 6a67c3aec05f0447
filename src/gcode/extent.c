/* SPDX-License-Identifier: MIT */
#include "gcode/extent.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define MM_PER_INCH 25.4
#define DECIMAL     10.0

enum g_code {
	G_TRAVEL,
	G_MOVE,
	G_ARC_RIGHT,
	G_ARC_LEFT,
	G_INCHES = 20,
	G_MILLIMETRES = 21,
	G_HOME = 28,
	G_ABSOLUTE = 90,
	G_RELATIVE = 91,
	G_SET_POSITION = 92,
};

#define M_FILAMENT_ABSOLUTE 82
#define M_FILAMENT_RELATIVE 83

/* The words of a line that moves are made of; NAN: the line has it not. */
struct move_words {
	char letter; /* 'G' or 'M'; '\0': none */
	long code;
	double axis[GCODE_AXES];
	double filament;
};

void gcode_moves_init(struct gcode_moves *moves)
{
	*moves = (struct gcode_moves){.unit_mm = 1};
	for (size_t axis = 0; axis < GCODE_AXES; axis++) {
		moves->position_mm[axis] = (double)NAN;
		moves->extent.min_mm[axis] = (double)INFINITY;
		moves->extent.max_mm[axis] = -(double)INFINITY;
	}
}

/* A plain decimal number, whatever the locale; without a digit it is 0, as firmware has it. */
static double take_decimal(const char **cursor)
{
	const char *at = *cursor;
	double sign = *at == '-' ? -1 : 1;
	double number = 0;
	double scale = 1;

	at += *at == '-' || *at == '+' ? 1 : 0;
	for (; isdigit((unsigned char)*at); at++) {
		number = number * DECIMAL + (*at - '0');
	}
	if (*at == '.') {
		for (at++; isdigit((unsigned char)*at); at++) {
			scale /= DECIMAL;
			number += (*at - '0') * scale;
		}
	}
	*cursor = at;
	return sign * number;
}

static void take_word(struct move_words *words, char letter, double number)
{
	switch (letter) {
	case 'G':
	case 'M':
		if (!words->letter) {
			words->letter = letter;
			words->code = number >= 0 && number <= INT16_MAX ? (long)number : -1;
		}
		break;
	case 'X':
	case 'Y':
	case 'Z':
		words->axis[letter - 'X'] = number;
		break;
	case 'E':
		words->filament = number;
		break;
	default:
		break;
	}
}

static struct move_words read_words(const char *line)
{
	struct move_words words = {.axis = {(double)NAN, (double)NAN, (double)NAN},
				   .filament = (double)NAN};

	while (*line != '\0' && *line != ';' && *line != '(') {
		char letter = (char)toupper((unsigned char)*line++);

		if (letter >= 'A' && letter <= 'Z') {
			take_word(&words, letter, take_decimal(&line));
		}
	}
	return words;
}

static void widen(struct gcode_extent *extent, size_t axis, double position_mm)
{
	if (!isnan(position_mm)) {
		extent->min_mm[axis] = fmin(extent->min_mm[axis], position_mm);
		extent->max_mm[axis] = fmax(extent->max_mm[axis], position_mm);
	}
}

static bool take_filament(struct gcode_moves *moves, double word)
{
	if (isnan(word)) {
		return false;
	}
	double filament_mm = word * moves->unit_mm;
	bool fed = filament_mm > (moves->filament_relative ? 0 : moves->filament_mm);

	moves->filament_mm = filament_mm;
	return fed;
}

static void receive_move(struct gcode_moves *moves, const struct move_words *words)
{
	bool across = !isnan(words->axis[0]) || !isnan(words->axis[1]);

	for (size_t axis = 0; axis < GCODE_AXES; axis++) {
		if (isnan(words->axis[axis])) {
			continue;
		}
		double base = moves->relative ? moves->position_mm[axis] : 0;

		moves->position_mm[axis] = base + words->axis[axis] * moves->unit_mm;
		widen(&moves->extent, axis, moves->position_mm[axis]);
	}
	if (take_filament(moves, words->filament) && across) {
		moves->extent.extrudes = true;
	}
}

/* G92: it is there without a move. */
static void receive_position(struct gcode_moves *moves, const struct move_words *words)
{
	for (size_t axis = 0; axis < GCODE_AXES; axis++) {
		if (!isnan(words->axis[axis])) {
			moves->position_mm[axis] = words->axis[axis] * moves->unit_mm;
		}
	}
	if (!isnan(words->filament)) {
		moves->filament_mm = words->filament * moves->unit_mm;
	}
}

static void receive_g(struct gcode_moves *moves, const struct move_words *words)
{
	switch (words->code) {
	case G_TRAVEL:
	case G_MOVE:
	case G_ARC_RIGHT:
	case G_ARC_LEFT:
		receive_move(moves, words);
		break;
	case G_INCHES:
		moves->unit_mm = MM_PER_INCH;
		break;
	case G_MILLIMETRES:
		moves->unit_mm = 1;
		break;
	case G_HOME:
		for (size_t axis = 0; axis < GCODE_AXES; axis++) {
			moves->position_mm[axis] = (double)NAN;
		}
		break;
	case G_ABSOLUTE:
	case G_RELATIVE:
		moves->relative = words->code == G_RELATIVE;
		moves->filament_relative = moves->relative;
		break;
	case G_SET_POSITION:
		receive_position(moves, words);
		break;
	default:
		break;
	}
}

void gcode_moves_receive(struct gcode_moves *moves, const char *line)
{
	struct move_words words = read_words(line);

	if (words.letter == 'G') {
		receive_g(moves, &words);
	} else if (words.code == M_FILAMENT_ABSOLUTE || words.code == M_FILAMENT_RELATIVE) {
		moves->filament_relative = words.code == M_FILAMENT_RELATIVE;
	}
}
