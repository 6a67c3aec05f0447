/* SPDX-License-Identifier: MIT */
#include "fleet/fleet_internal.h"

#include "protocol/topic.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

static char *copy_text(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void wipe_text(const char *text)
{
	if (text) {
		OPENSSL_cleanse((void *)text, strlen(text));
		free((void *)text);
	}
}

static void wipe_options(struct mqtt_session_options *options, char *user_id)
{
	wipe_text(options->host);
	wipe_text(options->address);
	wipe_text(options->trust.ca_file);
	wipe_text(options->trust.pin_sha256);
	wipe_text(options->client_id);
	wipe_text(options->username);
	wipe_text(options->password);
	wipe_text(user_id);
}

void login_free(struct fleet_login *login)
{
	wipe_options(&login->options, login->user_id);
	id_table_finish(&login->outstanding);
	free(login->gateway);
	free(login);
}

/* Whether every text that is there was copied. */
static bool copy_options(struct fleet_login *login, const struct mqtt_session_options *options,
			 const char *user_id)
{
	struct mqtt_session_options *own = &login->options;

	*own = *options;
	own->topics = NULL;
	own->topic_count = 0;
	own->host = copy_text(options->host);
	own->address = copy_text(options->address);
	own->trust.ca_file = copy_text(options->trust.ca_file);
	own->trust.pin_sha256 = copy_text(options->trust.pin_sha256);
	own->client_id = copy_text(options->client_id);
	own->username = copy_text(options->username);
	own->password = copy_text(options->password);
	login->user_id = copy_text(user_id && user_id[0] != '\0' ? user_id : NULL);
	if (!own->shared_resolver) {
		own->shared_resolver = login->fleet->resolver;
	}
	return (!options->host || own->host) && (!options->address || own->address) &&
	       (!options->trust.ca_file || own->trust.ca_file) &&
	       (!options->trust.pin_sha256 || own->trust.pin_sha256) &&
	       (!options->client_id || own->client_id) && (!options->username || own->username) &&
	       (!options->password || own->password) &&
	       (!user_id || user_id[0] == '\0' || login->user_id);
}

static bool same_text(const char *first, const char *second)
{
	return first && second ? strcmp(first, second) == 0 : first == second;
}

/* Of what fleet_change_login may change: a session made of them would be the same. */
static bool same_options(const struct fleet_login *login,
			 const struct mqtt_session_options *options, const char *user_id)
{
	const struct mqtt_session_options *own = &login->options;

	return same_text(own->host, options->host) && same_text(own->address, options->address) &&
	       same_text(own->trust.ca_file, options->trust.ca_file) &&
	       same_text(own->trust.pin_sha256, options->trust.pin_sha256) &&
	       same_text(own->client_id, options->client_id) &&
	       same_text(own->username, options->username) &&
	       same_text(own->password, options->password) &&
	       same_text(login->user_id, user_id && user_id[0] != '\0' ? user_id : NULL) &&
	       own->port == options->port && own->plain == options->plain &&
	       own->trust.insecure == options->trust.insecure &&
	       own->trust.web == options->trust.web && own->shared_trust == options->shared_trust &&
	       own->mqtt5 == options->mqtt5 && own->keepalive_s == options->keepalive_s &&
	       own->open_timeout_ms == options->open_timeout_ms &&
	       own->retains == options->retains && own->retry_final == options->retry_final;
}

/* --- what a session tells --- */

static void report(struct fleet_login *login, enum fleet_event_kind kind,
		   const struct mqtt_session_event *session)
{
	fleet_report(login->fleet,
		     &(struct fleet_event){.kind = kind, .login = login, .session = session});
}

static struct fleet_printer *printer_at(struct list *place)
{
	return LIST_OF(place, struct fleet_printer, login_place);
}

/* None of its topics has its answer yet. */
static void begin_ready(struct fleet_login *login)
{
	login->connected = true;
	login->tried = true;
	for (struct list *at = login->printers.next; at != &login->printers; at = at->next) {
		struct fleet_printer *printer = printer_at(at);

		printer->refused = false;
		printer->awaited = FLEET_PRINTER_TOPICS;
		printer_set_joining(printer, true);
	}
}

/* It is in vain for now: what waits for it ends. */
static void end_joining(struct fleet_login *login)
{
	login->tried = true;
	for (struct list *at = login->printers.next;
	     at != &login->printers && !login->fleet->closing; at = at->next) {
		printer_set_joining(printer_at(at), false);
	}
}

/* What is called meanwhile may remove printers: they stay in the list until all is over. */
static void end_ready(struct fleet_login *login)
{
	login->connected = false;
	id_table_clear(&login->outstanding);
	for (struct list *at = login->printers.next;
	     at != &login->printers && !login->fleet->closing; at = at->next) {
		struct fleet_printer *printer = printer_at(at);

		printer->unacknowledged = 0;
		list_remove(&printer->ready_place);
		printer_set_joining(printer, false);
		printer_set_ready(printer, false);
	}
}

static void handle_refusal(struct fleet_printer *printer, const struct mqtt_session_event *event)
{
	if (printer->refused) {
		return;
	}
	printer->refused = true;
	list_remove(&printer->ready_place);
	printer_set_joining(printer, false);
	printer_set_ready(printer, false);
	fleet_report(printer->fleet, &(struct fleet_event){.kind = FLEET_PRINTER_REFUSED,
							   .login = printer->login,
							   .printer = printer,
							   .session = event,
							   .topic = event->topic});
}

/* Whether the topic is the account's, or a printer's, for what the cloud changes. */
static bool read_topic(const struct fleet_login *login, const char *topic,
		       struct topic_parts *parts)
{
	return !login->fleet->closing && topic_take_apart(topic, strlen(topic), parts);
}

static bool is_change_notice(const struct topic_parts *parts)
{
	return parts->kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE ||
	       parts->kind == FLAGSHIP_TOPIC_CHANGE_NOTICE;
}

/* NULL where it is none of a printer of this login. */
static struct fleet_printer *printer_of(const struct fleet_login *login,
					const struct topic_parts *parts)
{
	if (parts->kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE) {
		return NULL;
	}
	return index_find(&login->fleet->index, login, parts->owner, parts->owner_length);
}

static struct fleet_printer *find_printer(const struct fleet_login *login, const char *topic,
					  enum flagship_topic_kind *kind)
{
	struct topic_parts parts;

	if (!read_topic(login, topic, &parts)) {
		return NULL;
	}
	*kind = parts.kind;
	return printer_of(login, &parts);
}

/* Of what the cloud says of the account nobody depends. */
static void refuse_topic(const struct fleet_login *login, const struct mqtt_session_event *event)
{
	enum flagship_topic_kind kind;
	struct fleet_printer *printer = find_printer(login, event->topic, &kind);

	if (printer && kind != FLAGSHIP_TOPIC_CHANGE_NOTICE) {
		handle_refusal(printer, event);
	}
}

static void on_session_event(void *context, const struct mqtt_session_event *event)
{
	struct fleet_login *login = context;
	struct fleet *fleet = login->fleet;

	fleet_enter(fleet);
	switch (event->kind) {
	case MQTT_SESSION_CONNECTED:
		begin_ready(login);
		report(login, FLEET_LOGIN_CONNECTED, event);
		break;
	case MQTT_SESSION_SUBSCRIBED:
	case MQTT_SESSION_PARTLY_SUBSCRIBED:
		break;
	case MQTT_SESSION_DISCONNECTED:
		login_lose(login, event);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		end_joining(login);
		report(login, FLEET_LOGIN_FAILED, event);
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		refuse_topic(login, event);
		break;
	}
	fleet_leave(fleet);
}

static void on_subscription(void *context, const char *topic, bool granted)
{
	struct fleet_login *login = context;
	enum flagship_topic_kind kind;
	struct fleet_printer *printer = find_printer(login, topic, &kind);

	(void)granted;
	if (printer && printer->awaited > 0 && --printer->awaited == 0 && !printer->refused) {
		fleet_make_ready(printer);
	}
}

static void on_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct fleet_login *login = context;
	struct fleet *fleet = login->fleet;
	struct topic_parts parts;

	if (!read_topic(login, topic, &parts)) {
		return;
	}
	struct fleet_printer *printer = printer_of(login, &parts);
	fleet_enter(fleet);
	if (is_change_notice(&parts)) {
		fleet_report(fleet, &(struct fleet_event){.kind = FLEET_CHANGE_NOTICE,
							  .login = login,
							  .printer = printer});
	}
	if (printer && !printer->removed) {
		printer_receive(printer, parts.kind, payload, length);
	}
	fleet_leave(fleet);
}

static void on_retained(void *context, const char *topic, uint8_t *payload, size_t length)
{
	enum flagship_topic_kind kind;
	struct fleet_printer *printer = find_printer(context, topic, &kind);

	(void)payload;
	(void)length;
	if (printer) {
		printer_receive_retained(printer);
	}
}

static void on_published(void *context, int id)
{
	struct fleet_login *login = context;
	struct fleet_printer *printer = id_table_take(&login->outstanding, (uint64_t)id);

	if (printer && --printer->unacknowledged == 0) {
		fleet_report_acknowledged(printer);
	}
}

void login_expect_acknowledgement(struct fleet_login *login, struct fleet_printer *printer, int id)
{
	/* An id comes again after 65,535 messages, also where one was never acknowledged. */
	on_published(login, id);
	if (id_table_add(&login->outstanding, (uint64_t)id, printer)) {
		printer->unacknowledged++;
	}
}

static void on_session_closed(void *context)
{
	struct fleet_login *login = context;
	struct fleet *fleet = login->fleet;

	fleet_enter(fleet);
	login->sessions--;
	fleet_leave(fleet);
	fleet_part_closed(fleet);
}

/* --- topics --- */

static int list_topics(const struct fleet_printer *printer,
		       char texts[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1],
		       const char *topics[FLAGSHIP_CLIENT_TOPICS])
{
	int count = flagship_topic_client(printer->state.serial, NULL, texts);

	for (int i = 0; i < count; i++) {
		topics[i] = texts[i];
	}
	return count;
}

int login_add_topics(struct fleet_login *login, const struct fleet_printer *printer)
{
	char texts[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topics[FLAGSHIP_CLIENT_TOPICS];
	int count = list_topics(printer, texts, topics);

	if (count < 0 || !login->session) {
		return count < 0 ? count : 0;
	}
	return mqtt_session_subscribe(login->session, topics, (size_t)count);
}

void login_remove_topics(const struct fleet_login *login, const struct fleet_printer *printer)
{
	char texts[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topics[FLAGSHIP_CLIENT_TOPICS];
	int count = list_topics(printer, texts, topics);

	if (count > 0 && login->session) {
		mqtt_session_unsubscribe(login->session, topics, (size_t)count);
	}
}

static int add_all_topics(struct fleet_login *login)
{
	for (struct list *at = login->printers.next; at != &login->printers; at = at->next) {
		const struct fleet_printer *printer = printer_at(at);
		int error = printer->removed ? 0 : login_add_topics(login, printer);

		if (error) {
			return error;
		}
	}
	return 0;
}

/* --- life --- */

static int create_session(struct fleet_login *login)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_session_event,
		.on_message = on_message,
		.on_retained = on_retained,
		.on_subscription = on_subscription,
		.on_published = on_published,
		.on_closed = on_session_closed,
	};
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topics[] = {topic};
	struct mqtt_session_options options = login->options;

	if (login->user_id) {
		int error = flagship_topic_build(FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, login->user_id,
						 topic, sizeof(topic));

		if (error) {
			return error;
		}
		options.topics = topics;
		options.topic_count = 1;
	}
	int error = mqtt_session_create(login->fleet->loop, &options, &handlers, login,
					&login->session);
	if (!error) {
		login->fleet->open++;
		login->sessions++;
	}
	return error;
}

static void close_session(struct fleet_login *login)
{
	struct mqtt_session *session = login->session;

	login->session = NULL;
	mqtt_session_close(session);
}

void login_detach(struct fleet_login *login)
{
	login->attachment = NULL;
	free(login->gateway);
	login->gateway = NULL;
	end_ready(login);
}

void login_lose(struct fleet_login *login, const struct mqtt_session_event *event)
{
	end_ready(login);
	report(login, FLEET_LOGIN_LOST, event);
}

int login_open(struct fleet_login *login)
{
	if (login->gateway && attachment_open(login)) {
		return 0;
	}
	int error = create_session(login);

	if (error) {
		return error;
	}
	error = add_all_topics(login);
	if (error) {
		close_session(login);
		return error;
	}
	mqtt_session_start(login->session);
	return 0;
}

static int make_login(struct fleet *fleet, const struct mqtt_session_options *options,
		      const char *user_id, struct fleet_login **out)
{
	struct fleet_login *login = calloc(1, sizeof(*login));

	*out = NULL;
	if (!login) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	login->fleet = fleet;
	list_init(&login->place);
	list_init(&login->printers);
	if (!copy_options(login, options, user_id)) {
		login_free(login);
		return FLAGSHIP_ERROR_MEMORY;
	}
	*out = login;
	return 0;
}

int fleet_add_login(struct fleet *fleet, const struct mqtt_session_options *options,
		    const char *user_id, void *context, struct fleet_login **out)
{
	struct fleet_login *login;
	int error = make_login(fleet, options, user_id, &login);

	*out = NULL;
	if (error) {
		return error;
	}
	login->context = context;
	error = fleet->started ? login_open(login) : 0;
	/* What was opened is closed on the loop, and is freed then. */
	list_insert(error ? &fleet->removed_logins : &fleet->logins, &login->place);
	if (error) {
		fleet_enter(fleet);
		fleet_leave(fleet);
		return error;
	}
	*out = login;
	return 0;
}

int fleet_change_login(struct fleet_login *login, const struct mqtt_session_options *options,
		       const char *user_id)
{
	struct fleet *fleet = login->fleet;
	struct mqtt_session_options options_before = login->options;
	char *user_id_before = login->user_id;
	struct mqtt_session *session_before = login->session;
	int error = FLAGSHIP_ERROR_MEMORY;

	if (login->removed || fleet->closing || login->gateway) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (same_options(login, options, user_id) && login->session &&
	    mqtt_session_connected(login->session)) {
		return 0;
	}
	fleet_enter(fleet);
	if (copy_options(login, options, user_id)) {
		error = fleet->started ? login_open(login) : 0;
	}
	if (error) {
		/* All is as it was. */
		wipe_options(&login->options, login->user_id);
		login->options = options_before;
		login->user_id = user_id_before;
		login->session = session_before;
	} else {
		mqtt_session_close(session_before);
		wipe_options(&options_before, user_id_before);
		end_ready(login);
		report(login, FLEET_LOGIN_CHANGED, NULL);
	}
	fleet_leave(fleet);
	return error;
}

int fleet_attach_login(struct fleet_login *login, const char *path, bool wants_messages)
{
	char *gateway = strdup(path);

	if (!gateway) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	free(login->gateway);
	login->gateway = gateway;
	login->wants_messages = wants_messages;
	return 0;
}

bool fleet_login_is_at(const struct fleet_login *login, const char *host, uint64_t port)
{
	return strcmp(login->options.host, host) == 0 && login->options.port == port;
}

void fleet_remove_login(struct fleet_login *login)
{
	struct fleet *fleet = login->fleet;

	if (login->removed || fleet->closing) {
		return;
	}
	fleet_enter(fleet);
	login->removed = true;
	attachment_close(login->attachment);
	login->attachment = NULL;
	close_session(login);
	for (struct list *at = login->printers.next; at != &login->printers; at = at->next) {
		fleet_remove_printer(printer_at(at));
	}
	list_remove(&login->place);
	list_insert(&fleet->removed_logins, &login->place);
	fleet_leave(fleet);
}

void *fleet_login_context(const struct fleet_login *login)
{
	return login->context;
}
