/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_IMAGE_H
#define PRINTER_STATE_IMAGE_H

#include "printer/state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * All of a state as bytes, for another process of the same build on the same machine, which goes on
 * merging messages into it where this one is: the steady clock (base/clock.h) is one for both.
 * Serial number and name are left out. Read back it is checked field by field: texts end, numbers
 * of lists are in their range.
 */
#define PRINTER_IMAGE_MAX 4096

/* In bytes; at most PRINTER_IMAGE_MAX. */
size_t printer_image_size(void);

/* Differs where the fields do, or their order. */
uint64_t printer_image_layout(void);

void printer_image_write(const struct printer_state *state, uint8_t out[PRINTER_IMAGE_MAX]);

/* In place of all but serial number and name. False, with the state unchanged, where this is no
 * image. */
bool printer_image_read(struct printer_state *state, const uint8_t *bytes, size_t length)
	__attribute__((warn_unused_result));

#endif
