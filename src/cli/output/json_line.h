/* SPDX-License-Identifier: MIT */
#ifndef CLI_OUTPUT_JSON_LINE_H
#define CLI_OUTPUT_JSON_LINE_H

#include "base/json/writer.h"

#include <stdio.h>

/*
 * Prints one line of JSON of any length: calls `write` with a buffer, and once more with a larger
 * one where that was too small. Line breaks inside become spaces. Returns 0, or
 * FLAGSHIP_ERROR_MEMORY, which is told on stderr.
 */
int json_line_print(void (*write)(const void *context, struct json_writer *writer),
		    const void *context, FILE *out);

#endif
