/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOG_BOUNDED_H
#define DAEMON_LOG_BOUNDED_H

/* Lines that others cause, and could cause without an end: of each client a few a minute
 * (daemon/log/limit.h). */
void log_bounded(const char *source, const char *line);

/* Tells how many more there were, of those whose minute is over. To be called now and then. */
void log_bounded_tell(void);

#endif
