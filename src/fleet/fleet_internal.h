/* SPDX-License-Identifier: MIT */
#ifndef FLEET_FLEET_INTERNAL_H
#define FLEET_FLEET_INTERNAL_H

#include "base/memory/list.h"
#include "fleet/attach/attachment.h"
#include "fleet/channel.h"
#include "fleet/deadlines.h"
#include "fleet/fleet.h"
#include "fleet/id_table.h"
#include "fleet/index.h"
#include "fleet/loop_clock.h"

#include <assert.h>

/* What the parts of the fleet share. */

#define FLEET_PRINTER_TOPICS (FLAGSHIP_CLIENT_TOPICS - 1) /* but the account's */

/*
 * Where one call of all listeners is. Listeners come and go while they are called, and call what
 * calls them again; so each call in progress is known, the innermost first.
 */
struct fleet_cursor {
	struct fleet_cursor *outer;
	struct list *next;
	uint64_t last; /* who was subscribed by then is called */
};

struct fleet {
	uv_loop_t *loop;
	struct list listeners;
	uint64_t last_listener;
	struct fleet_cursor *cursor;
	unsigned int depth; /* of calls that may call listeners: nothing is freed meanwhile */
	struct list logins;
	struct list printers;
	struct list removed;        /* printers, to be freed */
	struct list removed_logins; /* likewise */
	struct list to_be_ready;    /* printers, in slices */
	struct index index;
	struct resolver *resolver;
	struct deadlines deadlines; /* one a printer */
	uv_idle_t slices;           /* goes on with what one turn of the loop is too short for */
	uv_timer_t pulse;           /* looks at the clocks where nothing else does */
	uv_timer_t timer;           /* the first of them */
	int64_t timer_due_ms;       /* DEADLINE_NEVER while it does not run */
	struct loop_clock clock;    /* of states and commands */
	uint64_t last_command;      /* its id */
	unsigned int open;          /* sessions and handles */
	bool started;
	bool closing;
	struct channel_payload payload; /* the one that is being received */
};

struct fleet_login {
	struct fleet *fleet;
	struct list place; /* in logins, or removed_logins */
	struct list printers;
	struct mqtt_session_options options; /* strings owned */
	char *user_id;                       /* or NULL */
	void *context;
	char *gateway;                 /* path of its socket; NULL: without one */
	bool wants_messages;           /* of the gateway */
	struct attachment *attachment; /* in place of a session; or NULL */
	struct mqtt_session *session;  /* NULL before fleet_start, and while it is attached */
	unsigned int sessions;         /* that are not closed yet */
	struct id_table outstanding;   /* messages to its printers */
	bool connected;
	bool tried; /* to connect: it was, or could not */
	bool removed;
};

/*
 * What each message touches comes first and lies together: with thousands of printers nothing of it
 * is in the cache, and printer_prefetch asks for it while the message is decrypted.
 */
struct fleet_printer {
	struct fleet *fleet;
	struct fleet_login *login;
	struct command_engine *engine;
	struct printer_state state; /* its serial number is in the first line of the cache, too */
	struct deadline deadline;
	struct channel channel;
	struct fleet_counts counts;
	void *context;
	bool commanded; /* its engine may not be idle */
	/* From here on what messages do not touch. */
	struct list place;         /* in printers, until it is freed */
	struct list login_place;   /* in those of its login, likewise */
	struct list ready_place;   /* in to_be_ready */
	struct list removed_place; /* in removed */
	struct printer_profile profile;
	struct printer_profile next_profile; /* once no command is under way */
	struct command_rights rights;
	size_t unacknowledged; /* messages to it, of those of its login */
	unsigned int awaited;  /* topics of the present connection without an answer */
	bool profile_is_given;
	bool profile_waits;
	bool refused; /* a subscription of the present connection */
	bool ready;
	bool removed;
};

#define CACHE_LINE ((size_t)64)
static_assert(offsetof(struct fleet_printer, state.serial) + FLAGSHIP_SERIAL_LENGTH_MAX <
		      CACHE_LINE,
	      "what finds a printer is one line of the cache");

/* Asks for what a usual message touches; what lies on the way from one line of the cache to the
 * next is listed once. */
static inline void printer_prefetch(const struct fleet_printer *printer)
{
	__builtin_prefetch(&printer->fleet, 1);
	__builtin_prefetch(&printer->state.nozzle, 1);
	__builtin_prefetch(&printer->state.fan_percent, 1);
	__builtin_prefetch(&printer->state.alert, 1);
	__builtin_prefetch(&printer->state.error_since_ms, 1);
	__builtin_prefetch(&printer->deadline, 1);
	__builtin_prefetch(&printer->channel.reassemblers[1], 1);
	__builtin_prefetch(&printer->state.job, 1);
	__builtin_prefetch(&printer->state.job.track, 1);
	__builtin_prefetch(&printer->counts, 1);
}

/* login.c */
int login_open(struct fleet_login *login);
void login_free(struct fleet_login *login);
/* It goes by its own session from now on, which is to be opened. */
void login_detach(struct fleet_login *login);
/* Its printers are not ready any more, which is reported. */
void login_lose(struct fleet_login *login, const struct mqtt_session_event *event);
int login_add_topics(struct fleet_login *login, const struct fleet_printer *printer);
void login_remove_topics(const struct fleet_login *login, const struct fleet_printer *printer);
void login_expect_acknowledgement(struct fleet_login *login, struct fleet_printer *printer, int id);

/* printer.c */
void printer_free(struct fleet_printer *printer);
void printer_set_ready(struct fleet_printer *printer, bool ready);
/* Whether it may be ready soon: commands wait for that. */
void printer_set_joining(struct fleet_printer *printer, bool joining);
void printer_query_again(struct fleet_printer *printer);

/* receive.c */
void printer_receive(struct fleet_printer *printer, enum flagship_topic_kind kind, uint8_t *data,
		     size_t length);
/* What was opened already, be it here or by the gateway; awaited: job_await_states. */
void printer_take(struct fleet_printer *printer, enum flagship_topic_kind kind,
		  const struct channel_payload *payload, uint64_t awaited, int64_t now_ms);
void printer_refuse(struct fleet_printer *printer, int error, size_t length);
/* Its frames are those of this model, where that was not given. */
void printer_learn(struct fleet_printer *printer, enum flagship_model model);
/* Kept by the broker and of any age: it says nothing of the present, and changes nothing. */
void printer_receive_retained(struct fleet_printer *printer);
void printer_pass_time(struct fleet_printer *printer, int64_t now_ms);
/* What had to wait until no command is under way. */
void printer_settle(struct fleet_printer *printer);

/* Nothing is to come of it any more. */
static inline bool printer_is_gone(const struct fleet_printer *printer)
{
	return printer->removed || printer->fleet->closing;
}

/* listeners.c: to all. */
void fleet_report(struct fleet *fleet, const struct fleet_event *event);
void fleet_report_payload(struct fleet_printer *printer, enum flagship_topic_kind kind,
			  const struct channel_payload *payload);
void fleet_report_printer_event(struct fleet_printer *printer, const struct printer_event *event);
void fleet_report_changed(struct fleet_printer *printer, uint32_t parts);
void fleet_report_reply(struct fleet_printer *printer, uint64_t command,
			const struct flagship_message *message);
void fleet_report_done(struct fleet_printer *printer, const struct command_report *report);
void fleet_report_acknowledged(struct fleet_printer *printer);
void fleet_report_closed(struct fleet *fleet);

/*
 * fleet.c. What is removed in between is freed at the outermost leave: whoever is called may remove
 * whatever it likes, and pointers stay good until the call is over.
 */
static inline void fleet_enter(struct fleet *fleet)
{
	fleet->depth++;
}

void fleet_free_removed(struct fleet *fleet);

static inline void fleet_leave(struct fleet *fleet)
{
	assert(fleet->depth > 0);
	if (fleet->depth == 1 &&
	    !(list_is_empty(&fleet->removed) && list_is_empty(&fleet->removed_logins))) {
		fleet_free_removed(fleet);
	}
	fleet->depth--;
}

void fleet_part_closed(struct fleet *fleet);

/* Its being ready is to be reported. */
void fleet_make_ready(struct fleet_printer *printer);

/* Something of it may be due at another time than before. Costs the logarithm of the printers, or
 * nothing where it is due later. */
void fleet_schedule(struct fleet_printer *printer);

#endif
