/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_LOG_LOG_H
#define DAEMON_LOG_LOG_H

#include "daemon/log/limit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The log of a server: a line an event, with the time, the part that writes it and how grave it is.
 * Never waits: lines that nobody reads in time are dropped, and counted. What others wrote in a
 * line is shown as base/shown_text.h has it.
 */
enum log_level {
	LOG_LEVEL_ERROR, /* somebody has to do something */
	LOG_LEVEL_WARNING,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG,
};

enum log_format {
	LOG_FORMAT_TEXT, /* 2026-11-28 21:50:03 api: message name=value */
	LOG_FORMAT_JSON, /* {"time":"…Z","level":"info","part":"api","message":"…","name":"value"}
			  */
	LOG_FORMAT_JOURNAL, /* <6>api: message name=value: journald adds the time */
};

#define LOG_PARTS_MAX     16
#define LOG_PART_NAME_MAX 24

/* How much is written: of each part named, and of all others. Zeroed: errors alone. */
struct log_levels {
	enum log_level others;
	struct {
		char name[LOG_PART_NAME_MAX];
		enum log_level level;
	} parts[LOG_PARTS_MAX];
	size_t count;
};

/* "info" or "warning,api=debug,broker=error". Returns NULL, or what is wrong, for people; then
 * nothing is changed. */
const char *log_levels_read(const char *text, struct log_levels *levels);

/* Whoever has one may write to it, from one thread. */
struct log {
	int file;
	enum log_format format;
	struct log_levels levels;
	unsigned long dropped; /* since a line could last be written */
	struct log_limit limit;
};

/* Writes to `file`, a descriptor that stays the caller's. */
void log_init(struct log *log, int file, enum log_format format, const struct log_levels *levels);

/* JOURNAL where `file` leads to journald, as it says in the environment; else TEXT. */
enum log_format log_format_of(int file);

#define LOG_MESSAGE_MAX 8192 /* as far as a message is written; an audit line fits */

bool log_admits(const struct log *log, enum log_level level, const char *part);

struct log_field {
	const char *name; /* NULL ends a list */
	const char *text; /* NULL: the number */
	int64_t number;
};

#define LOG_TEXT(key, value)   ((struct log_field){.name = (key), .text = (value)})
#define LOG_NUMBER(key, value) ((struct log_field){.name = (key), .number = (value)})
#define LOG_NO_FIELD           ((struct log_field){.name = NULL})

/* A line with what a program wants to read in it apart: log_event(log, level, part, "message",
 * LOG_TEXT("printer", name), LOG_NUMBER("port", 80)). */
#define log_event(log, level, part, ...)                                       \
	log_event_list(log, level, part, LOG_FIRST(__VA_ARGS__, LOG_NO_FIELD), \
		       (const struct log_field[]){LOG_REST(__VA_ARGS__, LOG_NO_FIELD)})
#define LOG_FIRST(first, ...) (first)
#define LOG_REST(first, ...)  __VA_ARGS__
void log_event_list(struct log *log, enum log_level level, const char *part, const char *message,
		    const struct log_field *fields);

void log_write(struct log *log, enum log_level level, const char *part, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* A line that others cause, and could cause without an end: of each client a few a minute
 * (daemon/log/limit.h). */
void log_bounded(struct log *log, enum log_level level, const char *part, const char *line);

/* Writes how many more there were, of those whose minute is over. To be called now and then. */
void log_flush_bounded(struct log *log);

/* Replaces what is half of a login by asterisks, in a line that mosquitto wrote: words that begin
 * with eufy_, and long runs of hex digits, as user ids are also in the client ids of other
 * programs. */
void log_mask(char *line);

#endif
