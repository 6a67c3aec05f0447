/* SPDX-License-Identifier: MIT */
#ifndef CLI_TOP_TOP_H
#define CLI_TOP_TOP_H

#include "cli/output/trouble.h"
#include "cli/target/live.h"
#include "cli/top/model.h"
#include "cli/top/terminal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* `flagship top` as it runs. */
struct top_options {
	bool once;
	bool json;
};

struct top {
	struct live live;
	struct targets targets;
	struct top_options options;
	struct top_model model;
	struct fleet_printer **printers; /* of model.rows */
	int *failures;                   /* of each: the exit status it would be, or 0 */
	bool *reported;                  /* of each: the essentials of its state are there */
	struct top_terminal terminal;
	struct top_trouble trouble;
	struct top_line line;
	uv_poll_t keys;
	uv_signal_t resized;
	size_t first;       /* row at the top of the screen */
	int64_t sampled_ms; /* monotonic */
	bool colour;
	bool awaits_draw;
};

/* What live_run needs; its context is the struct top. */
extern const struct live_handlers top_live_handlers;

/* Where its target, and its row, stand. */
size_t top_index(const struct top *top, const struct fleet_printer *printer);

/* Pauses, resumes or stops the job of this row, or notes why not. */
void top_command(struct top *top, struct top_row *row, enum command_kind kind);

/* Notes what came of it. */
void top_command_done(struct top *top, struct fleet_printer *printer,
		      const struct command_report *report);

#endif
