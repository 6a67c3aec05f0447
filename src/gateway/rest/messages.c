/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "daemon/http/stream.h"
#include "gateway/rest/internal.h"

#include <flagship/field.h>

#include <stdlib.h>

#define READERS_MAX  32
#define FRAME_SIZE   512 /* of a message around what the printer sent */
#define GROWTH       3   /* a byte that is no UTF-8, as U+FFFD */
#define MS_PER_S     1000
#define QUEUE_LENGTH 256

/* Who reads what a printer says, as it comes. */
struct message_reader {
	struct list place;
	struct rest *rest;
	const struct fleet_printer *printer; /* NULL once it was removed */
	struct http_websocket *websocket;    /* one of both */
	struct http_events *stream;
};

/* --- one message --- */

static const char *topic_name(enum flagship_topic_kind kind)
{
	switch (kind) {
	case FLAGSHIP_TOPIC_NOTICE:
		return "notice";
	case FLAGSHIP_TOPIC_COMMAND_REPLY:
		return "command_reply";
	case FLAGSHIP_TOPIC_QUERY_REPLY:
		return "query_reply";
	case FLAGSHIP_TOPIC_CHANGE_NOTICE:
		return "change_notice";
	default:
		return NULL;
	}
}

static void write_heard(struct json_writer *writer, enum flagship_topic_kind kind,
			const struct flagship_message *message)
{
	json_object_begin(writer);
	json_key(writer, "heard_at");
	rest_write_time(writer, clock_unix_ms() / MS_PER_S);
	json_member_string(writer, "topic", topic_name(kind));
	json_key(writer, "type");
	if (message->type == FLAGSHIP_MESSAGE_UNTYPED) {
		json_null(writer);
	} else {
		json_int(writer, message->type);
	}
	json_member_string(writer, "name", message->info ? message->info->name : NULL);
	json_key(writer, "message");
	json_raw(writer, message->json.data, message->json.length);
	json_object_end(writer);
}

static void send_text(struct message_reader *reader, const char *text, size_t length)
{
	struct http_message *message =
		reader->websocket ? http_message_create(HTTP_MESSAGE_TEXT, text, length)
				  : http_message_create_event(NULL, NULL, text, length);

	if (message && reader->websocket) {
		(void)http_websocket_send(reader->websocket, message);
	} else if (message) {
		(void)http_events_send(reader->stream, message);
	}
	http_message_release(message);
}

static bool is_read(const struct rest *rest, const struct fleet_printer *printer)
{
	for (const struct list *at = rest->readers.next; at != &rest->readers; at = at->next) {
		if (LIST_OF(at, struct message_reader, place)->printer == printer) {
			return true;
		}
	}
	return false;
}

static void send_to_readers(struct rest *rest, const struct fleet_printer *printer,
			    const char *text, size_t length)
{
	struct list *next;

	for (struct list *at = rest->readers.next; at != &rest->readers; at = next) {
		struct message_reader *reader = LIST_OF(at, struct message_reader, place);

		next = at->next;
		if (reader->printer == printer) {
			send_text(reader, text, length);
		}
	}
}

void rest_pass_on_messages(struct rest *rest, const struct fleet_printer *printer,
			   enum flagship_topic_kind kind, const struct channel_payload *payload)
{
	struct json_writer writer;
	size_t length;

	if (!is_read(rest, printer)) {
		return;
	}
	for (size_t i = 0; i < payload->count; i++) {
		const struct flagship_message *message = &payload->messages[i];
		size_t capacity = FRAME_SIZE + (size_t)message->json.length * GROWTH;
		char *text = malloc(capacity);

		if (!text) {
			return;
		}
		json_writer_init(&writer, text, capacity);
		write_heard(&writer, kind, message);
		if (json_writer_finish(&writer, &length) == 0) {
			send_to_readers(rest, printer, text, length);
		}
		free(text);
	}
}

/* --- readers --- */

static void drop_message_reader(void *context)
{
	struct message_reader *reader = context;

	list_remove(&reader->place);
	reader->rest->reader_count--;
	free(reader);
}

static void on_reader_closed(void *context, int code)
{
	(void)code;
	drop_message_reader(context);
}

/* Who reads too slowly is told how many he misses. */
static void on_messages_dropped(void *context, size_t count)
{
	char text[FRAME_SIZE];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, text, sizeof(text));
	json_object_begin(&writer);
	json_member_int(&writer, "dropped", (int64_t)count);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		send_text(context, text, length);
	}
}

static bool open_message_reader(struct message_reader *reader, struct http_request *request)
{
	static const struct http_websocket_handler websocket = {.dropped = on_messages_dropped,
								.closed = on_reader_closed};
	static const struct http_events_handler stream = {.dropped = on_messages_dropped,
							  .closed = drop_message_reader};
	const struct http_stream_options options = {.queue_messages = QUEUE_LENGTH,
						    .overflow = HTTP_OVERFLOW_DROP};

	if (http_request_is_websocket(request)) {
		reader->websocket = http_websocket_accept(request, &options, &websocket, reader);
	} else {
		reader->stream = http_events_open(request, &options, &stream, reader);
	}
	return reader->websocket || reader->stream;
}

void rest_get_messages(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const struct fleet_printer *printer = rest_find_printer(request, rest);

	if (!printer) {
		return;
	}
	struct message_reader *reader = rest->reader_count < READERS_MAX
						? calloc(1, sizeof(*reader))
						: NULL;
	if (!reader) {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "too many read messages of printers already");
		return;
	}
	reader->rest = rest;
	reader->printer = printer;
	if (!open_message_reader(reader, request)) {
		free(reader);
		return;
	}
	list_insert(&rest->readers, &reader->place);
	rest->reader_count++;
}

void rest_forget_printer(struct rest *rest, const struct fleet_printer *printer)
{
	for (struct list *at = rest->readers.next; at != &rest->readers; at = at->next) {
		struct message_reader *reader = LIST_OF(at, struct message_reader, place);

		if (reader->printer == printer) {
			reader->printer = NULL;
		}
	}
}
