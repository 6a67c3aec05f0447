/* SPDX-License-Identifier: MIT */
#include "cloud/api.h"

#include "cloud/api_calls.h"
#include "cloud/api_login.h"
#include "cloud/cluster.h"

#include <flagship/error.h>

#include <libwebsockets.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PATH_MAX_BYTES  256
#define ADDRESS_MAX     64
#define HEADERS_MAX     1024
#define REQUEST_BUSY_MS 2000
#define IDLE_TIMEOUT_S  20
#define HEADER_GTOKEN   "gtoken:"
#define CONTENT_TYPE    "application/json; charset=utf-8"
#define CONNECTIONS_MAX 512
#define TLS_RECORD_MAX  (32 * 1024)
#define HTTP_TOO_LARGE  413
#define HTTP_FAILED     500

struct api {
	uv_loop_t *loop;
	struct lws_context *context;
	struct lws_vhost *vhost;
	struct registry *registry;
	struct exchange *exchange;
	struct throttle throttle;
	uint16_t port;
	uint16_t mqtt_port;
	void (*log)(void *context, const char *line);
	void *log_context;
	struct lws_protocols protocols[2];
	unsigned int logins; /* that a thread works on */
	bool stopping;
	void (*stopped)(void *context);
	void *stopped_context;
};

/* A request from its first byte to the last one of its answer. Made by libwebsockets, zeroed. */
struct session {
	struct login_work *work; /* while a thread has it */
	char method[8];
	char path[PATH_MAX_BYTES];
	char token[API_TOKEN_MAX];
	char gtoken[API_TOKEN_MAX];
	char address[ADDRESS_MAX];
	char *body;
	size_t length;
	bool too_large;
	char *text; /* the answer */
	size_t text_length;
	int status;
	const char *content_type;
	int64_t retry_after_s;
};

struct login_work {
	uv_work_t request;
	struct api *api;
	struct session *session; /* NULL where the client went away meanwhile */
	struct lws *wsi;
	struct api_login login;
};

static void wipe_and_free(char *text, size_t length)
{
	if (text) {
		OPENSSL_cleanse(text, length);
		free(text);
	}
}

static void session_clear(struct session *session)
{
	if (session->work) {
		session->work->session = NULL;
	}
	wipe_and_free(session->body, session->length);
	wipe_and_free(session->text, session->text_length);
	OPENSSL_cleanse(session, sizeof(*session));
}

static void log_answer(const struct api *api, const struct session *session,
		       const struct api_answer *answer)
{
	char line[PATH_MAX_BYTES + 256];

	if (!api->log) {
		return;
	}
	snprintf(line, sizeof(line), "%s %s %s: %d%s%s", session->address, session->method,
		 session->path, answer->status, answer->code == API_OK ? "" : ", ",
		 answer->code == API_OK ? "" : answer->message);
	api->log(api->log_context, line);
}

static void set_answer(struct api *api, struct lws *wsi, struct session *session,
		       struct api_answer *answer)
{
	session->status = answer->status;
	session->content_type = CONTENT_TYPE;
	session->retry_after_s = answer->retry_after_s;
	session->text = api_answer_text(answer);
	session->text_length = session->text ? strlen(session->text) : 0;
	log_answer(api, session, answer);
	api_answer_finish(answer);
	lws_callback_on_writable(wsi);
}

/* --- logins --- */

static void verify(uv_work_t *request)
{
	struct login_work *work = request->data;

	api_login_verify(&work->login);
}

static void finish_stop(struct api *api);

static void on_verified(uv_work_t *request, int status)
{
	struct login_work *work = request->data;
	struct api *api = work->api;
	struct api_answer answer;

	(void)status;
	api->logins--;
	if (api->stopping || !work->session) {
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
		finish_stop(api);
	}
}

static void begin_login(struct api *api, struct lws *wsi, struct session *session,
			const struct api_request *request)
{
	struct login_work *work = calloc(1, sizeof(*work));
	struct api_answer answer = {0};

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
	uv_queue_work(api->loop, &work->request, verify, on_verified);
}

/* --- requests --- */

/* Not logged one by one: a broker asks for every message. */
static void answer_cluster(struct api *api, struct lws *wsi, struct session *session)
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

static void answer_request(struct api *api, struct lws *wsi, struct session *session)
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

static void begin_request(struct api *api, struct lws *wsi, struct session *session,
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
	/* Without a body, libwebsockets would wait for one. */
	if (!posts || lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) == 0) {
		answer_request(api, wsi, session);
	}
}

static void take_body(struct session *session, const char *bytes, size_t length)
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

static int write_headers(struct lws *wsi, const struct session *session)
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
static int write_answer(struct lws *wsi, struct session *session)
{
	unsigned char *buffer;
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
	if (written < 0) {
		return -1;
	}
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
		   size_t length)
{
	struct session *session = user;
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

/* --- start and stop --- */

static void quiet(int level, const char *line)
{
	(void)level;
	(void)line;
}

static int open_parts(struct api *api, const struct api_options *options,
		      struct store_problem *problem)
{
	char text[REGISTRY_TEXT_MAX];
	int error = registry_open(options->registry, REGISTRY_WRITE, REQUEST_BUSY_MS,
				  &api->registry, problem);

	if (error) {
		return error;
	}
	if (registry_get(api->registry, "mqtt_port", text) == 1) {
		api->mqtt_port = (uint16_t)strtoul(text, NULL, 10);
	}
	error = exchange_create(options->service_key_file, &api->exchange);
	if (error) {
		snprintf(problem->text, sizeof(problem->text),
			 "%s holds no P-256 key: run flagship cloud init",
			 options->service_key_file);
	}
	return error;
}

static int listen_on(struct api *api, const struct api_options *options,
		     struct store_problem *problem)
{
	void *loops[] = {api->loop};
	struct lws_context_creation_info information = {0};

	lws_set_log_level(LLL_ERR | LLL_WARN, quiet);
	information.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			      LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	information.foreign_loops = loops;
	information.user = api;
	information.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	/* A whole TLS record at once: what stays behind in OpenSSL wakes nobody. */
	information.pt_serv_buf_size = TLS_RECORD_MAX;
	information.fd_limit_per_thread = CONNECTIONS_MAX;
	api->context = lws_create_context(&information);
	if (!api->context) {
		snprintf(problem->text, sizeof(problem->text),
			 "the API cannot start: libwebsockets has no libuv support here (Debian: "
			 "libwebsockets-evlib-uv)");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	api->protocols[0] = (struct lws_protocols){
		.rx_buffer_size = TLS_RECORD_MAX,
		.name = "http",
		.callback = on_http,
		.per_session_data_size = sizeof(struct session),
	};
	information.protocols = api->protocols;
	information.port = options->port;
	information.iface = options->bind;
	information.ssl_cert_filepath = options->certificate_file;
	information.ssl_private_key_filepath = options->key_file;
	information.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
	/* HTTP/2 would hand over headers that libwebsockets does not know by no name. */
	information.alpn = "http/1.1";
	information.keepalive_timeout = IDLE_TIMEOUT_S;
	information.timeout_secs = IDLE_TIMEOUT_S;
	information.options |= LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND;
	api->vhost = lws_create_vhost(api->context, &information);
	if (!api->vhost || lws_get_vhost_listen_port(api->vhost) <= 0) {
		snprintf(problem->text, sizeof(problem->text),
			 "the API cannot listen on %s port %u: is it taken? Certificate: %s",
			 options->bind, options->port, options->certificate_file);
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	api->port = (uint16_t)lws_get_vhost_listen_port(api->vhost);
	return 0;
}

static void api_free(struct api *api)
{
	registry_close(api->registry);
	exchange_destroy(api->exchange);
	free(api);
}

static void finish_stop(struct api *api)
{
	void (*stopped)(void *) = api->stopped;
	void *context = api->stopped_context;

	if (api->logins > 0) {
		return;
	}
	api_free(api);
	if (stopped) {
		stopped(context);
	}
}

int api_start(uv_loop_t *loop, const struct api_options *options, struct api **out,
	      struct store_problem *problem)
{
	struct api *api = calloc(1, sizeof(*api));
	int error;

	*out = NULL;
	problem->text[0] = '\0';
	if (!api) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	api->loop = loop;
	api->log = options->log;
	api->log_context = options->context;
	error = open_parts(api, options, problem);
	if (!error) {
		error = listen_on(api, options, problem);
	}
	if (error) {
		api_stop(api, NULL, NULL);
		return error;
	}
	*out = api;
	return 0;
}

uint16_t api_port(const struct api *api)
{
	return api->port;
}

void api_stop(struct api *api, void (*stopped)(void *context), void *context)
{
	if (!api) {
		if (stopped) {
			stopped(context);
		}
		return;
	}
	api->stopping = true;
	api->stopped = stopped;
	api->stopped_context = context;
	if (api->context) {
		lws_context_destroy(api->context);
	}
	finish_stop(api);
}
