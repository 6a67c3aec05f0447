/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_COMMAND_INTERNAL_H
#define PRINTER_COMMAND_INTERNAL_H

#include "printer/command/command.h"
#include "printer/command/gcode_reply.h"
#include "printer/guard/guard.h"
#include "printer/state/file_list.h"

/*
 * What the parts of the engine share. A command is compiled into steps, each one message with a
 * reply of its own. Steps of different types go out together, steps of one type one after the
 * other. A command holds the types of all its steps from its first message to its end, so that no
 * other one comes between.
 */
#define COMMAND_STEPS_MAX   16
#define COMMAND_DEBTS_MAX   64
#define COMMAND_SENDS_MAX   3
#define COMMAND_INSISTS_MAX 5 /* sends, while the state does not prove it */
#define COMMAND_NOT_DUE_MS  INT64_MAX
#define COMMAND_CENTI       100
/* When to ask first for the state that has to prove a command: its notice may have been lost. */
#define COMMAND_PROBE_AFTER_MS INT64_C(2500)

enum step_stage {
	STEP_WAITING,
	STEP_SENT,
	STEP_ANSWERED,
	STEP_GIVEN_UP, /* sent, not answered */
	STEP_SKIPPED,  /* never sent */
};

struct command_step {
	enum flagship_topic_kind topic;
	int64_t type;
	char *json; /* owned */
	size_t length;
	bool repeatable;     /* while nothing is received */
	bool insists;        /* sent again after its reply too, while the state does not prove it */
	bool later;          /* what it is to say is not known yet */
	bool prepares;       /* how it ends decides nothing by itself */
	bool restores;       /* sent even where a step before it failed */
	bool terse;          /* a G-code whose reply is an acknowledgement and nothing else */
	const char *refusal; /* what the text of a G-code reply holds that refuses it, or NULL */
	enum step_stage stage;
	unsigned int attempts;
	unsigned int replies;  /* messages of the right type */
	unsigned int trailing; /* G-codes of a stop that were sent meanwhile */
	int64_t sent_ms;       /* the first time */
	int64_t last_ms;       /* the last time */
	int64_t settle_ms;     /* when what was received counts as the answer */
	bool received;         /* anything that could be the answer */
	bool other_type;       /* it had another type */
	bool has_reply;
	int64_t reply;
	bool refused_by_text;
	const char *refusal_words; /* what that means, or NULL: it speaks for itself */
};

enum command_goal_kind {
	GOAL_NONE,
	GOAL_PAUSED,
	GOAL_RUNNING,
	GOAL_OVER,
	GOAL_BEGUN,
	GOAL_TARGETS,
	GOAL_FAN,
	GOAL_SPEED,
	GOAL_Z_OFFSET,
	GOAL_LEVELLING,
	GOAL_HOMED,
};

/* What has to be received from the printer after the command was sent. */
struct command_goal {
	enum command_goal_kind kind;
	int64_t nozzle_centi_c; /* PRINTER_NEVER: not wanted */
	int64_t bed_centi_c;
	int64_t value;
	bool nozzle_met;
	bool bed_met;
	bool met;
	bool clamped; /* the printer took less than was wanted, and will take no more */
	int64_t nozzle_before_centi_c;
	int64_t bed_before_centi_c;
	int64_t nozzle_ceiling_centi_c; /* of the firmware */
	int64_t bed_ceiling_centi_c;
	bool received;          /* what it is about was reported since, whatever it was */
	int64_t received_value; /* of the same */
	enum printer_job_state state_before;
	const char *file; /* GOAL_BEGUN: its name; NULL: any */
	bool begun;       /* GOAL_BEGUN: a job has begun, whichever */
	int64_t progress; /* GOAL_RUNNING: 0.01 %, before it went on */
	bool progressed;  /* GOAL_RUNNING */
};

/* What is known of the printer's files. */
struct command_search {
	struct file_list list;
	enum file_place place; /* that is asked about */
	int64_t index;         /* of the page that is asked for */
	bool by_file;          /* index counts files, not pages */
	unsigned int pages;    /* after the first */
	struct file_page page; /* all messages of it */
	size_t place_files;
	bool reported;      /* a list of this place came */
	bool reports[2];    /* by enum file_place: it is known what lies there */
	bool incomplete;    /* a page did not come, or there are too many files */
	bool changed_place; /* both places were asked about */
	bool is_listed;
	const char
		*path;  /* of the file that was named, as the printer has it; in list or request */
	bool is_loaded; /* 1044 named it */
	char loaded_other[PRINTER_TEXT_MAX];
	/* How the command ends, where it cannot go on. */
	bool is_decided;
	enum command_outcome outcome;
	char detail[COMMAND_DETAIL_MAX];
};

enum command_stage {
	COMMAND_QUEUED,
	COMMAND_ASKING, /* for what has to be known before it can be sent */
	COMMAND_SENDING,
};

struct command {
	struct command *next;
	uint64_t id;
	struct command_request request; /* strings are owned */
	enum command_stage stage;
	bool checked; /* by the guards, when it was submitted */
	bool cancelled;
	bool overtaken; /* by a stop */
	bool lost;      /* the connection, while it was going on */
	int64_t submitted_ms;
	int64_t begun_ms;  /* asking, or sending */
	bool limited;      /* by the timeout of its request */
	int64_t answer_ms; /* for each answer */
	int64_t confirm_ms;
	int64_t probe_ms; /* when to ask for the state that has to prove it */
	unsigned int asked;
	bool received; /* anything from the printer since begun_ms */
	struct command_goal goal;
	struct command_step steps[COMMAND_STEPS_MAX];
	size_t step_count;
	struct command_search search;
	struct gcode_reply gcode; /* of the step that is under way, or was last */
};

/* A reply that may still come, to a message whose command is over. */
struct command_debt {
	int64_t type;
	int64_t expires_ms;
};

/* The states that would show a command that was only sent: nobody waits for it any more, but it is
 * not old what shows it. */
#define COMMAND_UNWATCHED_MAX 4
#define COMMAND_UNWATCHED_MS  INT64_C(15000)

struct command_unwatched {
	uint64_t states; /* a bit for each; 0: none */
	int64_t until_ms;
};

struct command_engine {
	const struct printer_state *state;
	const struct printer_profile *profile;
	struct command_output output;
	struct command_rights rights;
	struct command *first;
	struct command **after; /* where the next one goes */
	uint64_t last_id;
	int64_t now_ms;
	const char *closed; /* why, or NULL */
	bool model_unknown; /* it was asked in this connection, and its model is not known */
	bool connected;
	bool joining; /* to be connected, and waited for */
	bool running; /* inside command_run: calls from handlers only leave marks */
	bool again;
	struct command_unwatched unwatched[COMMAND_UNWATCHED_MAX]; /* the oldest first */
	size_t unwatched_count;
	struct command_debt debts[COMMAND_DEBTS_MAX];
	size_t debt_count;
	struct guard_memory memory;
	char reason[COMMAND_DETAIL_MAX];
};

/* What differs by kind and is no more than a number. */
struct command_trait {
	const char *name;
	int64_t answer_ms;
	int64_t confirm_ms; /* 0: as the profile says */
	bool is_query;      /* an answer is all there is to it */
};

const struct command_trait *command_trait(enum command_kind kind);

/* queue.c: the only place where commands end. What handlers call meanwhile only leaves marks.
 */
void command_run(struct command_engine *engine);
/* It could not be built: error says why. The command is gone afterwards. */
void command_fail(struct command_engine *engine, struct command *command, int error);

/* Whether they need messages of one type, so that one has to wait for the other. */
bool command_shares_type(const struct command *a, const struct command *b);

/* Whether it heats, cools or blows, whichever way it is said. */
bool command_heats(const struct command_request *request);

/* Whether it would upset a stop that is under way. */
bool command_waits_for_stop(const struct command_engine *engine, const struct command *command);

/* command.c */
/* By the guards and by the rights of the account; reason is filled where it does not pass. */
enum guard_verdict command_judge(const struct command_engine *engine,
				 const struct command_request *request,
				 char reason[COMMAND_DETAIL_MAX]);
void command_release(struct command *command);

/* plan.c: fills steps and goal. On an error, which is returned, there are none. */
int command_plan(const struct command_engine *engine, struct command *command);
void command_plan_clear(struct command *command);

/* Whether its model is not known, and to be asked for: a plan and the guards depend on it. */
bool command_must_learn_model(const struct command_engine *engine,
			      const struct command_request *request);

/* Whether something is not known yet that the plan or the guards need. */
bool command_must_ask(const struct command_engine *engine, const struct command *command);

/* files.c */
/* Goes on with pages, a selection, a start. True where something changed. */
bool command_files_advance(const struct command_engine *engine, struct command *command);
int64_t command_files_due_ms(const struct command *command);
/* A reply to 1009. False where it holds no list. */
bool command_files_take(struct command *command, const struct flagship_message *reply);
void command_files_receive(struct command *command, const struct flagship_message *message);

/* goal.c */
void command_goal_set(struct command_goal *goal, enum command_goal_kind kind, int64_t value,
		      const struct command_engine *engine);
void command_goal_receive(struct command_goal *goal, const struct printer_state *state,
			  const struct flagship_message *message);
/* Of 1000, where that is a job state; else -1. */
int64_t command_goal_state_of(const struct flagship_message *message);
/* Nobody waits for that goal. */
void command_unwatched_add(struct command_engine *engine, const struct command_goal *goal);
/* Which values of 1000 would show that it was done, a bit for each. */
uint64_t command_goal_states(const struct command_goal *goal);
/* What the state says instead, after "the printer acknowledged but " and the like. */
void command_goal_contradiction(const struct command_goal *goal, const struct printer_state *state,
				char *out, size_t capacity);
/* What it became where the printer takes no more. */
void command_goal_clamp(const struct command_goal *goal, const struct printer_state *state,
			char *out, size_t capacity);
void command_goal_success(const struct command_goal *goal, char *out, size_t capacity);

/* match.c */
void command_match(struct command_engine *engine, enum flagship_topic_kind kind,
		   const struct flagship_message *message);
void command_debt_add(struct command_engine *engine, int64_t type, unsigned int count);
/* The step of this type that waits for its answer, or NULL; *owner is its command. */
struct command_step *command_in_flight(struct command_engine *engine, int64_t type,
				       struct command **owner);

/* steps.c: sends, repeats, gives up. True where something changed. */
bool command_steps_advance(struct command_engine *engine, struct command *command);
/* Sends every step at once, for a command that nobody waits for. */
void command_steps_send_all(struct command_engine *engine, struct command *command);
bool command_steps_ended(const struct command *command);
int64_t command_steps_due_ms(const struct command *command);
/* The command is over: replies that still come are nobody's. */
void command_steps_abandon(struct command_engine *engine, struct command *command);
bool command_send_query(struct command_engine *engine);

/* end.c: how it ended, and in words. */
struct command_end {
	enum command_outcome outcome;
	bool guarded;
	bool never;
	char detail[COMMAND_DETAIL_MAX];
};

/* False while it goes on. */
bool command_end_decide(const struct command_engine *engine, const struct command *command,
			struct command_end *end);
/* Now, whatever is still missing. why: a clause, what happened to it. */
void command_end_abort(const struct command_engine *engine, const struct command *command,
		       const char *why, struct command_end *end);
__attribute__((format(printf, 3, 4))) void command_end_describe(struct command_end *end,
								enum command_outcome outcome,
								const char *format, ...);

#endif
