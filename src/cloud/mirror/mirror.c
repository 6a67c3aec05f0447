/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/mirror.h"

#include "base/hex.h"
#include "cloud/mirror/plan.h"
#include "transport/mqtt/session.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MS     2000
#define LINE_BYTES  512
#define PROOF_MS    400 /* for our own words to come back; our broker has sent them on by then */
#define NONCE_BYTES 16
#define PROOF_START "{\"flagship_mirror\":\""
#define PROOF_END   "\"}"
#define PROOF_SIZE  (sizeof(PROOF_START PROOF_END) + 2 * (size_t)NONCE_BYTES)
#define QOS         1

static const enum flagship_topic_kind up_kinds[] = {
	FLAGSHIP_TOPIC_NOTICE, FLAGSHIP_TOPIC_COMMAND_REPLY, FLAGSHIP_TOPIC_QUERY_REPLY};
static const enum flagship_topic_kind down_kinds[] = {FLAGSHIP_TOPIC_COMMAND, FLAGSHIP_TOPIC_QUERY};

#define UP_COUNT   (sizeof(up_kinds) / sizeof(up_kinds[0]))
#define DOWN_COUNT (sizeof(down_kinds) / sizeof(down_kinds[0]))

/*
 * A loop is an upstream that is our own broker, or one of its cluster: each message would come back
 * to where it was taken from, for ever. Equal bytes are no sign of that, since printers repeat
 * themselves. So before anything is passed on, something is said on our side alone, on the topic
 * where an account hears of changes of its own: who hears it upstream is connected to ourselves.
 */
enum proof {
	PROOF_DUE,
	PROOF_SAID, /* our broker may not have it yet */
	PROOF_WAITS,
	PROOF_NO_LOOP, /* messages pass */
	PROOF_LOOP,
};

/* One account: its connection up, and one down. */
struct mirrored {
	struct mirror *mirror;
	struct mirrored *next;
	struct mirror_account *who;
	struct mqtt_session *upstream;
	struct mqtt_session *local;
	unsigned int open_sessions;
	bool ending;
	bool upstream_ready; /* subscribed, as far as it is let */
	bool local_ready;
	enum proof proof;
	int proof_id; /* of the message to our own broker */
	char proof_text[PROOF_SIZE];
	char proof_topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1]; /* "": it has none */
	uv_timer_t proof_timer;
};

/* An account that the upstream did not let in. */
struct refusal {
	struct refusal *next;
	char user_id[REGISTRY_TEXT_MAX];
};

/* At what is to be mirrored. The thread's while it runs. */
struct mirror_look {
	struct database_reading reading;
	bool runs;
	bool stale;                     /* whatever the version */
	const struct refusal *refusals; /* as they were when it began */
	struct mirror_account *plan;
	struct {
		const struct registry *registry;
		int64_t version;
	} seen[DATABASE_READERS_MAX];
};

struct mirror {
	uv_loop_t *loop;
	uv_timer_t timer; /* of looks at the registry */
	struct registry_service *service;
	struct mirror_look look;
	struct mirror_options options; /* with strings of our own */
	struct mirrored *accounts;
	struct refusal *refusals;
	bool stale; /* they are no longer what they should be, whatever the version */
	bool stops;
	bool timer_closed;
	void (*stopped)(void *context);
	void *stopped_context;
};

static void log_account(const struct mirrored *account, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void log_account(const struct mirrored *account, const char *format, ...)
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
		log_account(account, "hears its printers");
	}
}

static void start_wait(struct mirrored *account)
{
	account->proof = PROOF_WAITS;
	uv_timer_start(&account->proof_timer, on_proof_timer, PROOF_MS, 0);
}

static bool make_proof(struct mirrored *account)
{
	uint8_t nonce[NONCE_BYTES];
	char text[2 * NONCE_BYTES + 1];

	if (RAND_bytes(nonce, sizeof(nonce)) != 1) {
		return false;
	}
	hex_encode(nonce, sizeof(nonce), HEX_LOWER, text);
	snprintf(account->proof_text, sizeof(account->proof_text), PROOF_START "%s" PROOF_END,
		 text);
	return true;
}

/* Anew with each connection, which may lead elsewhere than the last one. */
static void prove_if_ready(struct mirrored *account)
{
	if (account->proof != PROOF_DUE || !account->upstream_ready || !account->local_ready ||
	    !make_proof(account)) {
		return;
	}
	account->proof = PROOF_SAID;
	if (mqtt_session_publish(account->local, account->proof_topic,
				 (const uint8_t *)account->proof_text, strlen(account->proof_text),
				 QOS, &account->proof_id)) {
		account->proof = PROOF_DUE;
	}
}

static void lose_proof(struct mirrored *account)
{
	if (account->proof != PROOF_LOOP) {
		account->proof = PROOF_DUE;
	}
}

static void on_local_published(void *context, int id)
{
	struct mirrored *account = context;

	if (account->proof == PROOF_SAID && id == account->proof_id) {
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
	struct refusal *refusal = calloc(1, sizeof(*refusal));

	if (!refusal) {
		return;
	}
	memcpy(refusal->user_id, account->who->user_id, sizeof(refusal->user_id));
	refusal->next = mirror->refusals;
	mirror->refusals = refusal;
	mirror->stale = true;
}

static void end_loop(struct mirrored *account)
{
	account->proof = PROOF_LOOP;
	log_account(account, "the broker upstream is this cloud itself: nothing is mirrored there");
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

static bool was_refused(const void *context, const char *user_id)
{
	for (const struct refusal *refusal = context; refusal; refusal = refusal->next) {
		if (strcmp(refusal->user_id, user_id) == 0) {
			return true;
		}
	}
	return false;
}

static void on_upstream_event(void *context, const struct mqtt_session_event *event)
{
	struct mirrored *account = context;

	switch (event->kind) {
	case MQTT_SESSION_CONNECTED:
		log_account(account, "connected upstream");
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		if (strcmp(event->topic, account->proof_topic) != 0) {
			log_account(
				account,
				"upstream does not let us hear %s: commands of the vendor's app do "
				"not come down",
				event->topic);
		}
		break;
	case MQTT_SESSION_DISCONNECTED:
	case MQTT_SESSION_CONNECT_FAILED:
		log_account(account, "upstream: %s%s", event->detail,
			    event->final ? "; it is not tried again" : "");
		account->upstream_ready = false;
		lose_proof(account);
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
		lose_proof(account);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		log_account(account, "our own broker: %s%s", event->detail,
			    event->final ? "; it is not tried again" : "");
		break;
	default:
		break;
	}
}

static void free_text(const char *text)
{
	free((void *)text);
}

static void options_free(struct mirror_options *options)
{
	if (options->local_password) {
		OPENSSL_cleanse((void *)options->local_password, strlen(options->local_password));
	}
	free_text(options->upstream_host);
	free_text(options->upstream_trust.ca_file);
	free_text(options->upstream_trust.pin_sha256);
	free_text(options->local_host);
	free_text(options->local_ca);
	free_text(options->local_username);
	free_text(options->local_password);
}

static bool copy_text(const char **text)
{
	bool wanted = *text != NULL;

	*text = wanted ? strdup(*text) : NULL;
	return !wanted || *text;
}

/* Each becomes our own, or NULL: options_free is due either way. */
static bool options_copy(struct mirror_options *options)
{
	bool copied = copy_text(&options->upstream_host);

	copied = copy_text(&options->upstream_trust.ca_file) && copied;
	copied = copy_text(&options->upstream_trust.pin_sha256) && copied;
	copied = copy_text(&options->local_host) && copied;
	copied = copy_text(&options->local_ca) && copied;
	copied = copy_text(&options->local_username) && copied;
	return copy_text(&options->local_password) && copied;
}

static void free_if_over(struct mirror *mirror)
{
	void (*stopped)(void *) = mirror->stopped;
	void *context = mirror->stopped_context;

	if (mirror->accounts || !mirror->timer_closed || mirror->look.runs) {
		return;
	}
	while (mirror->refusals) {
		struct refusal *next = mirror->refusals->next;

		free(mirror->refusals);
		mirror->refusals = next;
	}
	options_free(&mirror->options);
	free(mirror);
	if (stopped) {
		stopped(context);
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
	free(account);
	free_if_over(mirror);
}

static void on_session_closed(void *context)
{
	release(context);
}

static void on_proof_timer_closed(uv_handle_t *timer)
{
	release(timer->data);
}

static void end_account(struct mirrored *account)
{
	if (account->ending) {
		return;
	}
	account->ending = true;
	uv_close((uv_handle_t *)&account->proof_timer, on_proof_timer_closed);
	account->open_sessions++; /* our own, so that it is there until both were told */
	mqtt_session_close(account->upstream);
	mqtt_session_close(account->local);
	release(account);
}

/* Allocates; NULL where there is no memory. */
static char (*make_topics(const struct mirror_account *who, const enum flagship_topic_kind *kinds,
			  size_t kind_count))[FLAGSHIP_TOPIC_LENGTH_MAX + 1]
{
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = calloc(who->serial_count * kind_count,
							     sizeof(*texts));

	for (size_t i = 0; texts && i < who->serial_count * kind_count; i++) {
		/* Serial numbers of the registry are valid: they were checked when they came in. */
		(void)flagship_topic_build(kinds[i % kind_count], who->serials[i / kind_count],
					   texts[i], sizeof(texts[i]));
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

static int start_account(struct mirror *mirror, struct mirror_account *who)
{
	struct mirrored *account = calloc(1, sizeof(*account));
	int error;

	if (!account) {
		mirror_account_free(who);
		return FLAGSHIP_ERROR_MEMORY;
	}
	account->mirror = mirror;
	account->who = who;
	account->next = mirror->accounts;
	mirror->accounts = account;
	uv_timer_init(mirror->loop, &account->proof_timer);
	account->proof_timer.data = account;
	account->open_sessions++;
	error = flagship_topic_build(FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, who->user_id,
				     account->proof_topic, sizeof(account->proof_topic));
	if (!error) {
		error = open_local(account);
	}
	if (!error) {
		error = open_upstream(account);
	}
	if (error) {
		log_account(account, "cannot be mirrored: %s", flagship_strerror(error));
		end_account(account);
	}
	return error;
}

/* Takes one that is the same out of the plan. */
static bool is_planned(struct mirror_account **plan, const struct mirror_account *who)
{
	for (struct mirror_account **place = plan; *place; place = &(*place)->next) {
		struct mirror_account *found = *place;

		if (mirror_account_same(found, who)) {
			*place = found->next;
			mirror_account_free(found);
			return true;
		}
	}
	return false;
}

/* Ends what is no longer to be mirrored, and starts what is new; the others are left alone. */
static int follow(struct mirror *mirror, struct mirror_account *plan)
{
	struct mirrored *next;
	int error = 0;

	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		if (!account->ending && !is_planned(&plan, account->who)) {
			if (account->proof != PROOF_LOOP) {
				log_account(account, "ended, since its printers changed");
			}
			end_account(account);
		}
	}
	while (plan) {
		struct mirror_account *who = plan;
		int failed;

		plan = who->next;
		failed = start_account(mirror, who);
		error = error ? error : failed;
	}
	return error;
}

/* --- looks at the registry, on a thread --- */

/* Versions are of a connection: each of the readers has its own. */
static int64_t *version_of(struct mirror_look *look, const struct registry *registry)
{
	size_t i = 0;

	while (i + 1 < DATABASE_READERS_MAX && look->seen[i].registry &&
	       look->seen[i].registry != registry) {
		i++;
	}
	look->seen[i].registry = registry;
	return &look->seen[i].version;
}

static int read_look(struct database *database, void *context)
{
	struct mirror_look *look = &((struct mirror *)context)->look;
	struct registry *registry = registry_of(database);
	int64_t *seen = version_of(look, registry);
	/* Before it is read: what changes meanwhile is seen at the next look. */
	int64_t version = registry_version(registry);

	if (!look->stale && version == *seen) {
		return 0;
	}
	int error = mirror_plan_make(registry, was_refused, look->refusals, &look->plan);

	if (!error) {
		*seen = version;
	}
	return error ? error : 1;
}

static void on_plan(void *context, int result, const char *problem)
{
	struct mirror *mirror = context;

	(void)problem;
	mirror->look.runs = false;
	if (mirror->stops) {
		if (result > 0) {
			mirror_plan_free(mirror->look.plan);
		}
		free_if_over(mirror);
	} else if (result > 0) {
		/* What cannot be started now is tried at the next change. */
		(void)follow(mirror, mirror->look.plan);
	} else if (result < 0) {
		mirror->stale = true;
	}
}

static void on_look(uv_timer_t *timer)
{
	struct mirror *mirror = timer->data;
	struct mirror_look *look = &mirror->look;

	if (look->runs) {
		return;
	}
	look->stale = mirror->stale;
	look->refusals = mirror->refusals;
	look->plan = NULL;
	look->reading = (struct database_reading){
		.work = read_look, .done = on_plan, .context = mirror};
	look->runs = !database_readers_submit(mirror->service->readers, &look->reading);
	mirror->stale = mirror->stale && !look->runs;
}

int mirror_start(uv_loop_t *loop, struct registry_service *service,
		 const struct mirror_options *options, struct mirror **out)
{
	struct mirror *mirror = calloc(1, sizeof(*mirror));

	*out = NULL;
	if (!mirror) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	mirror->loop = loop;
	mirror->service = service;
	mirror->options = *options;
	mirror->stale = true;
	uv_timer_init(loop, &mirror->timer);
	mirror->timer.data = mirror;
	if (!options_copy(&mirror->options)) {
		mirror_stop(mirror, NULL, NULL);
		return FLAGSHIP_ERROR_MEMORY;
	}
	uv_timer_start(&mirror->timer, on_look, 0, LOOK_MS);
	*out = mirror;
	return 0;
}

static void on_timer_closed(uv_handle_t *timer)
{
	struct mirror *mirror = timer->data;

	mirror->timer_closed = true;
	free_if_over(mirror);
}

void mirror_stop(struct mirror *mirror, void (*stopped)(void *context), void *context)
{
	struct mirrored *next;

	if (!mirror) {
		if (stopped) {
			stopped(context);
		}
		return;
	}
	mirror->stops = true;
	mirror->stopped = stopped;
	mirror->stopped_context = context;
	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		end_account(account);
	}
	uv_close((uv_handle_t *)&mirror->timer, on_timer_closed);
}
