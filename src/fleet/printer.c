/* SPDX-License-Identifier: MIT */
#include "base/uuid.h"
#include "fleet/fleet_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PUBLISH_QOS 1
#define STATUS_MAX  64

size_t fleet_printer_unacknowledged(const struct fleet_printer *printer)
{
	return printer->unacknowledged;
}

static bool publish(struct fleet_printer *printer, enum flagship_topic_kind kind,
		    enum channel_shape shape, const char *json, size_t length)
{
	char topic[FLAGSHIP_TOPIC_LENGTH_MAX + 1];
	uint8_t *sealed = NULL;
	size_t size = 0;
	int id = 0;
	int error;

	if (!printer->link->session) {
		return false;
	}
	error = flagship_topic_build(kind, printer->state.serial, topic, sizeof(topic));
	if (!error) {
		error = channel_seal(&printer->channel, shape, json, length, &sealed, &size);
	}
	bool sent = !error && mqtt_session_publish(printer->link->session, topic, sealed, size,
						   PUBLISH_QOS, &id) == 0;
	if (sent) {
		link_expect_acknowledgement(printer->link, printer, id);
	}
	free(sealed);
	return sent;
}

static bool send_json(void *context, enum flagship_topic_kind kind, const char *json, size_t length)
{
	struct fleet_printer *printer = context;
	struct channel *channel = &printer->channel;

	if (!publish(printer, kind, channel->shape, json, length)) {
		return false;
	}
	if (kind == FLAGSHIP_TOPIC_QUERY) {
		channel_note_query(channel, json, length);
	}
	return true;
}

static void on_replied(void *context, uint64_t id, const struct flagship_message *message)
{
	struct fleet_printer *printer = context;
	struct fleet *fleet = printer->fleet;

	if (!fleet->closing && fleet->handlers.on_reply) {
		fleet->handlers.on_reply(fleet->context, printer, id, message);
	}
}

static void on_done(void *context, const struct command_report *report)
{
	struct fleet_printer *printer = context;
	struct fleet *fleet = printer->fleet;

	if (!fleet->closing && fleet->handlers.on_done) {
		fleet->handlers.on_done(fleet->context, printer, report);
	}
}

int fleet_add_printer(struct fleet_link *link, const struct fleet_printer_options *options,
		      struct fleet_printer **out)
{
	struct fleet_printer *printer;
	char guid[FLAGSHIP_GUID_LENGTH + 1];

	*out = NULL;
	if (!flagship_serial_valid(options->serial) || !options->key || !guid_make(guid)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	printer = calloc(1, sizeof(*printer));
	if (!printer) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	printer->fleet = link->fleet;
	printer->link = link;
	printer->context = options->context;
	channel_init(&printer->channel, options->key, options->model, guid);
	printer_state_init(&printer->state, options->serial, options->name, options->model);
	printer->profile_is_given = options->profile != NULL;
	if (options->profile) {
		printer->profile = *options->profile;
	} else {
		printer_profile_init(&printer->profile, options->model);
	}
	const struct command_output output = {
		.send = send_json, .replied = on_replied, .done = on_done, .context = printer};
	printer->engine = command_engine_create(&printer->state, &printer->profile, &output);
	if (!printer->engine || !fleet_append(link->fleet, printer)) {
		printer_free(printer);
		return FLAGSHIP_ERROR_MEMORY;
	}
	printer->rights = options->rights;
	command_set_rights(printer->engine, &printer->rights);
	*out = printer;
	return 0;
}

void printer_free(struct fleet_printer *printer)
{
	command_engine_destroy(printer->engine);
	channel_finish(&printer->channel);
	free(printer);
}

void printer_set_ready(struct fleet_printer *printer, bool ready)
{
	struct fleet *fleet = printer->fleet;

	if (printer->ready == ready) {
		return;
	}
	printer->ready = ready;
	command_set_connected(printer->engine, ready, fleet_now_ms(fleet));
	if (!ready) {
		channel_reset(&printer->channel);
		printer_state_connection_lost(&printer->state);
	} else {
		fleet_tell(fleet, &(struct fleet_event){.kind = FLEET_PRINTER_READY,
							.link = printer->link,
							.printer = printer});
	}
	fleet_schedule(printer);
}

void printer_refuse(struct fleet_printer *printer, int error, size_t length)
{
	if (channel_is_wrong_key(error)) {
		printer->counts.wrong_key++;
	} else {
		printer->counts.malformed++;
	}
	fleet_tell(printer->fleet, &(struct fleet_event){.kind = FLEET_PAYLOAD_REFUSED,
							 .link = printer->link,
							 .printer = printer,
							 .error = error,
							 .length = length});
}

static void on_printer_event(const struct printer_event *event, void *context)
{
	struct fleet_printer *printer = context;
	struct fleet *fleet = printer->fleet;

	if (!fleet->closing && fleet->handlers.on_printer_event) {
		fleet->handlers.on_printer_event(fleet->context, printer, event);
	}
}

static void learn_model(struct fleet_printer *printer)
{
	enum flagship_model model = printer->channel.model;

	if (printer->state.model == model) {
		return;
	}
	printer->state.model = model;
	if (!printer->profile_is_given) {
		printer_profile_init(&printer->profile, model);
	}
}

static void hear(struct fleet_printer *printer, enum flagship_topic_kind kind,
		 const struct channel_payload *payload, int64_t now_ms)
{
	for (size_t i = 0; i < payload->count && !printer->fleet->closing; i++) {
		command_hear(printer->engine, kind, &payload->messages[i], now_ms);
	}
}

static void query_again(struct fleet_printer *printer)
{
	char query[CHANNEL_QUERY_MAX];
	size_t length;

	if (channel_take_query(&printer->channel, query, &length)) {
		(void)publish(printer, FLAGSHIP_TOPIC_QUERY, CHANNEL_GCM, query, length);
	}
}

void printer_receive(struct fleet_printer *printer, enum flagship_topic_kind kind, uint8_t *data,
		     size_t length)
{
	struct fleet *fleet = printer->fleet;
	int64_t now_ms = fleet_now_ms(fleet);
	struct channel_payload *payload = &fleet->payload;
	int result = channel_open(&printer->channel, kind, data, length, payload);

	if (result < 0) {
		printer_refuse(printer, result, length);
		return;
	}
	learn_model(printer);
	query_again(printer);
	if (result == 0) {
		return;
	}
	printer->counts.payloads++;
	printer_state_merge(&printer->state, payload->messages, payload->count, now_ms,
			    on_printer_event, printer);
	if (!fleet->closing && fleet->handlers.on_payload) {
		fleet->handlers.on_payload(fleet->context, printer, kind, payload);
	}
	hear(printer, kind, payload, now_ms);
	fleet_schedule(printer);
}

void printer_receive_retained(struct fleet_printer *printer)
{
	printer->counts.retained++;
}

void printer_pass_time(struct fleet_printer *printer, int64_t now_ms)
{
	printer_state_check_online(&printer->state, now_ms, on_printer_event, printer);
	if (!printer->fleet->closing) {
		command_advance(printer->engine, now_ms);
	}
}

uint64_t fleet_command(struct fleet_printer *printer, const struct command_request *request)
{
	uint64_t id = command_submit(printer->engine, request, fleet_now_ms(printer->fleet));

	fleet_schedule(printer);
	return id;
}

void fleet_cancel(struct fleet_printer *printer, uint64_t command)
{
	command_cancel(printer->engine, command, fleet_now_ms(printer->fleet));
	fleet_schedule(printer);
}

const char *fleet_guard(const struct fleet_printer *printer, const struct command_request *request)
{
	return command_guard(printer->engine, request);
}

bool fleet_guard_lacks(const struct fleet_printer *printer, const struct command_request *request)
{
	return command_guard_lacks(printer->engine, request);
}

bool fleet_send(struct fleet_printer *printer, enum flagship_topic_kind kind, const char *json,
		size_t length)
{
	if (!send_json(printer, kind, json, length)) {
		return false;
	}
	command_note_sent(printer->engine, json, length);
	return true;
}

/* Of an E1 what 1027 leaves out: each answers its bare type. */
static void ask_e1(struct fleet_printer *printer)
{
	static const int64_t types[] = {FLAGSHIP_MESSAGE_INK, FLAGSHIP_MESSAGE_E1_PLATES,
					FLAGSHIP_MESSAGE_E1_ACCESSORY};
	char json[STATUS_MAX];

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		int length = snprintf(json, sizeof(json), "{\"commandType\":%" PRId64 "}",
				      types[i]);

		(void)send_json(printer, FLAGSHIP_TOPIC_QUERY, json, (size_t)length);
	}
}

bool fleet_ask_status(struct fleet_printer *printer)
{
	char json[STATUS_MAX];
	size_t length;

	if (printer->rights.no_query ||
	    flagship_build_query_status(json, sizeof(json), &length) != 0 ||
	    !send_json(printer, FLAGSHIP_TOPIC_QUERY, json, length)) {
		return false;
	}
	if (printer->state.model == FLAGSHIP_MODEL_E1) {
		ask_e1(printer);
	}
	return true;
}

const struct printer_state *fleet_printer_state(const struct fleet_printer *printer)
{
	return &printer->state;
}

const struct printer_profile *fleet_printer_profile(const struct fleet_printer *printer)
{
	return &printer->profile;
}

void fleet_printer_set_profile(struct fleet_printer *printer, const struct printer_profile *profile)
{
	printer->profile = *profile;
	printer->profile_is_given = true;
}

const struct fleet_counts *fleet_printer_counts(const struct fleet_printer *printer)
{
	return &printer->counts;
}

struct fleet_link *fleet_printer_link(const struct fleet_printer *printer)
{
	return printer->link;
}

const char *fleet_printer_serial(const struct fleet_printer *printer)
{
	return printer->state.serial;
}

void *fleet_printer_context(const struct fleet_printer *printer)
{
	return printer->context;
}

struct command_rights fleet_printer_rights(const struct fleet_printer *printer)
{
	return printer->rights;
}

bool fleet_printer_ready(const struct fleet_printer *printer)
{
	return printer->ready;
}
