/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_FILE_TABLE_H
#define CLI_CONTROL_FILE_TABLE_H

#include "cli/output/output.h"
#include "printer/state/file_list.h"

#include <stddef.h>

/* The files that a printer told of, and of which printer they are. */
struct file_table {
	const char *serial;
	const char *printer; /* its name, or NULL */
	struct file_list list;
};

/* Reads the objects that it answered to 1009, a JSON array of them. Errors: MEMORY. The list is
 * ended by file_list_finish in any case. */
int file_table_read(struct file_table *table, const char *replies, size_t length,
		    enum file_place place);

/* Columns for people, with local times; a size only where one is known. */
void file_table_print(const struct file_table *table, const struct output *output);

/* One JSON object a file (docs/json.md). */
void file_table_print_json(const struct file_table *table, const struct output *output);

#endif
