/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_GUARD_INTERNAL_H
#define PRINTER_GUARD_INTERNAL_H

#include "printer/guard/guard.h"
#include "printer/guard/rules.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUARD_LINE_SIZE 64 /* of a slot of the board's queue, with its NUL (protocol.md 7.1) */
#define GUARD_AXES      3

/*
 * What the parts of the guard share: whom it judges for, and where it writes. Judges return true
 * where something is refused; they judge what would come of it, whoever asks in whatever words.
 */
struct guard {
	const struct printer_state *state;
	const struct printer_profile *profile;
	const struct guard_memory *memory;
	bool force;         /* what `force` overrides is let pass */
	bool never;         /* what was refused is never sent, forced or not */
	bool relative;      /* G1 counts from where it is */
	unsigned int lacks; /* enum guard_fact: what was looked for and is not known */
	bool unknown;       /* it was refused for want of that */
	char *reason;
	size_t capacity;
};

/* What `force` overrides: then it returns false and writes nothing. */
__attribute__((format(printf, 2, 3))) bool guard_refuse(struct guard *guard, const char *format,
							...);
/* What nothing overrides. */
__attribute__((format(printf, 2, 3))) bool guard_refuse_always(struct guard *guard,
							       const char *format, ...);

/* Whether a job prepares, prints or is paused; marks what is not known. */
bool guard_job_runs(struct guard *guard);
bool guard_in_job(struct guard *guard, const char *reason);
/* A row of the table that no judge decides. */
bool guard_applies(struct guard *guard, const struct guard_rule *rule);

/* judge.c: what a command would bring about. Temperatures in °C; NAN: it cannot be read. */
bool guard_nozzle(struct guard *guard, double target_c);
bool guard_bed(struct guard *guard, double target_c);
bool guard_fan(struct guard *guard);
bool guard_speed(struct guard *guard, double mm_s);
bool guard_offset_change(struct guard *guard, double change_mm);
bool guard_offset_to(struct guard *guard, double offset_mm);
/* NAN: the axis stays. INFINITY: it cannot be read. */
bool guard_position(struct guard *guard, const double position_mm[GUARD_AXES]);
bool guard_extrusion(struct guard *guard);
bool guard_delete(struct guard *guard, const char *path);
bool guard_name(struct guard *guard, struct flagship_text name);
bool guard_light(struct guard *guard);

/* message.c: one JSON object or an array of them. */
bool guard_json(struct guard *guard, const char *json);
/* By the table alone, for a message without fields that matter. */
bool guard_type(struct guard *guard, int64_t type);

/* line.c: one line of G-code, whatever it holds. */
bool guard_line(struct guard *guard, const char *line);

#endif
