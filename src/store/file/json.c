/* SPDX-License-Identifier: MIT */
#include "store/file/json.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define WHITE_SPACE " \t\r\n"

/* cJSON does not tell what is no JSON from what there is no memory for: malloc does. */
cJSON *store_json_parse(const char *text, size_t length)
{
	const char *end = text;

	errno = 0;
	cJSON *json = cJSON_ParseWithLengthOpts(text, length, &end, false);
	if (!json) {
		errno = errno == ENOMEM ? ENOMEM : 0;
		return NULL;
	}
	while (end < text + length && memchr(WHITE_SPACE, *end, sizeof(WHITE_SPACE) - 1)) {
		end++;
	}
	if (end == text + length) {
		return json;
	}
	cJSON_Delete(json);
	errno = 0;
	return NULL;
}
