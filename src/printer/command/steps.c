/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#include <string.h>

#define QUERY_JSON_MAX 128
#define PLAN_LINE_MAX  256 /* of which the first word tells the class */

/* Shares of the time for an answer after which a message is sent the second and third time. */
#define SECOND_SEND_PERCENT 25
#define THIRD_SEND_PERCENT  55
#define FULL_PERCENT        100

/* What has no effect that shows is sent again so often, whatever the reply was: QoS 0. */
#define INSIST_EVERY_MS INT64_C(5000)

bool command_send_query(struct command_engine *engine)
{
	char json[QUERY_JSON_MAX];
	size_t length;

	if (engine->rights.no_query) {
		return true; /* What it tells by itself has to do. */
	}
	if (flagship_build_query_status(json, sizeof(json), &length) != 0) {
		return false;
	}
	return engine->output.send(engine->output.context, FLAGSHIP_TOPIC_QUERY, json, length);
}

static bool has_ended(const struct command_step *step)
{
	return step->stage != STEP_WAITING && step->stage != STEP_SENT;
}

bool command_steps_ended(const struct command *command)
{
	for (size_t i = 0; i < command->step_count; i++) {
		if (!has_ended(&command->steps[i])) {
			return false;
		}
	}
	return true;
}

static int64_t repeat_due_ms(const struct command *command, const struct command_step *step)
{
	int64_t percent = step->attempts == 1 ? SECOND_SEND_PERCENT : THIRD_SEND_PERCENT;

	if (!step->repeatable || step->received || step->attempts >= COMMAND_SENDS_MAX ||
	    command->lost) {
		return COMMAND_NOT_DUE_MS;
	}
	return step->sent_ms + command->answer_ms * percent / FULL_PERCENT;
}

static bool can_insist(const struct command *command, const struct command_step *step)
{
	return step->insists && !command->lost && step->attempts < COMMAND_INSISTS_MAX &&
	       (step->stage == STEP_ANSWERED || step->stage == STEP_GIVEN_UP) && step->reply == 0;
}

static int64_t insist_due_ms(const struct command *command, const struct command_step *step)
{
	return can_insist(command, step) ? step->last_ms + INSIST_EVERY_MS : COMMAND_NOT_DUE_MS;
}

static int64_t give_up_due_ms(const struct command *command, const struct command_step *step)
{
	/* What was received in time settles by itself. */
	return step->received ? COMMAND_NOT_DUE_MS : step->sent_ms + command->answer_ms;
}

/* A later reply to any of these messages must not be taken for another command's. */
static void end_step(struct command_engine *engine, struct command_step *step,
		     enum step_stage stage)
{
	unsigned int owed = step->attempts > step->replies ? step->attempts - step->replies : 0;

	step->stage = stage;
	step->settle_ms = COMMAND_NOT_DUE_MS;
	if (step->topic == FLAGSHIP_TOPIC_COMMAND && !step->other_type) {
		command_debt_add(engine, step->type, owed + step->trailing);
	}
}

void command_steps_abandon(struct command_engine *engine, struct command *command)
{
	for (size_t i = 0; i < command->step_count; i++) {
		if (command->steps[i].stage == STEP_SENT) {
			end_step(engine, &command->steps[i], STEP_GIVEN_UP);
		}
	}
}

static bool publish(struct command_engine *engine, struct command *command,
		    struct command_step *step)
{
	if (!engine->connected ||
	    !engine->output.send(engine->output.context, step->topic, step->json, step->length)) {
		command->lost = true;
		return false;
	}
	step->attempts++;
	step->last_ms = engine->now_ms;
	guard_memory_sent(&engine->memory, engine->state, step->json, step->length, engine->now_ms);
	return true;
}

/* A stop does not wait for a G-code that is still under way: its own goes out behind it, and
 * nobody looks for the reply. */
static void send_past(struct command_engine *engine, struct command *command,
		      struct command_step *step, struct command_step *holder)
{
	if (publish(engine, command, step)) {
		holder->trailing++;
		step->replies = step->attempts;
		step->stage = STEP_GIVEN_UP;
	} else {
		step->stage = STEP_SKIPPED;
	}
}

/* What ends the reply depends on the line that it answers. */
static void begin_reply(const struct command_engine *engine, struct command *command,
			const struct command_step *step)
{
	struct flagship_payload payload;
	struct flagship_message message;
	char line[PLAN_LINE_MAX];
	size_t length = 0;

	flagship_payload_init(&payload, step->json, step->length);
	if (flagship_payload_next(&payload, &message) > 0 &&
	    (message.as.gcode_command.present & FLAGSHIP_GCODE_COMMAND_HAS_COMMAND) != 0) {
		length = flagship_text_copy(message.as.gcode_command.command, line, sizeof(line));
	}
	length = length < sizeof(line) ? length : sizeof(line) - 1;
	gcode_reply_begin(&command->gcode, line, length, engine->state->model);
}

static void send_first(struct command_engine *engine, struct command *command,
		       struct command_step *step)
{
	struct command *owner;
	struct command_step *holder = command_in_flight(engine, step->type, &owner);

	step->sent_ms = engine->now_ms;
	if (holder && step->type == FLAGSHIP_MESSAGE_GCODE_COMMAND) {
		send_past(engine, command, step, holder);
		return;
	}
	if (step->type == FLAGSHIP_MESSAGE_GCODE_COMMAND) {
		begin_reply(engine, command, step);
	}
	step->stage = publish(engine, command, step) ? STEP_SENT : STEP_SKIPPED;
}

void command_steps_send_all(struct command_engine *engine, struct command *command)
{
	for (size_t i = 0; i < command->step_count; i++) {
		struct command_step *step = &command->steps[i];
		if (step->stage != STEP_WAITING) {
			continue;
		}
		bool sent = !command->lost && publish(engine, command, step);

		step->sent_ms = engine->now_ms;
		step->stage = sent ? STEP_SENT : STEP_SKIPPED;
	}
}

/* How what the board says in place of moving begins (protocol.md 7.1): the rest is mostly cut. */
struct motion_refusal {
	const char *begin;
	const char *words;
};

static const struct motion_refusal motion_refusals[] = {
	{"echo: cold ", "the nozzle is too cold to move filament"},
	{"echo:Home ", "it has to be homed first"},
};

static bool is_motion_refused(const char *text, struct command_step *step)
{
	for (size_t i = 0; i < sizeof(motion_refusals) / sizeof(motion_refusals[0]); i++) {
		if (strstr(text, motion_refusals[i].begin)) {
			step->refusal_words = motion_refusals[i].words;
			return true;
		}
	}
	return false;
}

static bool is_refused_by_text(const struct command *command, struct command_step *step)
{
	const char *text = command->gcode.text;

	if (step->type != FLAGSHIP_MESSAGE_GCODE_COMMAND || !step->refusal || !text) {
		return false;
	}
	return strstr(text, step->refusal) || is_motion_refused(text, step);
}

static bool failed(const struct command_step *step)
{
	return step->stage == STEP_GIVEN_UP || step->stage == STEP_SKIPPED || step->reply != 0 ||
	       step->refused_by_text;
}

enum turn {
	TURN_NOT_YET,
	TURN_SEND,
	TURN_SKIP,
};

/* Steps of one type go one after the other, and not on after one that failed. */
static enum turn turn_of(const struct command *command, size_t index)
{
	const struct command_step *step = &command->steps[index];
	bool any_sent = false;
	bool any_failed = false;

	if (step->later) {
		return TURN_NOT_YET;
	}
	for (size_t i = 0; i < index; i++) {
		const struct command_step *before = &command->steps[i];
		if (before->type != step->type) {
			continue;
		}
		if (!has_ended(before)) {
			return TURN_NOT_YET;
		}
		any_sent = any_sent || before->attempts > 0;
		any_failed = any_failed || failed(before);
	}
	if (command->lost) {
		return TURN_SKIP;
	}
	if (!any_failed || (step->restores && any_sent)) {
		return TURN_SEND;
	}
	return TURN_SKIP;
}

static bool advance_waiting(struct command_engine *engine, struct command *command, size_t index)
{
	struct command_step *step = &command->steps[index];

	if (command_waits_for_stop(engine, command)) {
		return false;
	}
	switch (turn_of(command, index)) {
	case TURN_SEND:
		send_first(engine, command, step);
		return true;
	case TURN_SKIP:
		step->stage = STEP_SKIPPED;
		return true;
	default:
		return false;
	}
}

static bool advance_sent(struct command_engine *engine, struct command *command,
			 struct command_step *step)
{
	int64_t now_ms = engine->now_ms;

	if (now_ms >= step->settle_ms) {
		step->refused_by_text = is_refused_by_text(command, step);
		end_step(engine, step, STEP_ANSWERED);
		return true;
	}
	if (now_ms >= give_up_due_ms(command, step)) {
		end_step(engine, step, STEP_GIVEN_UP);
		return true;
	}
	if (now_ms >= repeat_due_ms(command, step)) {
		(void)publish(engine, command, step);
		return true;
	}
	return false;
}

/* Its reply is nobody's: what counts from now on is the state. */
static bool insist(struct command_engine *engine, struct command *command,
		   struct command_step *step)
{
	if (engine->now_ms < insist_due_ms(command, step) || !publish(engine, command, step)) {
		return false;
	}
	command_debt_add(engine, step->type, 1);
	return true;
}

bool command_steps_advance(struct command_engine *engine, struct command *command)
{
	bool changed = false;

	for (size_t i = 0; i < command->step_count; i++) {
		struct command_step *step = &command->steps[i];
		if (step->stage == STEP_WAITING) {
			changed = advance_waiting(engine, command, i) || changed;
		} else if (step->stage == STEP_SENT) {
			changed = advance_sent(engine, command, step) || changed;
		} else if (step->insists) {
			changed = insist(engine, command, step) || changed;
		}
	}
	return changed;
}

static int64_t earlier_due(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t command_steps_due_ms(const struct command *command)
{
	int64_t due_ms = COMMAND_NOT_DUE_MS;

	for (size_t i = 0; i < command->step_count; i++) {
		const struct command_step *step = &command->steps[i];
		if (step->stage == STEP_SENT) {
			due_ms = earlier_due(due_ms, step->settle_ms);
			due_ms = earlier_due(due_ms, give_up_due_ms(command, step));
			due_ms = earlier_due(due_ms, repeat_due_ms(command, step));
		}
		due_ms = earlier_due(due_ms, insist_due_ms(command, step));
	}
	return due_ms;
}
