/* SPDX-License-Identifier: MIT */
#include "cli/top/model.h"

#include "cli/output/cell_text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define CHARACTER_FIRST 0x20UL
#define CHARACTER_END   0x110000UL
#define DELETE          0x7fUL

void top_model_init(struct top_model *model, struct top_row *rows, size_t *shown, size_t count)
{
	model->rows = rows;
	model->shown = shown;
	model->count = count;
	model->page = 1;
	top_model_update(model);
}

/* Where the selected row stands among those that are shown; shown_count where it does not. */
static size_t place(const struct top_model *model)
{
	size_t i = 0;

	while (i < model->shown_count && model->shown[i] != model->selected) {
		i++;
	}
	return i;
}

static void insert(struct top_model *model, size_t row)
{
	size_t i = model->shown_count++;

	while (i > 0 &&
	       top_row_before(&model->rows[row], &model->rows[model->shown[i - 1]], model->order)) {
		model->shown[i] = model->shown[i - 1];
		i--;
	}
	model->shown[i] = row;
}

void top_model_update(struct top_model *model)
{
	size_t before = place(model);

	model->shown_count = 0;
	for (size_t i = 0; i < model->count; i++) {
		if (top_row_matches(&model->rows[i], model->filter)) {
			insert(model, i);
		}
	}
	if (model->shown_count > 0 && place(model) == model->shown_count) {
		/* It is not shown any more: its neighbour is next. */
		before = before < model->shown_count ? before : model->shown_count - 1;
		model->selected = model->shown[before];
	}
}

struct top_row *top_model_selected(const struct top_model *model)
{
	return model->shown_count > 0 ? &model->rows[model->selected] : NULL;
}

static void add_sample(struct top_history *history, int64_t value)
{
	if (history->count == TOP_HISTORY_MAX) {
		memmove(history->values, history->values + 1,
			(TOP_HISTORY_MAX - 1) * sizeof(history->values[0]));
		history->count--;
	}
	history->values[history->count++] = value;
}

void top_model_sample(struct top_model *model)
{
	for (size_t i = 0; i < model->count; i++) {
		struct top_row *row = &model->rows[i];
		const struct printer_state *state = row->state;

		add_sample(&row->nozzle,
			   state->online ? state->nozzle.current_centi_c : PRINTER_NEVER);
		add_sample(&row->bed, state->online ? state->bed.current_centi_c : PRINTER_NEVER);
	}
}

void top_model_note(struct top_model *model, enum output_style style, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(model->note, sizeof(model->note), format, arguments);
	va_end(arguments);
	model->note_style = style;
}

/* --- keys --- */

static void move(struct top_model *model, size_t to)
{
	if (model->shown_count > 0) {
		model->selected =
			model->shown[to < model->shown_count ? to : model->shown_count - 1];
	}
}

static void move_by_key(struct top_model *model, unsigned long key)
{
	size_t at = place(model);
	size_t page = model->page > 0 ? model->page : 1;

	switch (key) {
	case 'k':
	case TOP_KEY_UP:
		move(model, at > 0 ? at - 1 : 0);
		break;
	case 'j':
	case TOP_KEY_DOWN:
		move(model, at + 1);
		break;
	case TOP_KEY_PAGE_UP:
		move(model, at > page ? at - page : 0);
		break;
	case TOP_KEY_PAGE_DOWN:
		move(model, at + page);
		break;
	case 'g':
	case TOP_KEY_HOME:
		move(model, 0);
		break;
	case 'G':
	case TOP_KEY_END:
		move(model, model->count);
		break;
	default:
		break;
	}
}

static void clear_filter(struct top_model *model)
{
	model->filter[0] = '\0';
	top_model_update(model);
}

static void ask_to_stop(struct top_model *model)
{
	if (model->shown_count > 0) {
		model->asked = model->selected;
		model->mode = TOP_MODE_CONFIRM;
	}
}

static enum top_action act(struct top_model *model, enum top_action action, struct top_row **row)
{
	*row = top_model_selected(model);
	return *row ? action : TOP_ACTION_NONE;
}

static enum top_action press_in_rows(struct top_model *model, unsigned long key,
				     struct top_row **row)
{
	switch (key) {
	case 'q':
		return TOP_ACTION_QUIT;
	case 'p':
		return act(model, TOP_ACTION_PAUSE, row);
	case 'r':
		return act(model, TOP_ACTION_RESUME, row);
	case 's':
		ask_to_stop(model);
		break;
	case '/':
		model->mode = TOP_MODE_FILTER;
		break;
	case 'o':
		model->order = (enum top_order)((model->order + 1) % TOP_ORDERS);
		top_model_update(model);
		break;
	case '?':
	case 'h':
		model->mode = TOP_MODE_HELP;
		break;
	case TOP_KEY_ESCAPE:
		clear_filter(model);
		model->note[0] = '\0';
		break;
	default:
		move_by_key(model, key);
		break;
	}
	return TOP_ACTION_NONE;
}

static void shorten_filter(struct top_model *model)
{
	size_t length = strlen(model->filter);

	/* Back to where a character begins. */
	while (length > 0 && ((unsigned char)model->filter[length - 1] & 0xc0) == 0x80) {
		length--;
	}
	model->filter[length > 0 ? length - 1 : 0] = '\0';
}

static void extend_filter(struct top_model *model, unsigned long character)
{
	char bytes[CELL_TEXT_CHARACTER_MAX];
	size_t length = strlen(model->filter);
	size_t size = cell_text_encode(character, bytes);

	if (size > 0 && length + size < sizeof(model->filter)) {
		memcpy(model->filter + length, bytes, size);
		model->filter[length + size] = '\0';
	}
}

static void press_in_filter(struct top_model *model, unsigned long key)
{
	switch (key) {
	case TOP_KEY_ENTER:
		model->mode = TOP_MODE_ROWS;
		break;
	case TOP_KEY_ESCAPE:
		model->mode = TOP_MODE_ROWS;
		model->filter[0] = '\0';
		break;
	case TOP_KEY_BACKSPACE:
		shorten_filter(model);
		break;
	default:
		if (key >= CHARACTER_FIRST && key != DELETE && key < CHARACTER_END) {
			extend_filter(model, key);
		} else {
			move_by_key(model, key);
		}
		break;
	}
	top_model_update(model);
}

static enum top_action press_in_confirm(struct top_model *model, unsigned long key,
					struct top_row **row)
{
	model->mode = TOP_MODE_ROWS;
	*row = &model->rows[model->asked];
	if (key == 'y' || key == 'Y') {
		return TOP_ACTION_STOP;
	}
	top_model_note(model, OUTPUT_PLAIN, "%s: not stopped", (*row)->label);
	return TOP_ACTION_NONE;
}

enum top_action top_model_press(struct top_model *model, unsigned long key, struct top_row **row)
{
	*row = NULL;
	switch (model->mode) {
	case TOP_MODE_FILTER:
		press_in_filter(model, key);
		return TOP_ACTION_NONE;
	case TOP_MODE_CONFIRM:
		return press_in_confirm(model, key, row);
	case TOP_MODE_HELP:
		model->mode = TOP_MODE_ROWS;
		return TOP_ACTION_NONE;
	default:
		return press_in_rows(model, key, row);
	}
}

const char *top_row_name(const struct top_row *row)
{
	return row->state->name[0] != '\0' ? row->state->name : row->state->serial;
}

const char *top_row_state(const struct top_row *row)
{
	const struct printer_state *state = row->state;

	if (row->busy && row->command == COMMAND_PAUSE) {
		return "pausing";
	}
	if (row->busy && row->command == COMMAND_RESUME) {
		return "resuming";
	}
	if (row->busy && row->command == COMMAND_STOP) {
		return "stopping";
	}
	if (state->seen_ms == PRINTER_NEVER) {
		return row->unreachable ? "no link" : "no answer";
	}
	if (!state->online) {
		return "offline";
	}
	return state->job.state_received ? printer_job_state_name(state->job.state) : "online";
}

static bool holds(const char *text, const char *part)
{
	size_t length = strlen(part);

	for (; *text != '\0'; text++) {
		if (strncasecmp(text, part, length) == 0) {
			return true;
		}
	}
	return length == 0;
}

bool top_row_matches(const struct top_row *row, const char *text)
{
	const char *model = flagship_model_name(row->state->model);

	return holds(row->state->name, text) || holds(row->state->serial, text) ||
	       (model && holds(model, text)) || holds(top_row_state(row), text);
}

/* Who needs somebody, the least first. */
static int urgency(const struct top_row *row)
{
	const struct printer_state *state = row->state;

	if (state->seen_ms == PRINTER_NEVER || !state->online) {
		return 5;
	}
	if (state->error.code[0] != '\0' || state->alert.source != PRINTER_ALERT_NONE) {
		return 0;
	}
	switch (state->job.state_received ? state->job.state : PRINTER_JOB_UNKNOWN) {
	case PRINTER_JOB_PAUSED:
		return 1;
	case PRINTER_JOB_FINISHED:
	case PRINTER_JOB_STOPPED:
		return 3;
	case PRINTER_JOB_IDLE:
	case PRINTER_JOB_UNKNOWN:
		return 4;
	default:
		return 2;
	}
}

static bool is_under_way(const struct printer_state *state)
{
	return state->job.state_received && state->job.state != PRINTER_JOB_IDLE &&
	       state->job.state != PRINTER_JOB_FINISHED && state->job.state != PRINTER_JOB_STOPPED;
}

static int64_t left_s(const struct top_row *row)
{
	const struct printer_job *job = &row->state->job;

	return is_under_way(row->state) && job->remaining_s != PRINTER_NEVER ? job->remaining_s
									     : INT64_MAX;
}

bool top_row_before(const struct top_row *left, const struct top_row *right, enum top_order order)
{
	int names = strcasecmp(top_row_name(left), top_row_name(right));

	if (order == TOP_ORDER_NAME && names != 0) {
		return names < 0;
	}
	if (order == TOP_ORDER_STATE && urgency(left) != urgency(right)) {
		return urgency(left) < urgency(right);
	}
	if (order == TOP_ORDER_LEFT && left_s(left) != left_s(right)) {
		return left_s(left) < left_s(right);
	}
	return left->number < right->number;
}

const char *top_order_name(enum top_order order)
{
	static const char *const names[TOP_ORDERS] = {
		[TOP_ORDER_NUMBER] = "number",
		[TOP_ORDER_NAME] = "name",
		[TOP_ORDER_STATE] = "state",
		[TOP_ORDER_LEFT] = "time left",
	};

	return names[order];
}

bool top_row_has_job(const struct top_row *row)
{
	const struct printer_job *job = &row->state->job;

	return job->state_received && job->state != PRINTER_JOB_IDLE &&
	       job->state != PRINTER_JOB_UNKNOWN;
}
