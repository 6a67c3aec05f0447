/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_GUARD_GCODE_WORDS_H
#define PRINTER_GUARD_GCODE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads a line of G-code as warily as a guard has to: whatever some firmware might take for a
 * command or a parameter is found, in either case, with or without blanks.
 */
struct gcode_word {
	char letter; /* 'G' or 'M' */
	bool lower;  /* as it was written */
	int number;  /* as the firmware counts it, in 16 bits */
	const char *arguments;
	size_t length; /* of the arguments, up to the next command */
};

struct gcode_value {
	char letter;
	bool readable; /* a plain decimal number, or nothing at all, which counts as 0 */
	double value;
};

/*
 * The next command at or after *cursor, which begins at line. A text (M117 and the like) in front
 * of a line holds no others.
 */
bool gcode_words_next(const char *line, const char **cursor, struct gcode_word *word);

/* Whether one of these characters is among the parameters, letters in either case. */
bool gcode_word_has(const struct gcode_word *word, const char *letters);

/* Only those in the case of the command's letter. */
bool gcode_word_has_as_written(const struct gcode_word *word, const char *letters);

/* The next parameter with one of these letters; *cursor begins at word->arguments. */
bool gcode_word_next(const struct gcode_word *word, const char **cursor, const char *letters,
		     struct gcode_value *value);

#endif
