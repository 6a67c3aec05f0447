/* SPDX-License-Identifier: MIT */
#ifndef GCODE_HEADER_H
#define GCODE_HEADER_H

#include "gcode/metadata.h"

#include <stddef.h>

#define GCODE_HEADER_MAX 64

/*
 * The printer computes the time that is left from two comments before the first G28, and shows
 * hundreds of hours without them (protocol.md 8). Writes those that the file lacks and that it
 * gives the number of elsewhere, as lines to stand in front of it. Returns their length in bytes; 0
 * where there is nothing to add.
 */
size_t gcode_header_write(const struct gcode_metadata *metadata, char out[GCODE_HEADER_MAX]);

#endif
