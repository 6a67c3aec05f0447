/* SPDX-License-Identifier: MIT */
#include "cli/top/line.h"

#include "cli/output/cell_text.h"

#include <string.h>

void top_line_begin(struct top_line *line, size_t columns_max, bool ascii)
{
	line->text[0] = '\0';
	line->length = 0;
	line->columns = 0;
	line->columns_max = columns_max < TOP_LINE_MAX ? columns_max : TOP_LINE_MAX - 1;
	line->ascii = ascii;
	line->reversed = false;
	line->span_count = 0;
}

static void add_span(struct top_line *line, enum output_style style, size_t length)
{
	struct top_span *last = &line->spans[line->span_count > 0 ? line->span_count - 1 : 0];

	if (length == 0) {
		return;
	}
	/* Without room for another style, what comes looks like what came before. */
	if (line->span_count > 0 &&
	    (last->style == style || line->span_count == TOP_LINE_SPANS_MAX)) {
		last->length += length;
		return;
	}
	line->spans[line->span_count++] = (struct top_span){
		.style = style, .start = line->length - length, .length = length};
}

static size_t add_text(struct top_line *line, enum output_style style, const char *text,
		       size_t columns)
{
	size_t room = line->columns_max - line->columns;
	size_t used = cell_text_fit(text, columns < room ? columns : room, line->ascii,
				    line->text + line->length, sizeof(line->text) - line->length);
	size_t length = strlen(line->text + line->length);

	line->length += length;
	line->columns += used;
	add_span(line, style, length);
	return used;
}

void top_line_fill(struct top_line *line, size_t column)
{
	while (line->columns < column && line->columns < line->columns_max) {
		size_t before = line->columns;

		add_text(line, OUTPUT_PLAIN, " ", 1);
		if (line->columns == before) {
			return;
		}
	}
}

void top_line_add(struct top_line *line, enum output_style style, const char *text)
{
	add_text(line, style, text, line->columns_max);
}

void top_line_cell(struct top_line *line, enum output_style style, const char *text, size_t columns,
		   bool right_aligned)
{
	size_t end = line->columns + columns;
	size_t width = cell_text_width(text);

	if (right_aligned && width < columns) {
		top_line_fill(line, end - width);
	}
	add_text(line, style, text, columns);
	top_line_fill(line, end);
}
