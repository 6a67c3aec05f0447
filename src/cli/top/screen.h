/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_SCREEN_H
#define CLI_TOP_SCREEN_H

#include "cli/top/draw.h"
#include "cli/top/model.h"

#include <stdbool.h>

/*
 * The screen of `flagship top`, line by line: a title, headings, the rows that there is room for
 * about the selected one, what is to be said of that one, the last note, and the keys. Of a very
 * small terminal only the rows are left.
 */
struct top_screen {
	const struct top_model *model;
	struct top_view view;
	struct top_layout layout;
	size_t rows_start; /* line of the first row */
	size_t rows;       /* lines for rows */
	size_t first;      /* of model->shown: the row at the top */
};

/* first: what it was before, so that rows stay where they are. */
void top_screen_init(struct top_screen *screen, struct top_model *model,
		     const struct top_view *view, size_t first);

/* index < view.height */
void top_screen_line(const struct top_screen *screen, size_t index, struct top_line *line);

/* `flagship top --once`: the rows as plain text, or the state of each printer as one line of JSON,
 * on stdout. */
void top_once_print(const struct top_model *model, const struct printer_moment *now);
void top_once_print_json(const struct top_model *model, const struct printer_moment *now);

#endif
