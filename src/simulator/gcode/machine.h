/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_GCODE_MACHINE_H
#define SIMULATOR_GCODE_MACHINE_H

#include "simulator/gcode/line.h"
#include "simulator/machine/machine.h"
#include "simulator/printer/reply_habits.h"

/*
 * Carries out one line of G-code, M104 M109 M140 M190 M105 M106 M107 M114 M115 M119 M220 M290 M420
 * M503 G0 G1 G28 G90 G91 G92, and on an M5C M2024. text: the whole answer, each line ended, without
 * `ok` and ring-buffer line; `echo:Unknown command: "…"` for anything else. word: of the command,
 * "" where there is none.
 */
void gcode_machine_run(struct machine *machine, const char *line, struct reply_text *text,
		       char word[GCODE_WORD_MAX]);

#endif
