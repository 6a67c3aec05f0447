/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_GCODE_FILES_H
#define SIMULATOR_GCODE_FILES_H

#include "simulator/gcode_line.h"
#include "simulator/reply_text.h"

#include <stdbool.h>

struct virtual_printer;

/*
 * Carries out a command about files and the job, as Marlin has them: M23 FILE selects, M24 starts
 * or resumes, M25 pauses. False where the line is another command.
 */
bool gcode_files_run(struct virtual_printer *printer, const char *line, struct reply_text *text,
		     char word[GCODE_WORD_MAX]);

#endif
