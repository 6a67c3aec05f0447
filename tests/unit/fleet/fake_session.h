/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_SESSION_H
#define TESTS_FAKE_SESSION_H

#include "fleet/fleet.h"

/*
 * MQTT sessions without a network, in place of those of transport: they take topics and messages,
 * and say what the test has them say. Linked before the library's.
 */
#define FAKE_TOPICS_MAX    256
#define FAKE_SESSIONS_MAX  32
#define FAKE_PUBLISHES_MAX 512

struct fake_topic {
	char text[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	bool answered;
};

struct mqtt_session {
	bool connected;
	struct mqtt_session_handlers handlers;
	void *context;
	char host[64];
	char address[64];
	char password[64];
	struct resolver *resolver; /* that is shared with others */
	struct fake_topic topics[FAKE_TOPICS_MAX];
	size_t topic_count;
	int last_id;
	size_t publishes;
	char published[FLAGSHIP_TOPIC_LENGTH_MAX + 1]; /* topic of the last message */
	bool started;
	bool closed;
	bool refuses_publishes;
};

/* All since fake_sessions_reset, in the order they were made. */
extern struct mqtt_session *fake_sessions[FAKE_SESSIONS_MAX];
extern size_t fake_session_count;
extern size_t fake_publishes;            /* of all of them */
extern int fake_session_create_fails;    /* error of the next creations; 0: none */
extern int fake_session_subscribe_fails; /* likewise */

void fake_sessions_reset(void);
void fake_connect(struct mqtt_session *session);
/* Answers what has no answer yet; topics that hold the text are refused. NULL: none. */
void fake_grant(struct mqtt_session *session, const char *refused);
void fake_disconnect(struct mqtt_session *session);
bool fake_has_topic(const struct mqtt_session *session, const char *part);

/* A message of a printer, sealed with this key. */
void fake_deliver(struct mqtt_session *session, struct flagship_key *key, const char *serial,
		  enum flagship_topic_kind kind, const char *json);
void fake_deliver_of(struct mqtt_session *session, struct flagship_key *key, const char *serial,
		     enum flagship_topic_kind kind, const char *json, uint8_t device_type);
/* What is no frame. */
void fake_deliver_text(struct mqtt_session *session, const char *topic, const char *text);

#endif
