/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_PROFILE_H
#define PRINTER_PROFILE_H

#include <flagship/model.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PRINTER_PROFILE_AXES 3

/* The highest nozzle target of an M5 with an all-metal hot end, as its owner may set it. */
#define PRINTER_PROFILE_ALL_METAL_C 300

/* The two forms of print control, 1008 (protocol.md 3.2). They must never be mixed: what pauses in
 * one of them starts a file in the other. */
enum printer_control {
	/* 2 pauses, 3 resumes, 4 stops; every field each time, with who asks. */
	PRINTER_CONTROL_VENDOR,
	/* As one owner of an M5C found it: 1 pauses and 2 resumes the job that is named, 0 with
	 * M2024 stops. */
	PRINTER_CONTROL_OBSERVED,
};

/*
 * How a model wants to be commanded: what sources disagree about (protocol.md 3.2) and what would
 * harm it (3.5). Plain data, so that flagship.conf can override each of it.
 */
struct printer_profile {
	enum flagship_model model;
	enum printer_control control;
	int64_t nozzle_max_c; /* the highest target without --force */
	int64_t bed_max_c;
	int64_t speed_max_mm_s;
	bool z_home_is_dangerous;
	/* Of the motion board's firmware (protocol.md 7.4): no settings. */
	int64_t nozzle_ceiling_c; /* a higher target becomes this, without a word */
	int64_t bed_ceiling_c;
	int64_t cold_extrusion_c; /* filament does not move below it */
	double range_mm[PRINTER_PROFILE_AXES][2];
	int64_t confirm_ms; /* how long to wait for the state that proves a control command */
};

/* UNKNOWN gives the M5's, and for an axis or an end that differs the more careful one. */
void printer_profile_init(struct printer_profile *profile, enum flagship_model model);

/* The names of what can be overridden, NULL-terminated: "control", … */
const char *const *printer_profile_keys(void);

/* Errors: ARGUMENT (no such key, or a value that it does not take). */
int printer_profile_set(struct printer_profile *profile, const char *key, const char *value);

/* What the key's value is, as printer_profile_set takes it. Errors: ARGUMENT, BUFFER. */
int printer_profile_get(const struct printer_profile *profile, const char *key, char *out,
			size_t capacity);

#endif
