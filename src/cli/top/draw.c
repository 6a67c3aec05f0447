/* SPDX-License-Identifier: MIT */
#include "cli/top/draw.h"

#include "cli/output/output.h"
#include "printer/state/moment.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define CENTI            100
#define MS_PER_S         1000
#define MINUTE_S         60
#define HOUR_S           3600
#define DAY_S            86400
#define FRESH_S          2
#define PERCENT_CENTI    100
#define SPARK_LEVELS     8
#define SPARK_LEAST_SPAN 2000 /* 0.01 °C: what changes less is as good as constant */
#define BAR_DONE         '#'
#define BAR_LEFT         '-'

static void top_cell_set(struct top_cell *cell, enum output_style style, const char *text)
{
	cell->style = style;
	snprintf(cell->text, sizeof(cell->text), "%s", text);
}

static bool is_known(const struct top_row *row)
{
	return row->state->seen_ms != PRINTER_NEVER;
}

static bool is_stale(const struct top_row *row)
{
	return !is_known(row) || !row->state->online;
}

static bool is_wrong(const struct printer_state *state)
{
	return state->error.code[0] != '\0' || state->alert.source != PRINTER_ALERT_NONE;
}

/* What is old does not shine. */
static enum output_style style_of(const struct top_row *row, enum output_style style)
{
	return is_stale(row) ? OUTPUT_DIM : style;
}

static enum output_style state_style(const struct top_row *row)
{
	const struct printer_state *state = row->state;

	if (!is_known(row) || !state->online) {
		return OUTPUT_RED;
	}
	if (is_wrong(state)) {
		return OUTPUT_RED;
	}
	if (row->busy) {
		return OUTPUT_CYAN;
	}
	return job_style(state->job.state_received ? state->job.state : PRINTER_JOB_UNKNOWN);
}

/* "printing", with "!" where something is wrong. */
static void top_cell_state(struct top_cell *cell, const struct top_row *row)
{
	bool wrong = is_known(row) && is_wrong(row->state);

	cell->style = state_style(row);
	snprintf(cell->text, sizeof(cell->text), "%s%s", wrong ? "!" : "", top_row_state(row));
}

static int64_t progress(const struct top_row *row)
{
	return top_row_has_job(row) ? row->state->job.progress_centi_percent : PRINTER_NEVER;
}

/* "####----" where a job is under way, or was. */
static void top_cell_bar(struct top_cell *cell, const struct top_row *row, size_t width)
{
	int64_t done = progress(row);

	top_cell_set(cell, OUTPUT_PLAIN, "");
	if (done == PRINTER_NEVER || width >= sizeof(cell->text)) {
		return;
	}
	size_t filled = (size_t)(done * (int64_t)width / PRINTER_PROGRESS_COMPLETE);
	cell->style = style_of(row, state_style(row));
	memset(cell->text, BAR_LEFT, width);
	memset(cell->text, BAR_DONE, filled < width ? filled : width);
	cell->text[width] = '\0';
}

static void top_cell_percent(struct top_cell *cell, const struct top_row *row)
{
	int64_t done = progress(row);

	top_cell_set(cell, style_of(row, OUTPUT_PLAIN), "");
	if (done != PRINTER_NEVER) {
		snprintf(cell->text, sizeof(cell->text), "%" PRId64 "%%", done / PERCENT_CENTI);
	}
}

static int64_t whole_degrees(int64_t centi_c)
{
	int64_t rest = centi_c % CENTI;

	return centi_c / CENTI + (rest >= CENTI / 2) - (rest <= -CENTI / 2);
}

/* "220/230": now and wanted; "25" where nothing is wanted. */
static void top_cell_temperature(struct top_cell *cell, const struct top_row *row,
				 const struct printer_temperature *temperature)
{
	int64_t now = temperature->current_centi_c;
	int64_t wanted = temperature->target_centi_c;
	bool heats = wanted != PRINTER_NEVER && wanted > 0;

	top_cell_set(cell, style_of(row, heats ? OUTPUT_YELLOW : OUTPUT_PLAIN), "");
	if (now == PRINTER_NEVER) {
		return;
	}
	if (heats) {
		snprintf(cell->text, sizeof(cell->text), "%" PRId64 "/%" PRId64, whole_degrees(now),
			 whole_degrees(wanted));
	} else {
		snprintf(cell->text, sizeof(cell->text), "%" PRId64, whole_degrees(now));
	}
}

/* The least and the most of the values, at least SPARK_LEAST_SPAN apart. False where none is
 * known. */
static bool find_span(const int64_t *values, size_t count, int64_t *least, int64_t *span)
{
	int64_t most = INT64_MIN;

	*least = INT64_MAX;
	for (size_t i = 0; i < count; i++) {
		if (values[i] == PRINTER_NEVER) {
			continue;
		}
		*least = values[i] < *least ? values[i] : *least;
		most = values[i] > most ? values[i] : most;
	}
	if (most == INT64_MIN) {
		return false;
	}
	*span = units_time_since(most, *least);
	*span = *span > SPARK_LEAST_SPAN ? *span : SPARK_LEAST_SPAN;
	return true;
}

void top_cell_spark(struct top_cell *cell, const struct top_row *row,
		    const struct top_history *history, size_t width, bool ascii)
{
	static const char *const bars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const letters[] = {"_", "_", ".", ".", "-", "-", "=", "#"};
	size_t count = history->count < width ? history->count : width;
	const int64_t *values = history->values + (history->count - count);
	size_t length = 0;
	int64_t least;
	int64_t span;

	top_cell_set(cell, style_of(row, OUTPUT_CYAN), "");
	if (!find_span(values, count, &least, &span)) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		const char *bar = " ";

		if (values[i] != PRINTER_NEVER) {
			int64_t level = units_time_since(values[i], least) /
					(span / (SPARK_LEVELS - 1));

			level = level < SPARK_LEVELS ? level : SPARK_LEVELS - 1;
			assert(level >= 0);
			bar = ascii ? letters[level] : bars[level];
		}
		length += (size_t)snprintf(cell->text + length, sizeof(cell->text) - length, "%s",
					   bar);
	}
}

const char *top_format_left(int64_t seconds, char out[TOP_TIME_MAX])
{
	seconds = seconds > 0 ? seconds : 0;
	if (seconds < MINUTE_S) {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "s", seconds);
	} else if (seconds < HOUR_S) {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "m%02" PRId64 "s", seconds / MINUTE_S,
			 seconds % MINUTE_S);
	} else if (seconds < DAY_S) {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "h%02" PRId64 "m", seconds / HOUR_S,
			 seconds % HOUR_S / MINUTE_S);
	} else {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "d%02" PRId64 "h", seconds / DAY_S,
			 seconds % DAY_S / HOUR_S);
	}
	return out;
}

const char *top_format_age(int64_t milliseconds, char out[TOP_TIME_MAX])
{
	int64_t seconds = milliseconds > 0 ? milliseconds / MS_PER_S : 0;

	if (seconds < FRESH_S) {
		snprintf(out, TOP_TIME_MAX, "now");
	} else if (seconds < MINUTE_S) {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "s", seconds);
	} else if (seconds < HOUR_S) {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "m", seconds / MINUTE_S);
	} else if (seconds < 2 * DAY_S) {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "h", seconds / HOUR_S);
	} else {
		snprintf(out, TOP_TIME_MAX, "%" PRId64 "d", seconds / DAY_S);
	}
	return out;
}

/* With a ~ where it is an estimate. */
static void top_cell_left(struct top_cell *cell, const struct top_row *row)
{
	const struct printer_job *job = &row->state->job;
	char text[TOP_TIME_MAX];
	bool over = job->state == PRINTER_JOB_FINISHED || job->state == PRINTER_JOB_STOPPED;

	top_cell_set(cell, style_of(row, OUTPUT_PLAIN), "");
	if (top_row_has_job(row) && !over && job->remaining_s != PRINTER_NEVER) {
		snprintf(cell->text, sizeof(cell->text), "%s%s",
			 job->remaining_estimated ? "~" : "",
			 top_format_left(job->remaining_s, text));
	}
}

/* When it will be done, as a time of day. */
static void top_cell_done(struct top_cell *cell, const struct top_row *row,
			  const struct printer_moment *now)
{
	int64_t finish_ms = moment_unix_ms(now, job_finish_ms(&row->state->job));
	char text[OUTPUT_TIME_MAX];

	top_cell_set(cell, style_of(row, OUTPUT_PLAIN), "");
	if (finish_ms != PRINTER_NEVER) {
		top_cell_set(cell, cell->style, output_time_of_day(finish_ms, now->unix_ms, text));
	}
}

static void top_cell_age(struct top_cell *cell, const struct top_row *row, int64_t now_ms)
{
	char text[TOP_TIME_MAX];

	top_cell_set(cell, OUTPUT_DIM, "");
	if (!is_known(row)) {
		return;
	}
	int64_t age_ms = units_time_since(now_ms, row->state->seen_ms);
	top_cell_set(cell, age_ms >= TOP_STALE_S * MS_PER_S ? OUTPUT_YELLOW : OUTPUT_DIM,
		     top_format_age(age_ms, text));
}

/* Of the job, where there is one: "250 mm/s", "12/240", "benchy.gcode". */
static void top_cell_speed(struct top_cell *cell, const struct top_row *row)
{
	int64_t speed = row->state->speed_mm_s;

	top_cell_set(cell, style_of(row, OUTPUT_PLAIN), "");
	if (top_row_has_job(row) && speed != PRINTER_NEVER) {
		snprintf(cell->text, sizeof(cell->text), "%" PRId64 " mm/s", speed);
	}
}

static void top_cell_layer(struct top_cell *cell, const struct top_row *row)
{
	const struct printer_job *job = &row->state->job;

	top_cell_set(cell, style_of(row, OUTPUT_PLAIN), "");
	if (!top_row_has_job(row) || job->layer == PRINTER_NEVER) {
		return;
	}
	if (job->layers == PRINTER_NEVER) {
		snprintf(cell->text, sizeof(cell->text), "%" PRId64, job->layer);
	} else {
		snprintf(cell->text, sizeof(cell->text), "%" PRId64 "/%" PRId64, job->layer,
			 job->layers);
	}
}

static void top_cell_file(struct top_cell *cell, const struct top_row *row)
{
	top_cell_set(cell, style_of(row, OUTPUT_PLAIN),
		     top_row_has_job(row) ? row->state->job.name : "");
}

enum column_kind {
	COLUMN_MARK,
	COLUMN_NAME,
	COLUMN_STATE,
	COLUMN_BAR,
	COLUMN_PERCENT,
	COLUMN_NOZZLE,
	COLUMN_NOZZLE_SPARK,
	COLUMN_BED,
	COLUMN_BED_SPARK,
	COLUMN_LEFT,
	COLUMN_DONE,
	COLUMN_AGE,
	COLUMN_SPEED,
	COLUMN_LAYER,
	COLUMN_FILE,
	COLUMN_KINDS,
};

/* Columns are given up in the order of `rank`, the highest first, and widened in that of `wish`. */
struct column_form {
	const char *heading;
	size_t least;
	size_t most;
	unsigned char rank; /* 0 = always there */
	unsigned char wish; /* 0 = never wider */
	bool right_aligned;
	bool live_only;
	bool wide_only;
};

_Static_assert(COLUMN_KINDS <= TOP_COLUMNS_MAX, "a layout has room for every column");

static const struct column_form forms[COLUMN_KINDS] = {
	[COLUMN_MARK] = {.heading = "", .least = 1, .live_only = true},
	[COLUMN_NAME] = {.heading = "NAME", .least = 12, .most = 24, .wish = 1},
	[COLUMN_STATE] = {.heading = "STATE", .least = 10, .most = 11, .rank = 1, .wish = 2},
	[COLUMN_BAR] = {.heading = "PROGRESS", .least = 8, .most = 20, .rank = 7, .wish = 3},
	[COLUMN_PERCENT] = {.heading = "", .least = 4, .rank = 2, .right_aligned = true},
	[COLUMN_NOZZLE] = {.heading = "NOZZLE", .least = 7, .rank = 5, .right_aligned = true},
	[COLUMN_NOZZLE_SPARK] =
		{.heading = "", .least = 5, .most = 12, .rank = 8, .wish = 4, .live_only = true},
	[COLUMN_BED] = {.heading = "BED", .least = 7, .rank = 6, .right_aligned = true},
	[COLUMN_BED_SPARK] =
		{.heading = "", .least = 5, .most = 12, .rank = 9, .wish = 5, .live_only = true},
	[COLUMN_LEFT] = {.heading = "LEFT", .least = 6, .rank = 4, .right_aligned = true},
	[COLUMN_DONE] = {.heading = "DONE AT", .least = 9, .rank = 10, .right_aligned = true},
	[COLUMN_AGE] = {.heading = "AGE", .least = 4, .rank = 3, .right_aligned = true},
	[COLUMN_SPEED] = {.heading = "SPEED",
			  .least = 8,
			  .rank = 11,
			  .right_aligned = true,
			  .wide_only = true},
	[COLUMN_LAYER] = {.heading = "LAYER",
			  .least = 9,
			  .rank = 12,
			  .right_aligned = true,
			  .wide_only = true},
	[COLUMN_FILE] = {.heading = "FILE",
			 .least = 12,
			 .most = 40,
			 .rank = 13,
			 .wish = 6,
			 .wide_only = true},
};

#define WISHES       6
#define WIDE_COLUMNS 130 /* where there is room for all */

static size_t width_of(const struct top_layout *layout)
{
	size_t sum = 0;

	for (size_t i = 0; i < layout->count; i++) {
		sum += layout->columns[i].width + (i > 0);
	}
	return sum;
}

static void give_up_one(struct top_layout *layout)
{
	size_t worst = 0;

	for (size_t i = 1; i < layout->count; i++) {
		if (forms[layout->columns[i].kind].rank > forms[layout->columns[worst].kind].rank) {
			worst = i;
		}
	}
	layout->count--;
	memmove(&layout->columns[worst], &layout->columns[worst + 1],
		(layout->count - worst) * sizeof(layout->columns[0]));
}

static bool has_rank(const struct top_layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		if (forms[layout->columns[i].kind].rank > 0) {
			return true;
		}
	}
	return false;
}

static void widen(struct top_layout *layout, unsigned int wish, size_t width)
{
	for (size_t i = 0; i < layout->count; i++) {
		struct top_column *column = &layout->columns[i];
		const struct column_form *form = &forms[column->kind];
		size_t used = width_of(layout);
		size_t room = width > used ? width - used : 0;

		if (form->wish == wish && form->most > column->width) {
			size_t more = form->most - column->width;

			column->width += more < room ? more : room;
		}
	}
}

void top_layout_init(struct top_layout *layout, const struct top_view *view)
{
	layout->count = 0;
	for (size_t kind = 0; kind < COLUMN_KINDS; kind++) {
		if ((view->live || !forms[kind].live_only) &&
		    (view->width >= WIDE_COLUMNS || !forms[kind].wide_only)) {
			layout->columns[layout->count++] = (struct top_column){
				.kind = (unsigned char)kind, .width = forms[kind].least};
		}
	}
	while (width_of(layout) > view->width && has_rank(layout)) {
		give_up_one(layout);
	}
	for (unsigned int wish = 1; wish <= WISHES; wish++) {
		widen(layout, wish, view->width);
	}
}

void top_draw_headings(const struct top_layout *layout, const struct top_view *view,
		       struct top_line *line)
{
	top_line_begin(line, view->width, view->ascii);
	for (size_t i = 0; i < layout->count; i++) {
		const struct column_form *form = &forms[layout->columns[i].kind];

		top_line_fill(line, line->columns + (i > 0));
		top_line_cell(line, OUTPUT_BOLD, form->heading, layout->columns[i].width,
			      form->right_aligned);
	}
}

static void draw_cell(const struct top_view *view, const struct top_row *row, bool selected,
		      enum column_kind kind, size_t width, struct top_cell *cell)
{
	switch (kind) {
	case COLUMN_MARK:
		top_cell_set(cell, OUTPUT_BOLD, selected ? ">" : " ");
		break;
	case COLUMN_NAME:
		top_cell_set(cell, OUTPUT_BOLD, top_row_name(row));
		break;
	case COLUMN_STATE:
		top_cell_state(cell, row);
		break;
	case COLUMN_BAR:
		top_cell_bar(cell, row, width);
		break;
	case COLUMN_PERCENT:
		top_cell_percent(cell, row);
		break;
	case COLUMN_NOZZLE:
		top_cell_temperature(cell, row, &row->state->nozzle);
		break;
	case COLUMN_NOZZLE_SPARK:
		top_cell_spark(cell, row, &row->nozzle, width, view->ascii);
		break;
	case COLUMN_BED:
		top_cell_temperature(cell, row, &row->state->bed);
		break;
	case COLUMN_BED_SPARK:
		top_cell_spark(cell, row, &row->bed, width, view->ascii);
		break;
	case COLUMN_LEFT:
		top_cell_left(cell, row);
		break;
	case COLUMN_DONE:
		top_cell_done(cell, row, &view->now);
		break;
	case COLUMN_SPEED:
		top_cell_speed(cell, row);
		break;
	case COLUMN_LAYER:
		top_cell_layer(cell, row);
		break;
	case COLUMN_FILE:
		top_cell_file(cell, row);
		break;
	default:
		top_cell_age(cell, row, view->now.now_ms);
		break;
	}
}

void top_draw_row(const struct top_layout *layout, const struct top_view *view,
		  const struct top_row *row, bool selected, struct top_line *line)
{
	struct top_cell cell;

	top_line_begin(line, view->width, view->ascii);
	line->reversed = selected && view->live;
	for (size_t i = 0; i < layout->count; i++) {
		const struct top_column *column = &layout->columns[i];

		draw_cell(view, row, selected, (enum column_kind)column->kind, column->width,
			  &cell);
		top_line_fill(line, line->columns + (i > 0));
		top_line_cell(line, cell.style, cell.text, column->width,
			      forms[column->kind].right_aligned);
	}
}
