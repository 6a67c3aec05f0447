/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_PROGRESS_H
#define CLI_LAN_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* How far an upload is, as a bar on a terminal; elsewhere nothing. */
struct upload_progress {
	int64_t size;
	int64_t started_ms;
	bool shown;
};

void upload_progress_show(struct upload_progress *progress, FILE *stream, int64_t sent,
			  int64_t now_ms);
void upload_progress_clear(struct upload_progress *progress, FILE *stream);

#endif
