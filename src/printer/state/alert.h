/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_ALERT_H
#define PRINTER_STATE_ALERT_H

#include "printer/state/merge.h"

/*
 * What a printer says beside its job: errors (1085, 1086), alerts (1000 with another subType than
 * the job's state) and the filament that is loaded (1098).
 */

void alert_receive_error(const struct merge *merge, const struct flagship_printer_error *error);
void alert_receive_filament(const struct merge *merge, const struct flagship_filament *filament);

void alert_receive_error_cleared(const struct merge *merge,
				 const struct flagship_printer_error_cleared *received);

/* 1000 with subType 2 or 3. */
void alert_receive(const struct merge *merge, int64_t sub_type, int64_t number);

/* After each payload: a pause may confirm that the filament ran out. */
void alert_watch_pause(const struct merge *merge);

/* Of a state whose codes were set in another way: the texts that belong to them. */
void alert_find_texts(struct printer_state *state);

/* The printer works again: what was wrong before is past. */
void alert_clear_all(const struct merge *merge);

#endif
