/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_MQTT_SESSION_H
#define TRANSPORT_MQTT_SESSION_H

#include "transport/resolver.h"
#include "transport/tls/trust.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* One MQTT connection on a libuv loop: kept up, subscribed again, every outcome told. Pauses
 * between tries grow as struct backoff tells, and begin anew once a connection has stood for a
 * while. */
struct mqtt_session;

enum mqtt_session_event_kind {
	MQTT_SESSION_CONNECTED,            /* the broker took the login */
	MQTT_SESSION_SUBSCRIBED,           /* every topic is granted; again after each change */
	MQTT_SESSION_DISCONNECTED,         /* an established connection ended; a retry follows */
	MQTT_SESSION_CONNECT_FAILED,       /* a try failed; a retry follows unless `final` */
	MQTT_SESSION_SUBSCRIPTION_REFUSED, /* of `topic` */
	MQTT_SESSION_PARTLY_SUBSCRIBED,    /* after the refused ones: the others were granted */
};

enum mqtt_session_failure {
	MQTT_SESSION_FAILURE_NONE,
	MQTT_SESSION_FAILURE_RESOLVE,     /* the name */
	MQTT_SESSION_FAILURE_CONNECT,     /* TCP */
	MQTT_SESSION_FAILURE_CERTIFICATE, /* not trusted: pin, issuer, name or date */
	MQTT_SESSION_FAILURE_TLS,         /* anything else of TLS */
	MQTT_SESSION_FAILURE_LOGIN,       /* refused user name or password, or not authorised */
	MQTT_SESSION_FAILURE_PROTOCOL,    /* the broker refused for another reason */
	MQTT_SESSION_FAILURE_LOST,        /* the connection broke or timed out */
};

struct mqtt_session_event {
	enum mqtt_session_event_kind kind;
	enum mqtt_session_failure failure;
	bool final;           /* a retry cannot help: login refused, certificate not trusted */
	uint32_t retry_in_ms; /* 0 where no retry follows */
	const char *topic;    /* of SUBSCRIPTION_REFUSED */
	const char *detail;   /* one line for people, never NULL; with both fingerprints after a
				 mismatch of the pin */
};

struct mqtt_session_handlers {
	void (*on_event)(void *context, const struct mqtt_session_event *event);
	/* payload may be changed in place (decryption); valid during the call only. */
	void (*on_message)(void *context, const char *topic, uint8_t *payload, size_t length);
	/*
	 * Likewise, of a message that the broker kept and hands to whoever subscribes: of any age,
	 * it proves nothing of the present. NULL: they are dropped.
	 */
	void (*on_retained)(void *context, const char *topic, uint8_t *payload, size_t length);
	/*
	 * The broker's answer to one topic, each time that it was asked for: after a connection,
	 * and after mqtt_session_subscribe. May subscribe and unsubscribe. May be NULL.
	 */
	void (*on_subscription)(void *context, const char *topic, bool granted);
	/* The broker took message `id` (QoS 1), or it was handed to the network (QoS 0); may be
	 * NULL. */
	void (*on_published)(void *context, int id);
	/* Everything is released; the last call of all; may be NULL. */
	void (*on_closed)(void *context);
};

/* Strings are copied. Zero means the default of each. */
struct mqtt_session_options {
	const char *host;
	uint16_t port; /* 0: 8789 */
	bool plain;    /* mqtt:// without TLS */
	struct trust_options trust;
	/* Made by trust_init for the same host, used in place of `trust` and borrowed for the life
	 * of the session: for many sessions with one broker. NULL: a context of its own. */
	struct trust *shared_trust;
	/* Borrowed likewise, for many sessions with one broker: the name is looked up once. NULL:
	 * one of its own. */
	struct resolver *shared_resolver;
	/* Numeric, connected to instead of resolving the host for each try. NULL: resolved. */
	const char *address;
	const char *client_id;     /* NULL: a random one */
	const char *username;      /* NULL: none */
	const char *password;      /* NULL: none; the copy is wiped on destruction */
	bool mqtt5;                /* else 3.1.1 */
	uint16_t keepalive_s;      /* 0: 30 */
	uint32_t open_timeout_ms;  /* TCP, TLS and login together, for one address; 0: 10000 */
	bool retains;              /* whether the broker is to retain what is published */
	bool retry_final;          /* keep retrying even after a `final` failure (for daemons) */
	const char *const *topics; /* to begin with, as by mqtt_session_subscribe */
	size_t topic_count;
};

/* Errors: FLAGSHIP_ERROR_ARGUMENT (no host, no handlers, no topic, or trust that makes no sense),
 * FLAGSHIP_ERROR_MEMORY, FLAGSHIP_ERROR_CRYPTO (CA file). Nothing is sent before
 * mqtt_session_start. */
int mqtt_session_create(uv_loop_t *loop, const struct mqtt_session_options *options,
			const struct mqtt_session_handlers *handlers, void *context,
			struct mqtt_session **session);

/* No handler is called from inside it. */
void mqtt_session_start(struct mqtt_session *session);

/* The address that was last tried; "" before the first try. */
const char *mqtt_session_address(const struct mqtt_session *session);

bool mqtt_session_connected(const struct mqtt_session *session);

/*
 * Subscribed from now on, after every connection too, with QoS 1 and eight to a packet; all of them
 * or none. What is subscribed already stays so, and is not asked for again. Errors: ARGUMENT (no
 * filter of MQTT), MEMORY.
 */
int mqtt_session_subscribe(struct mqtt_session *session, const char *const *topics, size_t count);

/* No more from now on. Messages that are under way may still come. */
void mqtt_session_unsubscribe(struct mqtt_session *session, const char *const *topics,
			      size_t count);

/* QoS 0 or 1; *id may be NULL. -1 where not connected: nothing is queued for later. */
int mqtt_session_publish(struct mqtt_session *session, const char *topic, const void *payload,
			 size_t length, int qos, int *id);

/* Disconnects politely, releases everything, then calls on_closed; no other handler is called any
 * more. May be called from inside any handler. NULL is accepted. */
void mqtt_session_close(struct mqtt_session *session);

#endif
