/* SPDX-License-Identifier: MIT */
#include "daemon/http/internal.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define LINGER_MS     2000
#define LINGERING_MAX (HTTP_ENDING_MAX / 2)

/*
 * A connection, which is libwebsockets' raw socket, maybe with TLS. Its HTTP server (4.1) is not
 * used: docs/internals/http.md says why.
 */

void http_connection_kill(struct http_connection *connection)
{
	connection->state = HTTP_STATE_ENDING;
	if (connection->wsi) {
		lws_set_timeout(connection->wsi, PENDING_TIMEOUT_USER_REASON_BASE,
				LWS_TO_KILL_ASYNC);
		/* On a loop of others it looks at its timeouts only after something else. */
		lws_cancel_service(connection->server->context);
	}
}

static void wipe_and_free(char *bytes, size_t length)
{
	if (bytes) {
		OPENSSL_cleanse(bytes, length);
		free(bytes);
	}
}

void http_connection_free(struct http_connection *connection)
{
	connection->wsi = NULL;
	connection->state = HTTP_STATE_ENDING;
	if (connection->stream) {
		http_stream_gone(connection->stream);
	}
	http_identity_release(&connection->identity);
	if (connection->request) {
		http_request_finish(connection->request);
	}
	connection->server->lingering -= connection->lingers;
	list_remove(&connection->sending);
	*connection->link = connection->next;
	if (connection->next) {
		connection->next->link = connection->link;
	}
	*connection->peer = (struct http_peer){0};
	wipe_and_free(connection->stash, connection->stash_length);
	wipe_and_free(connection->out, connection->out_length);
	free(connection);
}

/* --- bytes --- */

static bool can_take(const struct http_connection *connection)
{
	const struct http_request *request = connection->request;

	switch (connection->state) {
	case HTTP_STATE_HEAD:
	case HTTP_STATE_LINGER:
		return !connection->closes || connection->state == HTTP_STATE_LINGER;
	case HTTP_STATE_BODY:
		return request && request->wants_body && !request->paused;
	case HTTP_STATE_STREAM:
		return http_stream_takes(connection->stream);
	default:
		return false;
	}
}

/*
 * While the client waits for its answer more is read, so that its end is seen, until there is
 * something. What libwebsockets could not send stops it from reading anything: it would be notified
 * of the same bytes for ever.
 */
void http_connection_read_on(struct http_connection *connection)
{
	const struct http_request *request = connection->request;
	bool awaits = connection->state == HTTP_STATE_HANDLING && request && !request->body_open;
	bool reads = connection->stash_length == 0 && connection->state != HTTP_STATE_ENDING &&
		     (can_take(connection) || awaits);

	if (!connection->wsi) {
		return;
	}
	bool held = !reads || lws_partial_buffered(connection->wsi);
	/* Told the same again, it takes the socket out of epoll and puts it in. */
	if (held != connection->held) {
		connection->held = held;
		lws_rx_flow_control(connection->wsi, !held);
	}
}

static size_t take_head(struct http_connection *connection, const char *bytes, size_t length)
{
	struct http_server *server = connection->server;
	size_t room = server->options.limits.header_bytes;
	struct http_request *request = connection->request;

	if (!request) {
		/* An empty line before a request is none (RFC 9112, 2.2). */
		size_t skipped = 0;

		while (skipped < length && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) {
			skipped++;
		}
		if (skipped > 0) {
			return skipped;
		}
		request = calloc(1, sizeof(*request) + room);
		if (!request) {
			http_connection_kill(connection);
			return length;
		}
		request->connection = connection;
		request->begun_ms = http_now_ms();
		connection->request = request;
	}
	size_t before = request->head_length;
	size_t copied = length < room - before ? length : room - before;

	memcpy(request->bytes + before, bytes, copied);
	request->head_length += copied;
	size_t end = http_head_find_end(request->bytes, request->head_length, before);

	if (end == 0 && request->head_length == room) {
		http_request_begin(request, 0);
		return length;
	}
	if (end == 0) {
		return length;
	}
	request->head_length = end;
	http_request_begin(request, end);
	return end - before;
}

/* How many bytes were taken. */
static size_t take_some(struct http_connection *connection, char *bytes, size_t length)
{
	switch (connection->state) {
	case HTTP_STATE_HEAD:
		return take_head(connection, bytes, length);
	case HTTP_STATE_BODY:
		return http_request_take(connection->request, bytes, length);
	case HTTP_STATE_STREAM:
		http_stream_take(connection->stream, bytes, length);
		return length;
	default:
		return length;
	}
}

static size_t take_bytes(struct http_connection *connection, char *bytes, size_t length)
{
	size_t taken = 0;

	connection->inside = true;
	while (taken < length && can_take(connection)) {
		size_t some = take_some(connection, bytes + taken, length - taken);

		if (some == 0) {
			break;
		}
		taken += some;
	}
	connection->inside = false;
	return taken;
}

static bool put_aside(struct http_connection *connection, const char *bytes, size_t length)
{
	assert(length > 0);
	char *larger = malloc(connection->stash_length + length);

	if (!larger) {
		return false;
	}
	if (connection->stash_length > 0) {
		memcpy(larger, connection->stash, connection->stash_length);
	}
	memcpy(larger + connection->stash_length, bytes, length);
	wipe_and_free(connection->stash, connection->stash_length);
	connection->stash = larger;
	connection->stash_length += length;
	return true;
}

/* What was put aside, as far as it can be taken now. */
static void take_stash(struct http_connection *connection)
{
	char *stash = connection->stash;
	size_t length = connection->stash_length;

	if (length == 0 || !can_take(connection)) {
		return;
	}
	connection->stash = NULL;
	connection->stash_length = 0;
	size_t taken = take_bytes(connection, stash, length);
	if (taken < length && connection->state != HTTP_STATE_ENDING &&
	    !put_aside(connection, stash + taken, length - taken)) {
		http_connection_kill(connection);
	}
	wipe_and_free(stash, length);
}

static int receive(struct http_connection *connection, char *bytes, size_t length)
{
	size_t taken = 0;

	if (!connection->touched) {
		/* Time is looked at here, for all of them together. */
		lws_set_timeout(connection->wsi, NO_PENDING_TIMEOUT, 0);
		connection->touched = true;
		connection->peer->silent = false;
	}
	if (connection->peer->doomed && connection->state != HTTP_STATE_LINGER) {
		return -1;
	}
	if (connection->stash_length == 0) {
		taken = take_bytes(connection, bytes, length);
	}
	if (taken < length && connection->state != HTTP_STATE_ENDING &&
	    !put_aside(connection, bytes + taken, length - taken)) {
		return -1;
	}
	return 0;
}

/* --- the end of one --- */

/* Where bytes of the client are under way, closing would have the system take back what was sent:
 * so nothing more is sent, and what comes is dropped for a moment. */
static int end_connection(struct http_connection *connection)
{
	struct http_server *server = connection->server;
	SSL *ssl = connection->is_tls ? lws_get_ssl(connection->wsi) : NULL;

	if (ssl) {
		(void)SSL_shutdown(ssl);
	}
	if (!connection->unread || connection->cut || server->lingering >= LINGERING_MAX) {
		return -1;
	}
	(void)shutdown(lws_get_socket_fd(connection->wsi), SHUT_WR);
	connection->lingers = true;
	server->lingering++;
	connection->state = HTTP_STATE_LINGER;
	connection->linger_ms = http_now_ms() + LINGER_MS;
	connection->peer->doomed = true;
	return 0;
}

static int proceed(struct http_connection *connection)
{
	for (;;) {
		const struct http_request *before = connection->request;
		size_t stashed = connection->stash_length;

		if (connection->state == HTTP_STATE_ENDING || !http_flush(connection)) {
			return -1;
		}
		if (connection->closes && connection->out_length == 0 && !connection->request &&
		    !connection->stream && connection->state != HTTP_STATE_LINGER &&
		    !lws_partial_buffered(connection->wsi)) {
			if (end_connection(connection)) {
				return -1;
			}
		}
		take_stash(connection);
		if (connection->request == before && connection->stash_length == stashed) {
			break;
		}
	}
	if (connection->state == HTTP_STATE_ENDING) {
		return -1;
	}
	http_connection_read_on(connection);
	return 0;
}

void http_connection_go_on(struct http_connection *connection)
{
	if (connection->wsi && !connection->inside) {
		lws_callback_on_writable(connection->wsi);
	}
}

void http_connection_send(struct http_connection *connection)
{
	bool later = connection->inside || !connection->wsi || connection->stream ||
		     connection->state == HTTP_STATE_ENDING || !connection->touched;

	if (!later && !http_flush(connection)) {
		http_connection_kill(connection);
	} else if (later || connection->stash_length > 0 || connection->closes) {
		http_connection_go_on(connection);
	} else {
		http_connection_read_on(connection);
	}
}

/* Without asking libwebsockets when it may: that is four system calls for each reader. */
static void send_stream_now(struct http_connection *connection)
{
	bool later = !connection->wsi || connection->request || !connection->touched ||
		     connection->state != HTTP_STATE_STREAM;

	if (!later && !http_flush(connection)) {
		http_connection_kill(connection);
	} else if (later || (connection->stream && http_stream_has_more(connection->stream))) {
		http_connection_go_on(connection);
	}
}

static void send_streams(struct http_server *server)
{
	uv_check_stop(&server->after_polling);
	uv_prepare_stop(&server->before_waiting);
	while (!list_is_empty(&server->sending)) {
		struct http_connection *connection = LIST_OF(server->sending.next,
							     struct http_connection, sending);

		list_remove(&connection->sending);
		send_stream_now(connection);
	}
}

static void handle_polled(uv_check_t *check)
{
	send_streams(check->data);
}

static void handle_before_waiting(uv_prepare_t *prepare)
{
	send_streams(prepare->data);
}

void http_connection_send_soon(struct http_connection *connection)
{
	struct http_server *server = connection->server;

	if (!server->handles_open || server->stopping) {
		http_connection_go_on(connection);
		return;
	}
	if (list_is_empty(&server->sending)) {
		uv_check_start(&server->after_polling, handle_polled);
		uv_prepare_start(&server->before_waiting, handle_before_waiting);
	}
	list_remove(&connection->sending);
	list_insert(&server->sending, &connection->sending);
}

int http_connection_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user,
			     void *in, size_t length)
{
	struct http_server *server = lws_context_user(lws_get_context(wsi));
	struct http_connection *connection;

	(void)user;
	switch (reason) {
	case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS:
		if (server->making) {
			http_tls_attach(server->making, user);
		}
		return 0;
	case LWS_CALLBACK_RAW_RX:
	case LWS_CALLBACK_RAW_WRITEABLE:
	case LWS_CALLBACK_RAW_CLOSE:
	case LWS_CALLBACK_WSI_DESTROY:
		connection = lws_get_opaque_user_data(wsi);
		break;
	default:
		return 0;
	}
	if (!connection) {
		return reason == LWS_CALLBACK_RAW_RX || reason == LWS_CALLBACK_RAW_WRITEABLE ? -1
											     : 0;
	}
	connection->wsi = wsi;
	if (reason == LWS_CALLBACK_RAW_RX) {
		return receive(connection, in, length) ? -1 : proceed(connection);
	}
	if (reason == LWS_CALLBACK_RAW_WRITEABLE) {
		return proceed(connection);
	}
	if (server->adopting == connection) {
		server->adopting = NULL;
	}
	lws_set_opaque_user_data(wsi, NULL);
	http_connection_free(connection);
	return 0;
}
