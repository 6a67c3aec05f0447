/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#include "base/json/reader.h"

#include <string.h>

/* A whole message that may yet be followed by more of the same answer. */
#define QUIET_ANSWER_MS INT64_C(400)
#define QUIET_PART_MS   INT64_C(500)
/* A list of files comes in one message or several, and behind an acknowledgement. */
#define QUIET_LIST_MS         INT64_C(1000)
#define QUIET_NO_LIST_MS      INT64_C(3000)
#define QUIET_ACKNOWLEDGED_MS INT64_C(200)
/* Where a late reply to an earlier message may come first, ours follows within this time. */
#define QUIET_DEBT_MS INT64_C(1500)
/* A reply of another type counts where the right one does not come. */
#define QUIET_OTHER_TYPE_MS INT64_C(1000)
#define DEBT_LASTS_MS       INT64_C(30000)

void command_debt_add(struct command_engine *engine, int64_t type, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (engine->debt_count == COMMAND_DEBTS_MAX) {
			engine->debt_count--;
			memmove(engine->debts, engine->debts + 1,
				engine->debt_count * sizeof(engine->debts[0]));
		}
		engine->debts[engine->debt_count++] = (struct command_debt){
			.type = type, .expires_ms = engine->now_ms + DEBT_LASTS_MS};
	}
}

static void forget_old_debts(struct command_engine *engine)
{
	size_t kept = 0;

	for (size_t i = 0; i < engine->debt_count; i++) {
		if (engine->debts[i].expires_ms > engine->now_ms) {
			engine->debts[kept++] = engine->debts[i];
		}
	}
	engine->debt_count = kept;
}

static struct command_debt *find_debt(struct command_engine *engine, int64_t type)
{
	for (size_t i = 0; i < engine->debt_count; i++) {
		if (engine->debts[i].type == type) {
			return &engine->debts[i];
		}
	}
	return NULL;
}

static void pay_debt(struct command_engine *engine, struct command_debt *debt)
{
	struct command_debt *end = engine->debts + engine->debt_count;

	if (debt) {
		memmove(debt, debt + 1, (size_t)(end - debt - 1) * sizeof(*debt));
		engine->debt_count--;
	}
}

struct command_step *command_in_flight(struct command_engine *engine, int64_t type,
				       struct command **owner)
{
	for (struct command *command = engine->first; command; command = command->next) {
		for (size_t i = 0; i < command->step_count; i++) {
			struct command_step *step = &command->steps[i];
			if (step->stage == STEP_SENT && step->type == type) {
				*owner = command;
				return step;
			}
		}
	}
	return NULL;
}

static void report(struct command_engine *engine, const struct command *command,
		   const struct flagship_message *message)
{
	if (engine->output.replied) {
		engine->output.replied(engine->output.context, command->id, message);
	}
}

/* An answer that never ends is over when the time for it has passed twice. */
static void settle_in(const struct command_engine *engine, const struct command *command,
		      struct command_step *step, int64_t ms)
{
	int64_t latest_ms = step->sent_ms + 2 * command->answer_ms;

	step->settle_ms = engine->now_ms + ms < latest_ms ? engine->now_ms + ms : latest_ms;
}

/* What was taken for our answer may have been an earlier one's, since another one came. */
static void replace_answer(struct command_engine *engine, struct command *command,
			   struct command_step *step)
{
	pay_debt(engine, find_debt(engine, step->type));
	step->has_reply = false;
	step->reply = 0;
	if (step->type == FLAGSHIP_MESSAGE_GCODE_COMMAND) {
		const enum flagship_gcode_class class = command->gcode.class;

		gcode_reply_clear(&command->gcode);
		command->gcode.class = class;
	}
}

static int64_t gcode_quiet_ms(const struct command *command, const struct command_step *step)
{
	const struct flagship_gcode_reply *parsed = &command->gcode.parsed;
	bool terse = step->terse && parsed->has_ring_buffer &&
		     (parsed->complete || gcode_reply_is_queued(&command->gcode));

	if (command->gcode.refused_code != 0 || terse) {
		return 0;
	}
	switch (gcode_reply_stage(&command->gcode)) {
	case GCODE_REPLY_WHOLE:
		return 0;
	case GCODE_REPLY_ACKNOWLEDGED:
		return QUIET_ACKNOWLEDGED_MS;
	default:
		return QUIET_PART_MS;
	}
}

static bool is_whole(const struct command *command, const struct command_step *step)
{
	return step->type != FLAGSHIP_MESSAGE_GCODE_COMMAND || gcode_quiet_ms(command, step) == 0;
}

static int64_t quiet_ms(const struct command *command, const struct command_step *step)
{
	if (step->type == FLAGSHIP_MESSAGE_GCODE_COMMAND) {
		return gcode_quiet_ms(command, step);
	}
	return step->topic == FLAGSHIP_TOPIC_QUERY ? QUIET_ANSWER_MS : 0;
}

/* Returns how long to wait for more of it. */
static int64_t take_list(struct command *command, const struct command_step *step,
			 const struct flagship_message *message)
{
	bool lists = command->request.kind != COMMAND_SEND &&
		     command->request.kind != COMMAND_QUERY;

	if (!lists || command_files_take(command, message) || command->search.page.reported) {
		return QUIET_LIST_MS;
	}
	return step->reply != 0 ? 0 : QUIET_NO_LIST_MS;
}

/* message: as the printer sent it; read: the same, as what it is taken for. */
static void take(struct command_engine *engine, struct command *command, struct command_step *step,
		 const struct flagship_message *message, const struct flagship_message *read)
{
	bool owed = find_debt(engine, step->type) != NULL;

	if (step->received && !step->other_type && owed && is_whole(command, step)) {
		replace_answer(engine, command, step);
		owed = find_debt(engine, step->type) != NULL;
	}
	if (step->other_type) {
		step->has_reply = false;
		step->reply = 0;
	}
	step->received = true;
	step->other_type = false;
	step->replies++;
	if (read->has_reply) {
		step->has_reply = true;
		step->reply = step->reply != 0 ? step->reply : read->reply;
	}
	if (step->type == FLAGSHIP_MESSAGE_GCODE_COMMAND) {
		(void)gcode_reply_add(&command->gcode, read);
	}
	int64_t ms = quiet_ms(command, step);
	if (step->type == FLAGSHIP_MESSAGE_FILE_LIST_REQUEST) {
		ms = take_list(command, step, message);
	}
	settle_in(engine, command, step, owed && ms < QUIET_DEBT_MS ? QUIET_DEBT_MS : ms);
	report(engine, command, message);
}

/* The G-code reply that an object of another type is, told by its resData. */
static bool read_as_gcode(const struct flagship_message *message, struct flagship_message *read)
{
	struct json_value value;
	struct flagship_gcode_command *fields = &read->as.gcode_command;

	if (!json_object_find(message->json, "resData", &value) || value.kind != JSON_STRING) {
		return false;
	}
	*read = (struct flagship_message){
		.type = FLAGSHIP_MESSAGE_GCODE_COMMAND,
		.json = message->json,
		.has_reply = message->has_reply,
		.reply = message->reply,
	};
	fields->present = FLAGSHIP_GCODE_COMMAND_HAS_RESULT;
	fields->result = value.text;
	if (json_object_find(message->json, "resLen", &value) &&
	    json_value_to_int(&value, &fields->result_length)) {
		fields->present |= FLAGSHIP_GCODE_COMMAND_HAS_RESULT_LENGTH;
	}
	return true;
}

static bool is_older(const struct command_step *step, const struct command_step *than)
{
	return !than || step->sent_ms < than->sent_ms;
}

/* The reply of another type goes to whoever has waited longest without one. */
static struct command_step *find_waiting(struct command_engine *engine,
					 enum flagship_topic_kind topic, struct command **owner)
{
	struct command_step *oldest = NULL;

	for (struct command *command = engine->first; command; command = command->next) {
		for (size_t i = 0; i < command->step_count; i++) {
			struct command_step *step = &command->steps[i];
			if (step->stage == STEP_SENT && !step->received && step->topic == topic &&
			    step->type != FLAGSHIP_MESSAGE_GCODE_COMMAND &&
			    is_older(step, oldest)) {
				oldest = step;
				*owner = command;
			}
		}
	}
	return oldest;
}

static void take_other_type(struct command_engine *engine, enum flagship_topic_kind topic,
			    const struct flagship_message *message)
{
	struct command *command;
	struct command_step *step = find_waiting(engine, topic, &command);

	if (!step || !message->has_reply) {
		return;
	}
	step->received = true;
	step->other_type = true;
	step->has_reply = true;
	step->reply = message->reply;
	settle_in(engine, command, step, QUIET_OTHER_TYPE_MS);
	report(engine, command, message);
}

static void match_command_reply(struct command_engine *engine,
				const struct flagship_message *message)
{
	struct flagship_message as_gcode;
	const struct flagship_message *read = message;
	struct command *command;

	if (message->type != FLAGSHIP_MESSAGE_GCODE_COMMAND && read_as_gcode(message, &as_gcode)) {
		read = &as_gcode;
	}
	struct command_step *step = command_in_flight(engine, read->type, &command);
	struct command_debt *debt = find_debt(engine, read->type);
	if (step && debt && step->type == FLAGSHIP_MESSAGE_GCODE_COMMAND &&
	    gcode_reply_is_strange(&command->gcode, read)) {
		/* Its shape shows that it answers what was given up before. */
		pay_debt(engine, debt);
		return;
	}
	if (step) {
		take(engine, command, step, message, read);
		return;
	}
	if (debt) {
		pay_debt(engine, debt);
		return;
	}
	take_other_type(engine, FLAGSHIP_TOPIC_COMMAND, message);
}

static void match_query_reply(struct command_engine *engine, const struct flagship_message *message)
{
	struct command *command;
	struct command_step *step = command_in_flight(engine, message->type, &command);

	/* Earlier firmware may answer 1009 here. */
	if (!step || (step->topic != FLAGSHIP_TOPIC_QUERY &&
		      step->type != FLAGSHIP_MESSAGE_FILE_LIST_REQUEST)) {
		/* The answer to 1027 is a burst of all that there is. */
		step = command_in_flight(engine, FLAGSHIP_MESSAGE_APP_QUERY_STATUS, &command);
	}
	if (step) {
		take(engine, command, step, message, message);
	} else {
		take_other_type(engine, FLAGSHIP_TOPIC_QUERY, message);
	}
}

/* Told at other times only where it changes, so that it shows a burst. */
static bool is_of_burst(int64_t type)
{
	switch (type) {
	case FLAGSHIP_MESSAGE_EVENT_NOTIFY:
	case FLAGSHIP_MESSAGE_FAN_SPEED:
	case FLAGSHIP_MESSAGE_PRINT_SPEED:
	case FLAGSHIP_MESSAGE_Z_AXIS_RECOUP:
	case FLAGSHIP_MESSAGE_MOTOR_LOCK:
	case FLAGSHIP_MESSAGE_BREAK_POINT:
	case FLAGSHIP_MESSAGE_PRINT_MAX_SPEED:
	case FLAGSHIP_MESSAGE_LEVELLED:
	case FLAGSHIP_MESSAGE_NOZZLE:
	case FLAGSHIP_MESSAGE_FILAMENT:
		return true;
	default:
		return false;
	}
}

static void match_notice(struct command_engine *engine, const struct flagship_message *message)
{
	struct command *command;

	if (!is_of_burst(message->type)) {
		return;
	}
	struct command_step *step = command_in_flight(engine, FLAGSHIP_MESSAGE_APP_QUERY_STATUS,
						      &command);
	if (step) {
		take(engine, command, step, message, message);
	}
}

void command_match(struct command_engine *engine, enum flagship_topic_kind kind,
		   const struct flagship_message *message)
{
	forget_old_debts(engine);
	switch (kind) {
	case FLAGSHIP_TOPIC_COMMAND_REPLY:
		match_command_reply(engine, message);
		break;
	case FLAGSHIP_TOPIC_QUERY_REPLY:
		match_query_reply(engine, message);
		break;
	default:
		match_notice(engine, message);
		break;
	}
}
