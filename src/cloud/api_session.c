/* SPDX-License-Identifier: MIT */
#include "cloud/api_internal.h"
#include "cloud/api_login.h"
#include "cloud/cluster.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEADERS_MAX    1024
#define LOG_EXTRA      256
#define HEADER_GTOKEN  "gtoken:"
#define CONTENT_TYPE   "application/json; charset=utf-8"
#define HTTP_NO_LENGTH 411
#define HTTP_TOO_LARGE 413
#define HTTP_FAILED    500
#define HTTP_BUSY      503
#define LOGINS_MAX     8 /* at once: a password takes a thread a third of a second */
#define BUSY_AFTER_S   5

struct api_login_work {
	uv_work_t request;
	struct api *api;
	struct api_session *session; /* NULL where the client went away meanwhile */
	struct lws *wsi;
	struct api_login_work *next;
	struct api_login_work **link; /* what points to it */
	struct api_login login;
};

static void wipe_and_free(char *text, size_t length)
{
	if (text) {
		OPENSSL_cleanse(text, length);
		free(text);
	}
}

static void session_clear(struct api_session *session)
{
	if (session->work) {
		session->work->session = NULL;
	}
	wipe_and_free(session->body, session->length);
	wipe_and_free(session->text, session->text_length);
	OPENSSL_cleanse(session, sizeof(*session));
}

static void log_answer(const struct api *api, const struct api_session *session,
		       const struct api_answer *answer)
{
	char line[API_PATH_MAX + LOG_EXTRA];

	if (!api->log) {
		return;
	}
	snprintf(line, sizeof(line), "%s %s %s: %d%s%s", session->address, session->method,
		 session->path, answer->status, answer->code == API_OK ? "" : ", ",
		 answer->code == API_OK ? "" : answer->message);
	api->log(api->log_context, line);
}

static void set_answer(struct api *api, struct lws *wsi, struct api_session *session,
		       struct api_answer *answer)
{
	session->status = answer->status;
	session->content_type = CONTENT_TYPE;
	session->retry_after_s = answer->retry_after_s;
	wipe_and_free(session->text, session->text_length);
	session->text = api_answer_text(answer);
	session->text_length = session->text ? strlen(session->text) : 0;
	log_answer(api, session, answer);
	api_answer_finish(answer);
	lws_callback_on_writable(wsi);
}

/* --- logins --- */

static void verify(uv_work_t *request)
{
	struct api_login_work *work = request->data;

	api_login_verify(&work->login);
}

static void on_verified(uv_work_t *request, int status)
{
	struct api_login_work *work = request->data;
	struct api *api = work->api;
	struct api_answer answer;

	api->logins--;
	*work->link = work->next;
	if (work->next) {
		work->next->link = work->link;
	}
	if (status != 0 || api->stopping || !work->session) {
		OPENSSL_cleanse(&work->login, sizeof(work->login));
	} else {
		work->session->work = NULL;
		api_login_end(&work->login, api->registry, &api->throttle,
			      exchange_public_hex(api->exchange), api->mqtt_port, time(NULL),
			      &answer);
		set_answer(api, work->wsi, work->session, &answer);
	}
	free(work);
	if (api->stopping) {
		api_finish_stop(api);
	}
}

static void begin_login(struct api *api, struct lws *wsi, struct api_session *session,
			const struct api_request *request)
{
	struct api_login_work *work;
	struct api_answer answer = {0};

	if (api->logins >= LOGINS_MAX) {
		api_answer_fail(&answer, HTTP_BUSY, API_TOO_MANY, "too many logins at once");
		answer.retry_after_s = BUSY_AFTER_S;
		set_answer(api, wsi, session, &answer);
		return;
	}
	work = calloc(1, sizeof(*work));
	if (!work) {
		api_answer_fail(&answer, HTTP_FAILED, API_BROKEN, "out of memory");
		set_answer(api, wsi, session, &answer);
		return;
	}
	work->request.data = work;
	work->api = api;
	work->session = session;
	work->wsi = wsi;
	if (!api_login_begin(&work->login, api->registry, api->exchange, &api->throttle, request,
			     session->address, &answer)) {
		set_answer(api, wsi, session, &answer);
		free(work);
		return;
	}
	session->work = work;
	api->logins++;
	work->link = &api->login_works;
	work->next = api->login_works;
	if (work->next) {
		work->next->link = &work->next;
	}
	api->login_works = work;
	uv_queue_work(api->loop, &work->request, verify, on_verified);
}

void api_session_cancel_logins(struct api *api)
{
	for (struct api_login_work *work = api->login_works; work; work = work->next) {
		uv_cancel((uv_req_t *)&work->request);
	}
}

/* --- requests --- */

/* Not logged one by one: a broker asks for every message. */
static void answer_cluster(struct api *api, struct lws *wsi, struct api_session *session)
{
	struct cluster_answer answer;

	cluster_call(api->registry, session->path, session->body ? session->body : "",
		     session->length, &answer);
	session->status = answer.status;
	session->content_type = answer.content_type;
	session->text = strdup(answer.text);
	session->text_length = session->text ? strlen(session->text) : 0;
	lws_callback_on_writable(wsi);
}

static void answer_request(struct api *api, struct lws *wsi, struct api_session *session)
{
	struct api_answer answer = {0};
	const struct api_request request = {
		.method = session->method,
		.path = session->path,
		.token = session->token,
		.gtoken = session->gtoken,
		.body = session->body ? session->body : "",
		.length = session->length,
		.now_s = time(NULL),
	};

	if (session->answered) {
		return;
	}
	session->answered = true;
	if (session->lacks_length) {
		api_answer_fail(&answer, HTTP_NO_LENGTH, API_BAD_REQUEST,
				"say how long the body is, by Content-Length");
		set_answer(api, wsi, session, &answer);
		return;
	}
	if (strncmp(session->path, CLUSTER_PREFIX, strlen(CLUSTER_PREFIX)) == 0) {
		answer_cluster(api, wsi, session);
		return;
	}
	if (session->too_large) {
		api_answer_fail(&answer, HTTP_TOO_LARGE, API_BAD_REQUEST, "the body is too large");
	} else if (api_is_login(session->method, session->path)) {
		begin_login(api, wsi, session, &request);
		return;
	} else {
		api_call(api->registry, exchange_public_hex(api->exchange), api->mqtt_port,
			 &request, &answer);
	}
	set_answer(api, wsi, session, &answer);
}

/* "" where it is absent, or too long to be one of ours. */
static void copy_header(struct lws *wsi, const char *name, char out[API_TOKEN_MAX])
{
	int length = (int)strlen(name);

	if (lws_hdr_custom_length(wsi, name, length) >= API_TOKEN_MAX ||
	    lws_hdr_custom_copy(wsi, out, API_TOKEN_MAX, name, length) < 0) {
		out[0] = '\0';
	}
}

static void begin_request(struct api *api, struct lws *wsi, struct api_session *session,
			  const char *path, size_t length)
{
	bool posts = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0;

	session_clear(session);
	snprintf(session->method, sizeof(session->method), "%s",
		 posts                                              ? "POST"
		 : lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 ? "GET"
								    : "OTHER");
	snprintf(session->path, sizeof(session->path), "%.*s", (int)length, path);
	lws_get_peer_simple(wsi, session->address, sizeof(session->address));
	/* This one libwebsockets knows, so that it does not count as custom. */
	if (lws_hdr_copy(wsi, session->token, sizeof(session->token), WSI_TOKEN_X_AUTH_TOKEN) < 0) {
		session->token[0] = '\0';
	}
	copy_header(wsi, HEADER_GTOKEN, session->gtoken);
	session->lacks_length = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0;
	/* Without a body, libwebsockets would wait for one. */
	if (session->lacks_length ||
	    lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0) {
		answer_request(api, wsi, session);
	}
}

static void take_body(struct api_session *session, const char *bytes, size_t length)
{
	char *larger;

	if (session->answered) {
		return;
	}
	if (session->too_large || session->length + length > API_BODY_MAX) {
		session->too_large = true;
		return;
	}
	larger = malloc(session->length + length + 1);
	if (!larger) {
		session->too_large = true;
		return;
	}
	if (session->length > 0) {
		memcpy(larger, session->body, session->length);
	}
	memcpy(larger + session->length, bytes, length);
	wipe_and_free(session->body, session->length);
	session->body = larger;
	session->length += length;
	session->body[session->length] = '\0';
}

static int write_headers(struct lws *wsi, const struct api_session *session)
{
	unsigned char buffer[LWS_PRE + HEADERS_MAX];
	unsigned char *start = buffer + LWS_PRE;
	unsigned char *end = buffer + sizeof(buffer) - 1;
	unsigned char *cursor = start;
	char seconds[24];

	if (lws_add_http_common_headers(wsi, (unsigned int)session->status, session->content_type,
					session->text_length, &cursor, end)) {
		return -1;
	}
	if (session->retry_after_s > 0) {
		int length = snprintf(seconds, sizeof(seconds), "%lld",
				      (long long)session->retry_after_s);

		if (lws_add_http_header_by_name(wsi, (const unsigned char *)"retry-after:",
						(const unsigned char *)seconds, length, &cursor,
						end)) {
			return -1;
		}
	}
	return lws_finalize_write_http_header(wsi, start, &cursor, end);
}

/* Small enough to be handed over at once; libwebsockets keeps what the socket does not take. */
static int write_answer(struct lws *wsi, struct api_session *session)
{
	unsigned char *buffer;
	bool closes = session->lacks_length;
	int written;

	if (!session->text) {
		return 0;
	}
	buffer = malloc(LWS_PRE + session->text_length);
	if (!buffer || write_headers(wsi, session)) {
		free(buffer);
		return -1;
	}
	memcpy(buffer + LWS_PRE, session->text, session->text_length);
	written = lws_write(wsi, buffer + LWS_PRE, session->text_length, LWS_WRITE_HTTP_FINAL);
	OPENSSL_cleanse(buffer, LWS_PRE + session->text_length);
	free(buffer);
	session_clear(session);
	/* What is no next request would be read as one. */
	if (written < 0 || closes) {
		return -1;
	}
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

int api_session_on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			size_t length)
{
	struct api_session *session = user;
	struct api *api = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_HTTP:
		begin_request(api, wsi, session, in, length);
		return 0;
	case LWS_CALLBACK_HTTP_BODY:
		take_body(session, in, length);
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		answer_request(api, wsi, session);
		return 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return write_answer(wsi, session);
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (session) {
			session_clear(session);
		}
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, length);
	}
}
