/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/session.h"

#include "transport/backoff.h"
#include "transport/mqtt/connection.h"
#include "transport/mqtt/options.h"

#include <flagship/error.h>

#include <mosquitto.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADDRESS_SIZE (INET6_ADDRSTRLEN + IF_NAMESIZE) /* with the zone of a link-local one */
#define DETAIL_SIZE  (TRUST_DETAIL_MAX + TRUST_ADVICE_MAX)

/* An address without an answer gets this share of the time where another one can be tried. */
#define ALTERNATIVE_SHARE 4

struct mqtt_session {
	uv_loop_t *loop;
	struct mqtt_session_options options; /* with strings of our own */
	struct mqtt_session_handlers handlers;
	void *context;
	struct trust *trust; /* NULL without TLS */
	struct backoff backoff;

	uv_timer_t retry;
	uv_getaddrinfo_t resolver;
	struct addrinfo *addresses;
	const struct addrinfo *next_address;
	char address[ADDRESS_SIZE];
	struct mqtt_connection *connection;

	unsigned int open_parts; /* timer, resolver, connection: freed when none is left */
	bool connected;
	bool was_connected; /* the connection that is being closed */
	uint64_t connected_ms;
	bool resolving;
	bool closing;
	enum mqtt_session_failure failure;
	char detail[DETAIL_SIZE];
};

static void resolve(struct mqtt_session *session);
static void try_next_address(struct mqtt_session *session);

static void free_session(struct mqtt_session *session)
{
	uv_freeaddrinfo(session->addresses);
	if (session->trust && session->trust != session->options.shared_trust) {
		trust_finish(session->trust);
		free(session->trust);
	}
	mqtt_options_finish(&session->options);
	free(session);
	mosquitto_lib_cleanup();
}

static void part_closed(struct mqtt_session *session)
{
	if (--session->open_parts > 0 || !session->closing) {
		return;
	}
	void (*on_closed)(void *) = session->handlers.on_closed;
	void *context = session->context;
	free_session(session);
	if (on_closed) {
		on_closed(context);
	}
}

static void emit(struct mqtt_session *session, struct mqtt_session_event event)
{
	if (!event.detail) {
		event.detail = "";
	}
	session->handlers.on_event(session->context, &event);
}

static bool is_final(const struct mqtt_session *session)
{
	return !session->options.retry_final &&
	       (session->failure == MQTT_SESSION_FAILURE_LOGIN ||
		session->failure == MQTT_SESSION_FAILURE_CERTIFICATE);
}

static void handle_retry(uv_timer_t *timer)
{
	resolve(timer->data);
}

static void schedule_retry(struct mqtt_session *session, enum mqtt_session_event_kind kind)
{
	bool final = is_final(session);
	uint32_t delay_ms = final ? 0 : backoff_next_ms(&session->backoff);

	if (!final) {
		uv_timer_start(&session->retry, handle_retry, delay_ms, 0);
	}
	emit(session, (struct mqtt_session_event){.kind = kind,
						  .failure = session->failure,
						  .final = final,
						  .retry_in_ms = delay_ms,
						  .detail = session->detail});
}

static void set_failure(struct mqtt_session *session, enum mqtt_session_failure failure,
			const char *detail)
{
	session->failure = failure;
	snprintf(session->detail, sizeof(session->detail), "%s", detail);
}

static void set_unresolved(struct mqtt_session *session, int status)
{
	session->failure = MQTT_SESSION_FAILURE_RESOLVE;
	snprintf(session->detail, sizeof(session->detail),
		 "there is no address for the name %s: %s", session->options.host,
		 uv_strerror(status < 0 ? status : UV_EAI_NODATA));
}

static void handle_open(void *context)
{
	struct mqtt_session *session = context;

	session->connected = true;
	session->connected_ms = uv_now(session->loop);
	emit(session, (struct mqtt_session_event){.kind = MQTT_SESSION_CONNECTED});
}

static void handle_subscribed(void *context, const int *granted, size_t count)
{
	struct mqtt_session *session = context;
	bool all = true;

	for (size_t i = 0; i < count && i < session->options.topic_count; i++) {
		if (granted[i] < MQTT_SUBSCRIPTION_REFUSED || session->closing) {
			continue;
		}
		all = false;
		emit(session,
		     (struct mqtt_session_event){.kind = MQTT_SESSION_SUBSCRIPTION_REFUSED,
						 .topic = session->options.topics[i],
						 .detail = "the broker refused the subscription"});
	}
	if (!session->closing) {
		emit(session,
		     (struct mqtt_session_event){.kind = all ? MQTT_SESSION_SUBSCRIBED
							     : MQTT_SESSION_PARTLY_SUBSCRIBED});
	}
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length,
			   bool retained)
{
	struct mqtt_session *session = context;

	if (!retained) {
		session->handlers.on_message(session->context, topic, payload, length);
	} else if (session->handlers.on_retained) {
		session->handlers.on_retained(session->context, topic, payload, length);
	}
}

static void handle_published(void *context, int id)
{
	struct mqtt_session *session = context;

	if (session->handlers.on_published) {
		session->handlers.on_published(session->context, id);
	}
}

static void handle_end(void *context, enum mqtt_session_failure failure, const char *detail)
{
	struct mqtt_session *session = context;

	session->was_connected = session->connected;
	session->connected = false;
	if (session->was_connected) {
		backoff_note_end(&session->backoff, uv_now(session->loop) - session->connected_ms);
	}
	set_failure(session, failure, detail);
	mqtt_connection_close(session->connection);
}

static void handle_connection_closed(void *context)
{
	struct mqtt_session *session = context;

	session->connection = NULL;
	if (session->closing) {
		part_closed(session);
		return;
	}
	session->open_parts--;
	if (session->was_connected) {
		session->was_connected = false;
		schedule_retry(session, MQTT_SESSION_DISCONNECTED);
	} else if (session->failure == MQTT_SESSION_FAILURE_CONNECT && session->next_address) {
		try_next_address(session);
	} else {
		schedule_retry(session, MQTT_SESSION_CONNECT_FAILED);
	}
}

static const struct mqtt_connection_handlers connection_handlers = {
	.on_open = handle_open,
	.on_subscribed = handle_subscribed,
	.on_message = handle_message,
	.on_published = handle_published,
	.on_end = handle_end,
	.on_closed = handle_connection_closed,
};

static bool format_address(const struct addrinfo *info, char out[ADDRESS_SIZE])
{
	return getnameinfo(info->ai_addr, info->ai_addrlen, out, ADDRESS_SIZE, NULL, 0,
			   NI_NUMERICHOST) == 0;
}

/* share: of the time, for a TCP connection. */
static void connect_to_address(struct mqtt_session *session, uint32_t share)
{
	const struct mqtt_session_options *options = &session->options;

	session->connection = mqtt_connection_create(
		session->loop,
		&(struct mqtt_connection_options){
			.address = session->address,
			.port = options->port,
			.trust = session->trust,
			.client_id = options->client_id,
			.username = options->username,
			.password = options->password,
			.mqtt5 = options->mqtt5,
			.keepalive_s = options->keepalive_s,
			.retains = options->retains,
			.tcp_timeout_ms = options->open_timeout_ms / share,
			.open_timeout_ms = options->open_timeout_ms,
			.topics = options->topics,
			.topic_count = options->topic_count,
		},
		&connection_handlers, session);
}

static void connect_or_retry(struct mqtt_session *session, uint32_t share)
{
	if (session->address[0] != '\0') {
		connect_to_address(session, share);
	}
	if (session->connection) {
		session->open_parts++;
		return;
	}
	set_failure(session, MQTT_SESSION_FAILURE_CONNECT, "no memory for a connection");
	schedule_retry(session, MQTT_SESSION_CONNECT_FAILED);
}

static void try_next_address(struct mqtt_session *session)
{
	const struct addrinfo *info = session->next_address;

	session->next_address = info->ai_next;
	if (!format_address(info, session->address)) {
		session->address[0] = '\0';
	}
	connect_or_retry(session, info->ai_next ? ALTERNATIVE_SHARE : 1);
}

static void handle_given_address(uv_timer_t *timer)
{
	connect_or_retry(timer->data, 1);
}

static void handle_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *addresses)
{
	struct mqtt_session *session = request->data;

	session->addresses = addresses;
	session->resolving = false;
	if (session->closing) {
		part_closed(session);
		return;
	}
	session->open_parts--;
	if (status < 0 || !addresses) {
		set_unresolved(session, status);
		schedule_retry(session, MQTT_SESSION_CONNECT_FAILED);
		return;
	}
	session->next_address = addresses;
	try_next_address(session);
}

static void handle_unresolved(uv_timer_t *timer)
{
	schedule_retry(timer->data, MQTT_SESSION_CONNECT_FAILED);
}

static void resolve(struct mqtt_session *session)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};

	if (session->options.address) {
		snprintf(session->address, sizeof(session->address), "%s",
			 session->options.address);
		uv_timer_start(&session->retry, handle_given_address, 0, 0);
		return;
	}
	uv_freeaddrinfo(session->addresses);
	session->addresses = NULL;
	session->next_address = NULL;
	session->resolver.data = session;
	int status = uv_getaddrinfo(session->loop, &session->resolver, handle_resolved,
				    session->options.host, NULL, &hints);
	if (status < 0) {
		/* What cannot be a name is known at once, but not to be told from inside a call. */
		set_unresolved(session, status);
		uv_timer_start(&session->retry, handle_unresolved, 0, 0);
		return;
	}
	session->resolving = true;
	session->open_parts++;
}

static int make_trust(struct mqtt_session *session, const struct mqtt_session_options *options)
{
	session->trust = options->shared_trust;
	if (session->trust) {
		return 0;
	}
	session->trust = calloc(1, sizeof(*session->trust));
	return session->trust ? trust_init(session->trust, &options->trust, options->host)
			      : FLAGSHIP_ERROR_MEMORY;
}

int mqtt_session_create(uv_loop_t *loop, const struct mqtt_session_options *options,
			const struct mqtt_session_handlers *handlers, void *context,
			struct mqtt_session **out)
{
	struct mqtt_session *session;
	uint64_t seed = 0;

	*out = NULL;
	if (!options->host || !handlers->on_event || !handlers->on_message) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	session = calloc(1, sizeof(*session));
	if (!session) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	mosquitto_lib_init();
	session->loop = loop;
	session->handlers = *handlers;
	session->context = context;
	int error = mqtt_options_copy(&session->options, options, &seed);
	if (!error && !options->plain) {
		error = make_trust(session, options);
	}
	if (error) {
		free_session(session);
		return error;
	}
	backoff_init(&session->backoff, seed);
	uv_timer_init(loop, &session->retry);
	session->retry.data = session;
	session->open_parts = 1;
	*out = session;
	return 0;
}

void mqtt_session_start(struct mqtt_session *session)
{
	resolve(session);
}

const char *mqtt_session_address(const struct mqtt_session *session)
{
	return session->address;
}

bool mqtt_session_connected(const struct mqtt_session *session)
{
	return session->connected;
}

int mqtt_session_publish(struct mqtt_session *session, const char *topic, const void *payload,
			 size_t length, int qos, int *id)
{
	if (!session->connected) {
		return -1;
	}
	return mqtt_connection_publish(session->connection, topic, payload, length, qos, id);
}

static void handle_timer_closed(uv_handle_t *handle)
{
	part_closed(handle->data);
}

void mqtt_session_close(struct mqtt_session *session)
{
	if (!session || session->closing) {
		return;
	}
	session->closing = true;
	session->connected = false;
	if (session->resolving) {
		/* Ends early where it has not begun; else its answer is dropped. */
		uv_cancel((uv_req_t *)&session->resolver);
	}
	uv_close((uv_handle_t *)&session->retry, handle_timer_closed);
	if (session->connection) {
		mqtt_connection_close(session->connection);
	}
}
