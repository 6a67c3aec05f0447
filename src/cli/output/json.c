/* SPDX-License-Identifier: MIT */
#include "cli/output/json.h"

#include "cli/output/message.h"
#include "cli/output/print.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <time.h>

#define MS_PER_S    1000
#define YEAR_BASE   1900
#define YEAR_MAX    9999
#define SECONDS_MAX INT64_C(100000000000)

const char *time_text_write(int64_t unix_ms, char out[TIME_TEXT_MAX])
{
	struct tm utc;
	time_t seconds = (time_t)(unix_ms / MS_PER_S);

	if (unix_ms < 0 || !gmtime_r(&seconds, &utc) || utc.tm_year > YEAR_MAX - YEAR_BASE) {
		return NULL;
	}
	snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + YEAR_BASE,
		 utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
		 (int)(unix_ms % MS_PER_S));
	return out;
}

#define JSON_LINE_CAPACITY_FIRST 2048

int json_line_print(void (*write)(const void *context, struct json_writer *writer),
		    const void *context, FILE *out)
{
	char first[JSON_LINE_CAPACITY_FIRST];
	struct json_writer writer;
	char *line = first;
	char *larger = NULL;
	size_t length;

	json_writer_init(&writer, first, sizeof(first));
	write(context, &writer);
	if (json_writer_finish(&writer, &length) != 0) {
		size_t capacity = writer.length + 1;

		/* What did fit may be a secret. */
		OPENSSL_cleanse(first, sizeof(first));
		larger = malloc(capacity);
		if (!larger) {
			cli_error("out of memory");
			return FLAGSHIP_ERROR_MEMORY;
		}
		line = larger;
		json_writer_init(&writer, larger, capacity);
		write(context, &writer);
		json_writer_finish(&writer, &length);
	}
	print_json_line(out, line, length);
	OPENSSL_cleanse(line, length);
	free(larger);
	return 0;
}

void member_text(struct json_writer *writer, const char *name, const char *text)
{
	json_key(writer, name);
	json_string(writer, text && text[0] != '\0' ? text : NULL);
}

void member_bool(struct json_writer *writer, const char *name, bool value)
{
	json_key(writer, name);
	json_bool(writer, value);
}

void member_int(struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	json_int(writer, value);
}

void member_time(struct json_writer *writer, const char *name, int64_t unix_s)
{
	char text[TIME_TEXT_MAX];

	member_text(writer, name,
		    unix_s > 0 && unix_s < SECONDS_MAX ? time_text_write(unix_s * MS_PER_S, text)
						       : NULL);
}
