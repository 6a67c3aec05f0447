/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/internal.h"

#include "base/clock.h"
#include "base/hex.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The connections of one account, up and down, and whether they are a loop. */

#define LINE_BYTES 512
#define PROOF_MS   400 /* for our own words to come back; our broker has sent them on by then */
#define QOS        1

static const enum flagship_topic_kind up_kinds[] = {
	FLAGSHIP_TOPIC_NOTICE, FLAGSHIP_TOPIC_COMMAND_REPLY, FLAGSHIP_TOPIC_QUERY_REPLY};
static const enum flagship_topic_kind down_kinds[] = {FLAGSHIP_TOPIC_COMMAND, FLAGSHIP_TOPIC_QUERY};

#define UP_COUNT   (sizeof(up_kinds) / sizeof(up_kinds[0]))
#define DOWN_COUNT (sizeof(down_kinds) / sizeof(down_kinds[0]))

void mirror_log_account(const struct mirrored *account, const char *format, ...)
{
	const struct mirror_options *options = &account->mirror->options;
	char text[LINE_BYTES];
	char line[2 * LINE_BYTES];
	va_list arguments;

	if (!options->log) {
		return;
	}
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	snprintf(line, sizeof(line), "%s: %s", account->who->email, text);
	options->log(options->context, line);
}

/* --- whether it is a loop --- */

static void on_proof_timer(uv_timer_t *timer)
{
	struct mirrored *account = timer->data;

	if (account->proof == PROOF_WAITS) {
		account->proof = PROOF_NO_LOOP;
		mirror_log_account(account, "hears its printers");
		mirror_state_set(account, "");
	}
}

static void start_wait(struct mirrored *account)
{
	account->proof = PROOF_WAITS;
	uv_timer_start(&account->proof_timer, on_proof_timer, PROOF_MS, 0);
}

static bool make_proof(struct mirrored *account)
{
	uint8_t nonce[MIRROR_NONCE_BYTES];
	char text[2 * MIRROR_NONCE_BYTES + 1];

	if (RAND_bytes(nonce, sizeof(nonce)) != 1) {
		return false;
	}
	hex_encode(nonce, sizeof(nonce), HEX_LOWER, text);
	snprintf(account->proof_text, sizeof(account->proof_text),
		 MIRROR_PROOF_START "%s" MIRROR_PROOF_END, text);
	return true;
}

/* Anew with each connection, which may lead elsewhere than the last one. */
static void prove_if_ready(struct mirrored *account)
{
	if (account->proof != PROOF_DUE || !account->upstream_ready || !account->local_ready ||
	    !make_proof(account)) {
		return;
	}
	account->proof = PROOF_REPORTED;
	if (mqtt_session_publish(account->local, account->proof_topic,
				 (const uint8_t *)account->proof_text, strlen(account->proof_text),
				 QOS, &account->proof_id)) {
		account->proof = PROOF_DUE;
	}
}

static void lose_proof(struct mirrored *account, const char *problem)
{
	if (account->proof != PROOF_LOOP) {
		account->proof = PROOF_DUE;
		mirror_state_set(account, problem);
	}
}

static void on_local_published(void *context, int id)
{
	struct mirrored *account = context;

	if (account->proof == PROOF_REPORTED && id == account->proof_id) {
		start_wait(account);
	}
}

static bool is_own_proof(const struct mirrored *account, const char *topic, const uint8_t *payload,
			 size_t length)
{
	return strcmp(topic, account->proof_topic) == 0 && length > 0 &&
	       length == strlen(account->proof_text) &&
	       memcmp(payload, account->proof_text, length) == 0;
}

/* What a printer sent. */
static void on_local_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct mirrored *account = context;

	if (account->proof == PROOF_NO_LOOP) {
		/* What is not taken is lost, as where there is no connection. */
		(void)mqtt_session_publish(account->upstream, topic, payload, length, QOS, NULL);
	}
}

/* Locally we may publish anything: so what the upstream sends unasked goes nowhere. */
static bool may_come_down(const struct mirrored *account, const char *text)
{
	struct flagship_topic topic;

	if (flagship_topic_parse(text, strlen(text), &topic) != 0) {
		return false;
	}
	for (size_t i = 0; i < DOWN_COUNT; i++) {
		if (topic.kind == down_kinds[i]) {
			return mirror_account_has(account->who, topic.owner);
		}
	}
	return false;
}

/* Its printers go to others who have them too, from the next look on. */
static void note_refusal(struct mirrored *account)
{
	struct mirror *mirror = account->mirror;
	struct refusal *refusal = account->refusal;

	if (!refusal) {
		return;
	}
	account->refusal = NULL;
	memcpy(refusal->user_id, account->who->user_id, sizeof(refusal->user_id));
	memcpy(refusal->email, account->who->email, sizeof(refusal->email));
	memcpy(refusal->problem, account->problem, sizeof(refusal->problem));
	refusal->since_s = clock_unix_s();
	refusal->is_loop = account->proof == PROOF_LOOP;
	refusal->next = mirror->refusals;
	mirror->refusals = refusal;
	mirror->stale = true;
	mirror_state_changed(mirror);
}

static void end_loop(struct mirrored *account)
{
	account->proof = PROOF_LOOP;
	account->problem[0] = '\0';
	mirror_log_account(account,
			   "the broker upstream is this cloud itself: nothing is mirrored there");
	note_refusal(account);
}

/* What the vendor's app wants of a printer. */
static void on_upstream_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct mirrored *account = context;

	if (account->proof != PROOF_LOOP && is_own_proof(account, topic, payload, length)) {
		end_loop(account);
	} else if (account->proof == PROOF_NO_LOOP && may_come_down(account, topic)) {
		(void)mqtt_session_publish(account->local, topic, payload, length, QOS, NULL);
	}
}

static void on_upstream_event(void *context, const struct mqtt_session_event *event)
{
	struct mirrored *account = context;

	switch (event->kind) {
	case MQTT_SESSION_CONNECTED:
		mirror_log_account(account, "connected upstream");
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		if (strcmp(event->topic, account->proof_topic) != 0) {
			mirror_log_account(
				account,
				"upstream does not let us hear %s: commands of the vendor's app do "
				"not come down",
				event->topic);
		}
		break;
	case MQTT_SESSION_DISCONNECTED:
	case MQTT_SESSION_CONNECT_FAILED:
		mirror_log_account(account, "upstream: %s%s", event->detail,
				   event->final ? "; it is not tried again" : "");
		account->upstream_ready = false;
		lose_proof(account, event->detail);
		if (event->final && event->failure == MQTT_SESSION_FAILURE_LOGIN) {
			note_refusal(account);
		}
		break;
	case MQTT_SESSION_SUBSCRIBED:
	case MQTT_SESSION_PARTLY_SUBSCRIBED:
		account->upstream_ready = true;
		prove_if_ready(account);
		break;
	}
}

static void on_local_event(void *context, const struct mqtt_session_event *event)
{
	struct mirrored *account = context;

	switch (event->kind) {
	case MQTT_SESSION_SUBSCRIBED:
		account->local_ready = true;
		prove_if_ready(account);
		break;
	case MQTT_SESSION_DISCONNECTED:
		account->local_ready = false;
		lose_proof(account, "");
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		mirror_log_account(account, "our own broker: %s%s", event->detail,
				   event->final ? "; it is not tried again" : "");
		break;
	default:
		break;
	}
}

static void release(struct mirrored *account)
{
	struct mirror *mirror = account->mirror;
	struct mirrored **place = &mirror->accounts;

	if (--account->open_sessions > 0 || !account->ending) {
		return;
	}
	while (*place != account) {
		place = &(*place)->next;
	}
	*place = account->next;
	mirror_account_free(account->who);
	free(account->refusal);
	free(account);
	mirror_free_if_over(mirror);
}

static void on_session_closed(void *context)
{
	release(context);
}

static void on_proof_timer_closed(uv_handle_t *timer)
{
	release(timer->data);
}

void mirror_end_account(struct mirrored *account)
{
	if (account->ending) {
		return;
	}
	account->ending = true;
	uv_close((uv_handle_t *)&account->proof_timer, on_proof_timer_closed);
	account->open_sessions++; /* our own, so that it is there until both were reported */
	mqtt_session_close(account->upstream);
	mqtt_session_close(account->local);
	release(account);
}

/* Allocates; NULL where there is no memory, or a serial number is none. */
static char (*make_topics(const struct mirror_account *who, const enum flagship_topic_kind *kinds,
			  size_t kind_count))[FLAGSHIP_TOPIC_LENGTH_MAX + 1]
{
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = calloc(who->serial_count * kind_count,
							     sizeof(*texts));

	for (size_t i = 0; texts && i < who->serial_count * kind_count; i++) {
		if (flagship_topic_build(kinds[i % kind_count], who->serials[i / kind_count],
					 texts[i], sizeof(texts[i]))) {
			free(texts);
			return NULL;
		}
	}
	return texts;
}

static int open_session(struct mirrored *account, struct mqtt_session_options *options,
			const struct mqtt_session_handlers *handlers,
			const enum flagship_topic_kind *kinds, size_t kind_count, const char *more,
			struct mqtt_session **session)
{
	size_t count = account->who->serial_count * kind_count;
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = make_topics(account->who, kinds, kind_count);
	const char **topics = calloc(count + 1, sizeof(*topics));
	int error = FLAGSHIP_ERROR_MEMORY;

	if (texts && topics) {
		for (size_t i = 0; i < count; i++) {
			topics[i] = texts[i];
		}
		topics[count] = more;
		options->topics = topics;
		options->topic_count = count + (more != NULL);
		error = mqtt_session_create(account->mirror->loop, options, handlers, account,
					    session);
	}
	free(topics);
	free(texts);
	if (!error) {
		account->open_sessions++;
		mqtt_session_start(*session);
	}
	return error;
}

static int open_upstream(struct mirrored *account)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_upstream_event,
		.on_message = on_upstream_message,
		.on_closed = on_session_closed,
	};
	const struct mirror_options *own = &account->mirror->options;
	char username[REGISTRY_TEXT_MAX + sizeof(FLAGSHIP_USERNAME_PREFIX)];
	struct mqtt_session_options options = {
		.host = own->upstream_host ? own->upstream_host
					   : flagship_region_mqtt_host(flagship_region_from_country(
						     account->who->country)),
		.port = own->upstream_port,
		.trust = own->upstream_trust,
		.username = username,
		/* The vendor's convention, whatever is agreed here. */
		.password = account->who->email,
	};

	snprintf(username, sizeof(username), FLAGSHIP_USERNAME_PREFIX "%s", account->who->user_id);
	int error = open_session(account, &options, &handlers, down_kinds, DOWN_COUNT,
				 account->proof_topic, &account->upstream);
	OPENSSL_cleanse(username, sizeof(username));
	return error;
}

static int open_local(struct mirrored *account)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_local_event,
		.on_message = on_local_message,
		.on_published = on_local_published,
		.on_closed = on_session_closed,
	};
	const struct mirror_options *own = &account->mirror->options;
	struct mqtt_session_options options = {
		.host = own->local_host,
		.port = own->local_port,
		.trust = {.ca_file = own->local_ca},
		.username = own->local_username,
		.password = own->local_password,
	};

	return open_session(account, &options, &handlers, up_kinds, UP_COUNT, NULL,
			    &account->local);
}

int mirror_start_account(struct mirror *mirror, struct mirror_account *who)
{
	struct mirrored *account = calloc(1, sizeof(*account));
	struct refusal *refusal = calloc(1, sizeof(*refusal));

	if (!account || !refusal) {
		free(account);
		free(refusal);
		mirror_account_free(who);
		return FLAGSHIP_ERROR_MEMORY;
	}
	account->mirror = mirror;
	account->who = who;
	account->since_s = clock_unix_s();
	account->refusal = refusal;
	account->next = mirror->accounts;
	mirror->accounts = account;
	uv_timer_init(mirror->loop, &account->proof_timer);
	account->proof_timer.data = account;
	account->open_sessions++;
	int error = flagship_topic_build(FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, who->user_id,
					 account->proof_topic, sizeof(account->proof_topic));
	if (!error) {
		error = open_local(account);
	}
	if (!error) {
		error = open_upstream(account);
	}
	if (error) {
		mirror_log_account(account, "cannot be mirrored: %s", flagship_strerror(error));
		mirror_end_account(account);
	}
	return error;
}
