/* SPDX-License-Identifier: MIT */
#ifndef CLI_DOCTOR_SESSION_H
#define CLI_DOCTOR_SESSION_H

#include "cli/doctor/doctor.h"
#include "cli/doctor/received.h"
#include "transport/mqtt/session.h"

#include <uv.h>

/* The MQTT session of doctor, a step at a time: each call waits for its end. */

#define DOCTOR_TOPICS_MAX (FLAGSHIP_CLIENT_TOPICS + 1)

/* A local cloud tells here, of the serial number that follows, what it holds back. */
#define DOCTOR_QUARANTINE "/flagship/quarantine/"

struct doctor_session {
	uv_loop_t loop;
	bool has_loop;
	uv_timer_t timer;
	struct mqtt_session *session;
	struct doctor_received received;
	char topics[DOCTOR_TOPICS_MAX][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	size_t topic_count;         /* that a client needs or wants */
	bool listens_to_quarantine; /* by one topic more, which may be refused */
	bool refused[DOCTOR_TOPICS_MAX];
	bool any_refused;
	bool connected;
	bool subscribed; /* each topic was granted */
	bool failed;     /* why: */
	enum mqtt_session_failure failure;
	char detail[DOCTOR_DETAIL_MAX / 2];
	int query_id; /* of the last query */
	bool query_taken;
	bool timed_out;
	bool closed;
};

/* Errors: those of mqtt_session_create and of the topics. doctor_session_finish is due either way.
 */
int doctor_session_init(struct doctor_session *session, struct doctor *doctor);

/* Says goodbye. */
void doctor_session_finish(struct doctor_session *session);

/* Runs until `done` says so, the connection fails, or the time is over. Returns what `done` says.
 */
bool doctor_session_await(struct doctor_session *session,
			  bool (*done)(const struct doctor_session *session), int64_t timeout_ms);

/* The query for all it knows (1027), written in this key. False where it could not be sent. */
bool doctor_session_ask(struct doctor_session *session, const char *serial,
			const struct doctor_key *key);

#endif
