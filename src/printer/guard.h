/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_GUARD_H
#define PRINTER_GUARD_H

#include "printer/command.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What is not sent without an explicit override (protocol.md 3.5), by model and by what the printer
 * is doing. Where it is refused, true, with one sentence for people in reason: what it would do.
 */
bool guard_check(const struct printer_state *state, const struct printer_profile *profile,
		 const struct command_request *request, char *reason, size_t capacity);

/* Whether the answer is another one while a job runs, so that the job's state has to be known. */
bool guard_depends_on_job(const struct printer_profile *profile,
			  const struct command_request *request);

/* The same for one line of G-code, whatever it holds. job_runs: as far as is known. */
bool guard_gcode(const struct printer_profile *profile, bool job_runs, const char *line,
		 char *reason, size_t capacity);

#endif
