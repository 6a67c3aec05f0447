/* SPDX-License-Identifier: MIT */
#include "transport/cloud_api.h"

#include "transport/cloud_headers.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTRY_MAX       8
#define STATUS_OK         200
#define STATUS_NOT_FOUND  404
#define STATUS_BAD_METHOD 405
#define STATUS_GONE       410
#define STATUS_TOO_MANY   429

struct cloud_api {
	struct http_client *http;
	size_t version[CLOUD_CALLS]; /* of the path that the service knows */
	char host[TRUST_HOST_MAX];   /* for people */
	char token[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char user_id[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char country[COUNTRY_MAX];
	struct cloud_request *requests;
	void (*on_closed)(void *context);
	void *closed_context;
};

/* A call that is under way. */
struct cloud_request {
	struct cloud_api *api;
	struct cloud_request *next; /* in the list of the API */
	enum cloud_call call;
	size_t version;
	char body[CLOUD_BODY_MAX]; /* wiped */
	size_t length;
	cloud_handler *handler;
	void *context;
};

static void free_request(struct cloud_request *request)
{
	OPENSSL_cleanse(request->body, sizeof(request->body));
	free(request);
}

static void forget_request(struct cloud_request *request)
{
	struct cloud_request **place = &request->api->requests;

	while (*place != request) {
		place = &(*place)->next;
	}
	*place = request->next;
	free_request(request);
}

static bool path_is_unknown(long status)
{
	return status == STATUS_NOT_FOUND || status == STATUS_BAD_METHOD || status == STATUS_GONE;
}

/* What the service's code means. */
static void judge_code(const struct cloud_request *request, const struct cloud_envelope *envelope,
		       struct cloud_answer *answer)
{
	answer->code = envelope->code;
	answer->message = envelope->message;
	answer->data = envelope->data;
	if (cloud_call_needs_token(request->call) &&
	    cloud_answer_token_expired(answer->status, envelope)) {
		answer->outcome = CLOUD_EXPIRED;
	} else if (envelope->code == 0 && answer->status == STATUS_OK) {
		answer->outcome = CLOUD_DONE;
	} else if (request->call == CLOUD_LOGIN && cloud_answer_wants_captcha(envelope->data)) {
		answer->outcome = CLOUD_CAPTCHA;
	} else if (envelope->code != 0) {
		answer->outcome = CLOUD_REFUSED;
	}
}

static void judge(const struct cloud_request *request, const struct http_answer *http,
		  struct cloud_envelope *envelope, struct cloud_answer *answer)
{
	if (http->failure != HTTP_FAILURE_NONE) {
		answer->outcome = CLOUD_UNREACHABLE;
		return;
	}
	if (http->status == STATUS_TOO_MANY) {
		answer->outcome = CLOUD_BUSY;
		return;
	}
	if (cloud_answer_read(http->body, http->length, envelope) == 0) {
		judge_code(request, envelope, answer);
	} else if (cloud_call_needs_token(request->call) &&
		   cloud_answer_token_expired(http->status, envelope)) {
		answer->outcome = CLOUD_EXPIRED;
	}
}

static void describe_broken(const char *host, const char *call, const struct cloud_answer *answer,
			    char detail[HTTP_DETAIL_MAX])
{
	if (answer->status == STATUS_OK) {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "%s answered '%s' with something that is no JSON "
			 "of the API, or only a part of it",
			 host, call);
	} else if (path_is_unknown(answer->status)) {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "%s does not know the call '%s' (HTTP status %ld): is it the API?", host,
			 call, answer->status);
	} else {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "%s answered '%s' with HTTP status %ld, tried %u times; try later", host,
			 call, answer->status, answer->tries);
	}
}

static void describe(const char *host, const char *call, const struct http_answer *http,
		     const struct cloud_answer *answer, char detail[HTTP_DETAIL_MAX])
{
	detail[0] = '\0';
	switch (answer->outcome) {
	case CLOUD_UNREACHABLE:
		snprintf(detail, HTTP_DETAIL_MAX, "%s", http->detail);
		break;
	case CLOUD_BUSY:
		if (answer->wait_s > 0) {
			snprintf(detail, HTTP_DETAIL_MAX,
				 "%s has had too many requests; it asks to wait %" PRId64 " s",
				 host, answer->wait_s);
		} else {
			snprintf(detail, HTTP_DETAIL_MAX, "%s has had too many requests; try later",
				 host);
		}
		break;
	case CLOUD_BROKEN:
		describe_broken(host, call, answer, detail);
		break;
	case CLOUD_EXPIRED:
		snprintf(detail, HTTP_DETAIL_MAX, "%s does not take the token any more%s%s", host,
			 answer->message[0] ? ": " : "", answer->message);
		break;
	case CLOUD_REFUSED:
	case CLOUD_CAPTCHA:
		snprintf(detail, HTTP_DETAIL_MAX, "%s refuses '%s': %s (code %" PRId64 ")", host,
			 call, answer->message[0] ? answer->message : "it does not say why",
			 answer->code);
		break;
	case CLOUD_DONE:
		break;
	}
}

static int send_request(struct cloud_request *request);

static void finish_request(struct cloud_request *request, const struct http_answer *http)
{
	char detail[HTTP_DETAIL_MAX];
	struct cloud_envelope envelope = {0};
	struct cloud_answer answer = {
		.outcome = CLOUD_BROKEN,
		.failure = http->failure,
		.status = http->status,
		.message = "",
		.detail = detail,
		.wait_s = http->wait_s,
		.tries = http->tries,
		.elapsed_ms = http->elapsed_ms,
	};
	cloud_handler *handler = request->handler;
	void *context = request->context;

	judge(request, http, &envelope, &answer);
	describe(request->api->host, cloud_call_name(request->call), http, &answer, detail);
	if (answer.outcome != CLOUD_BROKEN) {
		request->api->version[request->call] = request->version;
	}
	forget_request(request);
	handler(context, &answer);
}

static void handle_answer(void *context, const struct http_answer *http)
{
	struct cloud_request *request = context;

	if (http->failure == HTTP_FAILURE_NONE && path_is_unknown(http->status) &&
	    cloud_call_path(request->call, request->version + 1)) {
		request->version++;
		if (send_request(request) == 0) {
			return;
		}
	}
	finish_request(request, http);
}

static int send_request(struct cloud_request *request)
{
	const struct cloud_api *api = request->api;
	bool with_token = cloud_call_needs_token(request->call);
	struct cloud_headers headers;
	int error = cloud_headers_make(&headers, api->country, with_token ? api->token : NULL,
				       api->user_id);

	if (!error) {
		struct http_request http = {
			.method = cloud_call_is_get(request->call) ? "GET" : "POST",
			.path = cloud_call_path(request->call, request->version),
			.headers = headers.list,
			.header_count = headers.count,
			.body = cloud_call_is_get(request->call) ? NULL : request->body,
			.length = request->length,
		};
		error = http_send(api->http, &http, handle_answer, request);
	}
	OPENSSL_cleanse(&headers, sizeof(headers));
	return error;
}

int cloud_api_call(struct cloud_api *api, enum cloud_call call,
		   const struct cloud_parameters *parameters, cloud_handler *handler, void *context)
{
	struct cloud_request *request = calloc(1, sizeof(*request));

	if (!request) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	request->api = api;
	request->call = call;
	request->version = api->version[call];
	request->handler = handler;
	request->context = context;
	request->next = api->requests;
	api->requests = request;
	int error = cloud_call_body(call, parameters, request->body, &request->length);
	if (!error) {
		error = send_request(request);
	}
	if (error) {
		forget_request(request);
	}
	return error;
}

static bool is_header_value(const char *text, size_t capacity)
{
	if (strlen(text) >= capacity) {
		return false;
	}
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f') {
			return false;
		}
	}
	return true;
}

int cloud_api_set_login(struct cloud_api *api, const char *token, const char *user_id)
{
	token = token ? token : "";
	user_id = user_id ? user_id : "";
	if (!is_header_value(token, sizeof(api->token)) ||
	    !is_header_value(user_id, sizeof(api->user_id))) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	snprintf(api->token, sizeof(api->token), "%s", token);
	snprintf(api->user_id, sizeof(api->user_id), "%s", user_id);
	return 0;
}

static int set_up(struct cloud_api *api, const struct cloud_api_options *options,
		  char detail[HTTP_DETAIL_MAX])
{
	const char *country = options->country ? options->country : "";
	int error = cloud_api_set_login(api, options->token, options->user_id);

	if (error || !is_header_value(country, sizeof(api->country))) {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "the stored login holds what cannot be sent: log in again");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	snprintf(api->country, sizeof(api->country), "%s", country);
	return 0;
}

static void release(struct cloud_api *api)
{
	struct cloud_request *request = api->requests;

	while (request) {
		struct cloud_request *next = request->next;

		free_request(request);
		request = next;
	}
	OPENSSL_cleanse(api, sizeof(*api));
	free(api);
}

int cloud_api_create(uv_loop_t *loop, const struct cloud_api_options *options,
		     char detail[HTTP_DETAIL_MAX], struct cloud_api **api)
{
	struct cloud_api *created = calloc(1, sizeof(*created));

	if (!created) {
		snprintf(detail, HTTP_DETAIL_MAX, "%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = set_up(created, options, detail);
	if (!error) {
		error = http_client_create(loop, &options->http, detail, &created->http);
	}
	if (error) {
		release(created);
		return error;
	}
	snprintf(created->host, sizeof(created->host), "%s", http_client_host(created->http));
	*api = created;
	return 0;
}

const char *cloud_api_host(const struct cloud_api *api)
{
	return api->host;
}

static void handle_closed(void *context)
{
	struct cloud_api *api = context;
	void (*on_closed)(void *context) = api->on_closed;
	void *closed_context = api->closed_context;

	release(api);
	if (on_closed) {
		on_closed(closed_context);
	}
}

void cloud_api_close(struct cloud_api *api, void (*on_closed)(void *context), void *context)
{
	if (!api) {
		return;
	}
	api->on_closed = on_closed;
	api->closed_context = context;
	http_client_close(api->http, handle_closed, api);
}
