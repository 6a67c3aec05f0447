/* SPDX-License-Identifier: MIT */
#include "cli/watch/status_show.h"

#include "cli/output/print.h"
#include "cli/target/live.h"
#include "cli/watch/status_page.h"
#include "printer/state/state_json.h"

#include <stdio.h>
#include <string.h>

void status_show_init(struct status_show *show, bool json, bool watch)
{
	output_init(&show->output, stdout);
	show->json = json;
	show->in_place = watch && !json && watch_screen_possible();
}

/* What changed, without what changes by itself: times and ages. */
static bool has_changed(struct status_show_printer *own)
{
	static const struct printer_moment undated = {.unix_ms = PRINTER_NEVER};
	struct printer_state state = *fleet_printer_state(own->printer);
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;

	state.job.received_ms = state.nozzle.received_ms = state.bed.received_ms = state.seen_ms =
		0;
	if (printer_state_to_json(&state, &undated, json, sizeof(json), &length) != 0 ||
	    strcmp(json, own->before) == 0) {
		return false;
	}
	memcpy(own->before, json, length + 1);
	return true;
}

static void print_state(const struct status_show_printer *own)
{
	struct printer_moment now = live_moment();
	char json[PRINTER_STATE_JSON_MAX];
	size_t length;

	if (printer_state_to_json(fleet_printer_state(own->printer), &now, json, sizeof(json),
				  &length) == 0) {
		print_json_line(stdout, json, length);
	}
}

static void print_page(const struct output *output, const struct status_show_printer *own)
{
	static const char *const answers[] = {
		[STATUS_AWAITED] = "asked",
		[STATUS_SILENT] = "no answer",
		[STATUS_UNREADABLE] = "key does not fit",
		[STATUS_UNREACHABLE] = "not reached",
	};

	if (own->answer == STATUS_RECEIVED) {
		struct printer_moment now = live_moment();

		status_page_print(output, fleet_printer_state(own->printer), &now);
	} else {
		status_page_print_silent(output, fleet_printer_state(own->printer),
					 answers[own->answer]);
	}
}

static void draw(struct status_show *show)
{
	struct output output = show->output;
	bool first = true;

	output.stream = watch_screen_begin(&show->screen);
	if (!output.stream) {
		return;
	}
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < show->count; i++) {
			const struct status_show_printer *own = &show->printers[i];

			/* First those that were received. */
			if ((own->answer == STATUS_RECEIVED) != (round == 0)) {
				continue;
			}
			if (!first) {
				fputc('\n', output.stream);
			}
			print_page(&output, own);
			first = false;
		}
	}
	watch_screen_end(&show->screen);
}

static void show_one(struct status_show *show, struct status_show_printer *own)
{
	has_changed(own);
	if (show->json) {
		print_state(own);
		return;
	}
	if (show->shown) {
		putchar('\n');
	}
	print_page(&show->output, own);
	show->shown = true;
}

void status_show_open(struct status_show *show, uv_loop_t *loop)
{
	if (show->in_place) {
		watch_screen_open(&show->screen, loop);
		draw(show);
	}
}

void status_show_printer(struct status_show *show, size_t index)
{
	if (show->in_place) {
		draw(show);
	} else {
		show_one(show, &show->printers[index]);
	}
	fflush(stdout);
}

void status_show_silent(struct status_show *show)
{
	for (size_t i = 0; i < show->count && !show->in_place; i++) {
		if (show->printers[i].answer != STATUS_RECEIVED) {
			show_one(show, &show->printers[i]);
		}
	}
	if (show->in_place) {
		draw(show);
	}
	fflush(stdout);
}

void status_show_changes(struct status_show *show)
{
	if (show->in_place) {
		draw(show);
	}
	for (size_t i = 0; i < show->count && !show->in_place; i++) {
		struct status_show_printer *own = &show->printers[i];

		if (own->answer == STATUS_RECEIVED && has_changed(own)) {
			show_one(show, own);
		}
	}
	fflush(stdout);
}

void status_show_close(struct status_show *show)
{
	if (show->in_place) {
		watch_screen_close(&show->screen);
	}
}
