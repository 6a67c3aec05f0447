/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCRIPT_H
#define TESTS_SCRIPT_H

#include "printer/state/state.h"

#include <stddef.h>

#define SCRIPT_EVENTS_MAX 16384

/*
 * A printer's life in one line, and the events that came of it in another.
 *
 * Steps: "SECONDS:WHAT[+WHAT…]", separated by spaces; what is joined by + comes in one payload.
 *	s1        1000, subType 1, value 1          p3971     1001 with this progress
 *	jTASK/NAME, j/NAME, jTASK   1001 with this task_id and name
 *	l17/43, l17, l/43           1052            u2, u2/NAME   1068 with this trigger
 *	nPATH     1044                              eCODE/LEVEL, eCODE    1085
 *	t99, r60  1001 with totalTime, with time      fPLA,PETG 1098
 *	a6, i1    1000, subType 2 and 3               xCODE     1086
 *	lost, check, settle         what the caller does
 *
 * Events: "SECONDS:NAME[=NUMBER]".
 */
struct script {
	struct printer_state state;
	char events[SCRIPT_EVENTS_MAX];
	size_t length;
};

void script_init(struct script *script, enum flagship_model model);

/* Adds to script->events; online is left out. */
void script_run(struct script *script, const char *steps);

/* Writes the JSON of one payload: what stands behind the colon of a step. */
void script_payload(const char *what, char *out, size_t capacity);

printer_event_handler script_collect;

#endif
