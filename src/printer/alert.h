/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_ALERT_H
#define PRINTER_ALERT_H

#include "printer/merge.h"

/* What a printer says beside its job: errors (1085) and the filament that is loaded (1098). */

void alert_hear_error(const struct merge *merge, const struct flagship_printer_error *error);
void alert_hear_filament(const struct merge *merge, const struct flagship_filament *filament);

/* The printer works again: what was wrong before is past. */
void alert_clear_error(const struct merge *merge);

#endif
