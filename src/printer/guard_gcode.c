/* SPDX-License-Identifier: MIT */
#include "printer/guard.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_LIMIT 100000
#define DIGITS_MAX   32
#define BASE_TEN     10

/* One command of a line: its letter, its number, and what follows up to the next one. */
struct word {
	char letter; /* 'G' or 'M' */
	int number;
	const char *arguments;
	size_t length;
};

struct rule {
	char letter;
	int number;
	const char *reason;
};

static const struct rule always[] = {
	{'M', 112, "M112 halts the printer until it is switched off and on"},
	{'M', 303, "M303 heats up by itself to tune the heater"},
	{'M', 500, "M500 overwrites the settings that the printer keeps"},
	{'M', 501, "M501 replaces the settings in use by those that are kept"},
	{'M', 502, "M502 replaces the settings in use by the factory's"},
	{'M', 997, "M997 makes the printer replace its firmware"},
};

static const struct rule without_z_probe[] = {
	{'G', 36, "G36 homes Z, which drove the nozzle of such a printer into its plate"},
	{'M', 401, "M401 moves a probe that such a printer does not have"},
	{'M', 402, "M402 moves a probe that such a printer does not have"},
};

/* What moves the printer, or changes how the moves of a job are read. */
static const int motion_g[] = {0,  1,  2,  3,  5,  10, 11, 12, 20, 21, 26, 27, 28, 30,
			       33, 34, 35, 36, 38, 42, 60, 61, 76, 80, 90, 91, 92, 425};
static const int motion_m[] = {17,  18,  48,  82,  83,  84,  125, 401, 402,
			       428, 600, 603, 701, 702, 703, 914, 915};

/* What follows is a text or a file name. */
static const int text_m[] = {16, 23, 28, 30, 32, 33, 117, 118, 550, 928};

static bool is_one_of(int number, const int *numbers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (numbers[i] == number) {
			return true;
		}
	}
	return false;
}

#define IS_ONE_OF(number, numbers) \
	is_one_of(number, numbers, sizeof(numbers) / sizeof((numbers)[0]))

static bool is_end(char c)
{
	return c == '\0' || c == ';' || c == '\n' || c == '\r';
}

static const char *skip_blanks(const char *text)
{
	while (*text == ' ' || *text == '\t') {
		text++;
	}
	return text;
}

/* At a letter G or M with a number behind it, which Marlin takes apart by blanks too. */
static bool read_word(const char *text, struct word *word)
{
	char letter = (char)toupper((unsigned char)*text);
	const char *digits = skip_blanks(text + 1);
	int number = 0;

	if ((letter != 'G' && letter != 'M') || !isdigit((unsigned char)*digits)) {
		return false;
	}
	while (isdigit((unsigned char)*digits)) {
		number = number < NUMBER_LIMIT ? number * BASE_TEN + (*digits - '0') : number;
		digits++;
	}
	*word = (struct word){.letter = letter, .number = number, .arguments = digits};
	return true;
}

/* The next command at or after *cursor, with its arguments. */
static bool next_word(const char **cursor, struct word *word)
{
	const char *text = *cursor;
	struct word next;
	bool found = false;

	while (!is_end(*text) && !(found = read_word(text, word))) {
		text++;
	}
	if (!found) {
		*cursor = text;
		return false;
	}
	bool is_text = word->letter == 'M' && IS_ONE_OF(word->number, text_m);
	text = word->arguments;
	while (!is_end(*text) && (is_text || !read_word(text, &next))) {
		text++;
	}
	word->length = (size_t)(text - word->arguments);
	*cursor = text;
	return true;
}

static const char *find_letter(const struct word *word, char letter)
{
	for (size_t i = 0; i < word->length; i++) {
		if (toupper((unsigned char)word->arguments[i]) == letter) {
			return word->arguments + i;
		}
	}
	return NULL;
}

static bool read_value(const struct word *word, char letter, double *value)
{
	const char *found = find_letter(word, letter);
	char digits[DIGITS_MAX + 1];

	if (found == NULL) {
		return false;
	}
	found = skip_blanks(found + 1);
	size_t length = strspn(found, "+-.0123456789");
	if (length > DIGITS_MAX) {
		length = DIGITS_MAX;
	}
	memcpy(digits, found, length);
	digits[length] = '\0';
	*value = strtod(digits, NULL);
	return true;
}

static bool is_word(const struct word *word, char letter, int number)
{
	return word->letter == letter && word->number == number;
}

static const char *find_rule(const struct word *word, const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (is_word(word, rules[i].letter, rules[i].number)) {
			return rules[i].reason;
		}
	}
	return NULL;
}

#define FIND_RULE(word, rules) find_rule(word, rules, sizeof(rules) / sizeof((rules)[0]))

static const char *guard_z_home(const struct word *word)
{
	bool z = find_letter(word, 'Z') != NULL;
	bool named = z || find_letter(word, 'X') != NULL || find_letter(word, 'Y') != NULL;

	/* Whether what stands in brackets counts is the firmware's choice. */
	if (!is_word(word, 'G', 28) || (named && !z && find_letter(word, '(') == NULL)) {
		return NULL;
	}
	return "homing Z drove the nozzle of such a printer into its plate: name X, Y or both";
}

static bool is_motion(const struct word *word)
{
	return word->letter == 'G' ? IS_ONE_OF(word->number, motion_g)
				   : IS_ONE_OF(word->number, motion_m);
}

static const char *guard_during_job(const struct word *word)
{
	if (is_word(word, 'G', 29)) {
		return "a job is running, and G29 would drive the nozzle through it";
	}
	return is_motion(word) ? "a job is running, and moving the printer, or changing how moves "
				 "are read, would spoil it"
			       : NULL;
}

static bool is_above(const struct word *word, int64_t limit_c)
{
	double value;

	return (read_value(word, 'S', &value) && value > (double)limit_c) ||
	       (read_value(word, 'R', &value) && value > (double)limit_c);
}

static bool guard_temperature(const struct printer_profile *profile, const struct word *word,
			      char *reason, size_t capacity)
{
	bool nozzle = is_word(word, 'M', 104) || is_word(word, 'M', 109);
	bool bed = is_word(word, 'M', 140) || is_word(word, 'M', 190);
	int64_t limit_c = nozzle ? profile->nozzle_max_c : profile->bed_max_c;

	if ((!nozzle && !bed) || !is_above(word, limit_c)) {
		return false;
	}
	snprintf(reason, capacity, "a %s target above %" PRId64 " °C may damage the %s",
		 nozzle ? "nozzle" : "bed", limit_c, nozzle ? "hot end" : "bed");
	return true;
}

static bool guard_word(const struct printer_profile *profile, bool job_runs,
		       const struct word *word, char *reason, size_t capacity)
{
	const char *found = FIND_RULE(word, always);

	if (found == NULL && profile->z_home_is_dangerous) {
		found = guard_z_home(word);
	}
	if (found == NULL && profile->z_home_is_dangerous) {
		found = FIND_RULE(word, without_z_probe);
	}
	if (found == NULL && job_runs) {
		found = guard_during_job(word);
	}
	if (found == NULL) {
		return guard_temperature(profile, word, reason, capacity);
	}
	snprintf(reason, capacity, "%s", found);
	return true;
}

bool guard_gcode(const struct printer_profile *profile, bool job_runs, const char *line,
		 char *reason, size_t capacity)
{
	struct word word;

	while (*line != '\0') {
		while (next_word(&line, &word)) {
			if (guard_word(profile, job_runs, &word, reason, capacity)) {
				return true;
			}
		}
		line += strcspn(line, "\r\n");
		line += strspn(line, "\r\n");
	}
	return false;
}
