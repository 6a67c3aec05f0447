/* SPDX-License-Identifier: MIT */
#ifndef GCODE_KIND_H
#define GCODE_KIND_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a file is, by its first bytes, whatever its name says. */

bool gcode_kind_is_gzip(const unsigned char *front, size_t length);

/*
 * 0 where it may be G-code; else ARGUMENT, and in words what it is and what to do. `size` is that
 * of the file, -1 while more may come: an STL shows by it alone. front: up to GCODE_FRONT_MAX
 * bytes.
 */
int gcode_kind_check(const unsigned char *front, size_t length, int64_t size,
		     struct problem *problem) __attribute__((warn_unused_result));

#endif
