/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_CONNECTION_H
#define TRANSPORT_MQTT_CONNECTION_H

#include "transport/mqtt/session.h"
#include "transport/tls/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* One connection to one address, from TCP to its end: libmosquitto on a libuv loop. */
struct mqtt_connection;

/* Borrowed for the life of the connection. */
struct mqtt_connection_options {
	const char *address; /* numeric */
	uint16_t port;
	struct trust *trust; /* NULL: no TLS */
	const char *client_id;
	const char *username; /* NULL: none */
	const char *password; /* NULL: none */
	bool mqtt5;
	uint16_t keepalive_s;
	bool retains;             /* what is published */
	uint32_t tcp_timeout_ms;  /* at most open_timeout_ms */
	uint32_t open_timeout_ms; /* TCP, TLS and CONNACK together */
};

/*
 * None is called from inside mqtt_connection_create. Each may call mqtt_connection_close. on_end
 * comes once, unless the connection was closed before, and leaves the connection to be closed.
 */
struct mqtt_connection_handlers {
	void (*on_open)(void *context);
	/* granted[i] is the QoS of the topic at i of packet `id`, or 128 and above where it was
	 * refused. */
	void (*on_subscribed)(void *context, int id, const int *granted, size_t count);
	void (*on_message)(void *context, const char *topic, uint8_t *payload, size_t length,
			   bool retained);
	void (*on_published)(void *context, int id);
	void (*on_end)(void *context, enum mqtt_session_failure failure, const char *detail);
	void (*on_closed)(void *context); /* it is gone */
};

#define MQTT_SUBSCRIPTION_REFUSED 128

/* NULL where there is no memory. */
struct mqtt_connection *mqtt_connection_create(uv_loop_t *loop,
					       const struct mqtt_connection_options *options,
					       const struct mqtt_connection_handlers *handlers,
					       void *context);

/* As mqtt_session_publish. */
int mqtt_connection_publish(struct mqtt_connection *connection, const char *topic,
			    const void *payload, size_t length, int qos, int *id);

/* One packet, of QoS 1; its answer bears *id. Where it fails, the connection ends. */
int mqtt_connection_subscribe(struct mqtt_connection *connection, const char *const *topics,
			      size_t count, int *id);

/* Likewise one packet; nobody waits for its answer. */
int mqtt_connection_unsubscribe(struct mqtt_connection *connection, const char *const *topics,
				size_t count);

/* Says goodbye where it is open, releases everything, then calls on_closed. */
void mqtt_connection_close(struct mqtt_connection *connection);

#endif
