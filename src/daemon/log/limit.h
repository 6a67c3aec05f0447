/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOG_LIMIT_H
#define DAEMON_LOG_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A few lines a minute of each client, then "and N more": one that is denied something a hundred
 * thousand times a second filled the disk with 29 MB/s. Clients are told apart by a name, of which
 * so many are kept; all others share one. Pure: the caller tells the time, of the steady clock.
 */
#define LOG_LIMIT_LINES     10
#define LOG_LIMIT_WINDOW_S  60
#define LOG_LIMIT_NAMES     256
#define LOG_LIMIT_NAME_SIZE 64

struct log_limit_entry {
	char name[LOG_LIMIT_NAME_SIZE]; /* cut where it is longer */
	int64_t since_s;
	unsigned int lines; /* 0: free */
	unsigned long more; /* that were not written */
};

struct log_limit {
	struct log_limit_entry entries[LOG_LIMIT_NAMES + 1]; /* the last: of all others */
};

/* Whether a line of this client is written; counted either way. Zeroed memory is the beginning. */
bool log_limit_admits(struct log_limit *limit, const char *name, int64_t now_s);

/* A client whose minute is over and of which lines were not written: its name and how many. To be
 * called until it is false. */
bool log_limit_over(struct log_limit *limit, int64_t now_s, char name[LOG_LIMIT_NAME_SIZE],
		    unsigned long *more);

/*
 * The client that a line of the broker is about: its client id, else its address, else what the
 * line begins with, without digits, so that a kind of line that names nobody is bounded too.
 */
void log_limit_name_of(const char *line, char name[LOG_LIMIT_NAME_SIZE]);

#endif
