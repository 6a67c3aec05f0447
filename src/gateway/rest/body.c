/* SPDX-License-Identifier: MIT */
#include "gateway/rest/internal.h"
#include "store/file/json.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool are_known(const cJSON *body, const char *members)
{
	for (const cJSON *item = body->child; item; item = item->next) {
		if (!access_words_have(members, item->string, strlen(item->string))) {
			return false;
		}
	}
	return true;
}

cJSON *rest_parse_body(struct http_request *request, const char *text, size_t length,
		       const char *members)
{
	bool has_nul = memchr(text, '\0', length) || strstr(text, "\\u0000");
	cJSON *body = has_nul ? NULL : store_json_parse(text, length);

	/* cJSON ends a text at a NUL: what follows would be lost, of a password as well. */
	if (has_nul) {
		rest_respond_problem(request, REST_BAD_REQUEST, "the body holds a NUL");
		return NULL;
	}
	if (!body && errno == ENOMEM) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	} else if (!body || !cJSON_IsObject(body)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "the body is no JSON object");
	} else if (!are_known(body, members)) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "the body has other members than: %s", members);
	} else {
		return body;
	}
	cJSON_Delete(body);
	return NULL;
}

cJSON *rest_read_body(struct http_request *request, const char *members)
{
	size_t length;
	const char *text = http_request_body(request, &length);

	return rest_parse_body(request, text, length, members);
}

bool rest_are_texts(struct http_request *request, const cJSON *body, const char *others)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, body)
	{
		if (!cJSON_IsString(item) &&
		    !access_words_have(others, item->string, strlen(item->string))) {
			rest_respond_problem(request, REST_BAD_REQUEST, "\"%s\" is to be a text",
					     item->string);
			return false;
		}
	}
	return true;
}

cJSON *rest_read_texts(struct http_request *request, const char *members, const char *others)
{
	cJSON *body = rest_read_body(request, members);

	if (body && !rest_are_texts(request, body, others)) {
		cJSON_Delete(body);
		return NULL;
	}
	return body;
}

bool rest_read_flag(struct http_request *request, const cJSON *body, const char *name, bool *value)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, name);

	*value = cJSON_IsTrue(item);
	if (item && !cJSON_IsBool(item)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "\"%s\" is to be true or false",
				     name);
		return false;
	}
	return true;
}

const char *rest_body_text(const cJSON *body, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, name));

	return text ? text : "";
}
