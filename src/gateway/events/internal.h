/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_EVENTS_INTERNAL_H
#define GATEWAY_EVENTS_INTERNAL_H

#include "base/memory/list.h"
#include "base/uuid.h"
#include "daemon/http/stream.h"
#include "fleet/id_table.h"
#include "gateway/access/access.h"
#include "gateway/events/events.h"

#include <stdbool.h>
#include <stdint.h>

#define EVENTS_SERIAL_SIZE (FLAGSHIP_SERIAL_LENGTH_MAX + 1)
#define EVENTS_ID_SIZE     64 /* "STREAM-SEQUENCE" */

/* A printer of which a patch was sent a pause ago at most. */
struct changed_printer {
	struct list place;
	struct fleet_printer *printer;
	uint32_t parts; /* that changed since then */
	int64_t sent_ms;
};

/* What was sent, for those who come back. */
struct kept_message {
	uint64_t sequence;
	char serial[EVENTS_SERIAL_SIZE];
	char *user; /* whom it is for alone; NULL: all who see that printer */
	char *text; /* NULL: an empty place */
	size_t length;
};

struct events_reader {
	struct list place;
	struct gateway_events *events;
	struct http_websocket *websocket; /* one of both */
	struct http_events *stream;
	char serial[EVENTS_SERIAL_SIZE]; /* "": of all printers */
	struct access_grant grant;       /* of who reads: which of them he may see */
	char user[ACCESS_NAME_SIZE];     /* who it is, */
	bool is_user;                    /* where it is one */
	bool beats;
};

struct gateway_events {
	struct gateway_printers *printers;
	struct fleet_listener listener;
	uv_timer_t timer;
	uv_timer_t beat; /* runs while somebody wants it */
	bool stopped;
	struct list changed; /* in the order in which they were sent */
	struct id_table changed_by_printer;
	struct list readers;
	size_t reader_count;
	int64_t last_read_ms; /* when the last reader went; 0: there was none */
	uint64_t sequence;    /* of the last message */
	uint64_t told;        /* of the last one that readers got: what follows is held back */
	char name[FLAGSHIP_GUID_LENGTH +
		  1]; /* of this stream of numbers: another one after each start */
	struct kept_message kept[GATEWAY_EVENTS_KEPT];
};

/* Between two patches of a printer. To write to very many costs more than all else, so they get as
 * much in fewer patches. */
static inline int64_t events_pause_ms(size_t readers)
{
	size_t crowds = readers / GATEWAY_EVENTS_CROWD;

	if (crowds > GATEWAY_EVENTS_PERIODS_MAX) {
		crowds = GATEWAY_EVENTS_PERIODS_MAX;
	}
	return GATEWAY_EVENTS_PERIOD_MS * (int64_t)(crowds > 0 ? crowds : 1);
}

static inline bool events_has_crowd(const struct gateway_events *events)
{
	return events_pause_ms(events->reader_count) > GATEWAY_EVENTS_PERIOD_MS;
}

/* --- patch.c --- */

/* {"seq":…,"type":"snapshot",…} of what the reader wants; to be freed. NULL: no memory. */
char *events_write_snapshot(const struct gateway_events *events, const struct events_reader *reader,
			    size_t *length);
/* What of a printer is in these parts. */
char *events_write_patch(const struct gateway_events *events, const struct fleet_printer *printer,
			 uint32_t parts, size_t *length);
/* That nothing is new. */
char *events_write_beat(const struct gateway_events *events, size_t *length);
char *events_write_removed(const struct gateway_events *events, const char *serial, size_t *length);
char *events_write_told(const struct gateway_events *events, const char *type, const char *serial,
			const char *json, size_t json_length, size_t *length);
char *events_write_event(const struct gateway_events *events, const char *serial,
			 const struct printer_event *event, size_t *length);

/* --- readers.c --- */

bool events_wants(const struct events_reader *reader, const char *serial);

/* Keeps the text of the last number, which it owns from then on, for readers who return, and sends
 * it, after what was held back. user NULL: to all who see that printer. */
void events_publish(struct gateway_events *events, const char *serial, const char *user, char *text,
		    size_t length);
/* Keeps it likewise; readers get it with what comes next, in one write for both. */
void events_hold(struct gateway_events *events, const char *serial, char *text, size_t length);
void events_send_held(struct gateway_events *events);

#endif
