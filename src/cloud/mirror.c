/* SPDX-License-Identifier: MIT */
#include "cloud/mirror.h"

#include "cloud/mirror_plan.h"
#include "transport/mqtt_session.h"

#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RECENT_MAX  256
#define RECENT_MS   10000
#define LINE_BYTES  512
#define QOS         1
#define LOOK_MS     2000 /* between two looks at whether the registry has changed */
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
	unsigned int open_sessions;
	bool leaving; /* it is freed when its sessions are closed */
	struct mqtt_session *upstream;
	struct mqtt_session *local;
	bool upstream_ready;
	struct mirror_entry *entry;
	struct recent recent[RECENT_MAX];
	size_t recent_next;
	uint64_t went_up;
	uint64_t came_down;
};

struct mirror {
	uv_loop_t *loop;
	struct registry *registry;
	struct mirror_options options;
	struct mirrored *accounts;
	uv_timer_t timer;
	bool timer_is_open;
	int64_t version; /* of the registry, when it was looked at last */
	bool stopping;
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
	snprintf(line, sizeof(line), "%s: %s", account->entry->email, text);
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

/* Here it is published with an administrator's rights. */
static bool is_for_printer(const struct mirrored *account, const char *topic)
{
	struct flagship_topic parsed;

	return flagship_topic_parse(topic, strlen(topic), &parsed) == 0 &&
	       (parsed.kind == FLAGSHIP_TOPIC_COMMAND || parsed.kind == FLAGSHIP_TOPIC_QUERY) &&
	       mirror_entry_has(account->entry, parsed.owner);
}

/* What the vendor's app wants of a printer. */
static void on_upstream_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct mirrored *account = context;

	if (is_for_printer(account, topic) &&
	    mqtt_session_publish(account->local, topic, payload, length, QOS, NULL) == 0) {
		account->came_down++;
	}
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

static void account_free(struct mirrored *account)
{
	mirror_entry_free(account->entry);
	free(account);
}

static void finish_when_stopped(struct mirror *mirror)
{
	if (!mirror->stopping || mirror->accounts || mirror->timer_is_open) {
		return;
	}
	void (*stopped)(void *) = mirror->stopped;
	void *context = mirror->stopped_context;

	free(mirror);
	if (stopped) {
		stopped(context);
	}
}

static void free_when_closed(struct mirrored *account)
{
	struct mirrored **link = &account->mirror->accounts;

	if (!account->leaving || account->open_sessions > 0) {
		return;
	}
	while (*link != account) {
		link = &(*link)->next;
	}
	*link = account->next;
	account_free(account);
}

static void on_session_closed(void *context)
{
	struct mirrored *account = context;
	struct mirror *mirror = account->mirror;

	account->open_sessions--;
	free_when_closed(account);
	finish_when_stopped(mirror);
}

static void leave(struct mirrored *account)
{
	account->leaving = true;
	mqtt_session_close(account->upstream);
	mqtt_session_close(account->local);
	free_when_closed(account);
}

/* Allocates; NULL where there is no memory. */
static char (*make_topics(const struct mirrored *account, const enum flagship_topic_kind *kinds,
			  size_t kind_count))[FLAGSHIP_TOPIC_LENGTH_MAX + 1]
{
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = calloc(
		account->entry->serial_count * kind_count, sizeof(*texts));

	for (size_t i = 0; texts && i < account->entry->serial_count * kind_count; i++) {
		/* Serial numbers of the registry are valid: they were checked when they came in. */
		(void)flagship_topic_build(kinds[i % kind_count],
					   account->entry->serials[i / kind_count], texts[i],
					   sizeof(texts[i]));
	}
	return texts;
}

static int open_session(struct mirrored *account, struct mqtt_session_options *options,
			const struct mqtt_session_handlers *handlers,
			const enum flagship_topic_kind *kinds, size_t kind_count,
			struct mqtt_session **session)
{
	size_t count = account->entry->serial_count * kind_count;
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = make_topics(account, kinds, kind_count);
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
						     account->entry->country)),
		.port = own->upstream_port,
		.trust = own->upstream_trust,
		.username = username,
		.password =
			account->entry->email, /* the vendor's convention, whatever holds here */
	};

	snprintf(username, sizeof(username), USER_PREFIX "%s", account->entry->user_id);
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

static bool is_planned(const struct mirror_entry *entry, const struct mirror_entry *plan)
{
	for (; plan; plan = plan->next) {
		if (mirror_entry_same(entry, plan)) {
			return true;
		}
	}
	return false;
}

static bool is_mirrored(const struct mirror *mirror, const struct mirror_entry *entry)
{
	for (const struct mirrored *account = mirror->accounts; account; account = account->next) {
		if (!account->leaving && mirror_entry_same(account->entry, entry)) {
			return true;
		}
	}
	return false;
}

/* Takes over the entry. */
static int begin(struct mirror *mirror, struct mirror_entry *entry)
{
	struct mirrored *account = calloc(1, sizeof(*account));

	if (!account) {
		mirror_entry_free(entry);
		return FLAGSHIP_ERROR_MEMORY;
	}
	account->mirror = mirror;
	account->entry = entry;
	account->next = mirror->accounts;
	mirror->accounts = account;
	int error = open_local(account);

	return error ? error : open_upstream(account);
}

/* Those who are mirrored already stay connected. Takes over the plan. */
static int change_to(struct mirror *mirror, struct mirror_entry *plan)
{
	struct mirrored *next;
	int error = 0;

	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		if (!account->leaving && !is_planned(account->entry, plan)) {
			tell(account, "is mirrored no more, or other printers of it are");
			leave(account);
		}
	}
	while (plan) {
		struct mirror_entry *entry = plan;

		plan = entry->next;
		if (error || is_mirrored(mirror, entry)) {
			mirror_entry_free(entry);
		} else {
			error = begin(mirror, entry);
		}
	}
	return error;
}

static int look(struct mirror *mirror)
{
	struct mirror_entry *plan;

	mirror->version = registry_version(mirror->registry);
	int error = mirror_plan(mirror->registry, &plan);

	return error ? error : change_to(mirror, plan);
}

static void on_timer(uv_timer_t *timer)
{
	struct mirror *mirror = timer->data;

	if (registry_version(mirror->registry) != mirror->version && look(mirror) != 0 &&
	    mirror->options.log) {
		mirror->options.log(mirror->options.context,
				    "what has changed in the registry cannot be mirrored");
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	struct mirror *mirror = handle->data;

	mirror->timer_is_open = false;
	finish_when_stopped(mirror);
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
	mirror->timer_is_open = true;
	error = look(mirror);
	if (error) {
		mirror_stop(mirror, NULL, NULL);
		return error;
	}
	uv_timer_start(&mirror->timer, on_timer, LOOK_MS, LOOK_MS);
	*out = mirror;
	return 0;
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
	mirror->stopping = true;
	mirror->stopped = stopped;
	mirror->stopped_context = context;
	for (struct mirrored *account = mirror->accounts; account; account = next) {
		next = account->next;
		if (!account->leaving) {
			leave(account);
		}
	}
	uv_close((uv_handle_t *)&mirror->timer, on_timer_closed);
}
