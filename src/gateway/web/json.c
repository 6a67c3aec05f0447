/* SPDX-License-Identifier: MIT */
#include "gateway/web/web.h"

#include <errno.h>
#include <string.h>

#define FAILED      500
#define WHITE_SPACE " \t\r\n"

/* cJSON does not tell what is no JSON from what there is no memory for: malloc does. */
cJSON *web_parse_json(const char *text, size_t length)
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

bool web_read_json(struct http_request *request, web_refuse *refuse, cJSON **json)
{
	size_t length;
	const char *text = http_request_body(request, &length);

	*json = web_parse_json(text, length);
	if (!*json && errno == ENOMEM) {
		refuse(request, FAILED, "out of memory");
		return false;
	}
	return true;
}
