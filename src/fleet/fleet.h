/* SPDX-License-Identifier: MIT */
#ifndef FLEET_FLEET_H
#define FLEET_FLEET_H

#include "base/clock.h"
#include "base/memory/list.h"
#include "fleet/channel.h"
#include "printer/command/command.h"
#include "printer/state/state.h"
#include "transport/mqtt/session.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * Printers at the other end of MQTT sessions: any number of printers on any number of logins, on
 * one libuv loop. Follows each printer's topics, decrypts, merges its state, runs its commands.
 * Nothing is printed: trouble is an event.
 *
 * Printers and logins come, change and go while it runs. Every call may be made from inside every
 * callback, be it about the one that is being told of: what was removed stays in memory until the
 * outermost callback has returned, and says nothing any more but how its commands ended.
 */
struct fleet;
struct fleet_login;   /* one login at one broker */
struct fleet_printer; /* one printer behind a login */

enum fleet_event_kind {
	FLEET_LOGIN_CONNECTED, /* the broker took the login */
	FLEET_LOGIN_LOST,      /* being made again */
	FLEET_LOGIN_FAILED,    /* a try failed; a retry follows unless session->final */
	FLEET_LOGIN_CHANGED,   /* another login: its printers are not ready until they are again */
	FLEET_LOGIN_DETACHED,  /* it goes on without the gateway; error: so it cannot, either */
	FLEET_PRINTER_READY,   /* its topics are subscribed; after each connection */
	FLEET_PRINTER_REFUSED, /* this login may not follow it */
	FLEET_PAYLOAD_REFUSED, /* a message of it: `error` says why; nothing was changed */
	FLEET_PRINTER_ADDED,
	FLEET_PRINTER_CHANGED, /* its key, name, rights or profile */
	FLEET_PRINTER_REMOVED, /* the last of it: its memory goes after this */
	FLEET_CHANGE_NOTICE,   /* the cloud says that something of the account is other than before:
				* of a printer, or NULL; not what, and nobody vouches for it */
	FLEET_CLOCK_CHANGED,   /* the wall clock was set, or the machine was asleep */
};

struct fleet_event {
	enum fleet_event_kind kind;
	struct fleet_login *login;                /* NULL for events of the clock */
	struct fleet_printer *printer;            /* NULL for events of a login and of the clock */
	const struct mqtt_session_event *session; /* of a login's events, and REFUSED; else NULL */
	int error;                                /* of PAYLOAD_REFUSED and DETACHED; else 0 */
	const char *detail;        /* of DETACHED: why, for people; NULL where nobody need know */
	size_t length;             /* of PAYLOAD_REFUSED: of the message, in bytes */
	const char *topic;         /* of PRINTER_REFUSED */
	struct clock_change clock; /* of CLOCK_CHANGED */
};

/* Any may be NULL. */
struct fleet_handlers {
	void (*on_event)(void *context, const struct fleet_event *event);
	/* One whole payload, merged into the state; valid during the call. */
	void (*on_payload)(void *context, struct fleet_printer *printer,
			   enum flagship_topic_kind kind, const struct channel_payload *payload);
	/* What happened to a printer (printer/state/event.h). */
	void (*on_printer_event)(void *context, struct fleet_printer *printer,
				 const struct printer_event *event);
	/* What of its state is other than before, as bits of enum printer_part: once for all that
	 * a payload changed, after on_payload, and once for what the passing of time changed. */
	void (*on_changed)(void *context, struct fleet_printer *printer, uint32_t parts);
	void (*on_reply)(void *context, struct fleet_printer *printer, uint64_t command,
			 const struct flagship_message *message);
	void (*on_done)(void *context, struct fleet_printer *printer,
			const struct command_report *report);
	/* The broker has taken all messages to it. */
	void (*on_acknowledged)(void *context, struct fleet_printer *printer);
	/* Everything is released, and nobody is subscribed any more; the last call. */
	void (*on_closed)(void *context);
};

/*
 * Who wants to know; memory of its own, with these two set. Who is subscribed inside of a callback
 * is notified of what comes next; who is unsubscribed is notified of nothing more, not even of
 * that.
 */
struct fleet_listener {
	const struct fleet_handlers *handlers;
	void *context;
	/* Private. */
	struct fleet *fleet; /* NULL: not subscribed */
	struct list place;
	uint64_t number;
};

/* Errors: MEMORY. */
int fleet_create(uv_loop_t *loop, struct fleet **fleet);

/* In the order that they came in they are called. */
void fleet_subscribe(struct fleet *fleet, struct fleet_listener *listener);

/* Where it is not subscribed, but zeroed or was so before, nothing happens. */
void fleet_unsubscribe(struct fleet_listener *listener);

/*
 * A login. options->topics are left to the fleet, and so is the look-up of names unless it is
 * shared with others; strings are copied. user_id, which may be NULL, adds the account's
 * change_notice. context is for the caller. After fleet_start it is opened at once. Errors: those
 * of mqtt_session_create, and of the topic for the user id.
 */
int fleet_add_login(struct fleet *fleet, const struct mqtt_session_options *options,
		    const char *user_id, void *context, struct fleet_login **login);

/*
 * Another password, address or trust: the session is ended, and another one begun. Commands that
 * wait fail as after a lost connection. Where nothing of it differs, a session that is up stays.
 * Errors, after which all is as it was: as fleet_add_login.
 */
int fleet_change_login(struct fleet_login *login, const struct mqtt_session_options *options,
		       const char *user_id);

/*
 * Before fleet_start, with its printers added: goes by the gateway of this machine that listens on
 * the unix socket `path`, and opens no session, where that gateway has all these printers at the
 * same broker and is connected; else, and from its end on, by a session as any login. Then commands
 * are the gateway's, and so are their guards, their queue and the rights.
 *
 * wants_messages: what printers answer is wanted itself, so that they are asked. Without it a state
 * that the gateway keeps up to date is the answer, and is reported as a payload without messages.
 * Such a login is not changed. Errors: MEMORY.
 */
int fleet_attach_login(struct fleet_login *login, const char *path, bool wants_messages)
	__attribute__((warn_unused_result));

/* Whether it is one at this broker. */
bool fleet_login_is_at(const struct fleet_login *login, const char *host, uint64_t port);

/* With its printers. */
void fleet_remove_login(struct fleet_login *login);

struct fleet_printer_options {
	const char *serial;
	const char *name;                      /* or NULL */
	enum flagship_model model;             /* UNKNOWN: learned from what it sends */
	struct flagship_key *key;              /* borrowed until it has another, or is removed */
	const struct printer_profile *profile; /* NULL: of the model; copied */
	struct command_rights rights;          /* of the login on this printer */
	void *context;                         /* for the caller */
};

/* At any time. Errors: ARGUMENT (no serial number, or one that the login has already), MEMORY. */
int fleet_add_printer(struct fleet_login *login, const struct fleet_printer_options *options,
		      struct fleet_printer **printer);

/* Commands that are going on end: FAILED, or UNANSWERED where they were sent. Outside of callbacks
 * it is freed before this returns. */
void fleet_remove_printer(struct fleet_printer *printer);

/* While commands go on, too; a profile counts once none is under way. */
void fleet_printer_set_key(struct fleet_printer *printer, struct flagship_key *key);
void fleet_printer_set_name(struct fleet_printer *printer, const char *name); /* copied */
void fleet_printer_set_rights(struct fleet_printer *printer, struct command_rights rights);
/* In place of the one it has, and of those of models that are learned later; copied. */
void fleet_printer_set_profile(struct fleet_printer *printer,
			       const struct printer_profile *profile);

/* Opens the sessions. No handler is called from inside it. Errors: those of mqtt_session_create. */
int fleet_start(struct fleet *fleet);

/* May be called from any handler, and before fleet_start. Then on_closed comes. NULL is accepted.
 */
void fleet_close(struct fleet *fleet);

/* For loops over all: the first after NULL, NULL after the last, in the order they were added. */
struct fleet_printer *fleet_next_printer(const struct fleet *fleet,
					 const struct fleet_printer *printer);

struct fleet_counts {
	uint64_t payloads;  /* decrypted */
	uint64_t malformed; /* refused before decryption, or not completed */
	uint64_t wrong_key; /* refused after it */
	uint64_t retained;  /* kept by the broker, of any age: not looked into */
};

const struct printer_state *fleet_printer_state(const struct fleet_printer *printer);
const struct printer_profile *fleet_printer_profile(const struct fleet_printer *printer);
const struct fleet_counts *fleet_printer_counts(const struct fleet_printer *printer);
struct fleet_login *fleet_printer_login(const struct fleet_printer *printer);
const char *fleet_printer_serial(const struct fleet_printer *printer);
void *fleet_printer_context(const struct fleet_printer *printer);
void *fleet_login_context(const struct fleet_login *login);
struct command_rights fleet_printer_rights(const struct fleet_printer *printer);
bool fleet_printer_ready(const struct fleet_printer *printer); /* its topics are subscribed now */

/* Messages to it that the broker has not acknowledged yet (QoS 1), since its session was made. */
size_t fleet_printer_unacknowledged(const struct fleet_printer *printer);

/* The clock of states and commands: the steady one (base/clock.h), as of this turn of the loop. */
int64_t fleet_now_ms(struct fleet *fleet);

/* For how long something of a printer could have been received since this time, and was not:
 * without a sleep of this machine and what was before it. Verdicts go by it, ages do not. */
int64_t fleet_silence_ms(struct fleet *fleet, int64_t received_ms);

/*
 * As command_submit and command_cancel; the command of a printer that is not ready fails,
 * but where it may be soon, since its login connects for the first time or its topics are being
 * subscribed: then it waits for that, as long as for an answer. Unless
 * the request brings an id of fleet_make_command_id, it gets one: of all printers, no two are
 * alike.
 */
uint64_t fleet_make_command_id(struct fleet *fleet);
uint64_t fleet_command(struct fleet_printer *printer, const struct command_request *request);
void fleet_cancel(struct fleet_printer *printer, uint64_t command);

/* As command_guard and command_guard_lacks. */
const char *fleet_guard(const struct fleet_printer *printer, const struct command_request *request);
bool fleet_guard_lacks(const struct fleet_printer *printer, const struct command_request *request);

/* The query for all it knows (1027), outside of the engine: nothing waits for an answer. False
 * where it is not connected, or the login has no right to ask. */
bool fleet_ask_status(struct fleet_printer *printer);

#endif
