/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_STATUS_PAGE_H
#define CLI_WATCH_STATUS_PAGE_H

#include "cli/output/output.h"
#include "printer/state/state.h"

#include <stdint.h>

/* A printer's state for people. */
void status_page_print(const struct output *output, const struct printer_state *state,
		       const struct printer_moment *now);

/* The one line of a printer that said nothing; answer: "no answer". */
void status_page_print_silent(const struct output *output, const struct printer_state *state,
			      const char *answer);

#endif
