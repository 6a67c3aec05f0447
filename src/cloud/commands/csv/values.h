/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_CSV_VALUES_H
#define CLOUD_COMMANDS_CSV_VALUES_H

#include "cloud/registry/registry.h"

#include <stdbool.h>

/* What people write of a printer, as text; NULL or "": nothing. */
struct printer_values {
	const char *serial;
	const char *model; /* m5, m5c or e1, or as the vendor writes it */
	const char *name;
	const char *key; /* hex, blanks and line breaks in it are passed over */
	const char *duid;
	const char *dsk_key;
	const char *mac;
	const char *address;
};

/* Checks it and writes what is there into the printer. False with a problem that says which value
 * is wrong, and how it should look. */
bool printer_values_take(const struct printer_values *values, struct registry_printer *printer,
			 struct problem *problem);

/* Random: for printers that have none of their own. */
bool printer_values_make_key(struct registry_printer *printer);
bool printer_values_make_serial(struct registry_printer *printer);

#endif
