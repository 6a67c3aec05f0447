/* SPDX-License-Identifier: MIT */
#include "cloud/api/calling.h"
#include "cloud/api/internal.h"
#include "cloud/api/work.h"

#include "base/clock.h"
#include "cloud/rules/cluster.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_EXTRA      256
#define CONTENT_TYPE   "application/json; charset=utf-8"
#define SECONDS_SIZE   24
#define HTTP_BAD       400
#define HTTP_TOO_LARGE 413
#define ALL_METHODS    0xff

static void wipe_and_free(char *text, size_t length)
{
	if (text) {
		OPENSSL_cleanse(text, length);
		free(text);
	}
}

static void release_session(struct api_session *session)
{
	wipe_and_free(session->body, session->length);
	OPENSSL_cleanse(session, sizeof(*session));
	free(session);
}

/* --- answers --- */

static void log_answer(const struct api *api, const char *address, const char *method,
		       const char *path, const struct api_answer *answer)
{
	char line[API_PATH_MAX + LOG_EXTRA];

	if (!api->log) {
		return;
	}
	snprintf(line, sizeof(line), "%s %s %.*s: %d%s%s", address, method, API_PATH_MAX - 1, path,
		 answer->status, answer->code == API_OK ? "" : ", ",
		 answer->code == API_OK ? "" : answer->message);
	api->log(api->log_context, line);
}

static void respond(struct http_request *request, const struct api_answer *answer, bool closes)
{
	char seconds[SECONDS_SIZE];
	char *text = api_answer_text(answer);
	const struct http_header retry = {"retry-after", seconds};
	const struct http_response response = {
		.status = answer->status,
		.content_type = CONTENT_TYPE,
		.headers = &retry,
		.header_count = answer->retry_after_s > 0,
		.body = text,
		.length = text ? strlen(text) : 0,
		.close = closes || !text,
	};

	snprintf(seconds, sizeof(seconds), "%lld", (long long)answer->retry_after_s);
	http_respond(request, &response);
	wipe_and_free(text, text ? strlen(text) : 0);
}

void api_session_answer(struct api_session *session, struct api_answer *answer)
{
	if (session->signature.sealed) {
		api_signed_seal(&session->signature, answer);
	}
	log_answer(session->api, session->address, session->method, session->path, answer);
	respond(session->request, answer, false);
	api_answer_finish(answer);
	release_session(session);
}

void api_session_answer_cluster(struct api_session *session, const struct cluster_answer *answer)
{
	const struct http_response response = {
		.status = answer->status,
		.content_type = answer->content_type,
		.body = answer->text,
		.length = strlen(answer->text),
	};

	http_respond(session->request, &response);
	release_session(session);
}

static void answer_at_once(struct http_request *request, struct api *api, int status,
			   const char *message)
{
	struct api_answer answer = {0};

	api_answer_fail(&answer, status, API_BAD_REQUEST, message);
	log_answer(api, http_request_address(request), http_request_method_name(request),
		   http_request_path(request), &answer);
	respond(request, &answer, false);
	api_answer_finish(&answer);
}

void api_session_refuse(struct http_request *request, int status, void *context)
{
	answer_at_once(request, context, status,
		       status == HTTP_BAD ? "where the body ends cannot be told, or it is no "
					    "request"
		       : status == HTTP_TOO_LARGE ? "the body is too large"
						  : http_status_text(status));
}

/* Nothing is offered that a connection could become. */
int api_session_authorise(struct http_request *request, const struct http_route *route,
			  void *context)
{
	struct api_answer answer = {0};

	(void)context;
	(void)route;
	if (!http_request_header(request, "upgrade")) {
		return 0;
	}
	api_answer_fail(&answer, HTTP_BAD, API_BAD_REQUEST, "no upgrade is offered");
	respond(request, &answer, true);
	api_answer_finish(&answer);
	return -1;
}

/* --- requests --- */

/* False where the answer stands already. */
static bool open_signed(struct api_session *session, int64_t now_s, struct api_answer *answer)
{
	struct signed_sessions *sessions = session->api->sessions;

	if (strcmp(session->method, "POST") == 0 &&
	    strcmp(session->path, API_SIGNED_EXCHANGE_PATH) == 0) {
		api_signed_exchange(sessions, &session->signature,
				    session->body ? session->body : "", session->length,
				    session->network, now_s, answer);
		return false;
	}
	return !session->signature.wanted ||
	       api_signed_open(sessions, &session->signature, session->body, &session->length,
			       session->network, now_s, answer);
}

/* One of the vendor's calls, or one of ours that looks like them. */
static void answer_call(struct api_session *session)
{
	struct api *api = session->api;
	struct api_answer answer = {0};
	int64_t now_s = clock_unix_s();

	if (!open_signed(session, now_s, &answer)) {
		api_session_answer(session, &answer);
		return;
	}
	const struct api_request request = {
		.method = session->method,
		.path = session->path,
		.token = session->token,
		.gtoken = session->gtoken,
		.body = session->body ? session->body : "",
		.length = session->length,
		.now_s = now_s,
	};
	if (api_is_login(session->method, session->path)) {
		api_work_begin(session, &request);
		return;
	}
	if (api_call_reads(session->method, session->path)) {
		api_calling_begin(session, &request);
		return;
	}
	api_call(NULL, exchange_public_hex(api->exchange), api->mqtt_port, &request, &answer);
	api_session_answer(session, &answer);
}

/* "" where it is absent, or too long to be one of ours. */
static void copy_header(const struct http_request *request, const char *name, char *out,
			size_t capacity)
{
	const char *value = http_request_header(request, name);

	snprintf(out, capacity, "%s", value && strlen(value) < capacity ? value : "");
}

static void copy_signature(const struct http_request *request, struct api_signed *signature)
{
	char information[API_SIGNED_HEADER_MAX];

	copy_header(request, "x-encryption-info", information, sizeof(information));
	copy_header(request, "x-key-ident", signature->ident, sizeof(signature->ident));
	copy_header(request, "x-request-ts", signature->timestamp, sizeof(signature->timestamp));
	copy_header(request, "x-request-once", signature->once, sizeof(signature->once));
	copy_header(request, "x-signature", signature->signature, sizeof(signature->signature));
	signature->wanted = information[0] != '\0';
}

/* A thread may have it longer than the client stays. */
static bool copy_body(struct api_session *session)
{
	const char *body = http_request_body(session->request, &session->length);

	if (session->length == 0) {
		return true;
	}
	session->body = malloc(session->length + 1);
	if (session->body) {
		memcpy(session->body, body, session->length + 1);
	}
	return session->body != NULL;
}

static struct api_session *make_session(struct api *api, struct http_request *request)
{
	struct api_session *session = calloc(1, sizeof(*session));
	enum http_method method = http_request_method(request);

	if (!session) {
		return NULL;
	}
	session->api = api;
	session->request = request;
	if (!copy_body(session)) {
		free(session);
		return NULL;
	}
	snprintf(session->method, sizeof(session->method), "%s",
		 method == HTTP_POST || method == HTTP_GET ? http_method_name(method) : "OTHER");
	snprintf(session->path, sizeof(session->path), "%s", http_request_path(request));
	snprintf(session->address, sizeof(session->address), "%s", http_request_address(request));
	if (!inet_ntop(AF_INET6, http_request_network(request)->bytes, session->network,
		       sizeof(session->network))) {
		session->network[0] = '\0';
	}
	copy_header(request, "x-auth-token", session->token, sizeof(session->token));
	copy_header(request, "gtoken", session->gtoken, sizeof(session->gtoken));
	copy_signature(request, &session->signature);
	return session;
}

static void on_gone(void *context)
{
	struct api_session *session = context;

	if (session->work) {
		api_work_forget(session->work);
	}
	if (session->calling) {
		api_calling_forget(session->calling);
	}
	release_session(session);
}

static void handle(struct http_request *request, void *context)
{
	struct api *api = context;
	struct api_session *session = make_session(api, request);
	struct api_answer answer = {0};

	if (!session) {
		api_answer_fail(&answer, 503, API_BUSY, "out of memory: try again later");
		respond(request, &answer, true);
		api_answer_finish(&answer);
		return;
	}
	http_request_watch(request, on_gone, session);
	if (strncmp(session->path, CLUSTER_PREFIX, strlen(CLUSTER_PREFIX)) == 0) {
		api_calling_begin_cluster(session);
	} else {
		answer_call(session);
	}
}

/* What is no call is answered in the vendor's shape, too, which the calls know. */
const struct http_route api_routes[] = {
	{.methods = ALL_METHODS, .path = "/", .handle = handle},
	{.methods = ALL_METHODS, .path = "/{path...}", .handle = handle},
};
const size_t api_route_count = sizeof(api_routes) / sizeof(api_routes[0]);
