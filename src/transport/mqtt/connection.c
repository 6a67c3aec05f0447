/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/connection.h"

#include "base/clock.h"
#include "transport/mqtt/gate.h"
#include "transport/mqtt/reason.h"
#include "transport/tls/reason.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK_MS            1000
#define MS_PER_S           1000
#define SUBSCRIBE_QOS      1
#define CONNECTION_HANDLES 2 /* without that of its socket */
#define DETAIL_MAX         (TRUST_DETAIL_MAX + TRUST_ADVICE_MAX)
#define LOG_MAX            256

struct mqtt_connection {
	struct mqtt_connection_options options;
	struct mqtt_connection_handlers handlers;
	void *context;
	struct mosquitto *mosquitto;
	struct mqtt_gate gate;
	struct trust_verdict verdict; /* on the broker's certificate */
	uv_poll_t poll;
	uv_timer_t timer;
	uv_prepare_t before_waiting; /* what was answered in this turn of the loop is sent */
	uint64_t start_ms;
	unsigned int handles;       /* still to be closed */
	unsigned int library_depth; /* inside calls of libmosquitto: not to be destroyed then */
	int descriptor;             /* of the poll: the socket that leads to the broker */
	bool poll_started;
	int poll_events; /* that are waited for */
	bool tcp_open;
	bool mqtt_open;
	struct clock_watch watch;
	bool ended;
	bool closing;
	bool closed;
	enum mqtt_session_failure failure;
	char detail[DETAIL_MAX];
	char log[LOG_MAX]; /* the last error that libmosquitto wrote */
};

/* The first reason counts. */
static void fail(struct mqtt_connection *connection, enum mqtt_session_failure failure,
		 const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fail(struct mqtt_connection *connection, enum mqtt_session_failure failure,
		 const char *format, ...)
{
	va_list arguments;

	if (connection->failure != MQTT_SESSION_FAILURE_NONE) {
		return;
	}
	connection->failure = failure;
	va_start(arguments, format);
	vsnprintf(connection->detail, sizeof(connection->detail), format, arguments);
	va_end(arguments);
}

static void watch_clock(struct mqtt_connection *connection)
{
	struct clock_times now;

	clock_read_times(&now);
	clock_watch_init(&connection->watch, &now);
}

/* A broker ends what it has received nothing of for one and a half times the keepalive. Whoever
 * sleeps that long is not told of it, and would believe in the connection until the next ping is
 * overdue.
 */
static bool has_overslept(struct mqtt_connection *connection)
{
	struct clock_change change;
	struct clock_times now;

	clock_read_times(&now);
	return clock_watch_look(&connection->watch, &now, &change) &&
	       change.slept_ms >= (int64_t)connection->options.keepalive_s * MS_PER_S * 3 / 2;
}

static void handle_connack(struct mosquitto *mosquitto, void *context, int code)
{
	struct mqtt_connection *connection = context;
	bool mqtt5 = connection->options.mqtt5;
	const char *reason = mqtt_reason_text(mqtt5, code);

	if (code == 0) {
		connection->mqtt_open = true;
		/* It explains no later failure, and each packet would be described in it. */
		mosquitto_log_callback_set(mosquitto, NULL);
		watch_clock(connection);
		connection->handlers.on_open(connection->context);
	} else if (mqtt_reason_is_login(mqtt5, code)) {
		fail(connection, MQTT_SESSION_FAILURE_LOGIN, "the broker refused the login: %s",
		     reason);
	} else {
		fail(connection, MQTT_SESSION_FAILURE_PROTOCOL,
		     "the broker refused the connection: %s", reason);
	}
}

static void handle_suback(struct mosquitto *mosquitto, void *context, int id, int count,
			  const int *granted)
{
	struct mqtt_connection *connection = context;

	(void)mosquitto;
	if (!connection->closing && count >= 0) {
		connection->handlers.on_subscribed(connection->context, id, granted, (size_t)count);
	}
}

static void handle_message(struct mosquitto *mosquitto, void *context,
			   const struct mosquitto_message *message)
{
	struct mqtt_connection *connection = context;

	(void)mosquitto;
	if (!connection->closing && message->payloadlen >= 0) {
		connection->handlers.on_message(connection->context, message->topic,
						message->payload, (size_t)message->payloadlen,
						message->retain);
	}
}

static void handle_puback(struct mosquitto *mosquitto, void *context, int id)
{
	struct mqtt_connection *connection = context;

	(void)mosquitto;
	if (!connection->closing) {
		connection->handlers.on_published(connection->context, id);
	}
}

/* An MQTT 5 broker says goodbye with a reason; libmosquitto's own errors are smaller numbers. */
static void handle_disconnect(struct mosquitto *mosquitto, void *context, int code)
{
	struct mqtt_connection *connection = context;

	(void)mosquitto;
	if (code >= MQTT_REASON_ERROR) {
		fail(connection, MQTT_SESSION_FAILURE_LOST, "the broker ended the connection: %s",
		     mosquitto_reason_string(code));
	}
}

static void handle_log(struct mosquitto *mosquitto, void *context, int level, const char *text)
{
	struct mqtt_connection *connection = context;

	(void)mosquitto;
	if (level == MOSQ_LOG_ERR) {
		snprintf(connection->log, sizeof(connection->log), "%s", text);
	}
}

/* What libmosquitto logged, or else what the broker said of it; 0 where neither. */
static unsigned long tls_error(const struct mqtt_connection *connection)
{
	unsigned long code = tls_reason_code(connection->log);
	int alert = connection->verdict.alert;

	return code == 0 && alert != 0 ? tls_reason_of_alert(alert) : code;
}

/* Before the broker has answered. */
static void explain_tls(struct mqtt_connection *connection, int code)
{
	const struct trust_verdict *verdict = &connection->verdict;
	const char *reason = mqtt_reason_of_library(code);
	unsigned long tls_code = tls_error(connection);

	if (verdict->refused) {
		fail(connection, MQTT_SESSION_FAILURE_CERTIFICATE, "%s; %s", verdict->detail,
		     verdict->advice);
	} else if (!verdict->established || verdict->alert != 0) {
		/* Refused certificates of clients are reported after the handshake. */
		const struct tls_reason reported = tls_reason_of(tls_code, reason);

		fail(connection, MQTT_SESSION_FAILURE_TLS, "TLS failed: %s; %s", reported.what,
		     reported.advice);
	} else {
		/* It may come to that before the alert that tells why could be read. */
		fail(connection, MQTT_SESSION_FAILURE_LOST,
		     "the broker hung up before it answered: %s; look into its log: it may want a "
		     "certificate of its clients, and flagship has none to show",
		     reason);
	}
}

/* Why the connection is over, from what is known at that moment. */
static void explain(struct mqtt_connection *connection, int code)
{
	const char *reason = mqtt_reason_of_library(code);

	if (connection->mqtt_open) {
		fail(connection, MQTT_SESSION_FAILURE_LOST, "the connection was lost: %s", reason);
	} else if (connection->options.trust &&
		   (connection->tcp_open || connection->verdict.established ||
		    code == MOSQ_ERR_TLS)) {
		explain_tls(connection, code);
	} else if (!connection->tcp_open) {
		fail(connection, MQTT_SESSION_FAILURE_CONNECT, "%s", reason);
	} else {
		fail(connection, MQTT_SESSION_FAILURE_LOST,
		     "the broker hung up before it answered: %s; use mqtts:// if this port wants "
		     "TLS",
		     reason);
	}
}

static void handle_closed(uv_handle_t *handle)
{
	struct mqtt_connection *connection = handle->data;

	if (--connection->handles > 0) {
		return;
	}
	struct mqtt_connection_handlers handlers = connection->handlers;
	void *context = connection->context;
	free(connection);
	handlers.on_closed(context);
}

static void release(struct mqtt_connection *connection)
{
	if (connection->closed) {
		return;
	}
	connection->closed = true;
	if (connection->poll_started) {
		uv_close((uv_handle_t *)&connection->poll, handle_closed);
	}
	if (connection->mqtt_open && !connection->ended) {
		mosquitto_disconnect(connection->mosquitto);
		(void)mqtt_gate_flush(&connection->gate);
	}
	mosquitto_destroy(connection->mosquitto);
	connection->mosquitto = NULL;
	mqtt_gate_finish(&connection->gate);
	uv_close((uv_handle_t *)&connection->timer, handle_closed);
	uv_close((uv_handle_t *)&connection->before_waiting, handle_closed);
}

static void end(struct mqtt_connection *connection)
{
	connection->ended = true;
	uv_timer_stop(&connection->timer);
	uv_prepare_stop(&connection->before_waiting);
	if (connection->poll_started) {
		uv_poll_stop(&connection->poll);
	}
	connection->handlers.on_end(connection->context, connection->failure, connection->detail);
}

static void handle_poll(uv_poll_t *poll, int status, int events);
static void handle_timer(uv_timer_t *timer);

static void update_poll(struct mqtt_connection *connection)
{
	bool flushed = mqtt_gate_flush(&connection->gate);
	bool write = !connection->tcp_open || !flushed ||
		     mosquitto_want_write(connection->mosquitto);

	int events = UV_READABLE | (write ? UV_WRITABLE : 0);

	if (events != connection->poll_events) {
		connection->poll_events = events;
		uv_poll_start(&connection->poll, events, handle_poll);
	}
}

static void handle_before_waiting(uv_prepare_t *prepare)
{
	struct mqtt_connection *connection = prepare->data;

	uv_prepare_stop(prepare);
	if (connection->poll_started) {
		update_poll(connection);
	}
}

/* Before and after each call of libmosquitto, whose callbacks may have closed the connection. */
static void enter(struct mqtt_connection *connection)
{
	connection->library_depth++;
}

static void leave(struct mqtt_connection *connection, int code)
{
	if (--connection->library_depth > 0 || connection->ended) {
		return;
	}
	if (connection->closing) {
		release(connection);
		return;
	}
	if (code == MOSQ_ERR_SUCCESS && connection->poll_started &&
	    mosquitto_socket(connection->mosquitto) < 0) {
		/* So it ends where an MQTT 5 broker says goodbye. */
		code = MOSQ_ERR_CONN_LOST;
	}
	if (code != MOSQ_ERR_SUCCESS) {
		explain(connection, code);
	}
	if (connection->failure != MQTT_SESSION_FAILURE_NONE) {
		end(connection);
		return;
	}
	uv_prepare_start(&connection->before_waiting, handle_before_waiting);
}

/* As leave, inside a call of the owner: what broke is reported later, from the timer. */
static void leave_quietly(struct mqtt_connection *connection)
{
	if (--connection->library_depth > 0) {
		return;
	}
	if (connection->closing) {
		release(connection);
	} else if (mosquitto_socket(connection->mosquitto) < 0 ||
		   connection->failure != MQTT_SESSION_FAILURE_NONE) {
		uv_timer_start(&connection->timer, handle_timer, 0, TICK_MS);
	} else {
		update_poll(connection);
	}
}

/* Decrypted bytes that the socket will not tell of again. */
static bool has_unread(const struct mqtt_connection *connection)
{
	const SSL *ssl = mosquitto_ssl_get(connection->mosquitto);

	return !connection->closing && ssl && SSL_pending(ssl) > 0;
}

static int read_on(struct mqtt_connection *connection)
{
	const char *problem = NULL;
	int code;

	do {
		code = mqtt_gate_read(&connection->gate, connection->mosquitto, &problem);
	} while (code == MOSQ_ERR_SUCCESS && has_unread(connection));
	if (problem) {
		fail(connection, MQTT_SESSION_FAILURE_PROTOCOL, "%s", problem);
	}
	return code;
}

static int pump(struct mqtt_connection *connection, int events)
{
	int code = MOSQ_ERR_SUCCESS;

	if (events & UV_READABLE) {
		code = read_on(connection);
	}
	if (code == MOSQ_ERR_SUCCESS && !connection->closing && (events & UV_WRITABLE)) {
		code = mosquitto_loop_write(connection->mosquitto, 1);
	}
	return code;
}

static void handle_poll(uv_poll_t *poll, int status, int events)
{
	struct mqtt_connection *connection = poll->data;
	int code = MOSQ_ERR_SUCCESS;
	int error = 0;

	/* An open connection that broke has a status. */
	if (status || !connection->mqtt_open) {
		error = mqtt_socket_error(connection->mosquitto, connection->descriptor,
					  &connection->tcp_open);
	}
	if (status && !error) {
		error = ECONNRESET;
	}
	enter(connection);
	if (connection->tcp_open) {
		/* Also after an error: what the broker said before it hung up tells more. */
		code = pump(connection, error ? UV_READABLE : events);
	}
	if (code == MOSQ_ERR_SUCCESS && error) {
		errno = error;
		code = MOSQ_ERR_ERRNO;
	}
	leave(connection, code);
}

/* The context is others' as well: what comes of the certificate is noted for this one alone. */
static int open_socket(struct mqtt_connection *connection)
{
	const struct mqtt_connection_options *options = &connection->options;

	if (options->trust) {
		options->trust->opening = &connection->verdict;
	}
	int code = mosquitto_connect_async(connection->mosquitto, options->address, options->port,
					   options->keepalive_s);
	if (options->trust) {
		options->trust->opening = NULL;
	}
	return code;
}

static int start(struct mqtt_connection *connection)
{
	int code = open_socket(connection);

	if (code != MOSQ_ERR_SUCCESS) {
		return code;
	}
	if (mqtt_gate_open(&connection->gate, connection->mosquitto) != 0) {
		return MOSQ_ERR_NOMEM;
	}
	connection->descriptor = mqtt_gate_socket(&connection->gate, connection->mosquitto);
	uv_poll_init(connection->timer.loop, &connection->poll, connection->descriptor);
	connection->poll.data = connection;
	connection->poll_started = true;
	connection->handles++;
	return MOSQ_ERR_SUCCESS;
}

static bool is_overdue(const struct mqtt_connection *connection)
{
	const struct mqtt_connection_options *options = &connection->options;
	uint64_t waited_ms = uv_now(connection->timer.loop) - connection->start_ms;

	return waited_ms >=
	       (connection->tcp_open ? options->open_timeout_ms : options->tcp_timeout_ms);
}

static int tick(struct mqtt_connection *connection)
{
	if (!connection->poll_started) {
		return start(connection);
	}
	if (!connection->mqtt_open && is_overdue(connection)) {
		fail(connection,
		     connection->tcp_open ? MQTT_SESSION_FAILURE_LOST
					  : MQTT_SESSION_FAILURE_CONNECT,
		     "%s", "the broker does not answer");
		return MOSQ_ERR_SUCCESS;
	}
	if (connection->mqtt_open && has_overslept(connection)) {
		fail(connection, MQTT_SESSION_FAILURE_LOST, "%s",
		     "this machine was asleep for longer than the broker waits");
		return MOSQ_ERR_SUCCESS;
	}
	return mosquitto_loop_misc(connection->mosquitto);
}

static void handle_timer(uv_timer_t *timer)
{
	struct mqtt_connection *connection = timer->data;

	enter(connection);
	leave(connection, tick(connection));
}

static int configure(struct mqtt_connection *connection)
{
	struct mosquitto *mosquitto = connection->mosquitto;
	const struct mqtt_connection_options *options = &connection->options;
	int version = options->mqtt5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311;
	int code = mosquitto_int_option(mosquitto, MOSQ_OPT_PROTOCOL_VERSION, version);

	if (!code) {
		code = mosquitto_int_option(mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
	}
	if (!code && options->trust) {
		code = mosquitto_int_option(mosquitto, MOSQ_OPT_SSL_CTX_WITH_DEFAULTS, 0);
	}
	if (!code && options->trust) {
		code = mosquitto_void_option(mosquitto, MOSQ_OPT_SSL_CTX, options->trust->context);
	}
	if (!code && options->username) {
		code = mosquitto_username_pw_set(mosquitto, options->username, options->password);
	}
	mosquitto_connect_callback_set(mosquitto, handle_connack);
	mosquitto_disconnect_callback_set(mosquitto, handle_disconnect);
	mosquitto_subscribe_callback_set(mosquitto, handle_suback);
	mosquitto_message_callback_set(mosquitto, handle_message);
	mosquitto_publish_callback_set(mosquitto, handle_puback);
	mosquitto_log_callback_set(mosquitto, handle_log);
	return code;
}

struct mqtt_connection *mqtt_connection_create(uv_loop_t *loop,
					       const struct mqtt_connection_options *options,
					       const struct mqtt_connection_handlers *handlers,
					       void *context)
{
	struct mqtt_connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		return NULL;
	}
	connection->options = *options;
	connection->handlers = *handlers;
	connection->context = context;
	mqtt_gate_init(&connection->gate);
	connection->mosquitto = mosquitto_new(options->client_id, true, connection);
	if (!connection->mosquitto || configure(connection) != MOSQ_ERR_SUCCESS) {
		mosquitto_destroy(connection->mosquitto);
		free(connection);
		return NULL;
	}
	uv_timer_init(loop, &connection->timer);
	connection->timer.data = connection;
	uv_prepare_init(loop, &connection->before_waiting);
	connection->before_waiting.data = connection;
	connection->handles = CONNECTION_HANDLES;
	connection->start_ms = uv_now(loop);
	uint64_t tick_ms = options->tcp_timeout_ms < TICK_MS ? options->tcp_timeout_ms : TICK_MS;
	uv_timer_start(&connection->timer, handle_timer, 0, tick_ms);
	return connection;
}

int mqtt_connection_publish(struct mqtt_connection *connection, const char *topic,
			    const void *payload, size_t length, int qos, int *id)
{
	if (!connection->mqtt_open || connection->ended || connection->closing ||
	    length > INT32_MAX) {
		return -1;
	}
	enter(connection);
	int code = mosquitto_publish(connection->mosquitto, id, topic, (int)length, payload, qos,
				     connection->options.retains);
	leave_quietly(connection);
	return code == MOSQ_ERR_SUCCESS ? 0 : -1;
}

static bool takes_packets(const struct mqtt_connection *connection)
{
	return connection->mqtt_open && !connection->ended && !connection->closing &&
	       connection->failure == MQTT_SESSION_FAILURE_NONE;
}

int mqtt_connection_subscribe(struct mqtt_connection *connection, const char *const *topics,
			      size_t count, int *id)
{
	if (!takes_packets(connection)) {
		return -1;
	}
	enter(connection);
	int code = mosquitto_subscribe_multiple(connection->mosquitto, id, (int)count,
						(char *const *)topics, SUBSCRIBE_QOS, 0, NULL);
	if (code != MOSQ_ERR_SUCCESS) {
		fail(connection, MQTT_SESSION_FAILURE_PROTOCOL, "cannot subscribe: %s",
		     mosquitto_strerror(code));
	}
	leave_quietly(connection);
	return code == MOSQ_ERR_SUCCESS ? 0 : -1;
}

int mqtt_connection_unsubscribe(struct mqtt_connection *connection, const char *const *topics,
				size_t count)
{
	if (!takes_packets(connection)) {
		return -1;
	}
	enter(connection);
	int code = mosquitto_unsubscribe_multiple(connection->mosquitto, NULL, (int)count,
						  (char *const *)topics, NULL);
	leave_quietly(connection);
	return code == MOSQ_ERR_SUCCESS ? 0 : -1;
}

void mqtt_connection_close(struct mqtt_connection *connection)
{
	connection->closing = true;
	if (connection->library_depth == 0) {
		release(connection);
	}
}
