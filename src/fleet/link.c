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

void link_free(struct fleet_link *link)
{
	wipe_text(link->options.host);
	wipe_text(link->options.trust.ca_file);
	wipe_text(link->options.trust.pin_sha256);
	wipe_text(link->options.client_id);
	wipe_text(link->options.username);
	wipe_text(link->options.password);
	wipe_text(link->user_id);
	outstanding_finish(&link->outstanding);
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
	own->trust.ca_file = copy_text(options->trust.ca_file);
	own->trust.pin_sha256 = copy_text(options->trust.pin_sha256);
	own->client_id = copy_text(options->client_id);
	own->username = copy_text(options->username);
	own->password = copy_text(options->password);
	link->user_id = copy_text(user_id && user_id[0] != '\0' ? user_id : NULL);
	return (!options->host || own->host) && (!options->trust.ca_file || own->trust.ca_file) &&
	       (!options->trust.pin_sha256 || own->trust.pin_sha256) &&
	       (!options->client_id || own->client_id) && (!options->username || own->username) &&
	       (!options->password || own->password);
}

int fleet_add_link(struct fleet *fleet, const struct mqtt_session_options *options,
		   const char *user_id, void *context, struct fleet_link **out)
{
	struct fleet_link *link = calloc(1, sizeof(*link));
	struct fleet_link **end = &fleet->links;

	*out = NULL;
	if (!link) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	link->fleet = fleet;
	link->context = context;
	if (!copy_options(link, options, user_id)) {
		link_free(link);
		return FLAGSHIP_ERROR_MEMORY;
	}
	while (*end) {
		end = &(*end)->next;
	}
	*end = link;
	*out = link;
	return 0;
}

void *fleet_link_context(const struct fleet_link *link)
{
	return link->context;
}

static void tell(struct fleet_link *link, enum fleet_event_kind kind,
		 const struct mqtt_session_event *session)
{
	fleet_tell(link->fleet,
		   &(struct fleet_event){.kind = kind, .link = link, .session = session});
}

bool link_continue(struct fleet_link *link, uint64_t until_ns)
{
	while (link->to_be_ready && !link->fleet->closing) {
		struct fleet_printer *printer = link->to_be_ready;

		if (uv_hrtime() > until_ns) {
			return false;
		}
		link->to_be_ready = printer->next;
		if (printer->link == link && !printer->refused) {
			printer_set_ready(printer, true);
		}
	}
	return true;
}

static void begin_ready(struct fleet_link *link)
{
	link->to_be_ready = link->fleet->first;
	fleet_begin_slices(link->fleet);
}

static void end_ready(struct fleet_link *link)
{
	link->to_be_ready = NULL;
	outstanding_clear(&link->outstanding);
	for (struct fleet_printer *printer = link->fleet->first; printer && !link->fleet->closing;
	     printer = printer->next) {
		if (printer->link == link) {
			printer->unacknowledged = 0;
			printer_set_ready(printer, false);
		}
	}
}

static void forget_refusals(struct fleet_link *link)
{
	for (struct fleet_printer *printer = link->fleet->first; printer; printer = printer->next) {
		if (printer->link == link) {
			printer->refused = false;
		}
	}
}

/* Of the account's own topic nobody depends. */
static void handle_refusal(struct fleet_link *link, const struct mqtt_session_event *event)
{
	struct flagship_topic topic;
	struct fleet_printer *printer = NULL;

	if (flagship_topic_parse(event->topic, strlen(event->topic), &topic) == 0) {
		printer = fleet_find(link, topic.owner);
	}
	if (!printer || printer->refused || topic.kind == FLAGSHIP_TOPIC_CHANGE_NOTICE) {
		return;
	}
	printer->refused = true;
	printer_set_ready(printer, false);
	fleet_tell(link->fleet, &(struct fleet_event){.kind = FLEET_PRINTER_REFUSED,
						      .link = link,
						      .printer = printer,
						      .session = event,
						      .topic = event->topic});
}

static void on_event(void *context, const struct mqtt_session_event *event)
{
	struct fleet_link *link = context;

	switch (event->kind) {
	case MQTT_SESSION_CONNECTED:
		forget_refusals(link);
		tell(link, FLEET_LINK_CONNECTED, event);
		break;
	case MQTT_SESSION_SUBSCRIBED:
	case MQTT_SESSION_PARTLY_SUBSCRIBED:
		begin_ready(link);
		break;
	case MQTT_SESSION_DISCONNECTED:
		end_ready(link);
		tell(link, FLEET_LINK_LOST, event);
		break;
	case MQTT_SESSION_CONNECT_FAILED:
		tell(link, FLEET_LINK_FAILED, event);
		break;
	case MQTT_SESSION_SUBSCRIPTION_REFUSED:
		handle_refusal(link, event);
		break;
	}
}

/* NULL where it is none of a printer of this link. */
static struct fleet_printer *printer_of(const struct fleet_link *link, const char *topic,
					struct flagship_topic *parsed)
{
	if (link->fleet->closing || flagship_topic_parse(topic, strlen(topic), parsed) ||
	    parsed->kind == FLAGSHIP_TOPIC_USER_CHANGE_NOTICE) {
		return NULL;
	}
	return fleet_find(link, parsed->owner);
}

static void on_message(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct flagship_topic parsed;
	struct fleet_printer *printer = printer_of(context, topic, &parsed);

	if (printer) {
		printer_receive(printer, parsed.kind, payload, length);
	}
}

static void on_retained(void *context, const char *topic, uint8_t *payload, size_t length)
{
	struct flagship_topic parsed;
	struct fleet_printer *printer = printer_of(context, topic, &parsed);

	(void)payload;
	(void)length;
	if (printer) {
		printer_receive_retained(printer);
	}
}

static void on_published(void *context, int id)
{
	struct fleet_link *link = context;
	struct fleet_printer *printer = outstanding_take(&link->outstanding, id);

	if (printer) {
		printer->unacknowledged--;
	}
}

void link_expect_acknowledgement(struct fleet_link *link, struct fleet_printer *printer, int id)
{
	/* An id comes again after 65,535 messages, also where one was never acknowledged. */
	on_published(link, id);
	if (outstanding_add(&link->outstanding, id, printer)) {
		printer->unacknowledged++;
	}
}

static void on_closed(void *context)
{
	struct fleet_link *link = context;

	fleet_part_closed(link->fleet);
}

static size_t count_printers(const struct fleet_link *link)
{
	size_t count = 0;

	for (struct fleet_printer *printer = link->fleet->first; printer; printer = printer->next) {
		count += printer->link == link;
	}
	return count;
}

/* The user's own topic comes once, with the first printer. Returns how many, or an error. */
static int list_topics(const struct fleet_link *link, char (*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1])
{
	int count = 0;

	for (struct fleet_printer *printer = link->fleet->first; printer; printer = printer->next) {
		int added;

		if (printer->link != link) {
			continue;
		}
		added = flagship_topic_client(printer->state.serial,
					      count == 0 ? link->user_id : NULL, texts + count);
		if (added < 0) {
			return added;
		}
		count += added;
	}
	return count;
}

static int open_with_topics(struct fleet_link *link, char (*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1],
			    const char **topics)
{
	static const struct mqtt_session_handlers handlers = {
		.on_event = on_event,
		.on_message = on_message,
		.on_retained = on_retained,
		.on_published = on_published,
		.on_closed = on_closed,
	};
	struct mqtt_session_options options = link->options;
	int count = list_topics(link, texts);
	int error;

	if (count < 0) {
		return count;
	}
	for (int i = 0; i < count; i++) {
		topics[i] = texts[i];
	}
	options.topics = topics;
	options.topic_count = (size_t)count;
	error = mqtt_session_create(link->fleet->loop, &options, &handlers, link, &link->session);
	if (error) {
		return error;
	}
	link->fleet->open++;
	mqtt_session_start(link->session);
	return 0;
}

int link_open(struct fleet_link *link)
{
	size_t count = count_printers(link) * FLAGSHIP_CLIENT_TOPICS + 1;
	char(*texts)[FLAGSHIP_TOPIC_LENGTH_MAX + 1] = calloc(count, sizeof(*texts));
	const char **topics = calloc(count, sizeof(*topics));
	int error = FLAGSHIP_ERROR_MEMORY;

	if (texts && topics) {
		error = open_with_topics(link, texts, topics);
	}
	free(topics);
	free(texts);
	return error;
}
