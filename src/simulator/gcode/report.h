/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_GCODE_REPORT_H
#define SIMULATOR_GCODE_REPORT_H

#include "simulator/machine/machine.h"
#include "simulator/printer/reply_text.h"

/* What a printer tells of itself, each line ended. */

void gcode_report_temperatures(const struct machine *machine, struct reply_text *text); /* M105 */
void gcode_report_position(const struct machine *machine, struct reply_text *text);     /* M114 */
void gcode_report_firmware(const struct machine *machine, struct reply_text *text);     /* M115 */
void gcode_report_endstops(const struct machine *machine, struct reply_text *text);     /* M119 */
void gcode_report_mesh(const struct machine *machine, struct reply_text *text);         /* M420 V */
void gcode_report_settings(const struct machine *machine, struct reply_text *text);     /* M503 */

void gcode_report_busy(struct reply_text *text); /* inside a long reply */

#endif
