/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_CHANGES_H
#define PRINTER_STATE_CHANGES_H

#include "printer/state/state.h"

#include <flagship/message.h>

/*
 * Finds which parts of a state (enum printer_part) a payload changed, by what it was before. Large
 * parts are copied only where a message is of their kind, so that temperatures, which come most,
 * cost next to nothing.
 */
struct changes {
	bool online;
	struct printer_temperature nozzle;
	struct printer_temperature bed;
	int64_t fan_percent;
	int64_t speed_mm_s;
	int64_t max_speed_mm_s;
	int64_t z_offset_centi_mm;
	int64_t levelled;
	struct printer_alert alert;
	uint32_t copied; /* of the parts below */
	struct printer_error error;
	struct printer_job job;
	struct printer_filament filament;
	struct printer_e1 e1;
};

/* messages: what is about to be merged; none where only time passes. */
void changes_begin(struct changes *changes, const struct printer_state *state,
		   const struct flagship_message *messages, size_t count, int64_t now_ms);

/* Bits of enum printer_part. Uses *changes up. */
uint32_t changes_end(struct changes *changes, const struct printer_state *state);

#endif
