/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_COMMAND_COMMAND_H
#define PRINTER_COMMAND_COMMAND_H

#include "printer/profile.h"
#include "printer/state/state.h"

#include <flagship/message.h>
#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How every command ends, in exactly one of these. */
enum command_outcome {
	COMMAND_CONFIRMED,  /* what followed from the printer shows it */
	COMMAND_ACCEPTED,   /* taken, but it has no visible effect, or none was seen in time */
	COMMAND_REFUSED,    /* by the printer (reply != 0) or by our own guard */
	COMMAND_UNANSWERED, /* sent, and nothing came back: it may have been done */
	COMMAND_FAILED,     /* never sent: not connected, or it could not be built */
};

enum command_kind {
	COMMAND_PAUSE,
	COMMAND_RESUME,
	COMMAND_STOP,
	COMMAND_NOZZLE_TARGET, /* value: 0.01 °C, 0 = off */
	COMMAND_BED_TARGET,    /* value: 0.01 °C */
	COMMAND_COOLDOWN,      /* both targets to 0 */
	COMMAND_FAN,           /* value: percent */
	COMMAND_SPEED,         /* value: mm/s */
	COMMAND_HOME,          /* value: enum command_axes */
	COMMAND_MOVE,          /* position: mm, NAN for an axis that stays; feed */
	COMMAND_EXTRUDE,       /* distance_mm, negative to retract; feed */
	COMMAND_Z_OFFSET,      /* value: 0.01 mm, the offset that is wanted */
	COMMAND_LEVEL,
	COMMAND_RENAME, /* text: the new name, COMMAND_NAME_MAX bytes at most */
	COMMAND_FILES,  /* value: 1 on board, 0 USB */
	COMMAND_DELETE, /* text: file path */
	COMMAND_START,  /* text: file path */
	COMMAND_LIGHT,  /* value: 0 or 1 */
	COMMAND_GCODE,  /* text: one line */
	COMMAND_SEND,   /* text: one JSON object, to the command topic */
	COMMAND_QUERY,  /* text: one JSON object, to the query topic */
	COMMAND_STATUS, /* the query for all it knows (1027) */
};

enum command_axes {
	COMMAND_AXIS_X = 1,
	COMMAND_AXIS_Y = 2,
	COMMAND_AXIS_Z = 4,
	COMMAND_AXES_ALL = 7,
};

/* Pointers are copied by command_submit. Zero where a kind does not use it. */
struct command_request {
	enum command_kind kind;
	uint64_t id; /* by which it is called; 0: the next one of the engine */
	int64_t value;
	const char *text;
	double position_mm[3];
	double distance_mm;
	double feed_mm_s; /* 0: a careful default */
	/* Who asks (protocol.md 3.2, 3.6). NULL: nobody that is known, and so an M5 may ignore it.
	 */
	const char *user_id;
	const char *user_name;
	/* For each answer, and for the state that has to follow; 0: the kind's own, which is 25 s
	 * (confirm_ms of the profile) for the state after a control command. */
	int64_t timeout_ms;
	bool force;    /* overrides the guards, but for what is never sent */
	bool relative; /* COMMAND_MOVE, COMMAND_Z_OFFSET: from where it is now */
	/* Nothing is waited for: all its parts are sent at once when its turn comes, never again,
	 * and it is reported then as ACCEPTED with no effect expected. */
	bool no_wait;
	/* Judged by what is known: the printer is not asked first for what a guard would have to
	 * know. */
	bool as_known;
};

struct gcode_reply;

#define COMMAND_DETAIL_MAX 512
#define COMMAND_NAME_MAX   64 /* bytes of a printer's name that are sent to it */

struct command_report {
	uint64_t id;
	enum command_kind kind;
	enum command_outcome outcome;
	/* Whether an effect could have been seen: ACCEPTED then means that it was not. */
	bool effect_expected;
	bool guarded;       /* REFUSED by us: nothing was sent, and `force` would override it */
	bool never;         /* REFUSED by us: nothing was sent, and nothing overrides it */
	const char *detail; /* one line for people, without the printer's name; never NULL */
	bool has_reply;
	int64_t reply;
	/* What a G-code printed, without acknowledgements; cut where the printer cut it. */
	const char *text;
	size_t text_length;
	bool text_whole;
	/* Of which the text is a part (printer/command/gcode_reply.h); NULL where no G-code was
	 * answered, or where it is not kept. */
	const struct gcode_reply *gcode;
	unsigned int attempts; /* how often it was sent */
	int64_t elapsed_ms;
};

struct command_output {
	/* Publish with QoS 1. False where that is not possible now. */
	bool (*send)(void *context, enum flagship_topic_kind kind, const char *json, size_t length);
	/* One object of an answer to command `id`, as it comes; may be NULL. */
	void (*replied)(void *context, uint64_t id, const struct flagship_message *message);
	/* The end of a command; the report is valid during the call. May be called from inside
	 * command_submit. May submit other commands. */
	void (*done)(void *context, const struct command_report *report);
	void *context;
};

/*
 * The commands of one printer: no I/O, no clock. One of a type is in flight, others wait for their
 * turn. What may be repeated safely (targets, queries, pause…) is sent up to three times; G-code,
 * extrusion, movement and starts only once. None is ever sent again after a lost connection; its
 * state is asked for until it proves itself, since the printer may be back later than we are.
 *
 * What has to be known first is asked for (1027): the job's name where its control names it, the Z
 * offset before it is changed, and the job's state where a guard depends on it. While a state has
 * to prove a command, it is asked for too, since its notice may have been lost. A stop waits for
 * nothing: pause, resume and start end where one is submitted. A reply of another type counts where
 * the right one does not follow within a second; one to a command that was given up is nobody's.
 *
 * It begins unconnected. The engine may not be destroyed from inside a handler.
 */
struct command_engine;

/* state and profile are borrowed; the profile may be changed between commands. NULL: no memory. */
struct command_engine *command_engine_create(const struct printer_state *state,
					     const struct printer_profile *profile,
					     const struct command_output *output);

/* Whatever is still going on ends without a report. NULL is accepted. */
void command_engine_destroy(struct command_engine *engine);

/*
 * So many of a type may wait for their turn, and so many of all types be there; who comes then
 * fails: too many are waiting.
 */
#define COMMAND_WAITING_MAX 64
#define COMMAND_PENDING_MAX 1024

/* Returns its id, never 0. Every command ends in one call of `done`. */
uint64_t command_submit(struct command_engine *engine, const struct command_request *request,
			int64_t now_ms);

/* Gives up: FAILED where it still waits, UNANSWERED where it was sent. */
void command_cancel(struct command_engine *engine, uint64_t id, int64_t now_ms);

/* All commands end as if they were cancelled, with the reason, a clause, which must outlive the
 * engine; so does who comes later. */
void command_close(struct command_engine *engine, const char *why, int64_t now_ms);

/*
 * Which job states (a bit for each value of 1000) would show what was sent: for job_await_states,
 * before a payload that came by this topic is merged. 0 where none has to.
 */
uint64_t command_awaited_states(const struct command_engine *engine, enum flagship_topic_kind kind,
				int64_t now_ms);

/* Whether one was planned and is not over. */
bool command_is_under_way(const struct command_engine *engine);

/* What the account may do with a printer that is shared with it; all of it to begin with. What it
 * may not, the guard refuses, and no state is asked for where that is not allowed. */
struct command_rights {
	bool no_query;
	bool no_command;
};
void command_set_rights(struct command_engine *engine, const struct command_rights *rights);

/* Whether there is no command, nor an effect that is still waited for: then notices need not be
 * received, but for those that command_heeds. */
bool command_is_idle(const struct command_engine *engine);

/* Whether a message is of use without a command, too. */
static inline bool command_heeds(const struct flagship_message *message)
{
	return message->type == FLAGSHIP_MESSAGE_Z_AXIS_RECOUP;
}

/* A message came, and was merged into the state already. */
void command_receive(struct command_engine *engine, enum flagship_topic_kind kind,
		     const struct flagship_message *message, int64_t now_ms);

/* Whether something can be sent. Commands that wait fail when the connection is lost; those that
 * were sent wait on for a state that proves them. */
void command_set_connected(struct command_engine *engine, bool connected, int64_t now_ms);

/* Whether the connection is being made, which nobody knows yet to be in vain: what is submitted
 * meanwhile waits for it, as long as for an answer, before it fails. Until it is connected, or that
 * is taken back; it begins without. */
void command_set_joining(struct command_engine *engine, bool joining, int64_t now_ms);

/* Lets time pass. */
void command_advance(struct command_engine *engine, int64_t now_ms);

/* When command_advance is due next; INT64_MAX while nothing is. */
int64_t command_next_deadline_ms(const struct command_engine *engine);

/*
 * Why this may not be done now with this printer (protocol.md 3.5), or by this account, or NULL.
 * For people, one sentence: what it would do. Valid until the next call. With request->force only
 * what nothing overrides is reported.
 */
const char *command_guard(const struct command_engine *engine,
			  const struct command_request *request);

/* Whether that hangs on something that the printer has not told yet: ask it (1027) first. */
bool command_guard_lacks(const struct command_engine *engine,
			 const struct command_request *request);

/* "confirmed", … */
const char *command_outcome_name(enum command_outcome outcome);

/* "pause", "nozzle", … */
const char *command_kind_name(enum command_kind kind);

#endif
