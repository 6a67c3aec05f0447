/* SPDX-License-Identifier: MIT */
#include "daemon/log/log.h"

#include "base/clock.h"
#include "base/hex.h"
#include "base/json/writer.h"
#include "base/shown_text.h"

#include <assert.h>
#include <flagship/account.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 40960
#define SHOWN_MAX      2048 /* of a field, in JSON */
#define FIELD_MAX      512
#define TIME_MAX       32
#define NOTICE_MAX     96
#define WORD_ENDS      "'\"(),: \t"
#define HEX_RUN        24 /* a serial number is shorter, a user id longer */

static const char *const level_names[] = {"error", "warning", "info", "debug"};
/* Of syslog, which journald reads at the beginning of a line. */
static const int priorities[] = {3, 4, 6, 7};

#define LEVEL_COUNT (sizeof(level_names) / sizeof(level_names[0]))

static_assert(LEVEL_COUNT == LOG_LEVEL_DEBUG + 1 &&
		      LEVEL_COUNT == sizeof(priorities) / sizeof(priorities[0]),
	      "each level has a name and a priority of syslog");

static bool level_of(const char *text, size_t length, enum log_level *level)
{
	for (size_t i = 0; i < LEVEL_COUNT; i++) {
		if (strlen(level_names[i]) == length &&
		    strncmp(level_names[i], text, length) == 0) {
			*level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

const char *log_levels_read(const char *text, struct log_levels *levels)
{
	struct log_levels read = {.others = LOG_LEVEL_INFO};

	for (const char *word = text; *word != '\0';) {
		size_t length = strcspn(word, ",");
		const char *equals = memchr(word, '=', length);
		size_t name = equals ? (size_t)(equals - word) : 0;
		const char *value = equals ? equals + 1 : word;
		enum log_level *place = &read.others;

		if (equals && (name == 0 || name >= LOG_PART_NAME_MAX)) {
			return "a part is named before its level: api=debug";
		}
		if (equals) {
			if (read.count == LOG_PARTS_MAX) {
				return "there are too many parts in it";
			}
			memcpy(read.parts[read.count].name, word, name);
			place = &read.parts[read.count++].level;
		}
		if (!level_of(value, length - (size_t)(value - word), place)) {
			return "a level is one of error, warning, info, debug";
		}
		word += length + (word[length] == ',');
	}
	*levels = read;
	return NULL;
}

void log_init(struct log *log, int file, enum log_format format, const struct log_levels *levels)
{
	*log = (struct log){.file = file, .format = format, .levels = *levels};
}

enum log_format log_format_of(int file)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char own[2 * TIME_MAX];
	struct stat status;

	if (!stream || fstat(file, &status) != 0) {
		return LOG_FORMAT_TEXT;
	}
	snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
	return strcmp(stream, own) == 0 ? LOG_FORMAT_JOURNAL : LOG_FORMAT_TEXT;
}

bool log_admits(const struct log *log, enum log_level level, const char *part)
{
	for (size_t i = 0; i < log->levels.count; i++) {
		if (strcmp(log->levels.parts[i].name, part) == 0) {
			return level <= log->levels.parts[i].level;
		}
	}
	return level <= log->levels.others;
}

/* A pipe that is writable takes a line as a whole; a socket may take a part of it. */
static bool write_now(int file, const char *text, size_t length)
{
	struct pollfd stream = {.fd = file, .events = POLLOUT};

	if (poll(&stream, 1, 0) <= 0 || (stream.revents & POLLOUT) == 0) {
		return false;
	}
	ssize_t written = send(file, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (written < 0 && errno == ENOTSOCK) {
		written = write(file, text, length);
	}
	return written > 0;
}

/* A reader that stalls must not stop the server. */
static void write_or_drop(struct log *log, const char *text, size_t length)
{
	char notice[NOTICE_MAX];

	if (log->dropped > 0) {
		int size = snprintf(notice, sizeof(notice),
				    "%lu lines were dropped: nobody read them\n", log->dropped);

		if (write_now(log->file, notice, (size_t)size)) {
			log->dropped = 0;
		}
	}
	if (log->dropped > 0 || !write_now(log->file, text, length)) {
		log->dropped++;
	}
}

struct line {
	char text[LINE_MAX_BYTES];
	size_t length;
};

static void append(struct line *line, const char *text)
{
	size_t room = sizeof(line->text) - 1 - line->length; /* for the line's end */
	size_t length = strlen(text);

	length = length < room ? length : room;
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

static void append_shown(struct line *line, const char *text)
{
	char safe[LOG_MESSAGE_MAX];

	shown_text_copy(text, strlen(text), safe, sizeof(safe));
	append(line, safe);
}

static void append_field(struct line *line, const struct log_field *field)
{
	char text[FIELD_MAX];

	if (field->text) {
		snprintf(text, sizeof(text), "%s", field->text);
	} else {
		snprintf(text, sizeof(text), "%" PRId64, field->number);
	}
	const char *quote = text[strcspn(text, " =\"")] != '\0' || text[0] == '\0' ? "\"" : "";
	append(line, " ");
	append(line, field->name);
	append(line, "=");
	append(line, quote);
	append_shown(line, text);
	append(line, quote);
}

/* Everything before the message. */
static void append_head(struct line *line, enum log_format format, enum log_level level,
			const char *part)
{
	char head[2 * TIME_MAX] = "";
	time_t now = (time_t)clock_unix_s();
	struct tm parts;

	if (format == LOG_FORMAT_JOURNAL) {
		snprintf(head, sizeof(head), "<%d>", priorities[level]);
	} else if (localtime_r(&now, &parts)) {
		strftime(head, sizeof(head), "%Y-%m-%d %H:%M:%S ", &parts);
	}
	append(line, head);
	append(line, part);
	append(line, ": ");
	if (format == LOG_FORMAT_TEXT && (level == LOG_LEVEL_ERROR || level == LOG_LEVEL_WARNING)) {
		append(line, level_names[level]);
		append(line, ": ");
	}
}

static void compose_text(struct line *line, const struct log *log, enum log_level level,
			 const char *part, const char *message, const struct log_field *fields)
{
	append_head(line, log->format, level, part);
	append_shown(line, message);
	for (const struct log_field *field = fields; field->name; field++) {
		append_field(line, field);
	}
}

static void put_shown(struct json_writer *writer, const char *text, size_t max)
{
	char safe[LOG_MESSAGE_MAX];

	shown_text_copy(text, strlen(text), safe, max);
	json_string(writer, safe);
}

static void put_time(struct json_writer *writer)
{
	char text[TIME_MAX] = "";
	time_t now = (time_t)clock_unix_s();
	struct tm parts;

	if (gmtime_r(&now, &parts)) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
	}
	json_member_string(writer, "time", text);
}

/* False where it does not fit: a line of half an object is of no use. */
static bool compose_json(struct line *line, enum log_level level, const char *part,
			 const char *message, const struct log_field *fields)
{
	struct json_writer writer;

	json_writer_init(&writer, line->text, sizeof(line->text) - 1);
	json_object_begin(&writer);
	put_time(&writer);
	json_member_string(&writer, "level", level_names[level]);
	json_member_string(&writer, "part", part);
	json_key(&writer, "message");
	put_shown(&writer, message, LOG_MESSAGE_MAX);
	for (const struct log_field *field = fields; field->name; field++) {
		json_key(&writer, field->name);
		if (field->text) {
			put_shown(&writer, field->text, SHOWN_MAX);
		} else {
			json_int(&writer, field->number);
		}
	}
	json_object_end(&writer);
	return json_writer_finish(&writer, &line->length) == 0;
}

void log_event_list(struct log *log, enum log_level level, const char *part, const char *message,
		    const struct log_field *fields)
{
	static const struct log_field none[] = {LOG_NO_FIELD};
	struct line line;

	if (!log_admits(log, level, part)) {
		return;
	}
	line.length = 0;
	if (log->format != LOG_FORMAT_JSON) {
		compose_text(&line, log, level, part, message, fields);
	} else if (!compose_json(&line, level, part, message, fields) &&
		   !compose_json(&line, level, part, message, none)) {
		log->dropped++;
		return;
	}
	line.text[line.length++] = '\n';
	write_or_drop(log, line.text, line.length);
}

void log_write(struct log *log, enum log_level level, const char *part, const char *format, ...)
{
	char message[LOG_MESSAGE_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	log_event(log, level, part, message);
}

void log_bounded(struct log *log, enum log_level level, const char *part, const char *line)
{
	char name[LOG_LIMIT_NAME_SIZE];

	log_limit_name_of(line, name);
	if (log_limit_admits(&log->limit, name, clock_steady_s())) {
		log_event(log, level, part, line);
	}
}

void log_flush_bounded(struct log *log)
{
	char name[LOG_LIMIT_NAME_SIZE];
	unsigned long more;

	while (log_limit_over(&log->limit, clock_steady_s(), name, &more)) {
		log_write(log, LOG_LEVEL_INFO, "log", "and %lu more lines about %s in a minute",
			  more, name);
	}
}

static void mask(char *text, size_t length)
{
	memset(text, '*', length);
}

void log_mask(char *line)
{
	for (char *at = strstr(line, FLAGSHIP_USERNAME_PREFIX); at;
	     at = strstr(at, FLAGSHIP_USERNAME_PREFIX)) {
		at += strlen(FLAGSHIP_USERNAME_PREFIX);
		mask(at, strcspn(at, WORD_ENDS));
	}
	for (char *at = line; *at;) {
		size_t run = strspn(at, HEX_BOTH);

		if (run >= HEX_RUN) {
			mask(at, run);
		}
		at += run > 0 ? run : 1;
	}
}
