/* SPDX-License-Identifier: MIT */
#ifndef FLEET_FLEET_INTERNAL_H
#define FLEET_FLEET_INTERNAL_H

#include "fleet/channel.h"
#include "fleet/deadlines.h"
#include "fleet/fleet.h"
#include "fleet/loop_clock.h"
#include "fleet/outstanding.h"

/* What fleet.c, link.c and printer.c share. */

struct fleet {
	uv_loop_t *loop;
	struct fleet_handlers handlers;
	void *context;
	struct fleet_link *links;
	struct fleet_printer *first;
	struct fleet_printer *last;
	struct fleet_printer **buckets; /* by serial number */
	size_t bucket_count;            /* a power of two, or 0 */
	size_t printer_count;
	struct deadlines deadlines; /* one a printer */
	uv_idle_t slices;           /* goes on with what one turn of the loop is too short for */
	uv_timer_t timer;           /* the first of them */
	int64_t timer_due_ms;       /* DEADLINE_NEVER while it does not run */
	struct loop_clock clock;    /* of states and commands */
	unsigned int open;          /* sessions and handles */
	bool closing;
	struct channel_payload payload; /* the one that is being received */
};

struct fleet_link {
	struct fleet *fleet;
	struct fleet_link *next;
	struct mqtt_session_options options; /* strings owned */
	char *user_id;                       /* or NULL */
	void *context;
	struct mqtt_session *session;      /* NULL before fleet_start */
	struct outstanding outstanding;    /* messages to its printers */
	struct fleet_printer *to_be_ready; /* and those after it, in slices; NULL: none */
};

struct fleet_printer {
	struct fleet *fleet;
	struct fleet_link *link;
	struct fleet_printer *next;
	struct fleet_printer *bucket_next;
	struct deadline deadline;
	void *context;
	struct channel channel;
	struct printer_state state;
	struct printer_profile profile;
	bool profile_is_given;
	struct command_rights rights;
	struct command_engine *engine;
	struct fleet_counts counts;
	size_t unacknowledged; /* messages to it, of those of its link */
	bool refused;          /* a subscription of the present connection */
	bool ready;
};

/* link.c */
int link_open(struct fleet_link *link);
void link_free(struct fleet_link *link);
/* Tells printers that they are ready until then (uv_hrtime). Whether all were told. */
bool link_continue(struct fleet_link *link, uint64_t until_ns);
void link_expect_acknowledgement(struct fleet_link *link, struct fleet_printer *printer, int id);

/* printer.c */
void printer_free(struct fleet_printer *printer);
void printer_set_ready(struct fleet_printer *printer, bool ready);
void printer_receive(struct fleet_printer *printer, enum flagship_topic_kind kind, uint8_t *data,
		     size_t length);
/* Kept by the broker and of any age: it says nothing of the present, and changes nothing. */
void printer_receive_retained(struct fleet_printer *printer);
void printer_refuse(struct fleet_printer *printer, int error, size_t length);
void printer_pass_time(struct fleet_printer *printer, int64_t now_ms);

/* fleet.c */
void fleet_tell(struct fleet *fleet, const struct fleet_event *event);
struct fleet_printer *fleet_find(const struct fleet_link *link, const char *serial);
void fleet_part_closed(struct fleet *fleet);

/* The printers of a link are to be told that they are ready. */
void fleet_begin_slices(struct fleet *fleet);

/* Adds it to the end of all and to what finds it. False where there is no memory. */
bool fleet_append(struct fleet *fleet, struct fleet_printer *printer);

/* Something of it may be due at another time than before. Costs the logarithm of the printers, or
 * nothing where it is due later. */
void fleet_schedule(struct fleet_printer *printer);

#endif
