/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/events/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOO_MANY     503
#define DECIMAL      10
#define QUEUE_LIMIT  ((size_t)8 << 20) /* a snapshot of thousands of printers */
#define QUEUE_LENGTH 256
#define BEAT_MS      1000
#define FLAG_SIZE    4
#define HELD_MAX     64 /* of which a queue takes some times as many */

static void write_id(const struct gateway_events *events, uint64_t sequence,
		     char out[EVENTS_ID_SIZE])
{
	snprintf(out, EVENTS_ID_SIZE, "%s-%" PRIu64, events->name, sequence);
}

bool events_wants(const struct events_reader *reader, const char *serial)
{
	return (reader->serial[0] == '\0' || strcmp(reader->serial, serial) == 0) &&
	       access_grant_sees(&reader->grant, serial);
}

static bool wants_message(const struct events_reader *reader, const char *serial, const char *user)
{
	if (!user) {
		return events_wants(reader, serial);
	}
	return reader->serial[0] == '\0' && reader->is_user && strcmp(reader->user, user) == 0;
}

static struct http_message *make_message(const struct gateway_events *events, bool websocket,
					 uint64_t sequence, const char *text, size_t length)
{
	char id[EVENTS_ID_SIZE];

	if (websocket) {
		return http_message_create(HTTP_MESSAGE_TEXT, text, length);
	}
	write_id(events, sequence, id);
	return http_message_create_event(id, NULL, text, length);
}

static void send_to(struct events_reader *reader, struct http_message *message)
{
	if (reader->websocket) {
		(void)http_websocket_send(reader->websocket, message);
	} else {
		(void)http_events_send(reader->stream, message);
	}
}

static void send_one(struct events_reader *reader, uint64_t sequence, const char *text,
		     size_t length)
{
	struct http_message *message = make_message(reader->events, reader->websocket, sequence,
						    text, length);

	if (message) {
		send_to(reader, message);
	}
	http_message_release(message);
}

static void keep(struct gateway_events *events, const char *serial, const char *user, char *text,
		 size_t length)
{
	struct kept_message *kept = &events->kept[events->sequence % GATEWAY_EVENTS_KEPT];

	free(kept->text);
	free(kept->user);
	*kept = (struct kept_message){.sequence = events->sequence,
				      .user = user ? strdup(user) : NULL};
	/* Nobody else is ever to have it: whoever reads gets a snapshot then. */
	if (user && !kept->user) {
		free(text);
		return;
	}
	kept->text = text;
	kept->length = length;
	snprintf(kept->serial, sizeof(kept->serial), "%s", serial);
}

static void send_kept(struct gateway_events *events, const struct kept_message *kept)
{
	struct http_message *messages[2] = {NULL, NULL};
	struct list *next;

	for (struct list *at = events->readers.next; at != &events->readers; at = next) {
		struct events_reader *reader = LIST_OF(at, struct events_reader, place);
		struct http_message **message = &messages[reader->websocket != NULL];

		next = at->next;
		if (!wants_message(reader, kept->serial, kept->user)) {
			continue;
		}
		if (!*message) {
			*message = make_message(events, reader->websocket, kept->sequence,
						kept->text, kept->length);
		}
		if (*message) {
			send_to(reader, *message);
		}
	}
	http_message_release(messages[0]);
	http_message_release(messages[1]);
}

void events_send_held(struct gateway_events *events)
{
	/* While nobody reads, numbers grow without a text. */
	if (list_is_empty(&events->readers)) {
		events->told = events->sequence;
	}
	while (events->told < events->sequence) {
		const struct kept_message *kept =
			&events->kept[++events->told % GATEWAY_EVENTS_KEPT];

		if (kept->sequence == events->told && kept->text) {
			send_kept(events, kept);
		}
	}
}

void events_publish(struct gateway_events *events, const char *serial, const char *user, char *text,
		    size_t length)
{
	keep(events, serial, user, text, length);
	events_send_held(events);
}

void events_hold(struct gateway_events *events, const char *serial, char *text, size_t length)
{
	keep(events, serial, NULL, text, length);
	if (events->sequence - events->told >= HELD_MAX) {
		events_send_held(events);
	}
}

/* --- those who come --- */

static void drop_reader(void *context)
{
	struct events_reader *reader = context;

	list_remove(&reader->place);
	reader->events->reader_count--;
	reader->events->last_read_ms = clock_steady_ms();
	access_grant_finish(&reader->grant);
	free(reader);
}

static void on_websocket_closed(void *context, int code)
{
	(void)code;
	drop_reader(context);
}

/* The last number that was seen, where it is one of this stream and all since then is kept. */
static bool read_position(const struct gateway_events *events, const char *id, uint64_t *sequence)
{
	size_t length = strlen(events->name);
	char *end;

	if (strncmp(id, events->name, length) != 0 || id[length] != '-' || id[length + 1] < '0' ||
	    id[length + 1] > '9') {
		return false;
	}
	errno = 0;
	*sequence = strtoull(id + length + 1, &end, DECIMAL);
	if (errno != 0 || *end != '\0' || *sequence > events->sequence ||
	    events->sequence - *sequence >= GATEWAY_EVENTS_KEPT) {
		return false;
	}
	for (uint64_t at = *sequence + 1; at <= events->sequence; at++) {
		if (events->kept[at % GATEWAY_EVENTS_KEPT].sequence != at ||
		    !events->kept[at % GATEWAY_EVENTS_KEPT].text) {
			return false;
		}
	}
	return true;
}

static void send_missed(struct events_reader *reader, uint64_t sequence)
{
	const struct gateway_events *events = reader->events;

	while (sequence++ < events->sequence) {
		const struct kept_message *kept = &events->kept[sequence % GATEWAY_EVENTS_KEPT];

		if (wants_message(reader, kept->serial, kept->user)) {
			send_one(reader, sequence, kept->text, kept->length);
		}
	}
}

static void send_first(struct events_reader *reader, const char *after)
{
	const struct gateway_events *events = reader->events;
	uint64_t sequence;
	size_t length;

	if (after[0] != '\0' && read_position(events, after, &sequence)) {
		send_missed(reader, sequence);
		return;
	}
	char *snapshot = events_write_snapshot(events, reader, &length);
	if (snapshot) {
		send_one(reader, events->sequence, snapshot, length);
	}
	free(snapshot);
}

/* To each who wants it; the last number that was sent stays the last. */
static void send_beats(uv_timer_t *timer)
{
	struct gateway_events *events = timer->data;
	size_t length;

	events_send_held(events);
	char *text = events_write_beat(events, &length);
	struct list *next;
	bool is_wanted = false;

	for (struct list *at = events->readers.next; at != &events->readers; at = next) {
		struct events_reader *reader = LIST_OF(at, struct events_reader, place);

		next = at->next;
		if (text && reader->beats) {
			is_wanted = true;
			send_one(reader, events->sequence, text, length);
		}
	}
	free(text);
	if (!is_wanted) {
		uv_timer_stop(timer);
	}
}

static void begin_beats(struct gateway_events *events, struct events_reader *reader)
{
	reader->beats = true;
	if (!uv_is_active((uv_handle_t *)&events->beat)) {
		uv_timer_start(&events->beat, send_beats, BEAT_MS, BEAT_MS);
	}
}

char *gateway_events_snapshot(struct gateway_events *events, const struct access_grant *grant,
			      size_t *length)
{
	const struct events_reader reader = {.events = events, .grant = *grant};

	events->last_read_ms = clock_steady_ms();
	return events_write_snapshot(events, &reader, length);
}

static bool open_reader(struct events_reader *reader, struct http_request *request)
{
	static const struct http_websocket_handler websocket = {.closed = on_websocket_closed};
	static const struct http_events_handler stream = {.closed = drop_reader};
	const struct http_stream_options options = {.queue_messages = QUEUE_LENGTH,
						    .queue_bytes = QUEUE_LIMIT};

	if (http_request_is_websocket(request)) {
		reader->websocket = http_websocket_accept(request, &options, &websocket, reader);
	} else {
		reader->stream = http_events_open(request, &options, &stream, reader);
	}
	return reader->websocket || reader->stream;
}

void gateway_events_answer(struct gateway_events *events, struct http_request *request,
			   gateway_events_refuse *refuse)
{
	const char *last = http_request_header(request, "last-event-id");
	char after[EVENTS_ID_SIZE] = "";
	char beat[FLAG_SIZE];

	if (events->stopped || events->reader_count >= GATEWAY_EVENTS_MAX) {
		refuse(request, TOO_MANY, "too many read events already");
		return;
	}
	const struct access_identity *identity = access_identity(request);
	struct events_reader *reader = calloc(1, sizeof(*reader));
	if (!reader || (identity && access_grant_copy(&reader->grant, &identity->grant))) {
		free(reader);
		refuse(request, TOO_MANY, "out of memory");
		return;
	}
	/* What a user's pages are told of may be printers that a screen for some may not see. */
	const char *user = identity && !access_identity_sees_less(identity)
				   ? access_identity_shown_as(identity)
				   : NULL;
	reader->is_user = user != NULL;
	snprintf(reader->user, sizeof(reader->user), "%s", user ? user : "");
	reader->events = events;
	(void)http_request_query_value(request, "printer", reader->serial, sizeof(reader->serial));
	if (!http_request_query_value(request, "after", after, sizeof(after)) && last) {
		snprintf(after, sizeof(after), "%s", last);
	}
	if (!open_reader(reader, request)) {
		access_grant_finish(&reader->grant);
		free(reader);
		return;
	}
	events_send_held(events);
	list_insert(&events->readers, &reader->place);
	events->reader_count++;
	send_first(reader, after);
	if (http_request_query_value(request, "beat", beat, sizeof(beat)) && beat[0] == '1') {
		begin_beats(events, reader);
	}
}
