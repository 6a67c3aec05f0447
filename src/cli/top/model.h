/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_MODEL_H
#define CLI_TOP_MODEL_H

#include "cli/output/output.h"
#include "printer/command/command.h"
#include "printer/state/state.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What `flagship top` knows, and what its keys do: no terminal, no network, no clock. Times are
 * Unix milliseconds, as in the states.
 */
#define TOP_HISTORY_MAX 16
#define TOP_SAMPLE_MS   INT64_C(5000)
#define TOP_NOTE_MAX    256
#define TOP_FILTER_MAX  64

/* Data older than this is shown as old: several rounds of a printer are missing. */
#define TOP_STALE_S 15

/* Temperatures of the last minute or so, in 0.01 °C; PRINTER_NEVER where none was known. */
struct top_history {
	int64_t values[TOP_HISTORY_MAX]; /* the oldest first */
	size_t count;
};

struct top_row {
	size_t number;                     /* in the order of `flagship printers`, from 1 */
	const char *label;                 /* for messages: "Left (AK7…)" */
	const struct printer_state *state; /* borrowed */
	struct top_history nozzle;
	struct top_history bed;
	bool unreachable;          /* its broker cannot be reached, or does not let us */
	bool busy;                 /* a command is under way ... */
	enum command_kind command; /* ... this one */
};

enum top_order {
	TOP_ORDER_NUMBER,
	TOP_ORDER_NAME,
	TOP_ORDER_STATE, /* what needs somebody first */
	TOP_ORDER_LEFT,  /* what is done first */
	TOP_ORDERS,
};

enum top_mode {
	TOP_MODE_ROWS,
	TOP_MODE_FILTER,  /* its text is being typed */
	TOP_MODE_CONFIRM, /* stop? */
	TOP_MODE_HELP,
};

struct top_model {
	struct top_row *rows; /* of the caller */
	size_t count;
	size_t *shown; /* of the caller: room for count; the rows that the filter lets pass, in
			  order */
	size_t shown_count;
	size_t selected; /* of rows */
	size_t asked;    /* of rows: whose job to stop? */
	size_t page;     /* rows that a page has room for; the screen sets it */
	enum top_order order;
	enum top_mode mode;
	char filter[TOP_FILTER_MAX];
	char note[TOP_NOTE_MAX];
	enum output_style note_style;
};

/* Keys beyond characters. */
enum top_key {
	TOP_KEY_UP = 0x110000,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_BACKSPACE,
};

enum top_action {
	TOP_ACTION_NONE,
	TOP_ACTION_QUIT,
	TOP_ACTION_PAUSE,
	TOP_ACTION_RESUME,
	TOP_ACTION_STOP, /* confirmed */
};

/* Everything else zeroed beforehand. */
void top_model_init(struct top_model *model, struct top_row *rows, size_t *shown, size_t count);

/* States changed, or time passed: filters and sorts anew. The selected printer stays selected. */
void top_model_update(struct top_model *model);

/* A character, or an enum top_key. *row is whom the action is about. */
enum top_action top_model_press(struct top_model *model, unsigned long key, struct top_row **row);

/* The one that is selected, or NULL where none is shown. */
struct top_row *top_model_selected(const struct top_model *model);

/* Call it every TOP_SAMPLE_MS. */
void top_model_sample(struct top_model *model);

/* One line for people; cut where it is too long. */
void top_model_note(struct top_model *model, enum output_style style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* What the printer does, in a word: "printing", "offline", "pausing", … */
const char *top_row_state(const struct top_row *row);

/* "name", … */
const char *top_order_name(enum top_order order);

/* Whether the row's name, serial number, model or state holds the text, whatever its case. */
bool top_row_matches(const struct top_row *row, const char *text);

/* Whether left stands before right. */
bool top_row_before(const struct top_row *left, const struct top_row *right, enum top_order order);

/* Its name, or its serial number. */
const char *top_row_name(const struct top_row *row);

/* Whether a job is under way, or its end is still to be seen on the plate. */
bool top_row_has_job(const struct top_row *row);

#endif
