/* SPDX-License-Identifier: MIT */
#include "cloud/api/signed.h"

#include "base/clock.h"
#include "store/file/json.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_OK          200
#define HTTP_BAD_REQUEST 400
#define HTTP_FORBIDDEN   403
#define HTTP_TOO_MANY    429
#define HTTP_FAILED      500

static void answer_refusal(struct api_answer *answer, enum signed_result result)
{
	const char *text = signed_result_text(result);

	switch (result) {
	case SIGNED_TOO_MANY:
		api_answer_fail(answer, HTTP_TOO_MANY, API_TOO_MANY, text);
		answer->retry_after_s = SIGNED_SESSIONS_WINDOW_S;
		break;
	case SIGNED_BROKEN:
		api_answer_fail(answer, HTTP_FAILED, API_BROKEN, text);
		break;
	case SIGNED_MALFORMED:
		api_answer_fail(answer, HTTP_BAD_REQUEST, API_BAD_REQUEST, text);
		break;
	default:
		api_answer_fail(answer, HTTP_FORBIDDEN, API_NOT_SIGNED, text);
		break;
	}
}

static struct signed_request request_of(const struct api_signed *headers, const char *body,
					size_t length, const char *address, int64_t now_s)
{
	return (struct signed_request){
		.ident = headers->ident,
		.timestamp = headers->timestamp,
		.once = headers->once,
		.signature = headers->signature,
		.body = body,
		.length = length,
		.address = address,
		.now_s = now_s,
		.steady_s = clock_steady_s(),
	};
}

static void write_key(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	json_member_string(writer, "server_public_key", context);
	json_object_end(writer);
}

void api_signed_exchange(struct signed_sessions *sessions, const struct api_signed *headers,
			 const char *body, size_t length, const char *address, int64_t now_s,
			 struct api_answer *answer)
{
	char own[SIGNED_SESSIONS_SEALED_POINT];
	cJSON *root = length <= API_BODY_MAX ? store_json_parse(body, length) : NULL;
	const char *sealed = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(root, "client_public_key"));
	enum signed_result result = SIGNED_MALFORMED;

	if (sealed) {
		const struct signed_request request = request_of(headers, sealed, strlen(sealed),
								 address, now_s);

		result = signed_sessions_exchange(sessions, &request, own);
	}
	cJSON_Delete(root);
	if (result != SIGNED_TAKEN) {
		answer_refusal(answer, result);
		return;
	}
	struct api_data data = {0};

	api_data_add(&data, write_key, own);
	api_answer_succeed(answer, &data);
}

/* An empty body is a signed GET: there is nothing to open. */
static bool open_body(const struct signed_key *key, char *body, size_t *length)
{
	size_t opened_length;

	if (!body || *length == 0) {
		return true;
	}
	char *opened = malloc(*length + 1);
	bool done = opened &&
		    signed_open(key, body, *length, opened, *length + 1, &opened_length) == 0;
	if (done) {
		OPENSSL_cleanse(body, *length);
		memcpy(body, opened, opened_length + 1);
		OPENSSL_cleanse(opened, opened_length);
		*length = opened_length;
	}
	free(opened);
	return done;
}

bool api_signed_open(struct signed_sessions *sessions, struct api_signed *headers, char *body,
		     size_t *length, const char *address, int64_t now_s, struct api_answer *answer)
{
	const struct signed_request request = request_of(headers, body ? body : "", *length,
							 address, now_s);
	enum signed_result result = signed_sessions_check(sessions, &request, &headers->key);

	if (result == SIGNED_TAKEN && !open_body(&headers->key, body, length)) {
		result = SIGNED_MALFORMED;
	}
	headers->sealed = result == SIGNED_TAKEN;
	if (!headers->sealed) {
		OPENSSL_cleanse(&headers->key, sizeof(headers->key));
		answer_refusal(answer, result);
	}
	return headers->sealed;
}

static void write_sealed(struct json_writer *writer, const void *context)
{
	json_string(writer, context);
}

void api_signed_seal(const struct api_signed *headers, struct api_answer *answer)
{
	size_t capacity = SIGNED_SEALED_LENGTH(answer->data.length) + 1;
	char *sealed = answer->data.text ? malloc(capacity) : NULL;
	size_t written;
	bool done = false;

	if (!answer->data.text) {
		return;
	}
	if (sealed && !signed_seal(&headers->key, answer->data.text, answer->data.length, NULL,
				   sealed, capacity, &written)) {
		api_data_release(&answer->data);
		api_data_add(&answer->data, write_sealed, sealed);
		done = !answer->data.failed;
	}
	if (!done) {
		api_answer_fail(answer, HTTP_FAILED, API_BROKEN, "the answer cannot be sealed");
	}
	free(sealed);
}
