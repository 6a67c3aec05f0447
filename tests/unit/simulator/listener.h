/* SPDX-License-Identifier: MIT */
#ifndef TEST_SIMULATOR_LISTENER_H
#define TEST_SIMULATOR_LISTENER_H

#include "printer/state/state.h"
#include "simulator/printer/virtual_printer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LISTENER_KINDS      FLAGSHIP_TOPIC_KINDS
#define LISTENER_EVENTS     (PRINTER_EVENT_FILAMENT_CHANGED + 1)
#define LISTENER_STATES_MAX 64

/* A simulated printer and all that is heard of it, merged as a client would. */
struct listener {
	struct virtual_printer printer;
	struct printer_state state;
	size_t published[LISTENER_KINDS];
	char last[LISTENER_KINDS][VIRTUAL_PRINTER_JSON_MAX];
	size_t events[LISTENER_EVENTS];
	int64_t states[LISTENER_STATES_MAX]; /* `value` of 1000, without repetitions */
	size_t state_count;
	size_t alerts; /* 1000 with subType 2 */
	size_t crashes;
	int64_t fastest_gap_ms; /* between two temperatures */
	int64_t received_ms;
	size_t changed_nothing; /* objects of 1003 or 1004 that said what was known already */
	int64_t nozzle_min;
	int64_t nozzle_max;
	int64_t bed_max;
	char *transcript; /* all that was published, or NULL */
	size_t transcript_length;
	size_t transcript_capacity;
};

void listener_start(struct listener *listener, enum flagship_model model,
		    enum virtual_printer_scenario scenario, uint64_t seed);

/* Keeps a transcript from now on. */
void listener_keep_transcript(struct listener *listener);
void listener_finish(struct listener *listener);

/* Lets time pass; forgets nothing. */
void listener_wait_s(struct listener *listener, int64_t seconds);

/* Lets time pass until 1000 tells this state; false after limit_s without. */
bool listener_wait_for_state(struct listener *listener, int64_t state, int64_t limit_s);

/* Sends a payload as a command; returns what virtual_printer_receive does. */
int listener_command(struct listener *listener, const char *json);
int listener_query(struct listener *listener, const char *json);

/* Sends one line of G-code; returns `resData` of the reply, which stays valid until the next call.
 */
const char *listener_gcode(struct listener *listener, const char *line);

/* `reply` of the last command reply; fails the test where that is of another type. */
int64_t listener_reply(const struct listener *listener, int64_t type);

/* How many objects of this type the last payload on a topic held. */
size_t listener_last_count(const struct listener *listener, enum flagship_topic_kind kind,
			   int64_t type);

#endif
