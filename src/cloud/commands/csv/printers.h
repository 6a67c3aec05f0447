/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_CSV_PRINTERS_H
#define CLOUD_COMMANDS_CSV_PRINTERS_H

#include "cloud/commands/cloud.h"

/*
 * Adds the printers of a table, or changes those that are known: all of them or none. Its first
 * line names the columns, in any order; "serial" is needed, "accounts" holds e-mail addresses with
 * blanks between them. account: further one that reaches each; "" as its user id: none. Mistakes
 * are reported with their line. Returns an exit status.
 */
int printer_csv_add(const struct cloud *cloud, const char *path,
		    const struct registry_account *account);

#endif
