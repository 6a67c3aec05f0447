/* SPDX-License-Identifier: MIT */
#ifndef CLI_QUEUE_TABLE_H
#define CLI_QUEUE_TABLE_H

#include <cjson/cJSON.h>

#include <stdbool.h>

/* Entries of the queue, as GET /api/v1/queue has them, for people. printers: as GET
 * /api/v1/printers has them, for their names; NULL: serial numbers instead. */

/* Waits, or goes on. */
bool queue_entry_is_open(const cJSON *entry);
/* CLI_DONE, or CLI_FAILED for want of memory, which was told. */
int queue_table_print(const cJSON *entries, const cJSON *printers);
/* "cube.gcode for Left (3) waits: the plate of Left is to be confirmed as clear" */
void queue_entry_print(const cJSON *entry, const cJSON *printers);

#endif
