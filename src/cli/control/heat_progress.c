/* SPDX-License-Identifier: MIT */
#include "cli/control/heat_progress.h"

#include "cli/output/output.h"
#include "cli/output/print.h"
#include "printer/state/state.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAT_BAR_WIDTH  30
#define HEAT_PERCENT    100
#define HEAT_MS_PER_S   1000
#define HEAT_CENTI      100.0
#define HEAT_CLEAR_LINE "\r\033[K"

/* Less of the way says nothing about the pace. */
#define HEAT_PERCENT_MIN 3

static int64_t heat_goal(const struct heat_progress *progress)
{
	return progress->target == 0 ? HEAT_COOL_CENTI_C : progress->target;
}

void heat_progress_init(struct heat_progress *progress, int64_t target, int64_t current,
			int64_t now_ms)
{
	*progress = (struct heat_progress){
		.target = target, .start = current, .started_ms = now_ms};
}

bool heat_progress_reached(const struct heat_progress *progress, int64_t current)
{
	if (current == PRINTER_NEVER) {
		return false;
	}
	if (progress->target == 0) {
		return current <= HEAT_COOL_CENTI_C;
	}
	return llabs(current - progress->target) <= HEAT_NEAR_CENTI_C;
}

int heat_progress_percent(const struct heat_progress *progress, int64_t current)
{
	if (current == PRINTER_NEVER || progress->start == PRINTER_NEVER) {
		return 0;
	}
	int64_t way = heat_goal(progress) - progress->start;
	if (way == 0) {
		return HEAT_PERCENT;
	}
	int64_t done = (current - progress->start) * HEAT_PERCENT / way;
	if (done < 0) {
		return 0;
	}
	return done > HEAT_PERCENT ? HEAT_PERCENT : (int)done;
}

int64_t heat_progress_left_s(const struct heat_progress *progress, int64_t current, int64_t now_ms)
{
	int percent = heat_progress_percent(progress, current);
	int64_t spent_ms = now_ms - progress->started_ms;

	if (percent < HEAT_PERCENT_MIN || spent_ms < HEAT_MS_PER_S) {
		return -1;
	}
	return spent_ms * (HEAT_PERCENT - percent) / percent / HEAT_MS_PER_S;
}

void heat_progress_show(struct heat_progress *progress, FILE *stream, const char *part,
			int64_t current, int64_t now_ms)
{
	char bar[HEAT_BAR_WIDTH + 1];
	char left[OUTPUT_TIME_MAX];
	int percent = heat_progress_percent(progress, current);
	int64_t left_s = heat_progress_left_s(progress, current, now_ms);
	size_t filled = (size_t)percent * HEAT_BAR_WIDTH / HEAT_PERCENT;

	if (isatty(fileno(stream)) != 1 || current == PRINTER_NEVER) {
		return;
	}
	memset(bar, '-', HEAT_BAR_WIDTH);
	memset(bar, '#', filled);
	bar[HEAT_BAR_WIDTH] = '\0';
	print_to(stream,
		 HEAT_CLEAR_LINE "%s [%s] %.1f of %.0f \xc2\xb0"
				 "C",
		 part, bar, (double)current / HEAT_CENTI, (double)heat_goal(progress) / HEAT_CENTI);
	if (left_s >= 0) {
		print_to(stream, ", about %s", output_duration(left_s, left));
	}
	fflush(stream);
	progress->shown = true;
}

void heat_progress_clear(struct heat_progress *progress, FILE *stream)
{
	if (progress->shown) {
		fputs(HEAT_CLEAR_LINE, stream);
		fflush(stream);
		progress->shown = false;
	}
}
