/* SPDX-License-Identifier: MIT */
#include "print/check.h"

#include "printer/guard/guard.h"

#include <flagship/model.h>

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TINY 0.01 /* mm: less than that is how numbers are written */

__attribute__((format(printf, 4, 5))) static void add_finding(struct print_check *check,
							      enum print_severity severity,
							      int64_t line, const char *format, ...)
{
	struct print_findings *findings = &check->findings;
	struct print_finding found = {.severity = severity, .line = line};
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(found.text, sizeof(found.text), format, arguments);
	va_end(arguments);
	findings->refused = findings->refused || severity == PRINT_REFUSED;
	for (size_t i = 0; i < findings->count; i++) {
		if (strcmp(findings->list[i].text, found.text) == 0) {
			return;
		}
	}
	if (findings->count == PRINT_FINDINGS_MAX) {
		findings->more++;
		return;
	}
	findings->list[findings->count++] = found;
}

void print_check_init(struct print_check *check, const struct printer_profile *profile)
{
	*check = (struct print_check){.profile = *profile};
	gcode_moves_init(&check->moves);
}

void print_check_line(void *context, int64_t number, const char *line, bool whole)
{
	struct print_check *check = context;
	char code[GCODE_LINE_MAX + 1];
	char reason[PRINT_FINDING_MAX];

	if (check->profile.model == FLAGSHIP_MODEL_E1) {
		return; /* print_check_end says it once */
	}
	if (!whole) {
		add_finding(check, PRINT_REFUSED, number,
			    "a line is longer than any slicer writes, or holds what is no text");
		return;
	}
	gcode_moves_receive(&check->moves, line);
	snprintf(code, sizeof(code), "%.*s", (int)strcspn(line, ";"), line);
	if (guard_file_line(&check->profile, code, reason, sizeof(reason)) != GUARD_PASS) {
		add_finding(check, PRINT_REFUSED, number, "%s", reason);
	}
}

static void check_axis(struct print_check *check, size_t axis)
{
	static const char names[GCODE_AXES] = {'X', 'Y', 'Z'};
	const struct gcode_extent *extent = &check->moves.extent;
	const double *range = check->profile.range_mm[axis];

	if (extent->max_mm[axis] > range[1] + TINY) {
		add_finding(check, PRINT_REFUSED, 0,
			    "it goes to %c %.2f mm, and this printer ends at %.2f mm", names[axis],
			    extent->max_mm[axis], range[1]);
	}
	if (extent->min_mm[axis] < range[0] - TINY) {
		add_finding(check, PRINT_REFUSED, 0,
			    "it goes to %c %.2f mm, and this printer begins at %.2f mm",
			    names[axis], extent->min_mm[axis], range[0]);
	}
}

/* What it is sliced for; UNKNOWN where it does not say, or says another maker's. */
static enum flagship_model model_of(const char *machine)
{
	if (strstr(machine, "M5C")) {
		return FLAGSHIP_MODEL_M5C;
	}
	return strstr(machine, "M5") ? FLAGSHIP_MODEL_M5 : FLAGSHIP_MODEL_UNKNOWN;
}

static void check_machine(struct print_check *check, const char *machine)
{
	const enum flagship_model model = check->profile.model;

	if (machine[0] != '\0' && model != FLAGSHIP_MODEL_UNKNOWN && model_of(machine) != model) {
		add_finding(check, PRINT_WARNING, 0,
			    "it is sliced for %s, and this printer is an %s", machine,
			    flagship_model_name(model));
	}
}

static void check_promises(struct print_check *check, const struct gcode_metadata *metadata)
{
	bool time = metadata->tells_time || !isnan(metadata->estimated_time_s);
	bool layers = metadata->tells_layers || !isnan(metadata->layer_count);

	if (!time || !layers) {
		add_finding(check, PRINT_WARNING, 0,
			    "it does not say %s: the printer will show a wrong time left",
			    time ? "how many layers it has" : "how long it takes");
	}
}

void print_check_end(struct print_check *check, const struct gcode_metadata *metadata)
{
	if (check->profile.model == FLAGSHIP_MODEL_E1) {
		add_finding(check, PRINT_REFUSED, 0,
			    "an E1 prints with ink and light, and takes no G-code");
		return;
	}
	for (size_t axis = 0; axis < GCODE_AXES; axis++) {
		check_axis(check, axis);
	}
	if (!check->moves.extent.extrudes) {
		add_finding(check, PRINT_REFUSED, 0,
			    "it feeds no filament in any move, so that no job would come of it");
	}
	check_machine(check, metadata->machine);
	check_promises(check, metadata);
}
