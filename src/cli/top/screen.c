/* SPDX-License-Identifier: MIT */
#include "cli/top/screen.h"

#include "cli/output/output.h"
#include "cli/output/print.h"
#include "printer/state/state_json.h"

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LINES_ABOVE 2 /* title, headings */
#define LINES_BELOW 3 /* the selected printer, note, keys */
#define TEXT_MAX    512
#define CLOCK_WIDTH 8

static const char *const help[] = {
	"",
	"  up down j k    select a printer      g G            the first, the last",
	"  p              pause its job         page up down   a page further",
	"  r              resume it             /              show only what holds a text",
	"  s              stop it, after a y    escape         show all again",
	"  o              sort by number, name, state, time left",
	"  q              quit",
	"",
	"  NOZZLE and BED are °C: now, or now/wanted, with the last minute or so behind.",
	"  AGE is how long ago the printer was heard last. What is old is yellow, what is",
	"  older than half a minute counts as offline. ! before a state: something is wrong.",
	"",
	"  Any key goes back.",
};

#define HELP_LINES (sizeof(help) / sizeof(help[0]))

static size_t place_of_selected(const struct top_model *model)
{
	size_t i = 0;

	while (i < model->shown_count && model->shown[i] != model->selected) {
		i++;
	}
	return i;
}

/* As little as possible, so that the selected row can be seen and no line stays empty. */
static size_t scroll(const struct top_screen *screen, size_t first)
{
	size_t selected = place_of_selected(screen->model);
	size_t count = screen->model->shown_count;

	if (count <= screen->rows) {
		return 0;
	}
	first = first + screen->rows > count ? count - screen->rows : first;
	first = selected < first ? selected : first;
	return selected >= first + screen->rows ? selected - screen->rows + 1 : first;
}

void top_screen_init(struct top_screen *screen, struct top_model *model,
		     const struct top_view *view, size_t first)
{
	bool small = view->height <= LINES_ABOVE + LINES_BELOW;

	*screen = (struct top_screen){.model = model, .view = *view};
	top_layout_init(&screen->layout, view);
	screen->rows_start = small ? 0 : LINES_ABOVE;
	screen->rows = small ? view->height : view->height - LINES_ABOVE - LINES_BELOW;
	/* A question or a text that is being typed must be seen. */
	if (small && view->height > 1) {
		screen->rows--;
	}
	screen->first = scroll(screen, first);
	model->page = screen->rows;
}

static size_t count_state(const struct top_model *model, enum printer_job_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < model->count; i++) {
		const struct printer_state *printer = model->rows[i].state;

		count += printer->online && printer->seen_ms != PRINTER_NEVER &&
			 printer->job.state_received && printer->job.state == state;
	}
	return count;
}

static size_t count_silent(const struct top_model *model)
{
	size_t count = 0;

	for (size_t i = 0; i < model->count; i++) {
		const struct printer_state *printer = model->rows[i].state;

		count += printer->seen_ms == PRINTER_NEVER || !printer->online;
	}
	return count;
}

static void add_count(struct top_line *line, enum output_style style, size_t count,
		      const char *what)
{
	char text[TEXT_MAX];

	if (count > 0) {
		snprintf(text, sizeof(text), ", %zu %s", count, what);
		top_line_add(line, style, text);
	}
}

static void draw_title(const struct top_screen *screen, struct top_line *line)
{
	const struct top_model *model = screen->model;
	char text[TEXT_MAX];
	char clock[OUTPUT_TIME_MAX];

	top_line_add(line, OUTPUT_BOLD, "flagship top");
	snprintf(text, sizeof(text), "  %zu printer%s", model->count, model->count == 1 ? "" : "s");
	top_line_add(line, OUTPUT_PLAIN, text);
	add_count(line, OUTPUT_GREEN, count_state(model, PRINTER_JOB_PRINTING), "printing");
	add_count(line, OUTPUT_YELLOW, count_state(model, PRINTER_JOB_PAUSED), "paused");
	add_count(line, OUTPUT_RED, count_silent(model), "silent");
	if (model->filter[0] != '\0') {
		snprintf(text, sizeof(text), "  %zu with \"%s\"", model->shown_count,
			 model->filter);
		top_line_add(line, OUTPUT_CYAN, text);
	}
	snprintf(text, sizeof(text), "  by %s", top_order_name(model->order));
	top_line_add(line, OUTPUT_DIM, text);
	if (line->columns + 1 + CLOCK_WIDTH <= screen->view.width) {
		top_line_fill(line, screen->view.width - CLOCK_WIDTH);
		top_line_add(line, OUTPUT_DIM, output_clock(screen->view.now.unix_ms, clock));
	}
}

static void add_job(const struct top_row *row, const struct printer_moment *now,
		    struct top_line *line)
{
	const struct printer_job *job = &row->state->job;
	char clock[OUTPUT_TIME_MAX];
	char text[TEXT_MAX];

	if (!top_row_has_job(row)) {
		return;
	}
	if (job->name[0] != '\0') {
		top_line_add(line, OUTPUT_PLAIN, "  ");
		top_line_add(line, OUTPUT_BOLD, job->name);
	}
	if (job->layer != PRINTER_NEVER && job->layers != PRINTER_NEVER && job->layers > 0) {
		snprintf(text, sizeof(text), "  layer %" PRId64 " of %" PRId64, job->layer,
			 job->layers);
		top_line_add(line, OUTPUT_PLAIN, text);
	}
	if (!isnan(job->speed_mm_s)) {
		snprintf(text, sizeof(text), "  %.0f mm/s", job->speed_mm_s);
		top_line_add(line, OUTPUT_PLAIN, text);
	}
	int64_t finish_ms = moment_unix_ms(now, job_finish_ms(job));
	if (finish_ms != PRINTER_NEVER) {
		snprintf(text, sizeof(text), "  done at %s",
			 output_time_of_day(finish_ms, now->unix_ms, clock));
		top_line_add(line, OUTPUT_PLAIN, text);
	}
}

/* Of the selected printer: what has no column. */
static void draw_selected(const struct top_screen *screen, struct top_line *line)
{
	const struct top_row *row = top_model_selected(screen->model);
	const char *model;

	if (!row) {
		top_line_add(line, OUTPUT_DIM,
			     screen->model->count > 0 ? "no printer holds this text: escape shows "
							"all again"
						      : "");
		return;
	}
	model = flagship_model_name(row->state->model);
	top_line_add(line, OUTPUT_PLAIN, row->label);
	if (model) {
		top_line_add(line, OUTPUT_DIM, "  ");
		top_line_add(line, OUTPUT_DIM, model);
	}
	if (row->state->alert.source != PRINTER_ALERT_NONE) {
		top_line_add(line, OUTPUT_RED, "  ");
		top_line_add(line, OUTPUT_RED, row->state->alert.text);
	}
	if (row->state->error.code[0] != '\0') {
		top_line_add(line, OUTPUT_RED, "  ");
		top_line_add(line, OUTPUT_RED,
			     row->state->error.text ? row->state->error.text : "error");
		top_line_add(line, OUTPUT_RED, " ");
		top_line_add(line, OUTPUT_RED, row->state->error.code);
	}
	add_job(row, &screen->view.now, line);
}

static void draw_keys(const struct top_screen *screen, struct top_line *line)
{
	const struct top_model *model = screen->model;
	char text[TEXT_MAX];

	switch (model->mode) {
	case TOP_MODE_FILTER:
		top_line_add(line, OUTPUT_CYAN, "show only: ");
		top_line_add(line, OUTPUT_PLAIN, model->filter);
		top_line_add(line, OUTPUT_PLAIN, "_");
		break;
	case TOP_MODE_CONFIRM:
		snprintf(text, sizeof(text), "Stop the job of %.*s for good? y/N ", TEXT_MAX / 2,
			 model->rows[model->asked].label);
		top_line_add(line, OUTPUT_RED, text);
		break;
	case TOP_MODE_HELP:
		top_line_add(line, OUTPUT_DIM, "any key goes back");
		break;
	default:
		top_line_add(line, OUTPUT_DIM,
			     "j k select  p pause  r resume  s stop  / filter  o order  ? help  q "
			     "quit");
		break;
	}
}

static void draw_middle(const struct top_screen *screen, size_t index, struct top_line *line)
{
	const struct top_model *model = screen->model;
	size_t place = screen->first + index;

	if (model->mode == TOP_MODE_HELP) {
		top_line_add(line, OUTPUT_PLAIN, index < HELP_LINES ? help[index] : "");
	} else if (place < model->shown_count) {
		size_t row = model->shown[place];

		top_draw_row(&screen->layout, &screen->view, &model->rows[row],
			     row == model->selected, line);
	}
}

void top_screen_line(const struct top_screen *screen, size_t index, struct top_line *line)
{
	size_t height = screen->view.height;
	size_t end = screen->rows_start + screen->rows;

	top_line_begin(line, screen->view.width, screen->view.ascii);
	if (index >= screen->rows_start && index < end) {
		draw_middle(screen, index - screen->rows_start, line);
	} else if (index + 1 == height) {
		draw_keys(screen, line);
	} else if (index == 0) {
		draw_title(screen, line);
	} else if (index == 1) {
		top_draw_headings(&screen->layout, &screen->view, line);
	} else if (index == end) {
		draw_selected(screen, line);
	} else {
		top_line_add(line, screen->model->note_style, screen->model->note);
	}
}

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
