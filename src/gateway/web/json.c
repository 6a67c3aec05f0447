/* SPDX-License-Identifier: MIT */
#include "gateway/web/web.h"

#include "store/file/json.h"

#include <errno.h>

#define FAILED 500

bool web_read_json(struct http_request *request, web_refuse *refuse, cJSON **json)
{
	size_t length;
	const char *text = http_request_body(request, &length);

	*json = store_json_parse(text, length);
	if (!*json && errno == ENOMEM) {
		refuse(request, FAILED, "out of memory");
		return false;
	}
	return true;
}
