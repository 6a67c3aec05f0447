/* SPDX-License-Identifier: MIT */
#include "gateway/history/history.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL   10
#define HOUR_S    INT64_C(3600)
#define DAY_S     INT64_C(86400)
#define WEEK_S    (7 * DAY_S)
#define UNITS_MAX 1000000 /* beyond any clock */
#define FOR_EVER  (-1)

static int64_t retention_unit_of(const char *text)
{
	if (text[0] == '\0' || text[1] != '\0') {
		return 0;
	}
	return text[0] == 'h' ? HOUR_S : text[0] == 'd' ? DAY_S : text[0] == 'w' ? WEEK_S : 0;
}

static bool read_span(const char *text, int64_t *span_s)
{
	char *end;

	if (strcmp(text, "forever") == 0) {
		*span_s = FOR_EVER;
		return true;
	}
	long count = text[0] >= '1' && text[0] <= '9' ? strtol(text, &end, DECIMAL) : 0;
	if (count < 1 || count > UNITS_MAX || retention_unit_of(end) == 0) {
		return false;
	}
	*span_s = count * retention_unit_of(end);
	return true;
}

bool history_retention_read(const char *text, struct history_retention *retention)
{
	static const struct {
		const char *name;
		size_t offset;
	} kinds[] = {
		{"samples=", offsetof(struct history_retention, samples_s)},
		{"minutes=", offsetof(struct history_retention, minutes_s)},
		{"hours=", offsetof(struct history_retention, hours_s)},
		{"entries=", offsetof(struct history_retention, entries_s)},
		{"jobs=", offsetof(struct history_retention, jobs_s)},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		size_t length = strlen(kinds[i].name);

		if (strncmp(text, kinds[i].name, length) == 0) {
			return read_span(text + length,
					 (int64_t *)(void *)((char *)retention + kinds[i].offset));
		}
	}
	return false;
}
