/* SPDX-License-Identifier: MIT */
#ifndef CLI_WATCH_STATUS_SHOW_H
#define CLI_WATCH_STATUS_SHOW_H

#include "cli/output/output.h"
#include "cli/watch/watch_screen.h"
#include "fleet/fleet.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * How `flagship status` shows printers: pages or lines of JSON, each when it is there or has
 * changed; or, watching on a terminal, all of them in place, the silent ones last.
 */
enum status_answer {
	STATUS_AWAITED,
	STATUS_RECEIVED,
	STATUS_SILENT,
	STATUS_UNREADABLE, /* the key does not fit what it says */
	STATUS_UNREACHABLE,
};

struct status_show_printer {
	struct fleet_printer *printer;
	enum status_answer answer;
	char before[PRINTER_STATE_JSON_MAX]; /* as it was shown last, without what passes by itself
					      */
};

struct status_show {
	/* Set these behind status_show_init. */
	struct status_show_printer *printers;
	size_t count;
	/* Private. */
	struct output output;
	struct watch_screen screen;
	bool json;
	bool in_place;
	bool shown; /* a page was printed */
};

void status_show_init(struct status_show *show, bool json, bool watch);

/* Takes over the terminal where it shows in place. */
void status_show_open(struct status_show *show, uv_loop_t *loop);

/* One that was received for the first time. */
void status_show_printer(struct status_show *show, size_t index);

/* Those that are silent or cannot be reached. */
void status_show_silent(struct status_show *show);

/* Every one that has changed since it was shown. */
void status_show_changes(struct status_show *show);

/* Gives the terminal back. */
void status_show_close(struct status_show *show);

#endif
