/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "cloud/api/calling.h"
#include "cloud/api/guard.h"
#include "cloud/api/internal.h"
#include "cloud/api/work.h"
#include "cloud/rules/cluster.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEADERS_MAX    1024
#define LOG_EXTRA      256
#define HEADER_GTOKEN  "gtoken:"
#define CONTENT_TYPE   "application/json; charset=utf-8"
#define CHUNKED        "chunked"
#define DIGITS         "0123456789"
#define LENGTH_MAX     24 /* of the text of a Content-Length */
#define HTTP_BAD       400
#define HTTP_TOO_LARGE 413
#define HTTP_NOT_FOUND 404

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
		api_work_forget(session->work);
	}
	if (session->calling) {
		api_calling_forget(session->calling);
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

static void set_text(struct api_session *session, char *text)
{
	wipe_and_free(session->text, session->text_length);
	session->text = text;
	session->text_length = text ? strlen(text) : 0;
}

void api_session_answer(struct api *api, struct lws *wsi, struct api_session *session,
			struct api_answer *answer)
{
	api_guard_step(session->connection, CONNECTION_ANSWER);
	session->status = answer->status;
	session->content_type = CONTENT_TYPE;
	session->retry_after_s = answer->retry_after_s;
	if (session->signature.sealed) {
		api_signed_seal(&session->signature, answer);
		session->status = answer->status;
	}
	set_text(session, api_answer_text(answer));
	log_answer(api, session, answer);
	api_answer_finish(answer);
	lws_callback_on_writable(wsi);
}

void api_session_answer_cluster(struct lws *wsi, struct api_session *session,
				const struct cluster_answer *answer)
{
	api_guard_step(session->connection, CONNECTION_ANSWER);
	session->status = answer->status;
	session->content_type = answer->content_type;
	set_text(session, strdup(answer->text));
	lws_callback_on_writable(wsi);
}

/* False where the answer stands already. */
static bool open_signed(struct api *api, struct api_session *session, int64_t now_s,
			struct api_answer *answer)
{
	if (strcmp(session->method, "POST") == 0 &&
	    strcmp(session->path, API_SIGNED_EXCHANGE_PATH) == 0) {
		api_signed_exchange(api->sessions, &session->signature,
				    session->body ? session->body : "", session->length,
				    session->network, now_s, answer);
		return false;
	}
	return !session->signature.wanted ||
	       api_signed_open(api->sessions, &session->signature, session->body, &session->length,
			       session->network, now_s, answer);
}

/* One of the vendor's calls, or one of ours that looks like them. */
static void answer_call(struct api *api, struct lws *wsi, struct api_session *session)
{
	struct api_answer answer = {0};
	int64_t now_s = clock_unix_s();

	if (!open_signed(api, session, now_s, &answer)) {
		api_session_answer(api, wsi, session, &answer);
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
		api_work_begin(api, wsi, session, &request);
		return;
	}
	if (api_call_reads(session->method, session->path)) {
		api_calling_begin(api, wsi, session, &request);
		return;
	}
	api_call(NULL, exchange_public_hex(api->exchange), api->mqtt_port, &request, &answer);
	api_session_answer(api, wsi, session, &answer);
}

static void answer_request(struct api *api, struct lws *wsi, struct api_session *session)
{
	struct api_answer answer = {0};

	if (!session->open) {
		return;
	}
	session->open = false;
	if (session->framing == API_FRAMING_BROKEN) {
		api_answer_fail(&answer, HTTP_BAD, API_BAD_REQUEST,
				"where the body ends cannot be told");
	} else if (session->too_large) {
		api_answer_fail(&answer, HTTP_TOO_LARGE, API_BAD_REQUEST, "the body is too large");
	} else if (strncmp(session->path, CLUSTER_PREFIX, strlen(CLUSTER_PREFIX)) == 0) {
		api_calling_begin_cluster(api, wsi, session);
		return;
	} else {
		answer_call(api, wsi, session);
		return;
	}
	api_session_answer(api, wsi, session, &answer);
}

/* "" where it is absent, or too long to be one of ours. */
static void copy_header(struct lws *wsi, const char *name, char *out, int capacity)
{
	int length = (int)strlen(name);

	if (lws_hdr_custom_length(wsi, name, length) >= capacity ||
	    lws_hdr_custom_copy(wsi, out, capacity, name, length) < 0) {
		out[0] = '\0';
	}
}

static void copy_signature(struct lws *wsi, struct api_signed *signature)
{
	char information[API_SIGNED_HEADER_MAX];

	copy_header(wsi, "x-encryption-info:", information, sizeof(information));
	copy_header(wsi, "x-key-ident:", signature->ident, sizeof(signature->ident));
	copy_header(wsi, "x-request-ts:", signature->timestamp, sizeof(signature->timestamp));
	copy_header(wsi, "x-request-once:", signature->once, sizeof(signature->once));
	copy_header(wsi, "x-signature:", signature->signature, sizeof(signature->signature));
	signature->wanted = information[0] != '\0';
}

static bool has_header(struct lws *wsi, enum lws_token_indexes header)
{
	return lws_hdr_total_length(wsi, header) > 0;
}

/* libwebsockets takes a body of unknown length for these, and a length at its word for all. */
static bool may_be_chunked(struct lws *wsi)
{
	return has_header(wsi, WSI_TOKEN_POST_URI) || has_header(wsi, WSI_TOKEN_PUT_URI) ||
	       has_header(wsi, WSI_TOKEN_PATCH_URI);
}

static enum api_framing framing_by_length(struct lws *wsi)
{
	char text[LENGTH_MAX];

	if (lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0 ||
	    text[strspn(text, DIGITS)] != '\0') {
		return API_FRAMING_BROKEN;
	}
	/* Of an empty body, libwebsockets tells the end with this method only. */
	return strtoull(text, NULL, 10) > 0 || has_header(wsi, WSI_TOKEN_POST_URI)
		       ? API_FRAMING_LENGTH
		       : API_FRAMING_NONE;
}

static enum api_framing framing_of(struct lws *wsi)
{
	char text[sizeof(CHUNKED)];
	bool has_length = has_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);

	if (!has_header(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING)) {
		return has_length ? framing_by_length(wsi) : API_FRAMING_NONE;
	}
	if (has_length || !may_be_chunked(wsi) ||
	    lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_TRANSFER_ENCODING) <= 0 ||
	    strcasecmp(text, CHUNKED) != 0) {
		return API_FRAMING_BROKEN;
	}
	return API_FRAMING_CHUNKED;
}

static void note_place(struct lws *wsi, struct api_session *session)
{
	lws_get_peer_simple(wsi, session->address, sizeof(session->address));
	api_guard_network(session->connection, session->network);
}

static void begin_request(struct api *api, struct lws *wsi, struct api_session *session,
			  const char *path, size_t length)
{
	session_clear(session);
	session->open = true;
	session->connection = api_guard_find(api, wsi);
	api_guard_step(session->connection, CONNECTION_BODY);
	snprintf(session->method, sizeof(session->method), "%s",
		 has_header(wsi, WSI_TOKEN_POST_URI)  ? "POST"
		 : has_header(wsi, WSI_TOKEN_GET_URI) ? "GET"
						      : "OTHER");
	snprintf(session->path, sizeof(session->path), "%.*s", (int)length, path);
	note_place(wsi, session);
	/* This one libwebsockets knows, so that it does not count as custom. */
	if (lws_hdr_copy(wsi, session->token, sizeof(session->token), WSI_TOKEN_X_AUTH_TOKEN) < 0) {
		session->token[0] = '\0';
	}
	copy_header(wsi, HEADER_GTOKEN, session->gtoken, sizeof(session->gtoken));
	copy_signature(wsi, &session->signature);
	session->framing = framing_of(wsi);
	/* Without a length, libwebsockets takes all that follows for the body. */
	session->closes = session->framing == API_FRAMING_BROKEN ||
			  api_guard_is_worn(session->connection) ||
			  (may_be_chunked(wsi) && !has_header(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH));
	if (session->framing == API_FRAMING_NONE || session->framing == API_FRAMING_BROKEN) {
		answer_request(api, wsi, session);
	}
}

static void take_body(struct api_session *session, const char *bytes, size_t length)
{
	char *larger;

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

static void take_chunks(struct api *api, struct lws *wsi, struct api_session *session,
			const char *bytes, size_t length)
{
	enum chunked_result result;
	const char *data;
	size_t data_length;

	while ((result = chunked_take(&session->chunked, &bytes, &length, &data, &data_length)) ==
	       CHUNKED_DATA) {
		take_body(session, data, data_length);
	}
	if (result == CHUNKED_MORE) {
		return;
	}
	if (result == CHUNKED_BROKEN) {
		session->framing = API_FRAMING_BROKEN;
	}
	answer_request(api, wsi, session);
}

static void take_bytes(struct api *api, struct lws *wsi, struct api_session *session,
		       const char *bytes, size_t length)
{
	if (!session->open) {
		return;
	}
	if (session->framing == API_FRAMING_CHUNKED) {
		take_chunks(api, wsi, session, bytes, length);
	} else {
		take_body(session, bytes, length);
	}
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
	if (session->closes &&
	    lws_add_http_header_by_token(wsi, WSI_TOKEN_CONNECTION, (const unsigned char *)"close",
					 (int)strlen("close"), &cursor, end)) {
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
	bool closes = session->closes;
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
	api_guard_step(session->connection, CONNECTION_HEAD);
	session_clear(session);
	if (written < 0 || closes) {
		return -1;
	}
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

/*
 * A request that is sent ahead behind a body, libwebsockets (4.1) neither begins nor puts aside: it
 * tells the end of the body again, for ever. So the connection ends with the answer that is due,
 * and the client asks anew.
 */
static int end_body(struct api *api, struct lws *wsi, struct api_session *session)
{
	if (session->open) {
		answer_request(api, wsi, session);
		return 0;
	}
	if (session->calling) {
		session->closes = true;
		return 0;
	}
	if (session->text) {
		session->closes = true;
		(void)write_answer(wsi, session);
	}
	return -1;
}

/*
 * Nothing is offered that a connection could become: libwebsockets would leave it without any
 * timeout. Where it said so itself already, the headers are gone.
 */
static int refuse_upgrade(struct lws *wsi)
{
	if (has_header(wsi, WSI_TOKEN_UPGRADE)) {
		(void)lws_return_http_status(wsi, HTTP_BAD, "no upgrade is offered");
	}
	return -1;
}

int api_session_on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
			size_t length)
{
	struct api_session *session = user;
	struct api *api = lws_context_user(lws_get_context(wsi));

	switch (reason) {
	case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
		return api_guard_admit(api, (int)(lws_intptr_t)in) ? 0 : -1;
	case LWS_CALLBACK_WSI_CREATE:
		api_guard_created(api, wsi);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		api_guard_destroyed(api, wsi);
		return 0;
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return refuse_upgrade(wsi);
	case LWS_CALLBACK_RAW_ADOPT:
	case LWS_CALLBACK_RAW_RX:
		/* What CONNECT would become. */
		return -1;
	case LWS_CALLBACK_HTTP:
		if (!api_guard_find(api, wsi)) {
			return -1;
		}
		begin_request(api, wsi, session, in, length);
		return 0;
	case LWS_CALLBACK_HTTP_BODY:
		take_bytes(api, wsi, session, in, length);
		return 0;
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return end_body(api, wsi, session);
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
