/* SPDX-License-Identifier: MIT */
#include "vendor/answer.h"

#include "base/base64.h"
#include "base/json/reader.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

#define SCHEME "data:"
#define BASE64 ";base64,"

bool vendor_answer_wants_captcha(struct flagship_json data)
{
	struct json_value value;

	return data.length > 0 && json_object_find(data, "captcha_id", &value) &&
	       value.kind == JSON_STRING && value.text.length > 0;
}

/* Splits data:TYPE;base64,DIGITS in place. */
static const char *split_data_url(char *url, const char **media_type)
{
	char *mark = strstr(url, BASE64);

	if (strncmp(url, SCHEME, strlen(SCHEME)) != 0 || !mark) {
		return NULL;
	}
	*mark = '\0';
	*media_type = url + strlen(SCHEME);
	return mark + strlen(BASE64);
}

static int decode_picture(char *url, struct vendor_captcha *captcha)
{
	const char *media_type = "";
	const char *digits = split_data_url(url, &media_type);

	if (!digits || strlen(media_type) >= sizeof(captcha->media_type)) {
		return FLAGSHIP_ERROR_JSON;
	}
	memcpy(captcha->media_type, media_type, strlen(media_type) + 1);
	size_t capacity = strlen(digits) + 1;
	captcha->picture = malloc(capacity);
	if (!captcha->picture) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (base64_decode(digits, strlen(digits), captcha->picture, capacity, &captcha->size) ||
	    captcha->size == 0) {
		return FLAGSHIP_ERROR_JSON;
	}
	return 0;
}

int vendor_captcha_read(struct flagship_json data, struct vendor_captcha *captcha)
{
	struct vendor_captcha read = {0};
	struct json_value value;
	struct json_value item;

	if (!vendor_answer_wants_captcha(data) || !json_object_find(data, "captcha_id", &value) ||
	    flagship_text_copy(value.text, read.id, sizeof(read.id)) >= sizeof(read.id) ||
	    !json_object_find(data, "item", &item) || item.kind != JSON_STRING) {
		return FLAGSHIP_ERROR_JSON;
	}
	size_t size = flagship_text_copy(item.text, NULL, 0) + 1;
	char *url = malloc(size);
	if (!url) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	flagship_text_copy(item.text, url, size);
	int error = decode_picture(url, &read);
	free(url);
	if (error) {
		vendor_captcha_finish(&read);
		return error;
	}
	*captcha = read;
	return 0;
}

void vendor_captcha_finish(struct vendor_captcha *captcha)
{
	free(captcha->picture);
	*captcha = (struct vendor_captcha){0};
}
