/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_STATUS_PAGE_H
#define CLI_WATCH_STATUS_PAGE_H

#include "cli/output/output.h"
#include "printer/e1/e1.h"
#include "printer/state/state.h"

#include <stddef.h>
#include <stdint.h>

/* The lines of a status page that only an E1 has; none where nothing of it was received. */
void status_e1_print(const struct output *output, const struct printer_e1 *e1);

/* "white 57 %", the ink of which least is left, or "" where none was received. */
void status_e1_format_least(const struct printer_e1 *e1, char *out, size_t capacity);

/* A printer's state for people. */
void status_page_print(const struct output *output, const struct printer_state *state,
		       const struct printer_moment *now);

/* The one line of a printer that said nothing; answer: "no answer". */
void status_page_print_silent(const struct output *output, const struct printer_state *state,
			      const char *answer);

#endif
