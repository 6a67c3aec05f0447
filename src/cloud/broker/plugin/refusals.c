/* SPDX-License-Identifier: MIT */
#include "cloud/broker/plugin/refusals.h"

#include "base/clock.h"
#include "cloud/broker/plugin/gate.h"

#include <mosquitto.h>

#define GATE_LOG_S    60
#define TOPIC_LOG_MAX 128 /* characters of a topic that are logged */

static const char *text_or_none(const char *text)
{
	return text && text[0] != '\0' ? text : "(none)";
}

static bool may_log(struct refusals *refusals, const struct mosquitto *client)
{
	return log_limit_admits(&refusals->limit, text_or_none(mosquitto_client_id(client)),
				clock_steady_s());
}

void refusals_log_login(struct refusals *refusals, const struct mosquitto *client,
			const char *reason)
{
	if (may_log(refusals, client)) {
		/* Not the user name: of an account it is the secret half of the login. */
		mosquitto_log_printf(MOSQ_LOG_NOTICE,
				     "flagship: login refused, client %s from %s: %s",
				     text_or_none(mosquitto_client_id(client)),
				     text_or_none(mosquitto_client_address(client)), reason);
	}
}

void refusals_log_denied(struct refusals *refusals, const struct mosquitto_evt_acl_check *event,
			 enum access_operation operation, const char *reason)
{
	static const char *const verbs[] = {
		[ACCESS_PUBLISH] = "publish on",
		[ACCESS_SUBSCRIBE] = "subscribe to",
		[ACCESS_RECEIVE] = "receive from",
	};

	/* Every message that somebody else sends could cause one of these. */
	if (operation != ACCESS_RECEIVE && may_log(refusals, event->client)) {
		mosquitto_log_printf(MOSQ_LOG_NOTICE, "flagship: client %s may not %s %.*s: %s",
				     text_or_none(mosquitto_client_id(event->client)),
				     verbs[operation], TOPIC_LOG_MAX, event->topic, reason);
	}
}

void refusals_log_malformed(struct refusals *refusals, const struct mosquitto_evt_acl_check *event)
{
	if (may_log(refusals, event->client)) {
		mosquitto_log_printf(MOSQ_LOG_NOTICE,
				     "flagship: dropped %u bytes of client %s on %.*s: no frame",
				     (unsigned int)event->payloadlen,
				     text_or_none(mosquitto_client_id(event->client)),
				     TOPIC_LOG_MAX, event->topic);
	}
}

static void log_more(struct refusals *refusals, int64_t now_s)
{
	char name[LOG_LIMIT_NAME_SIZE];
	unsigned long more;

	while (log_limit_over(&refusals->limit, now_s, name, &more)) {
		mosquitto_log_printf(MOSQ_LOG_NOTICE, "flagship: client %s: and %lu more refusals",
				     name, more);
	}
}

static void log_gate(struct refusals *refusals, int64_t now_s)
{
	if (refusals->gate_logged_at != 0 && now_s - refusals->gate_logged_at < GATE_LOG_S) {
		return;
	}
	struct gate_counts counts = gate_take_counts();

	if (counts.closed + counts.refused == 0) {
		return;
	}
	refusals->gate_logged_at = now_s;
	if (counts.closed > 0) {
		mosquitto_log_printf(MOSQ_LOG_WARNING,
				     "flagship: closed %lu connections before their login: too "
				     "many of one address or of all, or for too long",
				     counts.closed);
	}
	if (counts.refused > 0) {
		mosquitto_log_printf(MOSQ_LOG_WARNING,
				     "flagship: full: refused %lu connections, since every "
				     "descriptor is in use (LimitNOFILE, ulimit -Hn)",
				     counts.refused);
	}
}

void refusals_run(struct refusals *refusals, int64_t now_s)
{
	log_more(refusals, now_s);
	log_gate(refusals, now_s);
}
