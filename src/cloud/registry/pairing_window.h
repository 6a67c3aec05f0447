/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_REGISTRY_PAIRING_WINDOW_H
#define CLOUD_REGISTRY_PAIRING_WINDOW_H

#include "base/clock.h"
#include "cloud/registry/registry.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The time during which unknown clients may claim to be a printer, as text in the registry: until
 * when by the clock on the wall, and for how long, on which start of the machine, from when by its
 * steady clock. Within one start the steady clock alone counts. After another one the wall's does,
 * but only where it stands between the beginning and the end. So no correction of a clock keeps a
 * window open for longer than it was opened for.
 */
#define PAIRING_WINDOW_MAX_S INT64_C(86400)

/* for_s: at most PAIRING_WINDOW_MAX_S; 0: it is closed. */
void pairing_window_write(const struct clock_reading *now, int64_t for_s,
			  char out[REGISTRY_TEXT_MAX]);

/* In the registry, for printers of these serial numbers (with spaces between them; "": any). */
int pairing_window_open(struct registry *registry, const char *serials, int64_t for_s);
int pairing_window_close(struct registry *registry);

bool pairing_window_is_open(const char *text, const struct clock_reading *now);

#endif
