/* SPDX-License-Identifier: MIT */
#include "cli/doctor/session.h"

#include "base/clock.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUERY_QOS 1
#define QUERY_MAX 64

static void refuse(struct doctor_session *session, const char *topic)
{
	for (size_t i = 0; i < session->topic_count; i++) {
		if (strcmp(session->topics[i], topic) == 0) {
			session->refused[i] = true;
			session->any_refused = true;
		}
	}
}

static void handle_event(void *context, const struct mqtt_session_event *event)
{
	struct doctor_session *session = context;

	switch (event->kind) {
	case MQTT_SESSION_CONNECTED:
		session->connected = true;
		break;
	case MQTT_SESSION_SUBSCRIBED:
		session->subscribed = true;
		break;
	case MQTT_SESSION_PARTLY_SUBSCRIBED:
		session->subscribed = !session->any_refused;
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		refuse(session, event->topic);
		break;
	case MQTT_SESSION_DISCONNECTED:
	case MQTT_SESSION_CONNECT_FAILED:
		session->failed = true;
		session->failure = event->failure;
		snprintf(session->detail, sizeof(session->detail), "%s", event->detail);
		break;
	}
}

static void handle_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct doctor_session *session = context;
	struct flagship_topic parsed;

	if (session->listens_to_quarantine &&
	    strcmp(topic, session->topics[session->topic_count]) == 0) {
		doctor_received_add_held_back(&session->received, payload, length);
		return;
	}
	/* What the cloud says of the account is no word of the printer. */
	if (flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	    parsed.kind != FLAGSHIP_TOPIC_USER_CHANGE_NOTICE &&
	    parsed.kind != FLAGSHIP_TOPIC_CHANGE_NOTICE) {
		doctor_received_add(&session->received, parsed.kind, session->query_taken, payload,
				    length, clock_unix_s(), doctor_now_ms());
	}
}

/* Kept by the broker: no answer, but a word of the printer from some time before. */
static void handle_retained(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct doctor_session *session = context;
	struct flagship_topic parsed;

	if (flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	    parsed.kind != FLAGSHIP_TOPIC_USER_CHANGE_NOTICE &&
	    parsed.kind != FLAGSHIP_TOPIC_CHANGE_NOTICE) {
		doctor_received_note_retained(&session->received, payload, length);
	}
}

static void handle_published(void *context, int id)
{
	struct doctor_session *session = context;

	session->query_taken = session->query_taken || id == session->query_id;
}

static void handle_closed(void *context)
{
	struct doctor_session *session = context;

	session->closed = true;
}

static void handle_timer(uv_timer_t *timer)
{
	struct doctor_session *session = timer->data;

	session->timed_out = true;
}

bool doctor_session_await(struct doctor_session *session,
			  bool (*done)(const struct doctor_session *session), int64_t timeout_ms)
{
	session->timed_out = false;
	uv_update_time(&session->loop);
	uv_timer_start(&session->timer, handle_timer, timeout_ms > 0 ? (uint64_t)timeout_ms : 0, 0);
	while (!done(session) && !session->timed_out && !session->failed) {
		uv_run(&session->loop, UV_RUN_ONCE);
	}
	uv_timer_stop(&session->timer);
	return done(session);
}

static int list_topics(struct doctor_session *session, struct doctor *doctor)
{
	int count = flagship_topic_client(doctor->target->serial, doctor->login->user_id,
					  session->topics);

	session->topic_count = count > 0 ? (size_t)count : 0;
	if (count < 0) {
		return count;
	}
	/* The vendor's broker hangs up on some who ask for what it does not know. */
	session->listens_to_quarantine = doctor->target->account &&
					 doctor->target->account->api[0] != '\0';
	snprintf(session->topics[count], sizeof(session->topics[count]), DOCTOR_QUARANTINE "%s",
		 doctor->target->serial);
	return 0;
}

/* To the address that answered, with the trust that was tried already. */
static int open_session(struct doctor_session *session, struct doctor *doctor)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = handle_event,
		.on_message = handle_message,
		.on_retained = handle_retained,
		.on_published = handle_published,
		.on_closed = handle_closed,
	};
	struct mqtt_session_options options = doctor->login->session;
	const char *topics[DOCTOR_TOPICS_MAX];

	for (size_t i = 0; i < DOCTOR_TOPICS_MAX; i++) {
		topics[i] = session->topics[i];
	}
	options.topics = topics;
	options.topic_count = session->topic_count + (session->listens_to_quarantine ? 1 : 0);
	options.address = doctor->address.text;
	options.open_timeout_ms = (uint32_t)doctor->targets.timeout_ms;
	if (!options.plain) {
		options.shared_trust = &doctor->trust;
	}
	return mqtt_session_create(&session->loop, &options, &handlers, session, &session->session);
}

int doctor_session_init(struct doctor_session *session, struct doctor *doctor)
{
	*session = (struct doctor_session){0};
	if (uv_loop_init(&session->loop) != 0) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	session->has_loop = true;
	uv_timer_init(&session->loop, &session->timer);
	session->timer.data = session;
	int error = list_topics(session, doctor);
	if (!error) {
		error = doctor_received_init(&session->received, doctor->target->key,
					     doctor->target->model, doctor->target->serial,
					     &doctor->accounts);
	}
	if (!error) {
		error = open_session(session, doctor);
	}
	if (!error) {
		mqtt_session_start(session->session);
	}
	return error;
}

void doctor_session_finish(struct doctor_session *session)
{
	if (!session->has_loop) {
		return;
	}
	mqtt_session_close(session->session);
	uv_close((uv_handle_t *)&session->timer, NULL);
	uv_run(&session->loop, UV_RUN_DEFAULT);
	uv_loop_close(&session->loop);
	doctor_received_finish(&session->received);
}

static bool publish(struct doctor_session *session, const char *serial,
		    const struct doctor_key *key, enum channel_shape shape, const char *json,
		    size_t length)
{
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	uint8_t *sealed = NULL;
	size_t size = 0;
	int id = 0;
	bool sent = flagship_topic_build(FLAGSHIP_TOPIC_QUERY, serial, topic, sizeof(topic)) == 0 &&
		    channel_seal(&key->channel, shape, json, length, &sealed, &size) == 0 &&
		    mqtt_session_publish(session->session, topic, sealed, size, QUERY_QOS, &id) ==
			    0;

	free(sealed);
	if (sent) {
		session->query_id = id;
	}
	return sent;
}

bool doctor_session_ask(struct doctor_session *session, const char *serial,
			const struct doctor_key *key)
{
	char json[QUERY_MAX];
	size_t length;

	return flagship_build_query_status(json, sizeof(json), &length) == 0 &&
	       publish(session, serial, key, key->channel.shape, json, length);
}
