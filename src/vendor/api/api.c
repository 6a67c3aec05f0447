/* SPDX-License-Identifier: MIT */
#include "vendor/api/api.h"

#include "protocol/login.h"
#include "vendor/api/internal.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_BAD_FORM    10000
#define CODE_BAD_HEADERS 100024
#define EXCHANGE_MAX     1024 /* of the body of the key exchange */

static void free_request(struct vendor_request *request)
{
	if (request->opened) {
		OPENSSL_cleanse(request->opened, request->opened_length);
	}
	free(request->opened);
	free(request->text);
	OPENSSL_cleanse(request, sizeof(*request));
	free(request);
}

static void forget_request(struct vendor_request *request)
{
	struct vendor_request **place = &request->api->requests;

	while (*place != request) {
		place = &(*place)->next;
	}
	*place = request->next;
	free_request(request);
}

static int send_request(struct vendor_request *request);
static int begin_exchange(struct vendor_request *request);

/* Whether it is the form that is not taken, and not who asks: then the signed session may be. */
static bool plain_is_closed(const struct vendor_request *request,
			    const struct vendor_answer *answer)
{
	const struct vendor_api *api = request->api;
	bool login = request->call == VENDOR_LOGIN;

	if (request->sealed || request->exchanging || api->use != VENDOR_SESSION_AUTO ||
	    api->exchanging || api->exchange_failed || !vendor_call_can_be_signed(request->call)) {
		return false;
	}
	if (answer->outcome == VENDOR_REFUSED) {
		return answer->code == CODE_BAD_HEADERS ||
		       (login && answer->code == CODE_BAD_FORM) ||
		       answer->status == VENDOR_STATUS_FORBIDDEN ||
		       answer->status == VENDOR_STATUS_UPGRADE;
	}
	return answer->outcome == VENDOR_BROKEN &&
	       (answer->status == VENDOR_STATUS_FORBIDDEN ||
		answer->status == VENDOR_STATUS_UPGRADE ||
		(login && vendor_path_is_unknown(answer->status)));
}

/* What the plain call had to say is the truth, where there is no other way. */
static void report_both(const struct vendor_request *request, struct vendor_answer *answer,
			char detail[HTTP_DETAIL_MAX])
{
	char second[HTTP_DETAIL_MAX];

	if (!request->refusal[0]) {
		return;
	}
	snprintf(second, sizeof(second), "%s", detail);
	answer->outcome = request->refused;
	if (snprintf(detail, HTTP_DETAIL_MAX, "%s; nor is there a signed session: %s",
		     request->refusal, second) >= HTTP_DETAIL_MAX) {
		snprintf(detail, HTTP_DETAIL_MAX, "%s", request->refusal);
	}
}

/* The keys are exchanged: the call itself is due now. */
static bool go_on(struct vendor_request *request, const struct vendor_answer *answer)
{
	struct vendor_api *api = request->api;

	api->exchanging = false;
	if (answer->outcome != VENDOR_DONE ||
	    vendor_session_open(&api->session, answer->data) != 0) {
		api->exchange_failed = true;
		return false;
	}
	request->exchanging = false;
	request->version = api->version[request->call];
	return send_request(request) == 0;
}

static void finish_request(struct vendor_request *request, const struct http_answer *http)
{
	char detail[HTTP_DETAIL_MAX];
	struct vendor_envelope envelope = {0};
	struct vendor_answer answer = {
		.outcome = VENDOR_BROKEN,
		.failure = http->failure,
		.status = http->status,
		.message = "",
		.detail = detail,
		.wait_s = http->wait_s,
		.tries = http->tries,
		.elapsed_ms = http->elapsed_ms,
	};
	vendor_handler *handler = request->handler;
	void *context = request->context;

	vendor_outcome_judge(request, http, &envelope, &answer);
	if (request->exchanging && go_on(request, &answer)) {
		return;
	}
	if (request->exchanging && answer.outcome == VENDOR_DONE) {
		answer.outcome = VENDOR_BROKEN;
	}
	vendor_outcome_describe(request, http, &answer, detail);
	if (plain_is_closed(request, &answer)) {
		snprintf(request->refusal, sizeof(request->refusal), "%s", detail);
		request->refused = answer.outcome;
		if (begin_exchange(request) == 0) {
			return;
		}
	}
	if (request->exchanging) {
		report_both(request, &answer, detail);
	} else if (answer.outcome != VENDOR_BROKEN) {
		request->api->version[request->call] = request->version;
	}
	/* It may hold what the answer leads to. */
	struct vendor_request **place = &request->api->requests;
	while (*place != request) {
		place = &(*place)->next;
	}
	*place = request->next;
	handler(context, &answer);
	free_request(request);
}

static void handle_answer(void *context, const struct http_answer *http)
{
	struct vendor_request *request = context;

	if (http->failure == HTTP_FAILURE_NONE && !request->exchanging &&
	    vendor_path_is_unknown(http->status) &&
	    vendor_call_path(request->call, request->version + 1)) {
		request->version++;
		if (send_request(request) == 0) {
			return;
		}
	}
	finish_request(request, http);
}

static int make_headers(struct vendor_request *request, const char *body, size_t length)
{
	const struct vendor_api *api = request->api;
	bool with_token = (vendor_call_needs_token(request->call) || request->with_code) &&
			  !request->exchanging;
	struct vendor_signature signature;
	int error = 0;

	if (request->sealed) {
		error = vendor_session_sign(&api->session, body, length, &signature);
	}
	return error ? error
		     : vendor_headers_make(&request->headers, api->country,
					   with_token ? api->token : NULL, api->user_id,
					   request->sealed ? &signature : NULL);
}

/* A signed request is taken once only, so that another try needs another number. */
static int renew_headers(void *context, const char *const **headers, size_t *count)
{
	struct vendor_request *request = context;
	int error = make_headers(request, request->text, strlen(request->text));

	*headers = request->headers.list;
	*count = request->headers.count;
	return error;
}

/* The body as it goes over the signed session; empty for a GET. */
static int seal_body(struct vendor_request *request)
{
	size_t length = request->signed_length;
	size_t capacity = SIGNED_SEALED_LENGTH(length) + 1;
	size_t written;

	free(request->text);
	request->text = calloc(1, capacity);
	request->sealed = true;
	if (!request->text) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	return vendor_call_is_get(request->call)
		       ? 0
		       : signed_seal(&request->api->session.key, request->signed_body, length, NULL,
				     request->text, capacity, &written);
}

static int send_over(struct vendor_request *request, const char *path, const char *body,
		     size_t length, bool get)
{
	const struct http_request http = {
		.method = get ? "GET" : "POST",
		.path = path,
		.headers = request->headers.list,
		.header_count = request->headers.count,
		.body = get ? NULL : body,
		.length = length,
		.renew = request->sealed ? renew_headers : NULL,
	};

	return http_send(request->api->http, &http, handle_answer, request);
}

static int send_request(struct vendor_request *request)
{
	const struct vendor_api *api = request->api;
	const char *path = vendor_call_path(request->call, request->version);
	bool get = vendor_call_is_get(request->call);
	int error = 0;

	if (api->session.open && vendor_call_can_be_signed(request->call)) {
		error = seal_body(request);
	}
	const char *body = request->sealed ? request->text : request->body;
	size_t length = request->sealed && request->text ? strlen(request->text) : request->length;
	if (!error) {
		error = make_headers(request, body, length);
	}
	return error ? error : send_over(request, path, body, length, get);
}

static int begin_exchange(struct vendor_request *request)
{
	struct vendor_api *api = request->api;
	struct vendor_signature signature;
	char body[EXCHANGE_MAX];
	size_t length;
	int error = vendor_session_prepare(&api->session);

	if (!error) {
		error = vendor_session_begin(&api->session, body, sizeof(body), &length,
					     &signature);
	}
	if (!error) {
		error = vendor_headers_make(&request->headers, api->country, NULL, "", &signature);
	}
	if (!error) {
		error = send_over(request, VENDOR_SESSION_PATH, body, length, false);
	}
	if (!error) {
		request->exchanging = true;
		api->exchanging = true;
	}
	return error;
}

/* Both forms, since what they are made of is not kept. */
static int make_bodies(struct vendor_request *request, const struct vendor_parameters *parameters)
{
	struct vendor_parameters all = *parameters;
	int error = 0;

	if (request->call == VENDOR_LOGIN) {
		error = vendor_session_prepare(&request->api->session);
		all.private_key = request->api->session.scalar;
	}
	if (!error) {
		error = vendor_call_body(request->call, &all, request->body, &request->length);
	}
	all.signed_session = true;
	return error ? error
		     : vendor_call_body(request->call, &all, request->signed_body,
					&request->signed_length);
}

static int start_request(struct vendor_request *request)
{
	const struct vendor_api *api = request->api;

	if (api->use == VENDOR_SESSION_SIGNED && !api->session.open && !api->exchanging &&
	    vendor_call_can_be_signed(request->call)) {
		return begin_exchange(request);
	}
	return send_request(request);
}

int vendor_api_call(struct vendor_api *api, enum vendor_call call,
		    const struct vendor_parameters *parameters, vendor_handler *handler,
		    void *context)
{
	struct vendor_request *request = calloc(1, sizeof(*request));

	if (!request) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	request->api = api;
	request->call = call;
	request->version = api->version[call];
	request->with_code = call == VENDOR_LOGIN && parameters->code;
	request->handler = handler;
	request->context = context;
	request->next = api->requests;
	api->requests = request;
	int error = make_bodies(request, parameters);
	if (!error) {
		error = start_request(request);
	}
	if (error) {
		forget_request(request);
	}
	return error;
}

bool vendor_api_is_signed(const struct vendor_api *api)
{
	return api->session.open;
}

int vendor_api_open_secret(const struct vendor_api *api, const char *sealed,
			   const char *service_public_hex, char *out, size_t capacity)
{
	return api->session.has_scalar ? login_secret_open(sealed, api->session.scalar,
							   service_public_hex, out, capacity)
				       : FLAGSHIP_ERROR_ARGUMENT;
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

int vendor_api_set_login(struct vendor_api *api, const char *token, const char *user_id)
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

static int set_up(struct vendor_api *api, const struct vendor_api_options *options,
		  char detail[HTTP_DETAIL_MAX])
{
	const char *country = options->country ? options->country : "";
	int error = vendor_api_set_login(api, options->token, options->user_id);

	if (error || !is_header_value(country, sizeof(api->country))) {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "the stored login holds what cannot be sent: log in again");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	snprintf(api->country, sizeof(api->country), "%s", country);
	api->use = options->session;
	return 0;
}

static void release(struct vendor_api *api)
{
	struct vendor_request *request = api->requests;

	while (request) {
		struct vendor_request *next = request->next;

		free_request(request);
		request = next;
	}
	OPENSSL_cleanse(api, sizeof(*api));
	free(api);
}

int vendor_api_create(uv_loop_t *loop, const struct vendor_api_options *options,
		      char detail[HTTP_DETAIL_MAX], struct vendor_api **api)
{
	struct vendor_api *created = calloc(1, sizeof(*created));

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

const char *vendor_api_host(const struct vendor_api *api)
{
	return api->host;
}

static void handle_closed(void *context)
{
	struct vendor_api *api = context;
	void (*on_closed)(void *context) = api->on_closed;
	void *closed_context = api->closed_context;

	release(api);
	if (on_closed) {
		on_closed(closed_context);
	}
}

void vendor_api_close(struct vendor_api *api, void (*on_closed)(void *context), void *context)
{
	if (!api) {
		return;
	}
	api->on_closed = on_closed;
	api->closed_context = context;
	http_client_close(api->http, handle_closed, api);
}
