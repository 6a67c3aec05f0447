/* SPDX-License-Identifier: MIT */
#include "printer/guard/internal.h"

#include "printer/guard/gcode_words.h"
#include "printer/guard/rules.h"

#include <math.h>
#include <string.h>

/*
 * The printer's module passes lines on to the motion board in packets, where some characters mean
 * something else than in G-code (protocol.md 3.5, 7.1).
 */

#define FIRST_PRINTABLE  0x20
#define DELETE_CHARACTER 0x7f

static bool has_control(const char *line)
{
	for (const char *at = line; *at != '\0'; at++) {
		unsigned char character = (unsigned char)*at;
		if (character < FIRST_PRINTABLE || character == DELETE_CHARACTER) {
			return true;
		}
	}
	return false;
}

/* What turns into other commands than it shows: nobody can judge those, forced or not. */
static bool guard_disguise(struct guard *guard, const char *line)
{
	const char *found = strpbrk(line, ",*@");

	if (has_control(line)) {
		return guard_refuse_always(guard, "it holds a line break or another control "
						  "character, and so more than one command");
	}
	if (line[strspn(line, " ")] == '^') {
		return guard_refuse_always(guard, "the printer turns ^ in front of a line into M, "
						  "and runs that at once");
	}
	if (!found) {
		return false;
	}
	return guard_refuse_always(guard,
				   "the printer splits a line at %c, so that other commands "
				   "would run than it shows",
				   *found);
}

static bool guard_form(struct guard *guard, const char *line)
{
	if (strchr(line, '#') &&
	    guard_refuse(guard, "the printer runs what stands behind # in a line as a command of "
				"its own")) {
		return true;
	}
	if (strchr(line, ';') &&
	    guard_refuse(guard, "the printer reads what stands behind ; as well: leave the comment "
				"away")) {
		return true;
	}
	return strlen(line) >= GUARD_LINE_SIZE &&
	       guard_refuse(guard, "the line has %zu bytes, and the printer's slot for one has %d",
			    strlen(line), GUARD_LINE_SIZE - 1);
}

/* The highest of all that are given, or the lowest: the firmware takes one of them. */
static double worst_value(const struct gcode_word *word, const char *letters, bool highest)
{
	struct gcode_value value;
	const char *cursor = word->arguments;
	double worst = highest ? -INFINITY : INFINITY;

	while (gcode_word_next(word, &cursor, letters, &value)) {
		if (!value.readable) {
			return NAN;
		}
		if (highest ? value.value > worst : value.value < worst) {
			worst = value.value;
		}
	}
	return worst;
}

static bool guard_targets(struct guard *guard, const struct gcode_word *word,
			  bool (*judge)(struct guard *guard, double target_c))
{
	if (!gcode_word_has(word, "SR")) {
		return false;
	}
	return judge(guard, worst_value(word, "SR", true)) ||
	       judge(guard, worst_value(word, "SR", false));
}

static bool guard_babystep(struct guard *guard, const struct gcode_word *word)
{
	/* S is another word for Z here. */
	if (!gcode_word_has(word, "ZS")) {
		return false;
	}
	return guard_offset_change(guard, worst_value(word, "ZS", true)) ||
	       guard_offset_change(guard, worst_value(word, "ZS", false));
}

static bool guard_move(struct guard *guard, const struct gcode_word *word)
{
	static const char *const letters[GUARD_AXES] = {"X", "Y", "Z"};
	double highest[GUARD_AXES] = {NAN, NAN, NAN};
	double lowest[GUARD_AXES] = {NAN, NAN, NAN};

	for (size_t axis = 0; axis < GUARD_AXES; axis++) {
		if (gcode_word_has(word, letters[axis])) {
			highest[axis] = worst_value(word, letters[axis], true);
			lowest[axis] = worst_value(word, letters[axis], false);
			highest[axis] = isnan(highest[axis]) ? INFINITY : highest[axis];
			lowest[axis] = isnan(lowest[axis]) ? -INFINITY : lowest[axis];
		}
	}
	return guard_position(guard, highest) || guard_position(guard, lowest) ||
	       (gcode_word_has(word, "E") && guard_extrusion(guard));
}

static bool opens_end_stops(const struct gcode_word *word)
{
	return gcode_word_has(word, "S") &&
	       !(worst_value(word, "S", true) == 1 && worst_value(word, "S", false) == 1);
}

/*
 * A name in the other case than the code's may or may not be read, and whether what stands in
 * brackets counts is the firmware's choice: then it names no axis.
 */
static bool names_plane_alone(const struct gcode_word *word)
{
	return gcode_word_has_as_written(word, "XY") && !gcode_word_has(word, "Z(");
}

static bool rule_is_about(const struct guard_rule *rule, const struct gcode_word *word)
{
	switch (rule->condition) {
	case GUARD_WITH_LETTERS:
		return gcode_word_has(word, rule->letters);
	case GUARD_WITH_ARGUMENT:
		return strspn(word->arguments, " ") < word->length;
	case GUARD_HOMES_XY:
		return names_plane_alone(word);
	case GUARD_HOMES_Z:
		return !names_plane_alone(word);
	case GUARD_OPENS_END_STOPS:
		return opens_end_stops(word);
	default:
		return true;
	}
}

static bool guard_carried(struct guard *guard, enum guard_condition condition,
			  const struct gcode_word *word)
{
	switch (condition) {
	case GUARD_SETS_NOZZLE:
		return guard_targets(guard, word, guard_nozzle);
	case GUARD_SETS_BED:
		return guard_targets(guard, word, guard_bed);
	case GUARD_SETS_FAN:
		return guard_fan(guard);
	case GUARD_CHANGES_OFFSET:
		return guard_babystep(guard, word);
	case GUARD_MOVES:
		return guard_move(guard, word);
	default:
		return false;
	}
}

static bool is_of(const struct guard_rule *rule, const struct gcode_word *word)
{
	enum guard_subject subject = word->letter == 'G' ? GUARD_G : GUARD_M;

	return rule->subject == subject && word->number >= rule->first &&
	       word->number <= rule->last && rule_is_about(rule, word);
}

static bool guard_word(struct guard *guard, const struct gcode_word *word)
{
	size_t count;
	const struct guard_rule *rules = guard_rules(&count);

	for (size_t i = 0; i < count; i++) {
		if (!is_of(&rules[i], word)) {
			continue;
		}
		if (guard_rule_when(&rules[i], guard->profile->model) == GUARD_JUDGED
			    ? guard_carried(guard, rules[i].condition, word)
			    : guard_applies(guard, &rules[i])) {
			return true;
		}
	}
	return false;
}

bool guard_line(struct guard *guard, const char *line)
{
	struct gcode_word word;
	const char *cursor = line;

	if (guard_disguise(guard, line) || guard_form(guard, line)) {
		return true;
	}
	while (gcode_words_next(line, &cursor, &word)) {
		struct gcode_word to_the_end = word;

		/* What stands behind it may be its parameters or commands of their own. */
		to_the_end.length = strlen(word.arguments);
		if (guard_word(guard, &word) || guard_word(guard, &to_the_end)) {
			return true;
		}
	}
	return false;
}

/* What is refused at any time; temperatures by what no hot end and no bed bears. */
static bool guard_file_word(struct guard *guard, const struct gcode_word *word)
{
	size_t count;
	const struct guard_rule *rules = guard_rules(&count);

	for (size_t i = 0; i < count; i++) {
		enum guard_when when = guard_rule_when(&rules[i], guard->profile->model);

		if ((when != GUARD_ALWAYS && when != GUARD_JUDGED) || !is_of(&rules[i], word)) {
			continue;
		}
		bool heats = rules[i].condition == GUARD_SETS_NOZZLE ||
			     rules[i].condition == GUARD_SETS_BED;
		if (when == GUARD_ALWAYS
			    ? guard_applies(guard, &rules[i])
			    : heats && guard_carried(guard, rules[i].condition, word)) {
			return true;
		}
	}
	return false;
}

enum guard_verdict guard_file_line(const struct printer_profile *profile, const char *line,
				   char *reason, size_t capacity)
{
	static const struct printer_state idle = {.bed.target_centi_c = PRINTER_NEVER};
	struct guard guard = {
		.state = &idle, .profile = profile, .reason = reason, .capacity = capacity};
	struct gcode_word word;
	const char *cursor = line;

	while (gcode_words_next(line, &cursor, &word)) {
		if (guard_file_word(&guard, &word)) {
			return GUARD_REFUSED;
		}
	}
	return GUARD_PASS;
}
