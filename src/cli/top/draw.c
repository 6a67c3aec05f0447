/* SPDX-License-Identifier: MIT */
#include "cli/top/draw.h"

#include "cli/top/cells.h"

#include <string.h>

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
