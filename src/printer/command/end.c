/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MS_PER_S_REAL 1000.0

/* How the steps of a command ended. */
struct tally {
	unsigned int sent;
	unsigned int taken;
	unsigned int refused;
	unsigned int given_up;
	unsigned int skipped;
	bool restore_missing; /* the printer may be left in relative coordinates */
	int64_t refusal;      /* the first `reply` that was not 0 */
	int64_t refusal_type; /* of the message */
	const char *refusal_text;
	const char *refusal_words;
};

static bool is_refused(const struct command_step *step)
{
	return step->reply != 0 || step->refused_by_text;
}

static void count_steps(const struct command *command, struct tally *tally)
{
	*tally = (struct tally){0};
	for (size_t i = 0; i < command->step_count; i++) {
		const struct command_step *step = &command->steps[i];
		bool taken = step->received && !is_refused(step);

		tally->sent += step->attempts > 0;
		if (step->prepares) {
			continue;
		}
		tally->skipped += step->attempts == 0;
		tally->taken += taken;
		tally->refused += step->received && is_refused(step);
		tally->given_up += step->attempts > 0 && !step->received;
		if (tally->refusal == 0) {
			tally->refusal = step->reply;
			tally->refusal_type = step->type;
		}
		if (step->refused_by_text) {
			tally->refusal_text = step->refusal;
			tally->refusal_words = step->refusal_words;
		}
		if (step->restores && !taken && command->steps[0].attempts > 0) {
			tally->restore_missing = true;
		}
	}
}

void command_end_describe(struct command_end *end, enum command_outcome outcome, const char *format,
			  ...)
{
	va_list arguments;

	end->outcome = outcome;
	va_start(arguments, format);
	vsnprintf(end->detail, sizeof(end->detail), format, arguments);
	va_end(arguments);
}

/* `reply` of 1008 (protocol.md 3.2), or NULL. */
static const char *control_refusal(const struct tally *tally)
{
	static const char *const words[] = {
		[1] = "it failed",
		[2] = "it needs levelling first: flagship level",
		[3] = "it has no such file: flagship files lists those that it has",
		[4] = "it is printing already",
		[5] = "it misses the print mode",
		[6] = "it does not know this command",
	};

	if (tally->refusal_type != FLAGSHIP_MESSAGE_PRINT_CONTROL || tally->refusal < 0 ||
	    tally->refusal >= (int64_t)(sizeof(words) / sizeof(words[0]))) {
		return NULL;
	}
	return words[tally->refusal];
}

static void report_refused(const struct tally *tally, struct command_end *end)
{
	const char *words = control_refusal(tally);

	if (words) {
		command_end_describe(end, COMMAND_REFUSED,
				     "the printer refused it: %s (reply %" PRId64 ")", words,
				     tally->refusal);
	} else if (tally->refusal != 0) {
		command_end_describe(end, COMMAND_REFUSED, "the printer refused it: reply %" PRId64,
				     tally->refusal);
	} else if (tally->refusal_words) {
		command_end_describe(end, COMMAND_REFUSED, "the printer refused it: %s",
				     tally->refusal_words);
	} else {
		command_end_describe(end, COMMAND_REFUSED, "the printer refused it: \"%s\"",
				     tally->refusal_text);
	}
}

static void add_warning(const struct command *command, const struct tally *tally,
			struct command_end *end)
{
	size_t length = strlen(end->detail);

	if (tally->restore_missing) {
		snprintf(end->detail + length, sizeof(end->detail) - length, "%s",
			 command->request.kind == COMMAND_EXTRUDE
				 ? "; it may be left in relative extrusion: send M82"
				 : "; it may be left in relative coordinates: send G90");
	}
}

/* An M5 ignores control without a user, and perhaps one of somebody it does not know. */
static void add_advice(const struct command *command, struct command_end *end)
{
	size_t length = strlen(end->detail);

	if (!command->request.user_id && command->steps[0].insists) {
		snprintf(end->detail + length, sizeof(end->detail) - length,
			 "; perhaps since no account says who asks: flagship config set "
			 "account.user_id ID");
	}
}

static void report_unanswered(const struct command *command, const struct tally *tally,
			      struct command_end *end)
{
	double answer_s = (double)command->answer_ms / MS_PER_S_REAL;

	if (tally->taken > 0) {
		command_end_describe(end, COMMAND_UNANSWERED,
				     "the printer answered only a part of it within %.15g s",
				     answer_s);
	} else {
		command_end_describe(end, COMMAND_UNANSWERED,
				     "the printer did not answer within %.15g s", answer_s);
	}
	add_advice(command, end);
	add_warning(command, tally, end);
}

static void report_taken(const struct command *command, struct command_end *end)
{
	switch (command->request.kind) {
	case COMMAND_LIGHT:
		command_end_describe(end, COMMAND_ACCEPTED,
				     "the printer took it; it does not tell what its light is");
		break;
	case COMMAND_GCODE:
		command_end_describe(end, COMMAND_ACCEPTED, "the printer answered%s",
				     command->gcode.parsed.complete ? "" : ", but not to the end");
		break;
	case COMMAND_MOVE:
	case COMMAND_EXTRUDE:
	case COMMAND_HOME:
		command_end_describe(end, COMMAND_ACCEPTED, "the printer took the move");
		break;
	default:
		command_end_describe(end, COMMAND_ACCEPTED, "the printer took it");
		break;
	}
}

static void decide_without_goal(const struct command *command, const struct tally *tally,
				struct command_end *end)
{
	if (tally->refused > 0) {
		report_refused(tally, end);
		add_warning(command, tally, end);
	} else if (tally->given_up > 0 || tally->skipped > 0) {
		report_unanswered(command, tally, end);
	} else if (command_trait(command->request.kind)->is_query) {
		command_end_describe(end, COMMAND_CONFIRMED, "the printer answered");
	} else {
		report_taken(command, end);
	}
}

static void report_contradiction(const struct command_engine *engine, const struct command *command,
				 const struct tally *tally, struct command_end *end)
{
	char text[COMMAND_DETAIL_MAX / 2];

	command_goal_contradiction(&command->goal, engine->state, text, sizeof(text));
	if (tally->taken > 0) {
		command_end_describe(end, COMMAND_ACCEPTED, "the printer acknowledged but %s",
				     text);
	} else {
		command_end_describe(end, COMMAND_UNANSWERED, "the printer did not answer and %s",
				     text);
	}
	add_advice(command, end);
}

static bool decide_with_goal(const struct command_engine *engine, const struct command *command,
			     const struct tally *tally, struct command_end *end)
{
	bool late = engine->now_ms >= command->begun_ms + command->confirm_ms;

	bool alone = command->step_count == 1 || command->request.kind == COMMAND_START;

	if (tally->refused > 0 && (tally->taken == 0 || alone)) {
		report_refused(tally, end);
		return true;
	}
	if (tally->taken == 0 && !command->received && !command->lost) {
		report_unanswered(command, tally, end);
		return true;
	}
	if (!late) {
		return false;
	}
	if (tally->refused > 0) {
		report_refused(tally, end);
	} else {
		report_contradiction(engine, command, tally, end);
	}
	return true;
}

bool command_end_decide(const struct command_engine *engine, const struct command *command,
			struct command_end *end)
{
	struct tally tally;

	if (command->goal.met) {
		command_end_describe(end, COMMAND_CONFIRMED, "%s", "");
		command_goal_success(&command->goal, end->detail, sizeof(end->detail));
		return true;
	}
	if (command->search.is_decided) {
		command_end_describe(end, command->search.outcome, "%s", command->search.detail);
		return true;
	}
	if (!command_steps_ended(command)) {
		return false;
	}
	if (command->goal.clamped) {
		command_end_describe(end, COMMAND_ACCEPTED, "%s", "");
		command_goal_clamp(&command->goal, engine->state, end->detail, sizeof(end->detail));
		return true;
	}
	count_steps(command, &tally);
	if (tally.sent == 0) {
		command_end_describe(end, COMMAND_FAILED, "not connected; it was not sent");
		return true;
	}
	if (command->goal.kind != GOAL_NONE) {
		return decide_with_goal(engine, command, &tally, end);
	}
	decide_without_goal(command, &tally, end);
	return true;
}

/* A start that still looks for its file. */
static bool has_not_started(const struct command *command)
{
	return command->request.kind == COMMAND_START &&
	       command->steps[command->step_count - 1].attempts == 0;
}

void command_end_abort(const struct command_engine *engine, const struct command *command,
		       const char *why, struct command_end *end)
{
	struct tally tally;

	count_steps(command, &tally);
	if (command->goal.met) {
		(void)command_end_decide(engine, command, end);
	} else if (tally.sent == 0) {
		command_end_describe(end, COMMAND_FAILED, "%s; it was not sent", why);
	} else if (tally.refused > 0) {
		report_refused(&tally, end);
		add_warning(command, &tally, end);
	} else if (tally.given_up == 0 && tally.skipped == 0) {
		command_end_describe(end, COMMAND_ACCEPTED, "the printer took it, then %s", why);
	} else if (has_not_started(command)) {
		command_end_describe(end, COMMAND_UNANSWERED, "%s; nothing was started", why);
	} else {
		command_end_describe(end, COMMAND_UNANSWERED, "%s before the printer had answered",
				     why);
		add_warning(command, &tally, end);
	}
}
