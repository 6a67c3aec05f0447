/* SPDX-License-Identifier: MIT */
#include "cloud/mirror.h"

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
	struct mqtt_session *upstream;
	struct mqtt_session *local;
	bool upstream_ready;
	char email[REGISTRY_TEXT_MAX];
	char user_id[REGISTRY_TEXT_MAX];
	char country[REGISTRY_TEXT_MAX];
	char mqtt_password[REGISTRY_TEXT_MAX];
	char (*serials)[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	size_t serial_count;
	struct recent recent[RECENT_MAX];
	size_t recent_next;
	uint64_t went_up;
	uint64_t came_down;
};

struct mirror {
	uv_loop_t *loop;
	struct mirror_options options;
	struct mirrored *accounts;
	size_t open_sessions;
	bool stopping;
	void (*stopped)(void *context);
	void *stopped_context;
};

struct collector {
	struct mirror *mirror;
	struct mirrored *account; /* whose printers are collected */
	bool failed;
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
	snprintf(line, sizeof(line), "%s: %s", account->email, text);
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

/* What the vendor's app wants of a printer. */
static void on_upstream_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct mirrored *account = context;

	if (mqtt_session_publish(account->local, topic, payload, length, QOS, NULL) == 0) {
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
	free(account->serials);
	OPENSSL_cleanse(account, sizeof(*account));
	free(account);
}

static void mirror_free(struct mirror *mirror)
{
	void (*stopped)(void *) = mirror->stopped;
	void *context = mirror->stopped_context;

	while (mirror->accounts) {
		struct mirrored *next = mirror->accounts->next;

		account_free(mirror->accounts);
		mirror->accounts = next;
	}
	free(mirror);
	if (stopped) {
		stopped(context);
	}
}

static void on_session_closed(void *context)
{
	struct mirrored *account = context;
	struct mirror *mirror = account->mirror;

	if (--mirror->open_sessions == 0 && mirror->stopping) {
		mirror_free(mirror);
	}
}

/* Allocates; NULL where there is no memory. */
static char (*make_topics(const struct mirrored *account, const enum flagship_topic_kind *kinds,
			  size_t kind_count))[FLAGSHIP_TOPIC_LENGTH_MAX + 1]
{
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = calloc(account->serial_count * kind_count,
							     sizeof(*texts));

	for (size_t i = 0; texts && i < account->serial_count * kind_count; i++) {
		/* Serial numbers of the registry are valid: they were checked when they came in. */
		(void)flagship_topic_build(kinds[i % kind_count], account->serials[i / kind_count],
					   texts[i], sizeof(texts[i]));
	}
	return texts;
}

static int open_session(struct mirrored *account, struct mqtt_session_options *options,
			const struct mqtt_session_handlers *handlers,
			const enum flagship_topic_kind *kinds, size_t kind_count,
			struct mqtt_session **session)
{
	size_t count = account->serial_count * kind_count;
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
		account->mirror->open_sessions++;
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
						     account->country)),
		.port = own->upstream_port,
		.trust = own->upstream_trust,
		.username = username,
		.password = account->mqtt_password,
	};

	snprintf(username, sizeof(username), USER_PREFIX "%s", account->user_id);
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

static bool collect_printer(void *context, const struct store_printer *printer)
{
	struct collector *collector = context;
	struct mirrored *account = collector->account;
	void *larger = realloc(account->serials,
			       (account->serial_count + 1) * sizeof(*account->serials));

	if (!larger) {
		collector->failed = true;
		return false;
	}
	account->serials = larger;
	memcpy(account->serials[account->serial_count++], printer->serial, sizeof(printer->serial));
	return true;
}

static bool collect_account(void *context, const struct registry_account *found)
{
	struct collector *collector = context;
	struct mirrored *account;

	if (found->administrator) {
		return true;
	}
	account = calloc(1, sizeof(*account));
	if (!account) {
		collector->failed = true;
		return false;
	}
	account->mirror = collector->mirror;
	memcpy(account->email, found->email, sizeof(account->email));
	memcpy(account->user_id, found->user_id, sizeof(account->user_id));
	memcpy(account->country, found->country, sizeof(account->country));
	/* Upstream the vendor's convention holds, whatever is agreed here. */
	memcpy(account->mqtt_password, found->email, sizeof(account->mqtt_password));
	account->next = collector->mirror->accounts;
	collector->mirror->accounts = account;
	return true;
}

static int collect(struct mirror *mirror, struct registry *registry)
{
	struct collector collector = {.mirror = mirror};
	int result = registry_each_account(registry, collect_account, &collector);

	for (struct mirrored *account = mirror->accounts; account && result >= 0;
	     account = account->next) {
		collector.account = account;
		result = registry_each_printer(registry, account->user_id, collect_printer,
					       &collector);
	}
	if (collector.failed) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	return result < 0 ? result : 0;
}

static int open_all(struct mirror *mirror)
{
	int error = 0;

	for (struct mirrored *account = mirror->accounts; account && !error;
	     account = account->next) {
		if (account->serial_count == 0) {
			continue;
		}
		error = open_local(account);
		if (!error) {
			error = open_upstream(account);
		}
	}
	return error;
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
	mirror->options = *options;
	error = collect(mirror, registry);
	if (!error) {
		error = open_all(mirror);
	}
	if (error) {
		mirror_stop(mirror, NULL, NULL);
		return error;
	}
	*out = mirror;
	return 0;
}

void mirror_stop(struct mirror *mirror, void (*stopped)(void *context), void *context)
{
	if (!mirror) {
		if (stopped) {
			stopped(context);
		}
		return;
	}
	mirror->stopping = true;
	mirror->stopped = stopped;
	mirror->stopped_context = context;
	for (struct mirrored *account = mirror->accounts; account; account = account->next) {
		mqtt_session_close(account->upstream);
		mqtt_session_close(account->local);
	}
	if (mirror->open_sessions == 0) {
		mirror_free(mirror);
	}
}
