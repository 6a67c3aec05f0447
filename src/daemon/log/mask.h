/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOG_MASK_H
#define DAEMON_LOG_MASK_H

/* Replaces what is half of a login by asterisks, in a line that mosquitto wrote: words that begin
 * with eufy_, and long runs of hex digits, as user ids are also in the client ids of other
 * programs. */
void log_mask(char *line);

#endif
