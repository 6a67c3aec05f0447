/* SPDX-License-Identifier: MIT */
#ifndef CLI_SETUP_PRINTERS_PAGE_H
#define CLI_SETUP_PRINTERS_PAGE_H

#include "cli/output/output.h"
#include "cli/target/targets.h"
#include "printer/state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How `flagship printers` shows what it found. */
struct printers_row {
	const struct target *target;
	struct printer_state state; /* what was heard, if anything */
	bool asked;
	bool failed; /* it could not even be asked, which was told */
	int status;  /* of a failed one */
};

/* One array on one line. Returns an exit status. */
int printers_print_json(const struct printers_row *rows, size_t count);

void printers_print_table(const struct output *output, const struct printers_row *rows,
			  size_t count);

#endif
