/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_GUARD_GUARD_H
#define PRINTER_GUARD_GUARD_H

#include "printer/command/command.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is not sent without an explicit override (protocol.md 3.5), by model and by what the printer
 * is doing. The rules are a table (guard_rules.h), and every way in goes by it: what is refused as
 * a request of its own is refused as JSON and as G-code too, since what would come of it is judged
 * and not how it is spelt. docs/safety.md shows the table to people.
 */
enum guard_verdict {
	GUARD_PASS,
	GUARD_REFUSED, /* unless it is forced */
	GUARD_NEVER,   /* forced or not: nobody can say what the printer would make of it */
};

/* What a verdict may hang on and is only known when the printer has told it. */
enum guard_fact {
	GUARD_FACT_JOB = 1,
	GUARD_FACT_Z_OFFSET = 2,
	GUARD_FACT_NOZZLE = 4, /* how warm it is */
};

/* What was sent, and counts before the printer has told it. Begins with guard_memory_init. */
struct guard_memory {
	bool relative;              /* the last of G90 and G91 was G91 */
	int64_t z_offset_centi_mm;  /* that was asked for; PRINTER_NEVER: none is under way */
	int64_t z_offset_before_ms; /* an earlier notice does not tell it yet */
};

void guard_memory_init(struct guard_memory *memory);

/* A message was sent to the printer: json is as guard_check saw it. */
void guard_memory_sent(struct guard_memory *memory, const struct printer_state *state,
		       const char *json, size_t length, int64_t now_ms);

/* 1021 was received. */
void guard_memory_received(struct guard_memory *memory, int64_t z_offset_centi_mm, int64_t now_ms);

/*
 * Where it is refused, one sentence for people in reason: what it would do. request->force lets all
 * pass but what is never sent. memory: NULL where nothing was sent before.
 */
enum guard_verdict guard_check(const struct printer_state *state,
			       const struct printer_profile *profile,
			       const struct guard_memory *memory,
			       const struct command_request *request, char *reason,
			       size_t capacity);

/*
 * A line of a G-code file that is to be printed, without its comment: what belongs to a job passes
 * (moves, homing, fans), what harms whoever sends it does not. As guard_check otherwise; never
 * GUARD_NEVER.
 */
enum guard_verdict guard_file_line(const struct printer_profile *profile, const char *line,
				   char *reason, size_t capacity);

/* What the printer has not told yet and would decide (enum guard_fact, or-ed): ask it first. */
unsigned int guard_lacks(const struct printer_state *state, const struct printer_profile *profile,
			 const struct guard_memory *memory, const struct command_request *request);

#endif
