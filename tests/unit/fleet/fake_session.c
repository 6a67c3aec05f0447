/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEALED_MAX 4096

struct mqtt_session *fake_sessions[FAKE_SESSIONS_MAX];
size_t fake_session_count;
size_t fake_publishes;
int fake_session_create_fails;
int fake_session_subscribe_fails;

void fake_sessions_reset(void)
{
	for (size_t i = 0; i < fake_session_count; i++) {
		assert_true(fake_sessions[i]->closed);
		free(fake_sessions[i]);
	}
	fake_session_count = 0;
	fake_publishes = 0;
	fake_session_create_fails = 0;
	fake_session_subscribe_fails = 0;
}

int mqtt_session_create(uv_loop_t *loop, const struct mqtt_session_options *options,
			const struct mqtt_session_handlers *handlers, void *context,
			struct mqtt_session **out)
{
	(void)loop;
	*out = NULL;
	if (fake_session_create_fails) {
		return fake_session_create_fails;
	}
	assert_true(fake_session_count < FAKE_SESSIONS_MAX);
	struct mqtt_session *session = calloc(1, sizeof(*session));
	if (!session) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	session->handlers = *handlers;
	session->context = context;
	snprintf(session->host, sizeof(session->host), "%s", options->host);
	session->resolver = options->shared_resolver;
	snprintf(session->address, sizeof(session->address), "%s",
		 options->address ? options->address : "");
	snprintf(session->password, sizeof(session->password), "%s",
		 options->password ? options->password : "");
	fake_sessions[fake_session_count++] = session;
	*out = session;
	return options->topic_count > 0
		       ? mqtt_session_subscribe(session, options->topics, options->topic_count)
		       : 0;
}

void mqtt_session_start(struct mqtt_session *session)
{
	session->started = true;
}

int mqtt_session_subscribe(struct mqtt_session *session, const char *const *topics, size_t count)
{
	if (fake_session_subscribe_fails) {
		return fake_session_subscribe_fails;
	}
	for (size_t i = 0; i < count; i++) {
		struct fake_topic *topic = &session->topics[session->topic_count++];

		assert_true(session->topic_count <= FAKE_TOPICS_MAX);
		snprintf(topic->text, sizeof(topic->text), "%s", topics[i]);
		topic->answered = false;
	}
	return 0;
}

void mqtt_session_unsubscribe(struct mqtt_session *session, const char *const *topics, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < session->topic_count; j++) {
			if (strcmp(session->topics[j].text, topics[i]) == 0) {
				session->topics[j] = session->topics[--session->topic_count];
				break;
			}
		}
	}
}

int mqtt_session_publish(struct mqtt_session *session, const char *topic, const void *payload,
			 size_t length, int qos, int *id)
{
	(void)payload;
	(void)length;
	(void)qos;
	assert_false(session->closed);
	if (session->refuses_publishes) {
		return -1;
	}
	fake_publishes++;
	session->publishes++;
	snprintf(session->published, sizeof(session->published), "%s", topic);
	session->last_id = session->last_id % UINT16_MAX + 1;
	if (id) {
		*id = session->last_id;
	}
	return 0;
}

/* The real one tells the end from the loop; at once is the harder case. */
void mqtt_session_close(struct mqtt_session *session)
{
	if (session && !session->closed) {
		session->closed = true;
		session->handlers.on_closed(session->context);
	}
}

bool mqtt_session_connected(const struct mqtt_session *session)
{
	return session->connected;
}

static void tell(struct mqtt_session *session, enum mqtt_session_event_kind kind, const char *topic)
{
	session->handlers.on_event(
		session->context,
		&(struct mqtt_session_event){.kind = kind, .detail = "", .topic = topic});
}

void fake_connect(struct mqtt_session *session)
{
	for (size_t i = 0; i < session->topic_count; i++) {
		session->topics[i].answered = false;
	}
	session->connected = true;
	tell(session, MQTT_SESSION_CONNECTED, NULL);
}

void fake_grant(struct mqtt_session *session, const char *refused)
{
	for (size_t i = 0; i < session->topic_count && !session->closed; i++) {
		struct fake_topic topic = session->topics[i];
		bool granted = !refused || !strstr(topic.text, refused);

		if (topic.answered) {
			continue;
		}
		session->topics[i].answered = true;
		if (!granted) {
			tell(session, MQTT_SESSION_SUBSCRIPTION_REFUSED, topic.text);
		}
		if (!session->closed) {
			session->handlers.on_subscription(session->context, topic.text, granted);
		}
	}
}

void fake_disconnect(struct mqtt_session *session)
{
	session->connected = false;
	tell(session, MQTT_SESSION_DISCONNECTED, NULL);
}

bool fake_has_topic(const struct mqtt_session *session, const char *part)
{
	for (size_t i = 0; i < session->topic_count; i++) {
		if (strstr(session->topics[i].text, part)) {
			return true;
		}
	}
	return false;
}

void fake_deliver_of(struct mqtt_session *session, struct flagship_key *key, const char *serial,
		     enum flagship_topic_kind kind, const char *json, uint8_t device_type)
{
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	struct flagship_frame frame;
	uint8_t sealed[SEALED_MAX];
	size_t size;

	assert_int_equal(flagship_topic_build(kind, serial, topic, sizeof(topic)), 0);
	flagship_frame_init(&frame, "01234567-89ab-cdef-0123-456789abcdef");
	frame.device_type = device_type;
	assert_int_equal(
		flagship_frame_seal(key, &frame, json, strlen(json), sealed, sizeof(sealed), &size),
		0);
	session->handlers.on_message(session->context, topic, sealed, size);
}

void fake_deliver(struct mqtt_session *session, struct flagship_key *key, const char *serial,
		  enum flagship_topic_kind kind, const char *json)
{
	fake_deliver_of(session, key, serial, kind, json, FLAGSHIP_DEVICE_TYPE_M5);
}

void fake_deliver_text(struct mqtt_session *session, const char *topic, const char *text)
{
	uint8_t payload[SEALED_MAX];
	size_t length = strlen(text);

	assert_true(length <= sizeof(payload));
	memcpy(payload, text, length);
	session->handlers.on_message(session->context, topic, payload, length);
}
