/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOG_LOG_H
#define DAEMON_LOG_LOG_H

/* The log of a cloud that runs: one line each on stderr, with the time and who says it. */

/* What comes from the network in the line is shown as base/shown_text.h has it. Never waits:
 * lines that nobody reads are dropped, and counted. */
void log_line(const char *source, const char *line);

void log_format(const char *source, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
