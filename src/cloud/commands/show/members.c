/* SPDX-License-Identifier: MIT */
#include "cloud/commands/show/members.h"

#include "cli/output/json.h"

#define MS_PER_S    1000
#define SECONDS_MAX INT64_C(100000000000)

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
