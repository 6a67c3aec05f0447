/* SPDX-License-Identifier: MIT */
#include "cli/lan/progress.h"

#include "cli/output/output.h"
#include "cli/output/print.h"

#include <string.h>
#include <unistd.h>

#define BAR_WIDTH    30
#define PERCENT      100
#define MS_PER_S     1000
#define MEGABYTE     1e6
#define RATE_FROM_MS 500 /* less of the way says nothing about the pace */
#define CLEAR_LINE   "\r\033[K"

void upload_progress_show(struct upload_progress *progress, FILE *stream, int64_t sent,
			  int64_t now_ms)
{
	char bar[BAR_WIDTH + 1];
	char left[OUTPUT_TIME_MAX];
	int64_t spent_ms = now_ms - progress->started_ms;

	if (isatty(fileno(stream)) != 1 || progress->size <= 0) {
		return;
	}
	memset(bar, '-', BAR_WIDTH);
	memset(bar, '#', (size_t)(sent * BAR_WIDTH / progress->size));
	bar[BAR_WIDTH] = '\0';
	print_to(stream, CLEAR_LINE "uploading [%s] %d %%", bar,
		 (int)(sent * PERCENT / progress->size));
	if (spent_ms >= RATE_FROM_MS && sent > 0) {
		double rate = (double)sent * MS_PER_S / (double)spent_ms;
		print_to(stream, ", %.2f MB/s, %s left", rate / MEGABYTE,
			 output_duration((int64_t)((double)(progress->size - sent) / rate), left));
	}
	fflush(stream);
	progress->shown = true;
}

void upload_progress_clear(struct upload_progress *progress, FILE *stream)
{
	if (progress->shown) {
		fputs(CLEAR_LINE, stream);
		fflush(stream);
		progress->shown = false;
	}
}
