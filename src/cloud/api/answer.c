/* SPDX-License-Identifier: MIT */
#include "cloud/api/answer.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_OK     200
#define HTTP_FAILED 500
#define DATA_FIRST  1024
#define FRAME_MAX   1024 /* of an answer around its data */

void api_data_release(struct api_data *data)
{
	if (data->text) {
		OPENSSL_cleanse(data->text, data->capacity);
	}
	free(data->text);
	*data = (struct api_data){0};
}

/* For so many more bytes and a NUL. What it outgrows is wiped. */
static bool make_room(struct api_data *data, size_t more)
{
	size_t capacity = data->capacity ? data->capacity : DATA_FIRST;

	if (data->capacity > data->length + more) {
		return true;
	}
	while (capacity <= data->length + more) {
		capacity *= 2;
	}
	char *text = malloc(capacity);

	if (!text) {
		return false;
	}
	if (data->text) {
		memcpy(text, data->text, data->length);
		OPENSSL_cleanse(data->text, data->capacity);
		free(data->text);
	}
	data->text = text;
	data->capacity = capacity;
	return true;
}

void api_data_add(struct api_data *data,
		  void (*write)(struct json_writer *writer, const void *context),
		  const void *context)
{
	struct json_writer writer;
	size_t length;

	data->failed = data->failed || !make_room(data, 1);
	while (!data->failed) {
		json_writer_init(&writer, data->text + data->length, data->capacity - data->length);
		write(&writer, context);
		if (!json_writer_finish(&writer, &length)) {
			data->length += length;
			return;
		}
		data->failed = !make_room(data, writer.length);
	}
}

void api_answer_succeed(struct api_answer *answer, struct api_data *data)
{
	if (data->failed) {
		api_data_release(data);
		api_answer_fail(answer, HTTP_FAILED, API_BROKEN, "out of memory");
		return;
	}
	*answer = (struct api_answer){
		.status = HTTP_OK, .code = API_OK, .message = "success", .data = *data};
	*data = (struct api_data){0};
}

void api_answer_fail(struct api_answer *answer, int status, enum api_code code, const char *message)
{
	api_data_release(&answer->data);
	*answer = (struct api_answer){.status = status, .code = code, .message = message};
}

char *api_answer_text(const struct api_answer *answer)
{
	size_t capacity = FRAME_MAX + answer->data.length;
	char *text = malloc(capacity);
	struct json_writer writer;
	size_t length;

	if (!text) {
		return NULL;
	}
	json_writer_init(&writer, text, capacity);
	json_object_begin(&writer);
	json_member_int(&writer, "code", answer->code);
	json_member_string(&writer, "msg", answer->message ? answer->message : "");
	if (answer->data.text) {
		json_key(&writer, "data");
		json_raw(&writer, answer->data.text, answer->data.length);
	} else if (answer->code == API_OK) {
		json_key(&writer, "data");
		json_null(&writer);
	}
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length)) {
		OPENSSL_cleanse(text, capacity);
		free(text);
		return NULL;
	}
	return text;
}

void api_answer_finish(struct api_answer *answer)
{
	api_data_release(&answer->data);
	*answer = (struct api_answer){0};
}
