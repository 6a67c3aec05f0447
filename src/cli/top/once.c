/* SPDX-License-Identifier: MIT */
#include "cli/top/once.h"

#include "cli/output/output.h"
#include "cli/output/print.h"
#include "cli/top/draw.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Where there is no terminal, each column has what it wishes for. */
#define WIDTH_USUAL 110

static size_t width_of_output(void)
{
	struct winsize size;

	if (isatty(STDOUT_FILENO) == 1 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 &&
	    size.ws_col > 0) {
		return size.ws_col;
	}
	return WIDTH_USUAL;
}

static void print_line(const struct output *output, struct top_line *line)
{
	/* Nothing at the end of a line but its end. */
	while (line->length > 0 && line->text[line->length - 1] == ' ') {
		line->length--;
	}
	for (size_t i = 0; i < line->span_count; i++) {
		const struct top_span *span = &line->spans[i];
		size_t end = span->start + span->length;

		end = end < line->length ? end : line->length;
		if (end > span->start) {
			output_print(output, span->style, "%.*s", (int)(end - span->start),
				     line->text + span->start);
		}
	}
	fputc('\n', output->stream);
}

void top_once_print(const struct top_model *model, const struct printer_moment *now)
{
	struct top_view view = {.width = width_of_output(), .now = *now};
	struct top_layout layout;
	struct top_line line;
	struct output output;

	setlocale(LC_CTYPE, "");
	/* Text for a file or a pipe stays what it is. */
	view.ascii = isatty(STDOUT_FILENO) == 1 && strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	output_init(&output, stdout);
	top_layout_init(&layout, &view);
	top_draw_headings(&layout, &view, &line);
	print_line(&output, &line);
	for (size_t i = 0; i < model->shown_count; i++) {
		top_draw_row(&layout, &view, &model->rows[model->shown[i]], false, &line);
		print_line(&output, &line);
	}
}

void top_once_print_json(const struct top_model *model, const struct printer_moment *now)
{
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;

	for (size_t i = 0; i < model->shown_count; i++) {
		const struct printer_state *state = model->rows[model->shown[i]].state;

		if (printer_state_to_json(state, now, json, sizeof(json), &length) == 0) {
			print_json_line(stdout, json, length);
		}
	}
}
