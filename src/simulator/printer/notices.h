/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_NOTICES_H
#define SIMULATOR_PRINTER_NOTICES_H

#include "simulator/printer/snapshot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a printer tells unasked, and in what rhythm (protocol.md 1): an M5 or E1 what changed, once
 * a second at most; an M5C temperatures every 3 s and with them the job, without what did not
 * change.
 */
struct notices {
	struct snapshot reported; /* last */
	uint32_t nozzle_beats;    /* since the nozzle's target was reported */
	uint32_t bed_beats;
	int64_t next_ms; /* when the next beat is due */
};

/* As after power-on, when everything is known to everyone: only what changes from now on is
 * reported.
 */
void notices_init(struct notices *notices, const struct snapshot *snapshot);

/* Writes the objects of the next beat; returns how many. The caller owns the array around them. */
size_t notices_write_beat(struct notices *notices, const struct snapshot *snapshot,
			  struct json_writer *writer);

/*
 * Writes the settings (1006 1021 1037 1072) that differ from what was reported; returns how many.
 * Every model tells them at once, but for an E1, which has none of them.
 */
size_t notices_write_settings(struct notices *notices, const struct snapshot *snapshot,
			      struct json_writer *writer);

/* Writes all the printer knows, as it answers 1027. */
void notices_write_burst(const struct snapshot *snapshot, struct json_writer *writer);

#endif
