/* SPDX-License-Identifier: MIT */
#include "gateway/attach/internal.h"

#include "printer/state/image.h"

#include <flagship/flagship.h>

#include <stdlib.h>
#include <string.h>

#define ASKER    "cli"
#define HOST_MAX 256

/* A state that was received within the pause after which a silent printer is asked, and some more
 * for its answer, is the present one. */
#define LIVE_MS (GATEWAY_ASK_AFTER_MS + 5000)

static struct fleet *fleet_of(const struct attach_client *client)
{
	return gateway_printers_fleet(client->server->options.printers);
}

static struct service *service_of(const struct attach_client *client)
{
	return gateway_printers_commands(client->server->options.printers);
}

static struct followed *find_followed(const struct attach_client *client,
				      const struct fleet_printer *printer)
{
	return id_table_find(&client->by_printer, (uint64_t)(uintptr_t)printer);
}

/* --- to the client --- */

/* A frame about one of its printers; more values follow. */
static void begin(struct attach_writer *writer, enum attach_kind kind, uint64_t place)
{
	attach_begin(writer, kind);
	attach_put_number(writer, place);
}

void attach_client_send(struct attach_client *client, struct attach_writer *writer)
{
	if (!attach_stream_send(&client->stream, writer)) {
		attach_client_end(client);
	}
}

static void send_hello(struct attach_client *client)
{
	struct attach_writer writer;

	attach_put_hello(&writer);
	attach_client_send(client, &writer);
}

static bool is_live(const struct attach_client *client, const struct fleet_printer *printer)
{
	const struct printer_state *state = fleet_printer_state(printer);

	return fleet_printer_ready(printer) && state->online && state_has_essentials(state) &&
	       fleet_silence_ms(fleet_of(client), state->seen_ms) <= LIVE_MS;
}

static void send_state(struct attach_client *client, const struct followed *followed)
{
	uint8_t image[PRINTER_IMAGE_MAX];
	struct attach_writer writer;

	printer_image_write(fleet_printer_state(followed->printer), image);
	begin(&writer, ATTACH_STATE, followed->place);
	attach_put_bytes(&writer, image, printer_image_size());
	attach_client_send(client, &writer);
}

static void send_followed(struct attach_client *client, uint64_t place,
			  const struct fleet_printer *printer)
{
	struct command_rights rights = {0};
	struct attach_writer writer;

	if (printer) {
		rights = fleet_printer_rights(printer);
	}
	begin(&writer, ATTACH_FOLLOWED, place);
	attach_put_byte(&writer, printer != NULL);
	attach_put_byte(&writer, rights.no_query);
	attach_put_byte(&writer, rights.no_command);
	attach_client_send(client, &writer);
}

/* What the printer has answered, the broker has taken, whether it has said so yet or not. */
static size_t awaited_by(const struct client_command *command, const struct command_report *report)
{
	bool is_answered = report->has_reply || report->outcome == COMMAND_CONFIRMED ||
			   report->outcome == COMMAND_REFUSED;

	return is_answered ? 0 : fleet_printer_unacknowledged(command->printer);
}

/* The report is not valid for long. */
static void write_done(struct client_command *command, const struct command_report *report)
{
	const struct followed *followed = find_followed(command->client, command->printer);

	begin(&command->done, ATTACH_DONE, followed->place);
	attach_put_number(&command->done, command->id);
	attach_put_number(&command->done, awaited_by(command, report));
	attach_put_report(&command->done, report);
}

/* --- from the client --- */

static const struct followed *take_followed(const struct attach_client *client,
					    struct attach_reader *values)
{
	uint64_t place = attach_take_number(values);

	return !values->failed && place < client->count ? client->followed[place] : NULL;
}

static bool take_hello(struct attach_client *client, struct attach_reader *values)
{
	send_hello(client);
	client->greeted = attach_take_hello(values);
	return client->greeted;
}

/* NULL where it is not here, is at another broker, or has no connection: then the client has to go
 * there itself. All that one client follows hang on one login, so that they are lost together. */
static struct fleet_printer *find_printer(const struct attach_client *client, const char *serial,
					  const char *host, uint64_t port)
{
	bool several;
	struct fleet_printer *printer = gateway_printers_find(client->server->options.printers,
							      serial, &several);

	if (!printer || strcmp(fleet_printer_serial(printer), serial) != 0 ||
	    !fleet_printer_ready(printer) || find_followed(client, printer) ||
	    !fleet_login_is_at(fleet_printer_login(printer), host, port) ||
	    (client->login && client->login != fleet_printer_login(printer))) {
		return NULL;
	}
	return printer;
}

static struct followed *add_followed(struct attach_client *client, struct fleet_printer *printer)
{
	struct followed **larger = realloc(client->followed,
					   (client->count + 1) * sizeof(struct followed *));

	if (!larger) {
		return NULL;
	}
	client->followed = larger;
	struct followed *followed = calloc(1, sizeof(*followed));
	if (!followed ||
	    !id_table_add(&client->by_printer, (uint64_t)(uintptr_t)printer, followed)) {
		free(followed);
		return NULL;
	}
	followed->printer = printer;
	followed->place = client->count;
	client->followed[client->count++] = followed;
	client->login = fleet_printer_login(printer);
	return followed;
}

static bool take_follow(struct attach_client *client, struct attach_reader *values)
{
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char host[HOST_MAX];

	attach_take_text(values, serial, sizeof(serial));
	attach_take_text(values, host, sizeof(host));
	uint64_t port = attach_take_number(values);
	bool wants_state = attach_take_flag(values);
	if (!attach_end(values) || client->count == ATTACH_PRINTERS_MAX) {
		return false;
	}
	struct fleet_printer *printer = find_printer(client, serial, host, port);
	struct followed *followed = printer ? add_followed(client, printer) : NULL;
	if (followed && wants_state && is_live(client, printer)) {
		send_state(client, followed);
	}
	send_followed(client, followed ? followed->place : client->count,
		      followed ? printer : NULL);
	return true;
}

static bool take_ask(struct attach_client *client, struct attach_reader *values)
{
	const struct followed *followed = take_followed(client, values);
	bool live_will_do = attach_take_flag(values);

	if (!followed || !attach_end(values)) {
		return false;
	}
	if (live_will_do && is_live(client, followed->printer)) {
		send_state(client, followed);
	} else {
		(void)fleet_ask_status(followed->printer);
	}
	return true;
}

static void forget_command(struct client_command *command)
{
	struct attach_server *server = command->client->server;

	(void)id_table_take(&server->commands, command->service);
	history_forget_waiting(server->options.history, command);
	attach_writer_free(&command->done);
	list_remove(&command->place);
	free(command);
}

static void send_done(void *context)
{
	struct client_command *command = context;
	struct attach_client *client = command->client;
	struct attach_writer done = command->done;

	command->done = (struct attach_writer){0};
	forget_command(command);
	attach_client_send(client, &done);
}

/* Its end may have been reported already. */
static bool submit(struct client_command *command, struct command_request *request)
{
	struct attach_client *client = command->client;
	struct service *service = service_of(client);

	gateway_printers_fill_request(command->printer, request);
	request->id = 0;
	const struct service_request own = {
		.printer = command->printer, .command = request, .asker = ASKER};
	if (service_submit(service, &own, &command->service)) {
		free(command);
		return false;
	}
	const struct service_command *submitted = service_find(service, command->service);
	if (!submitted || submitted->over) {
		static const struct command_report lost = {
			.outcome = COMMAND_FAILED, .detail = "out of memory", .text = ""};

		write_done(command, submitted ? &submitted->report : &lost);
		send_done(command);
		return true;
	}
	if (!id_table_add(&client->server->commands, command->service, command)) {
		(void)service_cancel(service, command->service);
		free(command);
		return false;
	}
	list_insert(&client->commands, &command->place);
	return true;
}

static bool take_command(struct attach_client *client, struct attach_reader *values)
{
	const struct followed *followed = take_followed(client, values);
	uint64_t id = attach_take_number(values);
	struct command_request request;
	char *text;

	attach_take_request(values, &request, &text);
	struct client_command *command = followed && attach_end(values)
						 ? calloc(1, sizeof(*command))
						 : NULL;
	bool is_good = command != NULL;
	if (command) {
		command->client = client;
		command->printer = followed->printer;
		command->id = id;
		list_init(&command->place);
		is_good = submit(command, &request);
	}
	free(text);
	return is_good;
}

static bool take_cancel(struct attach_client *client, struct attach_reader *values)
{
	uint64_t id = attach_take_number(values);

	if (!attach_end(values)) {
		return false;
	}
	for (struct list *at = client->commands.next; at != &client->commands; at = at->next) {
		const struct client_command *command = LIST_OF(at, struct client_command, place);

		if (command->id == id) {
			(void)service_cancel(service_of(client), command->service);
			return true;
		}
	}
	return true;
}

static bool on_frame(void *context, uint8_t kind, struct attach_reader *values)
{
	struct attach_client *client = context;

	if (!client->greeted) {
		return kind == ATTACH_HELLO && take_hello(client, values);
	}
	switch (kind) {
	case ATTACH_FOLLOW:
		return take_follow(client, values);
	case ATTACH_ASK:
		return take_ask(client, values);
	case ATTACH_COMMAND:
		return take_command(client, values);
	case ATTACH_CANCEL:
		return take_cancel(client, values);
	case ATTACH_KEYS:
		return attach_client_take_keys(client, values);
	case ATTACH_DECIDE:
		return attach_client_take_decision(client, values);
	case ATTACH_CLAIM:
		return attach_client_take_claim(client, values);
	default:
		return false;
	}
}

/* --- what the fleet reports --- */

static void on_lost(struct attach_client *client, const struct fleet_event *event)
{
	struct attach_writer writer;

	attach_begin(&writer, ATTACH_LOST);
	attach_put_text(&writer, event->session->detail);
	attach_put_number(&writer, event->session->retry_in_ms);
	attach_client_send(client, &writer);
}

static void on_payload_refused(struct attach_client *client, const struct followed *followed,
			       const struct fleet_event *event)
{
	struct attach_writer writer;

	begin(&writer, ATTACH_REFUSED, followed->place);
	attach_put_byte(&writer, (uint8_t)-event->error);
	attach_put_number(&writer, event->length);
	attach_client_send(client, &writer);
}

void attach_client_on_event(struct attach_client *client, const struct fleet_event *event)
{
	const struct followed *followed = event->printer ? find_followed(client, event->printer)
							 : NULL;
	bool is_own_login = event->login && event->login == client->login;
	struct attach_writer writer;

	switch (event->kind) {
	case FLEET_LOGIN_LOST:
		if (is_own_login) {
			on_lost(client, event);
		}
		break;
	case FLEET_LOGIN_FAILED:
		/* Why it is refused for good, the client finds out and reports by itself. */
		if (is_own_login && event->session->final) {
			attach_client_end(client);
		}
		break;
	case FLEET_LOGIN_CHANGED:
		if (is_own_login) {
			attach_client_end(client);
		}
		break;
	case FLEET_PRINTER_READY:
		if (followed) {
			begin(&writer, ATTACH_READY, followed->place);
			attach_client_send(client, &writer);
		}
		break;
	case FLEET_PAYLOAD_REFUSED:
		if (followed) {
			on_payload_refused(client, followed, event);
		}
		break;
	case FLEET_PRINTER_REFUSED:
	case FLEET_PRINTER_REMOVED:
		if (followed) {
			attach_client_end(client);
		}
		break;
	default:
		break;
	}
}

void attach_client_on_payload(struct attach_client *client, struct fleet_printer *printer,
			      enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	const struct followed *followed = find_followed(client, printer);
	const struct printer_state *state = fleet_printer_state(printer);
	struct attach_writer writer;

	if (!followed) {
		return;
	}
	begin(&writer, ATTACH_PAYLOAD, followed->place);
	attach_put_byte(&writer, (uint8_t)kind);
	attach_put_byte(&writer, (uint8_t)state->model);
	attach_put_number(&writer, job_awaited_states(&state->job));
	attach_put_bytes(&writer, payload->plaintext, payload->length);
	attach_client_send(client, &writer);
}

void attach_client_on_acknowledged(struct attach_client *client,
				   const struct fleet_printer *printer)
{
	const struct followed *followed = find_followed(client, printer);
	struct attach_writer writer;

	if (followed) {
		begin(&writer, ATTACH_ACKNOWLEDGED, followed->place);
		attach_client_send(client, &writer);
	}
}

void attach_command_on_reply(const struct client_command *command,
			     const struct flagship_message *message)
{
	struct attach_client *client = command->client;
	struct attach_writer writer;

	begin(&writer, ATTACH_REPLY, find_followed(client, command->printer)->place);
	attach_put_number(&writer, command->id);
	attach_put_bytes(&writer, message->json.data, message->json.length);
	attach_client_send(client, &writer);
}

void attach_command_on_done(struct client_command *command, const struct command_report *report)
{
	struct attach_server *server = command->client->server;

	(void)id_table_take(&server->commands, command->service);
	write_done(command, report);
	if (awaited_by(command, report) > 0) {
		/* It was only sent: that the broker took it is told behind this. */
		send_done(command);
	} else {
		history_await(server->options.history, send_done, command);
	}
}

/* --- life --- */

static void on_end(void *context)
{
	attach_client_end(context);
}

static void on_closed(void *context)
{
	struct attach_client *client = context;
	struct attach_server *server = client->server;

	for (size_t i = 0; i < client->count; i++) {
		free(client->followed[i]);
	}
	free(client->followed);
	id_table_finish(&client->by_printer);
	attach_server_forget(server, client);
}

const struct attach_stream_handlers attach_client_handlers = {
	.on_frame = on_frame,
	.on_end = on_end,
	.on_closed = on_closed,
};

void attach_client_start(struct attach_client *client)
{
	attach_stream_start(&client->stream);
}

/* The last first: one that waited for another would begin where that one ends; and by then others
 * may have ended, too. */
void attach_client_end(struct attach_client *client)
{
	attach_stream_close(&client->stream);
	cameras_release(&client->claim);
	while (!list_is_empty(&client->commands)) {
		struct client_command *command = LIST_OF(client->commands.previous,
							 struct client_command, place);
		/* It is in the list still. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		uint64_t id = command->service;

		forget_command(command);
		(void)service_cancel(service_of(client), id);
	}
}
