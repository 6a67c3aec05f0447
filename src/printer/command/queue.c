/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#include <string.h>

/* For what has to be known before a command can be built. */
#define ASK_MS         INT64_C(5000)
#define ASK_MODEL_MS   INT64_C(2500) /* any word of it tells */
#define ASK_EVERY_MS   INT64_C(1500)
#define ASKS_MAX       3

#define PROBE_EVERY_MS INT64_C(5000)

static void unlink_command(struct command_engine *engine, const struct command *command)
{
	struct command **link = &engine->first;

	while (*link != command) {
		link = &(*link)->next;
	}
	*link = command->next;
	if (!*link) {
		engine->after = link;
	}
}

static void fill_reply(const struct command *command, struct command_report *report)
{
	const struct gcode_reply *gcode = &command->gcode;

	for (size_t i = 0; i < command->step_count; i++) {
		const struct command_step *step = &command->steps[i];
		if (step->attempts > report->attempts && !step->prepares) {
			report->attempts = step->attempts;
		}
		if (step->has_reply && report->reply == 0) {
			report->has_reply = true;
			report->reply = step->reply;
		}
	}
	if (gcode->text) {
		report->gcode = gcode;
		report->text = gcode->text + gcode->parsed.body_offset;
		report->text_length = gcode->parsed.body_length;
		report->text_whole = gcode->parsed.complete && !gcode->truncated;
	}
}

static void finish(struct command_engine *engine, struct command *command,
		   const struct command_end *end)
{
	struct command_report report = {
		.id = command->id,
		.kind = command->request.kind,
		.outcome = end->outcome,
		.effect_expected = command->goal.kind != GOAL_NONE || command->search.is_decided,
		.guarded = end->guarded,
		.never = end->never,
		.detail = end->detail,
		.text = "",
		.elapsed_ms = engine->now_ms - command->submitted_ms,
	};

	fill_reply(command, &report);
	command_steps_abandon(engine, command);
	unlink_command(engine, command);
	engine->output.done(engine->output.context, &report);
	command_release(command);
}

bool command_shares_type(const struct command *a, const struct command *b)
{
	for (size_t i = 0; i < a->step_count; i++) {
		for (size_t j = 0; j < b->step_count; j++) {
			if (a->steps[i].type == b->steps[j].type) {
				return true;
			}
		}
	}
	return false;
}

/* What heats, cools or blows may upset a stop (protocol.md 3.2), and waits for its end. */
bool command_waits_for_stop(const struct command_engine *engine, const struct command *command)
{
	for (const struct command *other = engine->first; other; other = other->next) {
		if (other->request.kind == COMMAND_STOP && other->stage == COMMAND_SENDING) {
			return command_heats(&command->request);
		}
	}
	return false;
}

/* Whether another one has the types of its messages. A stop waits for nothing but a stop. */
static bool is_blocked(const struct command_engine *engine, const struct command *command)
{
	bool stop = command->request.kind == COMMAND_STOP;
	bool earlier = true;

	for (const struct command *other = engine->first; other; other = other->next) {
		if (other == command) {
			earlier = false;
		} else if (!earlier && other->stage == COMMAND_QUEUED) {
			continue;
		} else if (other->request.kind == COMMAND_STOP
				   ? command_shares_type(command, other) ||
					     command_heats(&command->request)
				   : !stop && command_shares_type(command, other)) {
			return true;
		}
	}
	return false;
}

/* What would act against a stop, or wait for a state that will not come. */
static void overtake_others(struct command_engine *engine)
{
	for (struct command *other = engine->first; other; other = other->next) {
		enum command_kind kind = other->request.kind;
		if (kind == COMMAND_PAUSE || kind == COMMAND_RESUME || kind == COMMAND_START) {
			other->overtaken = true;
		}
	}
}

static bool finish_refused(struct command_engine *engine, struct command *command)
{
	struct command_end end = {0};
	enum guard_verdict verdict = command_judge(engine, &command->request, engine->reason);

	if (verdict == GUARD_PASS) {
		return false;
	}
	end.never = verdict == GUARD_NEVER;
	end.guarded = !end.never;
	command_end_describe(&end, COMMAND_REFUSED, "%s", engine->reason);
	finish(engine, command, &end);
	return true;
}

/* The library speaks of what came from a printer. */
static const char *explain(int error)
{
	switch (error) {
	case FLAGSHIP_ERROR_JSON:
	case FLAGSHIP_ERROR_NOT_OBJECT:
	case FLAGSHIP_ERROR_TOO_MANY_OBJECTS:
		return "it is not one JSON object";
	default:
		return flagship_strerror(error);
	}
}

void command_fail(struct command_engine *engine, struct command *command, int error)
{
	struct command_end end = {0};

	command_end_describe(&end, COMMAND_FAILED, "cannot send it: %s", explain(error));
	finish(engine, command, &end);
}

static void finish_aborted(struct command_engine *engine, struct command *command, const char *why)
{
	struct command_end end = {0};

	command_end_abort(engine, command, why, &end);
	finish(engine, command, &end);
}

static bool begin_sending(struct command_engine *engine, struct command *command)
{
	if (finish_refused(engine, command)) {
		return true;
	}
	int error = command_plan(engine, command);
	if (error) {
		command_fail(engine, command, error);
		return true;
	}
	/* Which types it needs may only be known now. */
	if (is_blocked(engine, command)) {
		command->stage = COMMAND_QUEUED;
		return true;
	}
	command->stage = COMMAND_SENDING;
	command->begun_ms = engine->now_ms;
	command->probe_ms = engine->now_ms + COMMAND_PROBE_AFTER_MS;
	command->received = false;
	if (command->request.kind == COMMAND_STOP) {
		overtake_others(engine);
	}
	return true;
}

static bool begin(struct command_engine *engine, struct command *command)
{
	if (!command_must_ask(engine, command)) {
		return begin_sending(engine, command);
	}
	command->stage = COMMAND_ASKING;
	command->begun_ms = engine->now_ms;
	return true;
}

static bool ask_again(struct command_engine *engine, struct command *command)
{
	if (command->asked == ASKS_MAX ||
	    engine->now_ms < command->begun_ms + command->asked * ASK_EVERY_MS) {
		return false;
	}
	command->asked++;
	if (!command_send_query(engine)) {
		finish_aborted(engine, command, "not connected");
		return true;
	}
	return false;
}

static int64_t ask_ends_ms(const struct command_engine *engine, const struct command *command)
{
	int64_t limit_ms = command_must_learn_model(engine, &command->request) ? ASK_MODEL_MS
									       : ASK_MS;

	return command->begun_ms + (command->answer_ms < limit_ms ? command->answer_ms : limit_ms);
}

/* It did not tell what was asked. Only what is safe without that goes on. */
static bool end_asking(struct command_engine *engine, struct command *command)
{
	struct command_end end = {0};
	const char *what = "state";

	/* Where nothing else is missing, a model that is not known is taken for the worse one. */
	engine->model_unknown = true;
	if (!command_must_ask(engine, command)) {
		return begin_sending(engine, command);
	}
	if (command->request.kind == COMMAND_Z_OFFSET) {
		what = "Z offset";
	} else if (command->received || command->request.kind == COMMAND_PAUSE ||
		   command->request.kind == COMMAND_RESUME) {
		return begin_sending(engine, command);
	}
	command_end_describe(
		&end, COMMAND_UNANSWERED,
		"the printer did not tell its %s, which must be known first; nothing was "
		"changed",
		what);
	finish(engine, command, &end);
	return true;
}

static bool advance_asking(struct command_engine *engine, struct command *command)
{
	if (!command_must_ask(engine, command)) {
		return begin_sending(engine, command);
	}
	if (engine->now_ms >= ask_ends_ms(engine, command)) {
		return end_asking(engine, command);
	}
	return ask_again(engine, command);
}

static bool probes(const struct command_engine *engine, const struct command *command)
{
	return command->goal.kind != GOAL_NONE && engine->connected;
}

static void finish_sent(struct command_engine *engine, struct command *command)
{
	struct command_end end = {0};

	command_steps_send_all(engine, command);
	if (command->lost) {
		finish_aborted(engine, command, "the connection was lost");
		return;
	}
	command_unwatched_add(engine, &command->goal);
	command->goal.kind = GOAL_NONE;
	command_end_describe(&end, COMMAND_ACCEPTED, "it was sent");
	finish(engine, command, &end);
}

/* Something has to be received before all of it can be sent. */
static bool has_later(const struct command *command)
{
	for (size_t i = 0; i < command->step_count; i++) {
		if (command->steps[i].later) {
			return true;
		}
	}
	return false;
}

static bool advance_sending(struct command_engine *engine, struct command *command)
{
	struct command_end end = {0};

	if (command->request.no_wait && !has_later(command)) {
		finish_sent(engine, command);
		return true;
	}
	bool changed = command_steps_advance(engine, command);
	changed = command_files_advance(engine, command) || changed;
	if (command_end_decide(engine, command, &end)) {
		finish(engine, command, &end);
		return true;
	}
	if (command->lost && command->goal.kind == GOAL_NONE) {
		finish_aborted(engine, command, "the connection was lost");
		return true;
	}
	if (probes(engine, command) && engine->now_ms >= command->probe_ms) {
		command->probe_ms = engine->now_ms + PROBE_EVERY_MS;
		(void)command_send_query(engine);
	}
	return changed;
}

static bool advance_queued(struct command_engine *engine, struct command *command)
{
	if (!command->checked) {
		command->checked = true;
		if ((command->request.as_known ||
		     !command_guard_lacks(engine, &command->request)) &&
		    !command_must_learn_model(engine, &command->request) &&
		    finish_refused(engine, command)) {
			return true;
		}
	}
	return !is_blocked(engine, command) && begin(engine, command);
}

static int64_t join_ends_ms(const struct command *command)
{
	return command->submitted_ms + command->answer_ms;
}

static bool waits_to_join(const struct command_engine *engine, const struct command *command)
{
	return engine->joining && command->stage == COMMAND_QUEUED &&
	       engine->now_ms < join_ends_ms(command);
}

/* True where something changed that may concern others; command may be gone then. */
static bool advance(struct command_engine *engine, struct command *command)
{
	if (command->cancelled) {
		finish_aborted(engine, command, "it was given up");
		return true;
	}
	if (command->overtaken) {
		finish_aborted(engine, command, "a stop overtook it");
		return true;
	}
	if (engine->closed) {
		finish_aborted(engine, command, engine->closed);
		return true;
	}
	if (waits_to_join(engine, command)) {
		return false;
	}
	if (!engine->connected && command->stage != COMMAND_SENDING) {
		finish_aborted(engine, command, "not connected");
		return true;
	}
	switch (command->stage) {
	case COMMAND_QUEUED:
		return advance_queued(engine, command);
	case COMMAND_ASKING:
		return advance_asking(engine, command);
	default:
		return advance_sending(engine, command);
	}
}

static bool advance_any(struct command_engine *engine)
{
	for (struct command *command = engine->first; command; command = command->next) {
		if (advance(engine, command)) {
			return true;
		}
	}
	return false;
}

/* The only place where commands end. What handlers call meanwhile only leaves marks. */
void command_run(struct command_engine *engine)
{
	if (engine->running) {
		return;
	}
	engine->running = true;
	while (advance_any(engine)) {
	}
	engine->running = false;
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t asking_due_ms(const struct command_engine *engine, const struct command *command)
{
	int64_t again_ms = command->asked < ASKS_MAX
				   ? command->begun_ms + command->asked * ASK_EVERY_MS
				   : COMMAND_NOT_DUE_MS;

	return sooner(again_ms, ask_ends_ms(engine, command));
}

static int64_t sending_due_ms(const struct command_engine *engine, const struct command *command)
{
	int64_t due_ms = sooner(command_steps_due_ms(command), command_files_due_ms(command));

	if (command->goal.kind == GOAL_NONE) {
		return due_ms;
	}
	if (probes(engine, command)) {
		due_ms = sooner(due_ms, command->probe_ms);
	}
	if (command_steps_ended(command)) {
		due_ms = sooner(due_ms, command->begun_ms + command->confirm_ms);
	}
	return due_ms;
}

int64_t command_next_deadline_ms(const struct command_engine *engine)
{
	int64_t due_ms = COMMAND_NOT_DUE_MS;

	for (const struct command *command = engine->first; command; command = command->next) {
		if (waits_to_join(engine, command)) {
			due_ms = sooner(due_ms, join_ends_ms(command));
		} else if (command->stage == COMMAND_ASKING) {
			due_ms = sooner(due_ms, asking_due_ms(engine, command));
		} else if (command->stage == COMMAND_SENDING) {
			due_ms = sooner(due_ms, sending_due_ms(engine, command));
		}
	}
	return due_ms;
}
