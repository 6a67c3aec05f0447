/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_CELLS_H
#define CLI_TOP_CELLS_H

#include "cli/output/output.h"
#include "cli/top/model.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands in the columns of `flagship top`. */
struct top_cell {
	enum output_style style;
	char text[PRINTER_TEXT_MAX];
};

void top_cell_set(struct top_cell *cell, enum output_style style, const char *text);

/* "printing", with "!" where something is wrong. */
void top_cell_state(struct top_cell *cell, const struct top_row *row);

/* "####----" where a job is under way, or was. */
void top_cell_bar(struct top_cell *cell, const struct top_row *row, size_t width);
void top_cell_percent(struct top_cell *cell, const struct top_row *row);

/* "220/230": now and wanted; "25" where nothing is wanted. */
void top_cell_temperature(struct top_cell *cell, const struct top_row *row,
			  const struct printer_temperature *temperature);
void top_cell_spark(struct top_cell *cell, const struct top_row *row,
		    const struct top_history *history, size_t width, bool ascii);
/* With a ~ where it is an estimate. */
void top_cell_left(struct top_cell *cell, const struct top_row *row);
/* When it will be done, as a time of day. */
void top_cell_done(struct top_cell *cell, const struct top_row *row,
		   const struct printer_moment *now);
void top_cell_age(struct top_cell *cell, const struct top_row *row, int64_t now_ms);

/* Of the job, where there is one: "250 mm/s", "12/240", "benchy.gcode". */
void top_cell_speed(struct top_cell *cell, const struct top_row *row);
void top_cell_layer(struct top_cell *cell, const struct top_row *row);
void top_cell_file(struct top_cell *cell, const struct top_row *row);

#define TOP_TIME_MAX 24

/* "1h05m", "5m36s", "36s", "2d03h": at most six columns up to 99 days. */
const char *top_format_left(int64_t seconds, char out[TOP_TIME_MAX]);

/* "now", "12s", "5m", "3h", "2d": at most four columns up to 999 days. */
const char *top_format_age(int64_t milliseconds, char out[TOP_TIME_MAX]);

/* Whether a job is under way, or its end is still to be seen on the plate. */
bool top_row_has_job(const struct top_row *row);

#endif
