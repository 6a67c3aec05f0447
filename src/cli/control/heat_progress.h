/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_HEAT_PROGRESS_H
#define CLI_CONTROL_HEAT_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* A line on a terminal that shows how far a heater is. Temperatures are hundredths of °C. */
struct heat_progress {
	int64_t target;
	int64_t start; /* where it began; PRINTER_NEVER: not known */
	int64_t started_ms;
	bool shown; /* there is a line to be cleared */
};

/* How near counts as reached, and how cool as off. */
#define HEAT_NEAR_CENTI_C INT64_C(200)
#define HEAT_COOL_CENTI_C INT64_C(5000)

/* target 0: to cool down. now_ms: of any clock. */
void heat_progress_init(struct heat_progress *progress, int64_t target, int64_t current,
			int64_t now_ms);

bool heat_progress_reached(const struct heat_progress *progress, int64_t current);

/* How much of the way is done, 0 to 100. */
int heat_progress_percent(const struct heat_progress *progress, int64_t current);

/* What is left at the pace so far, in seconds; -1 where that cannot be said yet. */
int64_t heat_progress_left_s(const struct heat_progress *progress, int64_t current, int64_t now_ms);

/* Writes the line over the one before; nothing where the stream is no terminal. */
void heat_progress_show(struct heat_progress *progress, FILE *stream, const char *part,
			int64_t current, int64_t now_ms);

/* Takes the line away. */
void heat_progress_clear(struct heat_progress *progress, FILE *stream);

#endif
