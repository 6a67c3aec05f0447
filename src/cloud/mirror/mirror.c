/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/mirror.h"

#include "cloud/mirror/plan.h"
#include "transport/mqtt/session.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECENT_MAX  256
#define RECENT_MS   10000
#define LOOK_MS     2000
#define LINE_BYTES  512
#define QOS         1
#define USER_PREFIX "eufy_"

static const enum flagship_topic_kind up_kinds[] = {
	FLAGSHIP_TOPIC_NOTICE, FLAGSHIP_TOPIC_COMMAND_REPLY, FLAGSHIP_TOPIC_QUERY_REPLY};
static const enum flagship_topic_kind down_kinds[] = {FLAGSHIP_TOPIC_COMMAND, FLAGSHIP_TOPIC_QUERY};

#define UP_COUNT   (sizeof(up_kinds) / sizeof(up_kinds[0]))
#define DOWN_COUNT (sizeof(down_kinds) / sizeof(down_kinds[0]))

/* Something that was published up lately. */
struct recent {
	uint64_t hash;
	uint64_t at_ms;
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
	bool upstream_ready;
	struct recent recent[RECENT_MAX];
	size_t recent_next;
	uint64_t went_up;
	uint64_t came_down;
};

/* An account that the upstream did not let in. */
struct refusal {
	struct refusal *next;
	char user_id[REGISTRY_TEXT_MAX];
};

struct mirror {
	uv_loop_t *loop;
	uv_timer_t timer; /* of looks at the registry */
	struct registry *registry;
	struct mirror_options options; /* with strings of our own */
	struct mirrored *accounts;
	struct refusal *refusals;
	int64_t version; /* of the registry, that the accounts are of */
	bool stale;      /* they are no longer what they should be, whatever the version */
	bool timer_closed;
	void (*stopped)(void *context);
	void *stopped_context;
};

static void tell(const struct mirrored *account, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void tell(const struct mirrored *account, const char *format, ...)
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

static uint64_t hash_message(const char *topic, const uint8_t *payload, size_t length)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *topic; topic++) {
		hash = (hash ^ (uint8_t)*topic) * UINT64_C(1099511628211);
	}
	for (size_t i = 0; i < length; i++) {
		hash = (hash ^ payload[i]) * UINT64_C(1099511628211);
	}
	return hash;
}

static bool went_up_lately(const struct mirrored *account, uint64_t hash)
{
	uint64_t now_ms = uv_now(account->mirror->loop);

	for (size_t i = 0; i < RECENT_MAX; i++) {
		if (account->recent[i].hash == hash &&
		    now_ms - account->recent[i].at_ms < RECENT_MS) {
			return true;
		}
	}
	return false;
}

static void remember(struct mirrored *account, uint64_t hash)
{
	account->recent[account->recent_next] = (struct recent){
		.hash = hash, .at_ms = uv_now(account->mirror->loop)};
	account->recent_next = (account->recent_next + 1) % RECENT_MAX;
}

/* What a printer said. */
static void on_local_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct mirrored *account = context;
	uint64_t hash = hash_message(topic, payload, length);

	if (!account->upstream_ready || went_up_lately(account, hash)) {
		return;
	}
	if (mqtt_session_publish(account->upstream, topic, payload, length, QOS, NULL) == 0) {
		remember(account, hash);
		account->went_up++;
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

/* What the vendor's app wants of a printer. */
static void on_upstream_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct mirrored *account = context;

	if (!may_come_down(account, topic)) {
		return;
	}
	if (mqtt_session_publish(account->local, topic, payload, length, QOS, NULL) == 0) {
		account->came_down++;
	}
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

static bool was_refused(const void *context, const char *user_id)
{
	const struct mirror *mirror = context;

	for (const struct refusal *refusal = mirror->refusals; refusal; refusal = refusal->next) {
		if (strcmp(refusal->user_id, user_id) == 0) {
			return true;
		}
	}
	return false;
}

static void on_upstream_event(void *context, const struct mqtt_session_event *event)
{
	struct mirrored *account = context;

	account->upstream_ready = mqtt_session_connected(account->upstream);
	switch (event->kind) {
	case MQTT_SESSION_CONNECTED:
		tell(account, "connected upstream");
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		tell(account,
		     "upstream does not let us hear %s: commands of the vendor's app do "
		     "not come down",
		     event->topic);
		break;
	case MQTT_SESSION_DISCONNECTED:
	case MQTT_SESSION_CONNECT_FAILED:
		tell(account, "upstream: %s%s", event->detail,
		     event->final ? "; it is not tried again" : "");
		if (event->final && event->failure == MQTT_SESSION_FAILURE_LOGIN) {
			note_refusal(account);
		}
		break;
	case MQTT_SESSION_SUBSCRIBED:
	case MQTT_SESSION_PARTLY_SUBSCRIBED:
		break;
	}
}

static void on_local_event(void *context, const struct mqtt_session_event *event)
{
	if (event->kind == MQTT_SESSION_SUBSCRIBED) {
		tell(context, "hears its printers");
	} else if (event->kind == MQTT_SESSION_CONNECT_FAILED) {
		tell(context, "our own broker: %s%s", event->detail,
		     event->final ? "; it is not tried again" : "");
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

	if (mirror->accounts || !mirror->timer_closed) {
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

static void end_account(struct mirrored *account)
{
	if (account->ending) {
		return;
	}
	account->ending = true;
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
			const enum flagship_topic_kind *kinds, size_t kind_count,
			struct mqtt_session **session)
{
	size_t count = account->who->serial_count * kind_count;
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = make_topics(account->who, kinds, kind_count);
	const char **topics = calloc(count, sizeof(*topics));
	int error = FLAGSHIP_ERROR_MEMORY;

	if (texts && topics) {
		for (size_t i = 0; i < count; i++) {
			topics[i] = texts[i];
		}
		options->topics = topics;
		options->topic_count = count;
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
	char username[REGISTRY_TEXT_MAX + sizeof(USER_PREFIX)];
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

	snprintf(username, sizeof(username), USER_PREFIX "%s", account->who->user_id);
	int error = open_session(account, &options, &handlers, down_kinds, DOWN_COUNT,
				 &account->upstream);
	OPENSSL_cleanse(username, sizeof(username));
	return error;
}

static int open_local(struct mirrored *account)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_local_event,
		.on_message = on_local_message,
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

	return open_session(account, &options, &handlers, up_kinds, UP_COUNT, &account->local);
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
	error = open_local(account);
	if (!error) {
		error = open_upstream(account);
	}
	if (error) {
		tell(account, "cannot be mirrored: %s", flagship_strerror(error));
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
static int follow(struct mirror *mirror)
{
	struct mirror_account *plan;
	struct mirrored *next;
	/* Before it is read: what changes meanwhile is seen at the next look. */
	int64_t version = registry_version(mirror->registry);
	int error = mirror_plan_make(mirror->registry, was_refused, mirror, &plan);

	if (error) {
		return error;
	}
	mirror->version = version;
	mirror->stale = false;
	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		if (!account->ending && !is_planned(&plan, account->who)) {
			tell(account, "ended, since its printers changed");
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

static void on_look(uv_timer_t *timer)
{
	struct mirror *mirror = timer->data;

	if (mirror->stale || registry_version(mirror->registry) != mirror->version) {
		/* What cannot be read now is read at the next look. */
		(void)follow(mirror);
	}
}

int mirror_start(uv_loop_t *loop, struct registry *registry, const struct mirror_options *options,
		 struct mirror **out)
{
	struct mirror *mirror = calloc(1, sizeof(*mirror));
	int error;

	*out = NULL;
	if (!mirror) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	mirror->loop = loop;
	mirror->registry = registry;
	mirror->options = *options;
	uv_timer_init(loop, &mirror->timer);
	mirror->timer.data = mirror;
	error = options_copy(&mirror->options) ? follow(mirror) : FLAGSHIP_ERROR_MEMORY;
	if (error) {
		mirror_stop(mirror, NULL, NULL);
		return error;
	}
	uv_timer_start(&mirror->timer, on_look, LOOK_MS, LOOK_MS);
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
	mirror->stopped = stopped;
	mirror->stopped_context = context;
	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		end_account(account);
	}
	uv_close((uv_handle_t *)&mirror->timer, on_timer_closed);
}
