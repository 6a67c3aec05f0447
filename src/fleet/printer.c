/* SPDX-License-Identifier: MIT */
#include "base/uuid.h"
#include "fleet/fleet_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

	if (!printer->login->session || printer->removed) {
		return false;
	}
	int error = flagship_topic_build(kind, printer->state.serial, topic, sizeof(topic));
	if (!error) {
		error = channel_seal(&printer->channel, shape, json, length, &sealed, &size);
	}
	bool sent = !error && mqtt_session_publish(printer->login->session, topic, sealed, size,
						   PUBLISH_QOS, &id) == 0;
	if (sent) {
		login_expect_acknowledgement(printer->login, printer, id);
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

/* An E1 that wants the other shape did not understand what it was asked first. */
void printer_query_again(struct fleet_printer *printer)
{
	char query[CHANNEL_QUERY_MAX];
	size_t length;

	if (channel_take_query(&printer->channel, query, &length)) {
		(void)publish(printer, FLAGSHIP_TOPIC_QUERY, CHANNEL_GCM, query, length);
	}
}

static void on_replied(void *context, uint64_t id, const struct flagship_message *message)
{
	fleet_report_reply(context, id, message);
}

static void on_done(void *context, const struct command_report *report)
{
	fleet_report_done(context, report);
}

/* --- life --- */

static struct fleet_printer *make_printer(struct fleet_login *login,
					  const struct fleet_printer_options *options,
					  const char *guid)
{
	const size_t size = (sizeof(struct fleet_printer) + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
	struct fleet_printer *printer = aligned_alloc(CACHE_LINE, size);
	const struct command_output output = {
		.send = send_json, .replied = on_replied, .done = on_done, .context = printer};

	if (!printer) {
		return NULL;
	}
	memset(printer, 0, size);
	printer->fleet = login->fleet;
	printer->login = login;
	printer->context = options->context;
	printer->deadline.context = printer;
	list_init(&printer->place);
	list_init(&printer->login_place);
	list_init(&printer->ready_place);
	list_init(&printer->removed_place);
	channel_init(&printer->channel, options->key, options->model, guid);
	printer_state_init(&printer->state, options->serial, options->name, options->model);
	printer->profile_is_given = options->profile != NULL;
	if (options->profile) {
		printer->profile = *options->profile;
	} else {
		printer_profile_init(&printer->profile, options->model);
	}
	printer->engine = command_engine_create(&printer->state, &printer->profile, &output);
	if (!printer->engine) {
		printer_free(printer);
		return NULL;
	}
	printer->rights = options->rights;
	command_set_rights(printer->engine, &printer->rights);
	return printer;
}

/* To all that finds it. Errors: MEMORY, those of mqtt_session_subscribe. */
static int enlist(struct fleet_printer *printer)
{
	struct fleet *fleet = printer->fleet;

	if (!index_add(&fleet->index, printer)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	if (!deadlines_add(&fleet->deadlines, &printer->deadline)) {
		index_remove(&fleet->index, printer);
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = login_add_topics(printer->login, printer);
	if (error) {
		index_remove(&fleet->index, printer);
		deadlines_remove(&fleet->deadlines, &printer->deadline);
		return error;
	}
	list_insert(&fleet->printers, &printer->place);
	list_insert(&printer->login->printers, &printer->login_place);
	printer->awaited = printer->login->connected ? FLEET_PRINTER_TOPICS : 0;
	printer_set_joining(printer, printer->login->connected || !printer->login->tried);
	return 0;
}

int fleet_add_printer(struct fleet_login *login, const struct fleet_printer_options *options,
		      struct fleet_printer **out)
{
	char guid[FLAGSHIP_GUID_LENGTH + 1];

	*out = NULL;
	if (!flagship_serial_valid(options->serial) || !options->key || !guid_make(guid) ||
	    login->removed || login->fleet->closing ||
	    index_find(&login->fleet->index, login, options->serial, strlen(options->serial))) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	struct fleet_printer *printer = make_printer(login, options, guid);
	if (!printer) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = enlist(printer);
	if (error) {
		printer_free(printer);
		return error;
	}
	*out = printer;
	fleet_report(login->fleet, &(struct fleet_event){.kind = FLEET_PRINTER_ADDED,
							 .login = login,
							 .printer = printer});
	return 0;
}

void printer_free(struct fleet_printer *printer)
{
	list_remove(&printer->place);
	list_remove(&printer->login_place);
	list_remove(&printer->ready_place);
	list_remove(&printer->removed_place);
	command_engine_destroy(printer->engine);
	channel_finish(&printer->channel);
	free(printer);
}

void fleet_remove_printer(struct fleet_printer *printer)
{
	struct fleet *fleet = printer->fleet;

	if (printer_is_gone(printer)) {
		return;
	}
	fleet_enter(fleet);
	login_remove_topics(printer->login, printer);
	index_remove(&fleet->index, printer);
	deadlines_remove(&fleet->deadlines, &printer->deadline);
	list_remove(&printer->ready_place);
	if (printer->unacknowledged > 0) {
		id_table_forget(&printer->login->outstanding, printer);
		printer->unacknowledged = 0;
	}
	printer->removed = true;
	printer->ready = false;
	list_insert(&fleet->removed, &printer->removed_place);
	command_close(printer->engine, "the printer was removed from flagship",
		      fleet_now_ms(fleet));
	fleet_leave(fleet);
}

void printer_set_joining(struct fleet_printer *printer, bool joining)
{
	if (!printer->ready && !printer->removed) {
		command_set_joining(printer->engine, joining, fleet_now_ms(printer->fleet));
		fleet_schedule(printer);
	}
}

void printer_set_ready(struct fleet_printer *printer, bool ready)
{
	struct fleet *fleet = printer->fleet;

	if (printer->ready == ready || printer->removed) {
		return;
	}
	printer->ready = ready;
	command_set_connected(printer->engine, ready, fleet_now_ms(fleet));
	if (!ready) {
		channel_reset(&printer->channel);
		printer_state_connection_lost(&printer->state);
	} else if (!printer_is_gone(printer)) {
		fleet_report(fleet, &(struct fleet_event){.kind = FLEET_PRINTER_READY,
							  .login = printer->login,
							  .printer = printer});
	}
	fleet_schedule(printer);
}

/* --- what changes while it runs --- */

static void report_changed(struct fleet_printer *printer)
{
	fleet_report(printer->fleet, &(struct fleet_event){.kind = FLEET_PRINTER_CHANGED,
							   .login = printer->login,
							   .printer = printer});
}

void fleet_printer_set_key(struct fleet_printer *printer, struct flagship_key *key)
{
	printer->channel.key = key;
	channel_reset(&printer->channel);
	report_changed(printer);
}

void fleet_printer_set_name(struct fleet_printer *printer, const char *name)
{
	flagship_text_copy(flagship_text_from(name ? name : ""), printer->state.name,
			   sizeof(printer->state.name));
	report_changed(printer);
}

void fleet_printer_set_rights(struct fleet_printer *printer, struct command_rights rights)
{
	printer->rights = rights;
	command_set_rights(printer->engine, &rights);
	report_changed(printer);
}

void fleet_printer_set_profile(struct fleet_printer *printer, const struct printer_profile *profile)
{
	printer->next_profile = *profile;
	printer->profile_waits = true;
	printer->profile_is_given = true;
	printer_settle(printer);
	report_changed(printer);
}

/* --- commands --- */

uint64_t fleet_command(struct fleet_printer *printer, const struct command_request *request)
{
	struct fleet *fleet = printer->fleet;
	struct command_request own = *request;

	fleet_enter(fleet);
	printer_settle(printer);
	own.id = own.id ? own.id : ++fleet->last_command;
	if (attachment_is_up(printer->login->attachment)) {
		attachment_submit(printer->login->attachment, printer, &own);
	} else {
		printer->commanded = true;
		(void)command_submit(printer->engine, &own, fleet_now_ms(fleet));
	}
	fleet_schedule(printer);
	fleet_leave(fleet);
	return own.id;
}

void fleet_cancel(struct fleet_printer *printer, uint64_t command)
{
	struct fleet *fleet = printer->fleet;

	fleet_enter(fleet);
	if (attachment_is_up(printer->login->attachment)) {
		attachment_cancel(printer->login->attachment, command);
	} else {
		command_cancel(printer->engine, command, fleet_now_ms(fleet));
	}
	fleet_schedule(printer);
	fleet_leave(fleet);
}

uint64_t fleet_make_command_id(struct fleet *fleet)
{
	return ++fleet->last_command;
}

const char *fleet_guard(const struct fleet_printer *printer, const struct command_request *request)
{
	return command_guard(printer->engine, request);
}

bool fleet_guard_lacks(const struct fleet_printer *printer, const struct command_request *request)
{
	return command_guard_lacks(printer->engine, request);
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

	if (attachment_is_up(printer->login->attachment)) {
		attachment_ask(printer->login->attachment, printer);
		return !printer->rights.no_query;
	}
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

const struct fleet_counts *fleet_printer_counts(const struct fleet_printer *printer)
{
	return &printer->counts;
}

struct fleet_login *fleet_printer_login(const struct fleet_printer *printer)
{
	return printer->login;
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
