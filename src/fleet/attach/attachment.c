/* SPDX-License-Identifier: MIT */
#include "fleet/attach/attachment.h"

#include "base/net/unix_socket.h"
#include "fleet/attach/stream.h"
#include "fleet/fleet_internal.h"
#include "printer/state/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANDLES     2    /* its connection and its timer */
#define ANSWER_MS   5000 /* for the gateway to say what it has */
#define DETAIL_SIZE 256

/* One that the gateway has not ended yet. */
struct submitted {
	struct list place;
	struct fleet_printer *printer;
	uint64_t id;
	enum command_kind kind;
};

struct attachment {
	struct fleet_login *login; /* NULL once it was closed */
	struct fleet *fleet;
	struct attach_stream stream;
	uv_timer_t deadline;
	unsigned int open; /* handles */
	struct list submitted;
	struct fleet_printer **printers; /* in the order in which they are followed */
	size_t count;
	size_t followed;
	bool greeted;
	bool up;
};

/* --- the end --- */

static void end_commands(struct attachment *attachment, bool is_reported)
{
	struct list *next;

	for (struct list *at = attachment->submitted.next; at != &attachment->submitted;
	     at = next) {
		struct submitted *command = LIST_OF(at, struct submitted, place);
		const struct command_report report = {
			.id = command->id,
			.kind = command->kind,
			.outcome = COMMAND_UNANSWERED,
			.detail = "the gateway ended before it said what came of it, so it may be "
				  "done still; flagship status shows what the printer does",
			.text = "",
			.attempts = 1,
		};
		struct fleet_printer *printer = command->printer;

		next = at->next;
		list_remove(&command->place);
		free(command);
		if (is_reported) {
			fleet_report_done(printer, &report);
		}
	}
}

/* The login goes on by a session of its own. detail: for people, NULL where nobody need know. */
static void detach(struct attachment *attachment, const char *detail)
{
	struct fleet_login *login = attachment->login;
	struct fleet *fleet = attachment->fleet;

	if (!login) {
		return;
	}
	fleet_enter(fleet);
	attachment->login = NULL;
	login_detach(login);
	end_commands(attachment, true);
	attachment_close(attachment);
	if (!fleet->closing && !login->removed) {
		int error = login_open(login);

		fleet_report(fleet, &(struct fleet_event){.kind = FLEET_LOGIN_DETACHED,
							  .login = login,
							  .error = error,
							  .detail = detail});
	}
	fleet_leave(fleet);
}

static void on_end(void *context)
{
	struct attachment *attachment = context;

	detach(attachment, attachment->up ? "the gateway ended; going on without it" : NULL);
}

static void on_deadline(uv_timer_t *timer)
{
	detach(timer->data, "the gateway that runs here does not answer; going without it");
}

static void close_handle(struct attachment *attachment)
{
	struct fleet *fleet = attachment->fleet;

	if (--attachment->open == 0) {
		end_commands(attachment, false);
		free(attachment->printers);
		free(attachment);
		fleet_part_closed(fleet);
	}
}

static void on_timer_closed(uv_handle_t *handle)
{
	close_handle(handle->data);
}

static void on_stream_closed(void *context)
{
	close_handle(context);
}

void attachment_close(struct attachment *attachment)
{
	if (!attachment) {
		return;
	}
	attachment->login = NULL;
	attachment->up = false;
	attach_stream_close(&attachment->stream);
	if (!uv_is_closing((uv_handle_t *)&attachment->deadline)) {
		uv_close((uv_handle_t *)&attachment->deadline, on_timer_closed);
	}
}

/* --- what the gateway says --- */

/* NULL where there is none of this number. */
static struct fleet_printer *take_printer(const struct attachment *attachment,
					  struct attach_reader *values)
{
	uint64_t place = attach_take_number(values);

	return !values->failed && place < attachment->count ? attachment->printers[place] : NULL;
}

static void send_follow(struct attachment *attachment, const struct fleet_printer *printer)
{
	const struct fleet_login *login = attachment->login;
	struct attach_writer writer;

	attach_begin(&writer, ATTACH_FOLLOW);
	attach_put_text(&writer, printer->state.serial);
	attach_put_text(&writer, login->options.host);
	attach_put_number(&writer, login->options.port);
	attach_put_byte(&writer, !login->wants_messages);
	(void)attach_stream_send(&attachment->stream, &writer);
}

static bool take_hello(struct attachment *attachment, struct attach_reader *values)
{
	char detail[DETAIL_SIZE];

	if (!attach_take_hello(values)) {
		snprintf(detail, sizeof(detail),
			 "the gateway that runs here is of another version, so this goes without "
			 "it; start flagship serve anew");
		detach(attachment, detail);
		return true;
	}
	attachment->greeted = true;
	for (size_t i = 0; i < attachment->count; i++) {
		send_follow(attachment, attachment->printers[i]);
	}
	return true;
}

static bool take_followed(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);
	bool is_there = attach_take_flag(values);
	const struct command_rights rights = {
		.no_query = attach_take_flag(values),
		.no_command = attach_take_flag(values),
	};

	if (!attach_end(values) || attachment->followed == attachment->count ||
	    printer != attachment->printers[attachment->followed]) {
		return false;
	}
	if (!is_there) {
		detach(attachment, NULL);
		return true;
	}
	printer->rights = rights;
	command_set_rights(printer->engine, &printer->rights);
	if (++attachment->followed < attachment->count) {
		return true;
	}
	attachment->up = true;
	uv_timer_stop(&attachment->deadline);
	for (size_t i = 0; i < attachment->count; i++) {
		fleet_make_ready(attachment->printers[i]);
	}
	return true;
}

/* What is live counts as received, and is reported as a payload without messages. */
static bool take_state(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);
	struct channel_payload *payload = &attachment->fleet->payload;
	size_t length;
	const uint8_t *image = attach_take_bytes(values, &length);

	if (!printer || !attach_end(values) ||
	    !printer_image_read(&printer->state, image, length)) {
		return false;
	}
	printer_learn(printer, printer->state.model);
	printer->counts.payloads++;
	if (printer->ready) {
		payload->plaintext = (const uint8_t *)"";
		payload->length = 0;
		payload->count = 0;
		fleet_report_payload(printer, FLAGSHIP_TOPIC_QUERY_REPLY, payload);
	}
	fleet_schedule(printer);
	return true;
}

static bool take_payload(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);
	struct channel_payload *payload = &attachment->fleet->payload;
	uint8_t kind = attach_take_byte(values);
	uint8_t model = attach_take_byte(values);
	uint64_t awaited = attach_take_number(values);

	payload->plaintext = attach_take_bytes(values, &payload->length);
	if (!printer || !attach_end(values) || kind >= FLAGSHIP_TOPIC_KINDS ||
	    model > FLAGSHIP_MODEL_E1 ||
	    flagship_payload_read(payload->plaintext, payload->length, payload->messages,
				  FLAGSHIP_PAYLOAD_OBJECTS_MAX, &payload->count) != 0) {
		return false;
	}
	printer_learn(printer, (enum flagship_model)model);
	printer_take(printer, (enum flagship_topic_kind)kind, payload, awaited,
		     fleet_now_ms(printer->fleet));
	return true;
}

static bool take_refused(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);
	int error = -(int)attach_take_byte(values);
	size_t length = (size_t)attach_take_number(values);

	if (!printer || !attach_end(values)) {
		return false;
	}
	printer_refuse(printer, error, length);
	return true;
}

static bool take_lost(struct attachment *attachment, struct attach_reader *values)
{
	char detail[DETAIL_SIZE];
	struct mqtt_session_event session = {.kind = MQTT_SESSION_DISCONNECTED, .detail = detail};

	attach_take_text(values, detail, sizeof(detail));
	session.retry_in_ms = (uint32_t)attach_take_number(values);
	if (!attach_end(values) || !attachment->up) {
		return false;
	}
	login_lose(attachment->login, &session);
	return true;
}

static bool take_ready(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);

	if (!printer || !attach_end(values) || !attachment->up) {
		return false;
	}
	fleet_make_ready(printer);
	return true;
}

/* NULL where it is over, or was never submitted. */
static struct submitted *find_command(const struct attachment *attachment, uint64_t id)
{
	for (struct list *at = attachment->submitted.next; at != &attachment->submitted;
	     at = at->next) {
		struct submitted *command = LIST_OF(at, struct submitted, place);

		if (command->id == id) {
			return command;
		}
	}
	return NULL;
}

static bool take_reply(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);
	uint64_t id = attach_take_number(values);
	size_t length;
	const uint8_t *json = attach_take_bytes(values, &length);
	struct flagship_message message;
	size_t count = 0;

	if (!printer || !attach_end(values) ||
	    flagship_payload_read(json, length, &message, 1, &count) != 0 || count != 1) {
		return false;
	}
	if (find_command(attachment, id)) {
		fleet_report_reply(printer, id, &message);
	}
	return true;
}

static bool take_done(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);
	uint64_t id = attach_take_number(values);
	uint64_t unacknowledged = attach_take_number(values);
	struct attach_report taken;

	attach_take_report(values, &taken);
	if (!printer || !attach_end(values)) {
		return false;
	}
	printer->unacknowledged = (size_t)unacknowledged;
	struct submitted *command = find_command(attachment, id);
	if (command) {
		list_remove(&command->place);
		free(command);
		taken.report.id = id;
		fleet_report_done(printer, &taken.report);
	}
	return true;
}

static bool take_acknowledged(struct attachment *attachment, struct attach_reader *values)
{
	struct fleet_printer *printer = take_printer(attachment, values);

	if (!printer || !attach_end(values)) {
		return false;
	}
	printer->unacknowledged = 0;
	fleet_report_acknowledged(printer);
	return true;
}

static bool take_frame(struct attachment *attachment, uint8_t kind, struct attach_reader *values)
{
	if (!attachment->greeted) {
		return kind == ATTACH_HELLO && take_hello(attachment, values);
	}
	switch (kind) {
	case ATTACH_FOLLOWED:
		return take_followed(attachment, values);
	case ATTACH_STATE:
		return take_state(attachment, values);
	case ATTACH_PAYLOAD:
		return take_payload(attachment, values);
	case ATTACH_REFUSED:
		return take_refused(attachment, values);
	case ATTACH_LOST:
		return take_lost(attachment, values);
	case ATTACH_READY:
		return take_ready(attachment, values);
	case ATTACH_REPLY:
		return take_reply(attachment, values);
	case ATTACH_DONE:
		return take_done(attachment, values);
	case ATTACH_ACKNOWLEDGED:
		return take_acknowledged(attachment, values);
	default:
		return false;
	}
}

static bool on_frame(void *context, uint8_t kind, struct attach_reader *values)
{
	struct attachment *attachment = context;
	struct fleet *fleet = attachment->fleet;

	if (!attachment->login) {
		return true;
	}
	fleet_enter(fleet);
	bool is_good = take_frame(attachment, kind, values);
	fleet_leave(fleet);
	return is_good;
}

/* --- what is asked of it --- */

bool attachment_is_up(const struct attachment *attachment)
{
	return attachment && attachment->up;
}

static uint64_t place_of(const struct attachment *attachment, const struct fleet_printer *printer)
{
	uint64_t place = 0;

	while (place < attachment->count && attachment->printers[place] != printer) {
		place++;
	}
	return place;
}

static void fail_at_once(struct fleet_printer *printer, const struct command_request *request,
			 const char *detail)
{
	fleet_report_done(printer, &(struct command_report){.id = request->id,
							    .kind = request->kind,
							    .outcome = COMMAND_FAILED,
							    .detail = detail,
							    .text = ""});
}

void attachment_submit(struct attachment *attachment, struct fleet_printer *printer,
		       const struct command_request *request)
{
	struct submitted *command = calloc(1, sizeof(*command));
	struct attach_writer writer;

	if (!command) {
		fail_at_once(printer, request, "out of memory");
		return;
	}
	*command = (struct submitted){.printer = printer, .id = request->id, .kind = request->kind};
	list_init(&command->place);
	list_insert(&attachment->submitted, &command->place);
	attach_begin(&writer, ATTACH_COMMAND);
	attach_put_number(&writer, place_of(attachment, printer));
	attach_put_number(&writer, request->id);
	attach_put_request(&writer, request);
	if (!attach_stream_send(&attachment->stream, &writer)) {
		list_remove(&command->place);
		free(command);
		fail_at_once(printer, request,
			     "it is too long for the gateway; --direct goes without it");
	}
}

void attachment_cancel(struct attachment *attachment, uint64_t command)
{
	struct attach_writer writer;

	attach_begin(&writer, ATTACH_CANCEL);
	attach_put_number(&writer, command);
	(void)attach_stream_send(&attachment->stream, &writer);
}

void attachment_ask(struct attachment *attachment, const struct fleet_printer *printer)
{
	struct attach_writer writer;

	attach_begin(&writer, ATTACH_ASK);
	attach_put_number(&writer, place_of(attachment, printer));
	attach_put_byte(&writer, !attachment->login->wants_messages);
	(void)attach_stream_send(&attachment->stream, &writer);
}

/* --- the beginning --- */

/* False where there are none, too many, or no memory. */
static bool list_printers(struct attachment *attachment)
{
	const struct fleet_login *login = attachment->login;
	const struct list *at;

	for (at = login->printers.next; at != &login->printers; at = at->next) {
		attachment->count++;
	}
	if (attachment->count == 0 || attachment->count > ATTACH_PRINTERS_MAX) {
		return false;
	}
	attachment->printers = calloc(attachment->count, sizeof(struct fleet_printer *));
	if (!attachment->printers) {
		return false;
	}
	attachment->count = 0;
	for (at = login->printers.next; at != &login->printers; at = at->next) {
		attachment->printers[attachment->count++] = LIST_OF(at, struct fleet_printer,
								    login_place);
	}
	return true;
}

static struct attachment *make_attachment(struct fleet_login *login)
{
	struct attachment *attachment = calloc(1, sizeof(*attachment));

	if (!attachment) {
		return NULL;
	}
	attachment->login = login;
	attachment->fleet = login->fleet;
	list_init(&attachment->submitted);
	if (!list_printers(attachment)) {
		free(attachment->printers);
		free(attachment);
		return NULL;
	}
	return attachment;
}

bool attachment_open(struct fleet_login *login)
{
	static const struct attach_stream_handlers handlers = {
		.on_frame = on_frame,
		.on_end = on_end,
		.on_closed = on_stream_closed,
	};
	int descriptor = unix_socket_connect(login->gateway);
	struct attachment *attachment = descriptor >= 0 ? make_attachment(login) : NULL;
	struct attach_writer writer;

	if (!attachment) {
		if (descriptor >= 0) {
			close(descriptor);
		}
		return false;
	}
	attachment->open = HANDLES;
	login->fleet->open++;
	attach_stream_init(&attachment->stream, login->fleet->loop, &handlers, attachment);
	uv_timer_init(login->fleet->loop, &attachment->deadline);
	attachment->deadline.data = attachment;
	if (uv_pipe_open(&attachment->stream.pipe, descriptor) != 0) {
		close(descriptor);
	} else if (geteuid() == 0 || attach_stream_is_ours(&attachment->stream)) {
		login->attachment = attachment;
		uv_timer_start(&attachment->deadline, on_deadline, ANSWER_MS, 0);
		attach_put_hello(&writer);
		(void)attach_stream_send(&attachment->stream, &writer);
		attach_stream_start(&attachment->stream);
		return true;
	}
	attachment_close(attachment);
	return false;
}
