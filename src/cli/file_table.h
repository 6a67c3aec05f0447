/* SPDX-License-Identifier: MIT */
#ifndef CLI_FILE_TABLE_H
#define CLI_FILE_TABLE_H

#include "cli/output.h"

#include <stddef.h>

/*
 * Prints the files in the objects that a printer answered to 1009, a JSON array of them. Nobody has
 * published a real answer: any array of objects with a name or a path is taken for the list, and an
 * answer without one is printed as it is.
 */
void file_table_print(const char *json, size_t length, const struct output *output);

#endif
