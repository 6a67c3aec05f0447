/* SPDX-License-Identifier: MIT */
#include "daemon/http/stream_internal.h"

#include "base/clock.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define TICK_MS        1000
#define FILES_BESIDE   64 /* of the rest of the program, and connections that are being ended */
#define CONNECTIONS    512
#define OF_ADDRESS     32
#define OF_TRUSTED     256
#define HEADER_BYTES   8192
#define BODY_BYTES     65536
#define REQUESTS       1000
#define LIFETIME_MS    600000
#define STEP_MS        20000
#define STREAM_RATE    1024
#define TLS_RECORD_MAX (32 * 1024)

int64_t http_now_ms(void)
{
	return clock_steady_ms();
}

static void report_nothing(int level, const char *line)
{
	(void)level;
	(void)line;
}

/* --- making one --- */

static void set_limits(struct http_limits *limits)
{
	struct rlimit files;

	limits->connections = limits->connections ? limits->connections : CONNECTIONS;
	limits->connections_of_address = limits->connections_of_address
						 ? limits->connections_of_address
						 : OF_ADDRESS;
	limits->connections_of_trusted = limits->connections_of_trusted
						 ? limits->connections_of_trusted
						 : OF_TRUSTED;
	limits->header_bytes = limits->header_bytes ? limits->header_bytes : HEADER_BYTES;
	limits->body_bytes = limits->body_bytes ? limits->body_bytes : BODY_BYTES;
	limits->requests = limits->requests ? limits->requests : REQUESTS;
	limits->lifetime_ms = limits->lifetime_ms ? limits->lifetime_ms : LIFETIME_MS;
	limits->step_ms = limits->step_ms ? limits->step_ms : STEP_MS;
	limits->stream_rate = limits->stream_rate ? limits->stream_rate : STREAM_RATE;
	/* Where the system allows fewer files, a connection too many could not even be refused. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur < limits->connections + HTTP_ENDING_MAX) {
		limits->connections = files.rlim_cur > 2 * FILES_BESIDE
					      ? (size_t)files.rlim_cur - FILES_BESIDE
					      : FILES_BESIDE;
	}
}

static int make_context(struct http_server *server, struct problem *problem)
{
	void *loops[] = {server->loop};
	struct lws_context_creation_info information = {0};

	lws_set_log_level(LLL_ERR | LLL_WARN, report_nothing);
	server->protocols[0] = (struct lws_protocols){
		.rx_buffer_size = TLS_RECORD_MAX,
		.name = "http",
		.callback = http_connection_callback,
	};
	information.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
			      LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	information.foreign_loops = loops;
	information.user = server;
	/* NULL again once it is freed. */
	information.pcontext = &server->context;
	information.port = CONTEXT_PORT_NO_LISTEN_SERVER;
	/* A whole TLS record at once: what stays behind in OpenSSL wakes nobody. */
	information.pt_serv_buf_size = TLS_RECORD_MAX;
	information.fd_limit_per_thread = (unsigned int)(server->peers.room + HTTP_DESCRIPTORS);
	information.timeout_secs = (unsigned int)(server->options.limits.step_ms / HTTP_MS_PER_S) +
				   1;
	server->context = lws_create_context(&information);
	if (!server->context) {
		problem_set(problem, "the HTTP server cannot start: libwebsockets has no libuv "
				     "support here (Debian: libwebsockets-evlib-uv)");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return 0;
}

static void on_tick(uv_timer_t *timer);

int http_server_create(uv_loop_t *loop, const struct http_options *options,
		       struct http_server **out, struct problem *problem)
{
	struct http_server *server = calloc(1, sizeof(*server));

	*out = server;
	if (!server) {
		return problem_memory(problem);
	}
	server->loop = loop;
	list_init(&server->sending);
	server->options = *options;
	struct http_limits *limits = &server->options.limits;

	set_limits(limits);
	const struct http_peer_limits peer_limits = {
		.all = limits->connections,
		.of_address = limits->connections_of_address,
		.of_trusted = limits->connections_of_trusted,
		.step_ms = limits->step_ms,
		.lifetime_ms = limits->lifetime_ms,
		.requests = limits->requests,
		.stream_rate = limits->stream_rate,
		.requests_per_s = limits->requests_per_s,
	};
	int error = http_peers_init(&server->peers, &peer_limits);

	if (error) {
		return problem_memory(problem);
	}
	error = make_context(server, problem);
	if (!error) {
		uv_timer_init(loop, &server->timer);
		server->timer.data = server;
		uv_check_init(loop, &server->after_polling);
		server->after_polling.data = server;
		uv_prepare_init(loop, &server->before_waiting);
		server->before_waiting.data = server;
		server->handles_open = true;
		uv_timer_start(&server->timer, on_tick, TICK_MS, TICK_MS);
	}
	return error;
}

/* --- time --- */

static void look_at(struct http_connection *connection, int64_t now_ms)
{
	struct http_server *server = connection->server;
	struct http_peer *peer = connection->peer;
	const struct http_request *request = connection->request;

	if (request && (request->paused || request->source_waits)) {
		http_peer_excuse(peer, TICK_MS, now_ms);
	}
	if (connection->state == HTTP_STATE_LINGER && now_ms >= connection->linger_ms) {
		peer->doomed = true;
	}
	/* Again for those that are ended already: libwebsockets has one timeout for each
	 * connection, which it may have set anew. */
	if ((peer->doomed && connection->state != HTTP_STATE_LINGER) ||
	    (connection->state == HTTP_STATE_LINGER && now_ms >= connection->linger_ms) ||
	    http_peer_is_overdue(&server->peers, peer, now_ms)) {
		peer->doomed = true;
		http_connection_kill(connection);
	} else if (connection->stream) {
		http_stream_tick(connection->stream, now_ms);
	}
}

static void on_tick(uv_timer_t *timer)
{
	struct http_server *server = timer->data;
	int64_t now_ms = http_now_ms();
	struct http_connection *next;

	for (struct http_connection *at = server->connections; at; at = next) {
		next = at->next;
		look_at(at, now_ms);
	}
}

/* --- the end --- */

void http_server_stop(struct http_server *server)
{
	struct http_listening *next;

	if (!server || server->stopping) {
		return;
	}
	server->stopping = true;
	if (server->handles_open) {
		uv_close((uv_handle_t *)&server->timer, NULL);
		uv_close((uv_handle_t *)&server->after_polling, NULL);
		uv_close((uv_handle_t *)&server->before_waiting, NULL);
	}
	if (server->context) {
		lws_context_destroy(server->context);
	}
	for (struct http_listening *at = server->listenings; at; at = next) {
		next = at->next;
		http_listening_close(at);
	}
	server->listenings = NULL;
}

void http_server_destroy(struct http_server *server)
{
	if (server) {
		/* The first time it only closed what it has on the loop. */
		lws_context_destroy(server->context);
		while (server->certificates) {
			struct http_tls *tls = server->certificates;

			server->certificates = tls->next;
			http_tls_destroy(tls);
		}
		http_peers_finish(&server->peers);
		free(server);
	}
}

size_t http_server_connections(const struct http_server *server)
{
	return http_peers_count(&server->peers, NULL);
}

void http_server_end_streams(struct http_server *server, const char *reason,
			     bool (*ends)(void *context, const void *identity), void *context)
{
	for (struct http_connection *at = server->connections; at; at = at->next) {
		if (at->stream && at->identity.value && ends(context, at->identity.value)) {
			http_stream_put_out(at->stream, HTTP_CLOSE_POLICY, reason);
		}
	}
}

void http_server_trust(struct http_server *server, const struct address_key *address)
{
	http_peers_add_trusted(&server->peers, address);
}

void http_server_each_trusted(const struct http_server *server,
			      void (*each)(void *context, const struct address_key *address),
			      void *context)
{
	for (size_t i = 0; i < server->peers.trusted_count; i++) {
		each(context, &server->peers.trusted[i]);
	}
}
