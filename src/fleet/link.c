/* SPDX-License-Identifier: MIT */
#include "fleet/fleet_internal.h"

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

void link_free(struct fleet_link *link)
{
	wipe_options(&link->options, link->user_id);
	id_table_finish(&link->outstanding);
	free(link);
}

/* Whether every text that is there was copied. */
static bool copy_options(struct fleet_link *link, const struct mqtt_session_options *options,
			 const char *user_id)
{
	struct mqtt_session_options *own = &link->options;

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
	link->user_id = copy_text(user_id && user_id[0] != '\0' ? user_id : NULL);
	if (!own->shared_resolver) {
		own->shared_resolver = link->fleet->resolver;
	}
	return (!options->host || own->host) && (!options->address || own->address) &&
	       (!options->trust.ca_file || own->trust.ca_file) &&
	       (!options->trust.pin_sha256 || own->trust.pin_sha256) &&
	       (!options->client_id || own->client_id) && (!options->username || own->username) &&
	       (!options->password || own->password) &&
	       (!user_id || user_id[0] == '\0' || link->user_id);
}

/* --- what a session tells --- */

static void tell(struct fleet_link *link, enum fleet_event_kind kind,
		 const struct mqtt_session_event *session)
{
	fleet_tell(link->fleet,
		   &(struct fleet_event){.kind = kind, .link = link, .session = session});
}

static struct fleet_printer *printer_at(struct list *place)
{
	return LIST_OF(place, struct fleet_printer, link_place);
}

/* None of its topics has its answer yet. */
static void begin_ready(struct fleet_link *link)
{
	link->connected = true;
	for (struct list *at = link->printers.next; at != &link->printers; at = at->next) {
		struct fleet_printer *printer = printer_at(at);

		printer->refused = false;
		printer->awaited = FLEET_PRINTER_TOPICS;
	}
}

/* What is called meanwhile may remove printers: they stay in the list until all is over. */
static void end_ready(struct fleet_link *link)
{
	link->connected = false;
	id_table_clear(&link->outstanding);
	for (struct list *at = link->printers.next; at != &link->printers && !link->fleet->closing;
	     at = at->next) {
		struct fleet_printer *printer = printer_at(at);

		printer->unacknowledged = 0;
		list_remove(&printer->ready_place);
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
	printer_set_ready(printer, false);
	fleet_tell(printer->fleet, &(struct fleet_event){.kind = FLEET_PRINTER_REFUSED,
							 .link = printer->link,
							 .printer = printer,
							 .session = event,
							 .topic = event->topic});
}

/* NULL where it is none of a printer of this link. */
static struct fleet_printer *find_printer(const struct fleet_link *link, const char *topic,
					  struct flagship_topic *parsed)
{
	if (link->fleet->closing || flagship_topic_parse(topic, strlen(topic), parsed) ||
	    parsed->kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE) {
		return NULL;
	}
	return index_find(&link->fleet->index, link, parsed->owner);
}

/* Of what the cloud says of the account nobody depends. */
static void refuse_topic(const struct fleet_link *link, const struct mqtt_session_event *event)
{
	struct flagship_topic topic;
	struct fleet_printer *printer = find_printer(link, event->topic, &topic);

	if (printer && topic.kind != FLAGSHIP_TOPIC_CHANGE_NOTICE) {
		handle_refusal(printer, event);
	}
}

static void on_event(void *context, const struct mqtt_session_event *event)
{
	struct fleet_link *link = context;
	struct fleet *fleet = link->fleet;

	fleet_enter(fleet);
	switch (event->kind) {
	case MQTT_SESSION_CONNECTED:
		begin_ready(link);
		tell(link, FLEET_LINK_CONNECTED, event);
		break;
	case MQTT_SESSION_SUBSCRIBED:
	case MQTT_SESSION_PARTLY_SUBSCRIBED:
		break;
	case MQTT_SESSION_DISCONNECTED:
		end_ready(link);
		tell(link, FLEET_LINK_LOST, event);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		tell(link, FLEET_LINK_FAILED, event);
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		refuse_topic(link, event);
		break;
	}
	fleet_leave(fleet);
}

static void on_subscription(void *context, const char *topic, bool granted)
{
	struct fleet_link *link = context;
	struct flagship_topic parsed;
	struct fleet_printer *printer = find_printer(link, topic, &parsed);

	(void)granted;
	if (printer && printer->awaited > 0 && --printer->awaited == 0 && !printer->refused) {
		fleet_make_ready(printer);
	}
}

static void on_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct fleet_link *link = context;
	struct fleet *fleet = link->fleet;
	struct flagship_topic parsed;
	struct fleet_printer *printer = find_printer(link, topic, &parsed);

	if (printer) {
		fleet_enter(fleet);
		printer_receive(printer, parsed.kind, payload, length);
		fleet_leave(fleet);
	}
}

static void on_retained(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct flagship_topic parsed;
	struct fleet_printer *printer = find_printer(context, topic, &parsed);

	(void)payload;
	(void)length;
	if (printer) {
		printer_receive_retained(printer);
	}
}

static void on_published(void *context, int id)
{
	struct fleet_link *link = context;
	struct fleet_printer *printer = id_table_take(&link->outstanding, (uint64_t)id);

	if (printer) {
		printer->unacknowledged--;
	}
}

void link_expect_acknowledgement(struct fleet_link *link, struct fleet_printer *printer, int id)
{
	/* An id comes again after 65,535 messages, also where one was never acknowledged. */
	on_published(link, id);
	if (id_table_add(&link->outstanding, (uint64_t)id, printer)) {
		printer->unacknowledged++;
	}
}

static void on_closed(void *context)
{
	struct fleet_link *link = context;
	struct fleet *fleet = link->fleet;

	fleet_enter(fleet);
	link->sessions--;
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

int link_add_topics(struct fleet_link *link, const struct fleet_printer *printer)
{
	char texts[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topics[FLAGSHIP_CLIENT_TOPICS];
	int count = list_topics(printer, texts, topics);

	if (count < 0 || !link->session) {
		return count < 0 ? count : 0;
	}
	return mqtt_session_subscribe(link->session, topics, (size_t)count);
}

void link_remove_topics(const struct fleet_link *link, const struct fleet_printer *printer)
{
	char texts[FLAGSHIP_CLIENT_TOPICS][FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topics[FLAGSHIP_CLIENT_TOPICS];
	int count = list_topics(printer, texts, topics);

	if (count > 0 && link->session) {
		mqtt_session_unsubscribe(link->session, topics, (size_t)count);
	}
}

static int add_all_topics(struct fleet_link *link)
{
	for (struct list *at = link->printers.next; at != &link->printers; at = at->next) {
		const struct fleet_printer *printer = printer_at(at);
		int error = printer->removed ? 0 : link_add_topics(link, printer);

		if (error) {
			return error;
		}
	}
	return 0;
}

/* --- life --- */

static int create_session(struct fleet_link *link)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_event,
		.on_message = on_message,
		.on_retained = on_retained,
		.on_subscription = on_subscription,
		.on_published = on_published,
		.on_closed = on_closed,
	};
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	const char *topics[] = {topic};
	struct mqtt_session_options options = link->options;

	if (link->user_id) {
		int error = flagship_topic_build(FLAGSHIP_TOPIC_USER_CHANGE_NOTICE, link->user_id,
						 topic, sizeof(topic));

		if (error) {
			return error;
		}
		options.topics = topics;
		options.topic_count = 1;
	}
	int error = mqtt_session_create(link->fleet->loop, &options, &handlers, link,
					&link->session);
	if (!error) {
		link->fleet->open++;
		link->sessions++;
	}
	return error;
}

static void close_session(struct fleet_link *link)
{
	struct mqtt_session *session = link->session;

	link->session = NULL;
	mqtt_session_close(session);
}

int link_open(struct fleet_link *link)
{
	int error = create_session(link);

	if (error) {
		return error;
	}
	error = add_all_topics(link);
	if (error) {
		close_session(link);
		return error;
	}
	mqtt_session_start(link->session);
	return 0;
}

static int make_link(struct fleet *fleet, const struct mqtt_session_options *options,
		     const char *user_id, struct fleet_link **out)
{
	struct fleet_link *link = calloc(1, sizeof(*link));

	*out = NULL;
	if (!link) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	link->fleet = fleet;
	list_init(&link->place);
	list_init(&link->printers);
	if (!copy_options(link, options, user_id)) {
		link_free(link);
		return FLAGSHIP_ERROR_MEMORY;
	}
	*out = link;
	return 0;
}

int fleet_add_link(struct fleet *fleet, const struct mqtt_session_options *options,
		   const char *user_id, void *context, struct fleet_link **out)
{
	struct fleet_link *link;
	int error = make_link(fleet, options, user_id, &link);

	*out = NULL;
	if (error) {
		return error;
	}
	link->context = context;
	error = fleet->started ? link_open(link) : 0;
	/* What was opened is closed on the loop, and is freed then. */
	list_insert(error ? &fleet->removed_links : &fleet->links, &link->place);
	if (error) {
		fleet_enter(fleet);
		fleet_leave(fleet);
		return error;
	}
	*out = link;
	return 0;
}

int fleet_change_link(struct fleet_link *link, const struct mqtt_session_options *options,
		      const char *user_id)
{
	struct fleet *fleet = link->fleet;
	struct mqtt_session_options options_before = link->options;
	char *user_id_before = link->user_id;
	struct mqtt_session *session_before = link->session;
	int error = FLAGSHIP_ERROR_MEMORY;

	if (link->removed || fleet->closing) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	fleet_enter(fleet);
	if (copy_options(link, options, user_id)) {
		error = fleet->started ? link_open(link) : 0;
	}
	if (error) {
		/* All is as it was. */
		wipe_options(&link->options, link->user_id);
		link->options = options_before;
		link->user_id = user_id_before;
		link->session = session_before;
	} else {
		mqtt_session_close(session_before);
		wipe_options(&options_before, user_id_before);
		end_ready(link);
		tell(link, FLEET_LINK_CHANGED, NULL);
	}
	fleet_leave(fleet);
	return error;
}

void fleet_remove_link(struct fleet_link *link)
{
	struct fleet *fleet = link->fleet;

	if (link->removed || fleet->closing) {
		return;
	}
	fleet_enter(fleet);
	link->removed = true;
	close_session(link);
	for (struct list *at = link->printers.next; at != &link->printers; at = at->next) {
		fleet_remove_printer(printer_at(at));
	}
	list_remove(&link->place);
	list_insert(&fleet->removed_links, &link->place);
	fleet_leave(fleet);
}

void *fleet_link_context(const struct fleet_link *link)
{
	return link->context;
}
