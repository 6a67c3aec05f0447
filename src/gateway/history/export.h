/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_HISTORY_EXPORT_H
#define GATEWAY_HISTORY_EXPORT_H

#include "base/json/writer.h"
#include "gateway/history/records.h"

#include <stdbool.h>

/*
 * Records as JSON and as CSV, for the API and the command line. What is not known is null, and an
 * empty cell. Times are RFC 3339 in UTC.
 */

/* An object of each. */
void export_job(struct json_writer *writer, const struct history_job *job);
void export_entry(struct json_writer *writer, const struct history_entry *entry);
void export_point(struct json_writer *writer, const struct history_point *point);

/* One line of RFC 4180 with its CR LF. A text that a spreadsheet would take for a formula begins
 * with an apostrophe. EXPORT_LINE_MAX bytes always suffice; returns how many there are. */
#define EXPORT_LINE_MAX 8192

extern const char export_jobs_head[];
extern const char export_entries_head[];
extern const char export_points_head[];

size_t export_job_line(const struct history_job *job, char out[EXPORT_LINE_MAX]);
size_t export_entry_line(const struct history_entry *entry, char out[EXPORT_LINE_MAX]);
size_t export_point_line(const struct history_point *point, char out[EXPORT_LINE_MAX]);

/* "2026-11-28T15:04:51.123Z"; "" where there is no such time. */
#define EXPORT_TIME_SIZE 32
void export_time(int64_t unix_ms, char out[EXPORT_TIME_SIZE]);

#endif
