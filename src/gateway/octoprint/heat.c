/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/octoprint/internal.h"

#include <stdlib.h>

#define STEP_S 5 /* between two moments that are shown */

static void write_degrees(struct json_writer *writer, const char *name, int64_t centi_c)
{
	static const unsigned int decimals = 2;

	json_key(writer, name);
	if (centi_c == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_scaled(writer, centi_c, decimals);
	}
}

static void write_pair(struct json_writer *writer, const char *name, int64_t actual, int64_t target)
{
	json_key(writer, name);
	json_object_begin(writer);
	write_degrees(writer, "actual", actual);
	write_degrees(writer, "target", target);
	json_object_end(writer);
}

struct shown_parts {
	bool tool;
	bool bed;
};

static void write_moment(struct json_writer *writer, const struct history_moment *moment,
			 int64_t unix_s, struct shown_parts parts)
{
	json_object_begin(writer);
	json_member_int(writer, "time", unix_s);
	if (parts.tool) {
		write_pair(writer, "tool0", moment->nozzle, moment->nozzle_target);
	}
	if (parts.bed) {
		write_pair(writer, "bed", moment->bed, moment->bed_target);
	}
	json_object_end(writer);
}

static void write_present(struct json_writer *writer, const struct printer_state *state,
			  int64_t unix_s, struct shown_parts parts)
{
	const struct history_moment moment = {
		.nozzle = state->nozzle.current_centi_c,
		.nozzle_target = state->nozzle.target_centi_c,
		.bed = state->bed.current_centi_c,
		.bed_target = state->bed.target_centi_c,
	};

	write_moment(writer, &moment, unix_s, parts);
}

static bool is_known(const struct history_moment *moment)
{
	return moment->nozzle != PRINTER_NEVER || moment->bed != PRINTER_NEVER;
}

void octo_write_heat(struct json_writer *writer, const struct octoprint *octoprint,
		     const struct fleet_printer *printer, bool tool, bool bed, size_t limit)
{
	const struct printer_state *state = fleet_printer_state(printer);
	bool heats = state->model != FLAGSHIP_MODEL_E1;
	const struct shown_parts parts = {.tool = tool && heats, .bed = bed && heats};
	struct history_moment *moments = calloc(HISTORY_RECENT_S, sizeof(*moments));
	size_t first = STEP_S - 1;
	int64_t now_s = clock_unix_s();

	if (moments) {
		history_recent(octoprint->history, fleet_printer_serial(printer), moments);
	}
	/* The last one of them is the present one. */
	if (limit > 0 && limit <= HISTORY_RECENT_S / STEP_S) {
		first = HISTORY_RECENT_S - 1 - (limit - 1) * STEP_S;
	}
	json_array_begin(writer);
	for (size_t i = first; moments && i < HISTORY_RECENT_S - 1; i += STEP_S) {
		if (is_known(&moments[i])) {
			write_moment(writer, &moments[i],
				     now_s - (int64_t)(HISTORY_RECENT_S - 1 - i), parts);
		}
	}
	write_present(writer, state, now_s, parts);
	json_array_end(writer);
	free(moments);
}
