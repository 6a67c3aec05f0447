/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_GUARD_RULES_H
#define PRINTER_GUARD_RULES_H

#include <flagship/model.h>

#include <stddef.h>

/* The one table of what is dangerous (protocol.md 3.5): data, without a word of how it is found. */

enum guard_subject {
	GUARD_MESSAGE, /* of this type */
	GUARD_G,       /* G-code of this number */
	GUARD_M,
};

/* Which of them it is about. The judged ones are decided by what they carry (judge.c). */
enum guard_condition {
	GUARD_ANY,
	GUARD_WITH_LETTERS,  /* with one of these parameters */
	GUARD_WITH_ARGUMENT, /* with anything behind it: bare it only tells */
	GUARD_HOMES_Z,       /* Z, or no axis named */
	GUARD_HOMES_XY,      /* X, Y or both alone */
	GUARD_SETS_NOZZLE,
	GUARD_SETS_BED,
	GUARD_SETS_BOTH, /* 1038 */
	GUARD_FEEDS,     /* 1023, which may heat */
	GUARD_SETS_FAN,
	GUARD_SETS_SPEED,
	GUARD_SETS_OFFSET,    /* to this */
	GUARD_CHANGES_OFFSET, /* by this */
	GUARD_MOVES,
	GUARD_OPENS_END_STOPS, /* S other than 1 */
	GUARD_CONTROLS_JOB,    /* 1008 */
	GUARD_DELETES,
	GUARD_NAMES,
	GUARD_CARRIES_GCODE, /* 1043 */
};

enum guard_when {
	GUARD_NOT,       /* never refused by this row */
	GUARD_JOB,       /* while a job prepares, prints or is paused */
	GUARD_Z_AT_RISK, /* always where homing Z is dangerous (a profile's value), else in a job */
	GUARD_ALWAYS,
	GUARD_JUDGED, /* by what it carries */
};

struct guard_rule {
	enum guard_subject subject;
	int first; /* type or number, the first of a row of them */
	int last;
	enum guard_condition condition;
	const char *letters; /* of GUARD_WITH_LETTERS */
	enum guard_when m5;
	enum guard_when m5c;
	enum guard_when e1;
	const char *reason; /* a sentence without its full stop; NULL where a judge gives it */
};

const struct guard_rule *guard_rules(size_t *count);

/* For a model that is not known the worse of M5 and M5C counts. */
enum guard_when guard_rule_when(const struct guard_rule *rule, enum flagship_model model);

#endif
