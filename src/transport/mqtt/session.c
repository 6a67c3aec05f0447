/* SPDX-License-Identifier: MIT */
#include "transport/mqtt/session.h"

#include "transport/backoff.h"
#include "transport/mqtt/connection.h"
#include "transport/mqtt/options.h"
#include "transport/mqtt/subscriptions.h"

#include <flagship/error.h>

#include <mosquitto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DETAIL_SIZE (TRUST_DETAIL_MAX + TRUST_ADVICE_MAX)

/* An address without an answer gets this share of the time where another one can be tried. */
#define ALTERNATIVE_SHARE 4

#define SESSION_TIMERS    2

struct mqtt_session {
	uv_loop_t *loop;
	struct mqtt_session_options options; /* with strings of our own */
	struct mqtt_session_handlers handlers;
	void *context;
	struct trust *trust; /* NULL without TLS */
	struct backoff backoff;

	uv_timer_t retry;
	struct resolver *resolver;
	struct resolver_request request;
	struct resolver_answer *addresses;
	size_t next_address; /* of addresses */
	char address[RESOLVER_ADDRESS_SIZE];
	struct mqtt_connection *connection;
	struct subscriptions subscriptions;
	uv_timer_t packets; /* the next ones to subscribe are to go out */

	unsigned int open_parts; /* timers, connection: freed when none is left */
	bool connected;
	bool was_connected; /* the connection that is being closed */
	uint64_t connected_ms;
	bool closing;
	enum mqtt_session_failure failure;
	char detail[DETAIL_SIZE];
};

static void resolve(struct mqtt_session *session);
static void try_next_address(struct mqtt_session *session);

static void free_session(struct mqtt_session *session)
{
	resolver_cancel(&session->request);
	resolver_give_back(session->addresses);
	if (session->resolver != session->options.shared_resolver) {
		resolver_destroy(session->resolver);
	}
	subscriptions_finish(&session->subscriptions);
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

/* --- topics --- */

static void send_unwanted(struct mqtt_session *session)
{
	const char *topics[SUBSCRIPTIONS_PACKET_MAX];
	size_t count;

	while ((count = subscriptions_next_unwanted(&session->subscriptions, topics)) > 0 &&
	       mqtt_connection_unsubscribe(session->connection, topics, count) == 0) {
	}
}

/* What is not wanted any more goes first, since it may be wanted again by now. */
static void send_packets(struct mqtt_session *session)
{
	const char *topics[SUBSCRIPTIONS_PACKET_MAX];
	struct subscriptions_packet *packet;
	int id;

	if (!session->connected) {
		return;
	}
	send_unwanted(session);
	while ((packet = subscriptions_next(&session->subscriptions, topics)) &&
	       mqtt_connection_subscribe(session->connection, topics, packet->count, &id) == 0) {
		subscriptions_sent(&session->subscriptions, packet, id);
	}
}

static void handle_packets_due(uv_timer_t *timer)
{
	send_packets(timer->data);
}

/* Not at once: what is called one by one goes out together. */
static void send_packets_soon(struct mqtt_session *session)
{
	if (session->connected && !session->closing) {
		uv_timer_start(&session->packets, handle_packets_due, 0, 0);
	}
}

int mqtt_session_subscribe(struct mqtt_session *session, const char *const *topics, size_t count)
{
	int error = subscriptions_add(&session->subscriptions, topics, count);

	if (!error) {
		send_packets_soon(session);
	}
	return error;
}

void mqtt_session_unsubscribe(struct mqtt_session *session, const char *const *topics, size_t count)
{
	subscriptions_remove(&session->subscriptions, topics, count);
	send_packets_soon(session);
}

static void handle_open(void *context)
{
	struct mqtt_session *session = context;

	session->connected = true;
	session->connected_ms = uv_now(session->loop);
	subscriptions_begin_again(&session->subscriptions);
	emit(session, (struct mqtt_session_event){.kind = MQTT_SESSION_CONNECTED});
	send_packets(session);
}

static void settle(struct mqtt_session *session, struct subscriptions_packet *packet, size_t index,
		   bool granted)
{
	const char *topic = subscriptions_settle(&session->subscriptions, packet, index, granted);

	if (!topic) {
		return;
	}
	if (!granted) {
		emit(session,
		     (struct mqtt_session_event){.kind = MQTT_SESSION_SUBSCRIPTION_REFUSED,
						 .topic = topic,
						 .detail = "the broker refused the subscription"});
	}
	if (!session->closing && session->handlers.on_subscription) {
		session->handlers.on_subscription(session->context, topic, granted);
	}
}

static void handle_subscribed(void *context, int id, const int *granted, size_t count)
{
	struct mqtt_session *session = context;
	struct subscriptions_packet *packet = subscriptions_find(&session->subscriptions, id);

	if (!packet || id == 0) {
		return;
	}
	for (size_t i = 0; i < packet->count && !session->closing; i++) {
		settle(session, packet, i, i < count && granted[i] < MQTT_SUBSCRIPTION_REFUSED);
	}
	if (session->closing) {
		return;
	}
	subscriptions_release(packet);
	send_packets(session);
	if (subscriptions_are_settled(&session->subscriptions)) {
		emit(session,
		     (struct mqtt_session_event){.kind = session->subscriptions.refused > 0
								 ? MQTT_SESSION_PARTLY_SUBSCRIBED
								 : MQTT_SESSION_SUBSCRIBED});
	}
}

/* --- messages --- */

static void handle_session_message(void *context, const char *topic, uint8_t *payload,
				   size_t length, bool retained)
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

static bool has_next_address(const struct mqtt_session *session)
{
	return session->addresses && session->next_address < session->addresses->count;
}

/* All addresses were tried: the name may mean other ones by now. */
static void doubt_addresses(struct mqtt_session *session)
{
	if (session->addresses && session->failure == MQTT_SESSION_FAILURE_CONNECT) {
		resolver_doubt(session->resolver, session->options.host, session->addresses);
	}
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
	} else if (has_next_address(session) && session->failure == MQTT_SESSION_FAILURE_CONNECT) {
		try_next_address(session);
	} else {
		doubt_addresses(session);
		schedule_retry(session, MQTT_SESSION_CONNECT_FAILED);
	}
}

static const struct mqtt_connection_handlers connection_handlers = {
	.on_open = handle_open,
	.on_subscribed = handle_subscribed,
	.on_message = handle_session_message,
	.on_published = handle_published,
	.on_end = handle_end,
	.on_closed = handle_connection_closed,
};

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
	const struct resolver_answer *answer = session->addresses;

	snprintf(session->address, sizeof(session->address), "%s",
		 answer->addresses[session->next_address++]);
	connect_or_retry(session, has_next_address(session) ? ALTERNATIVE_SHARE : 1);
}

static void handle_address_there(uv_timer_t *timer)
{
	struct mqtt_session *session = timer->data;

	if (session->options.address) {
		connect_or_retry(session, 1);
	} else {
		try_next_address(session);
	}
}

static void handle_resolved(void *context, struct resolver_answer *answer, int status)
{
	struct mqtt_session *session = context;

	session->addresses = answer;
	if (!answer) {
		set_unresolved(session, status);
		schedule_retry(session, MQTT_SESSION_CONNECT_FAILED);
		return;
	}
	try_next_address(session);
}

static void handle_unresolved(uv_timer_t *timer)
{
	schedule_retry(timer->data, MQTT_SESSION_CONNECT_FAILED);
}

/* What is known at once is not to be reported from inside a call. */
static void resolve(struct mqtt_session *session)
{
	int status = 1;

	resolver_give_back(session->addresses);
	session->addresses = NULL;
	session->next_address = 0;
	if (session->options.address) {
		snprintf(session->address, sizeof(session->address), "%s",
			 session->options.address);
	} else {
		status = resolver_ask(session->resolver, session->options.host, &session->request,
				      &session->addresses);
	}
	if (status > 0) {
		uv_timer_start(&session->retry, handle_address_there, 0, 0);
	} else if (status < 0) {
		set_unresolved(session, status);
		uv_timer_start(&session->retry, handle_unresolved, 0, 0);
	}
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

static int make_resolver(struct mqtt_session *session)
{
	session->resolver = session->options.shared_resolver;
	if (!session->resolver) {
		session->resolver = resolver_create(session->loop);
	}
	session->request.on_resolved = handle_resolved;
	session->request.context = session;
	return session->resolver ? 0 : FLAGSHIP_ERROR_MEMORY;
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
	subscriptions_init(&session->subscriptions);
	int error = mqtt_options_copy(&session->options, options, &seed);
	if (!error) {
		error = make_resolver(session);
	}
	if (!error) {
		error = subscriptions_add(&session->subscriptions, options->topics,
					  options->topic_count);
	}
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
	uv_timer_init(loop, &session->packets);
	session->packets.data = session;
	session->open_parts = SESSION_TIMERS;
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
	resolver_cancel(&session->request);
	uv_close((uv_handle_t *)&session->retry, handle_timer_closed);
	uv_close((uv_handle_t *)&session->packets, handle_timer_closed);
	if (session->connection) {
		mqtt_connection_close(session->connection);
	}
}
