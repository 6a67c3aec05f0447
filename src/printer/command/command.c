/* SPDX-License-Identifier: MIT */
#include "printer/command/internal.h"

#include "printer/guard/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_MS INT64_C(86400000) /* no command lasts longer than a day */

struct command_engine *command_engine_create(const struct printer_state *state,
					     const struct printer_profile *profile,
					     const struct command_output *output)
{
	struct command_engine *engine = calloc(1, sizeof(*engine));

	if (engine) {
		engine->state = state;
		engine->profile = profile;
		engine->output = *output;
		engine->after = &engine->first;
		guard_memory_init(&engine->memory);
	}
	return engine;
}

void command_release(struct command *command)
{
	command_plan_clear(command);
	gcode_reply_finish(&command->gcode);
	free((char *)command->request.text);
	free((char *)command->request.user_id);
	free((char *)command->request.user_name);
	free(command);
}

void command_engine_destroy(struct command_engine *engine)
{
	if (!engine) {
		return;
	}
	while (engine->first) {
		struct command *command = engine->first;
		engine->first = command->next;
		command_release(command);
	}
	free(engine);
}

static char *copy_text(const char *text, bool *failed)
{
	char *copy = text ? strdup(text) : NULL;

	*failed = *failed || (text && !copy);
	return copy;
}

static void report_not_taken(struct command_engine *engine, uint64_t id, enum command_kind kind,
			     const char *detail)
{
	engine->output.done(engine->output.context, &(struct command_report){
							    .id = id,
							    .kind = kind,
							    .outcome = COMMAND_FAILED,
							    .detail = detail,
							    .text = "",
						    });
}

static struct command *command_create(const struct command_engine *engine,
				      const struct command_request *request, uint64_t id)
{
	const struct command_trait *trait = command_trait(request->kind);
	struct command *command = calloc(1, sizeof(*command));
	int64_t confirm_ms = trait->confirm_ms != 0 ? trait->confirm_ms
						    : engine->profile->confirm_ms;
	int64_t limit_ms = request->timeout_ms < LIMIT_MS ? request->timeout_ms : LIMIT_MS;
	bool failed = false;

	if (!command) {
		return NULL;
	}
	command->id = id;
	command->request = *request;
	command->request.text = copy_text(request->text, &failed);
	command->request.user_id = copy_text(request->user_id, &failed);
	command->request.user_name = copy_text(request->user_name, &failed);
	command->submitted_ms = engine->now_ms;
	command->limited = limit_ms > 0;
	command->answer_ms = limit_ms > 0 ? limit_ms : trait->answer_ms;
	command->confirm_ms = limit_ms > 0 ? limit_ms : confirm_ms;
	if (failed) {
		command_release(command);
		return NULL;
	}
	return command;
}

/* So that others know which types it will need. What cannot be built yet is found out later. */
static int plan_early(struct command_engine *engine, struct command *command)
{
	int error = command_plan(engine, command);

	return error && !command_must_ask(engine, command) ? error : 0;
}

/* What waits may only be sent one after the other: a queue that grows without an end never gets
 * done, and each of it would have to be looked at with each step. */
static bool is_full(const struct command_engine *engine, const struct command *command)
{
	size_t pending = 0;
	size_t waiting = 0;

	for (const struct command *other = engine->first; other; other = other->next) {
		pending++;
		waiting += other->stage == COMMAND_QUEUED && command_shares_type(command, other);
	}
	return waiting >= COMMAND_WAITING_MAX || pending >= COMMAND_PENDING_MAX;
}

static void enqueue(struct command_engine *engine, struct command *command)
{
	*engine->after = command;
	engine->after = &command->next;
}

/* A stop waits for nothing, and is taken always. */
static bool takes(const struct command_engine *engine, const struct command *command)
{
	return command->request.kind == COMMAND_STOP || !is_full(engine, command);
}

uint64_t command_submit(struct command_engine *engine, const struct command_request *request,
			int64_t now_ms)
{
	uint64_t id = request->id ? request->id : ++engine->last_id;
	int error = 0;

	engine->now_ms = now_ms;
	struct command *command = command_create(engine, request, id);
	if (!command) {
		report_not_taken(engine, id, request->kind,
				 flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return id;
	}
	if (command_guard_lacks(engine, request) || !command_guard(engine, request)) {
		error = plan_early(engine, command);
	}
	if (!error && !takes(engine, command)) {
		command_release(command);
		report_not_taken(engine, id, request->kind,
				 "too many waiting: it may be asked for again when some of those "
				 "before it are done");
		return id;
	}
	enqueue(engine, command);
	if (error) {
		command_fail(engine, command, error);
		return id;
	}
	command_run(engine);
	return id;
}

void command_close(struct command_engine *engine, const char *why, int64_t now_ms)
{
	engine->now_ms = now_ms;
	engine->closed = why;
	command_run(engine);
}

bool command_is_under_way(const struct command_engine *engine)
{
	for (const struct command *command = engine->first; command; command = command->next) {
		if (command->stage == COMMAND_SENDING) {
			return true;
		}
	}
	return false;
}

void command_cancel(struct command_engine *engine, uint64_t id, int64_t now_ms)
{
	engine->now_ms = now_ms;
	for (struct command *command = engine->first; command; command = command->next) {
		if (command->id == id) {
			command->cancelled = true;
		}
	}
	command_run(engine);
}

/* Steps that only prepare have no effect that could be seen. */
static bool may_take_effect(const struct command *command)
{
	for (size_t i = 0; command->stage == COMMAND_SENDING && i < command->step_count; i++) {
		if (!command->steps[i].prepares && command->steps[i].attempts > 0) {
			return true;
		}
	}
	return false;
}

void command_unwatched_add(struct command_engine *engine, const struct command_goal *goal)
{
	uint64_t states = command_goal_states(goal);

	if (states == 0) {
		return;
	}
	if (engine->unwatched_count == COMMAND_UNWATCHED_MAX) {
		engine->unwatched_count--;
		memmove(engine->unwatched, engine->unwatched + 1,
			engine->unwatched_count * sizeof(engine->unwatched[0]));
	}
	engine->unwatched[engine->unwatched_count++] = (struct command_unwatched){
		.states = states,
		.until_ms = engine->now_ms + COMMAND_UNWATCHED_MS,
	};
}

/* What it shows was told: the same once more may well be old. */
static void command_unwatched_receive(struct command_engine *engine,
				      const struct flagship_message *message)
{
	int64_t state = command_goal_state_of(message);

	for (size_t i = 0; state >= 0 && state < 64 && i < engine->unwatched_count; i++) {
		if (engine->unwatched[i].states >> state & 1) {
			engine->unwatched_count--;
			memmove(engine->unwatched + i, engine->unwatched + i + 1,
				(engine->unwatched_count - i) * sizeof(engine->unwatched[0]));
			return;
		}
	}
}

bool command_is_idle(const struct command_engine *engine)
{
	return !engine->first && engine->unwatched_count == 0;
}

uint64_t command_awaited_states(const struct command_engine *engine, enum flagship_topic_kind kind,
				int64_t now_ms)
{
	uint64_t states = 0;

	if (command_is_idle(engine)) {
		return 0; /* nearly always */
	}
	if (kind != FLAGSHIP_TOPIC_NOTICE && kind != FLAGSHIP_TOPIC_QUERY_REPLY) {
		return 0;
	}
	for (size_t i = 0; i < engine->unwatched_count; i++) {
		if (now_ms < engine->unwatched[i].until_ms) {
			states |= engine->unwatched[i].states;
		}
	}
	for (const struct command *command = engine->first; command; command = command->next) {
		if (may_take_effect(command)) {
			states |= command_goal_states(&command->goal);
		}
	}
	return states;
}

static void mark_received(struct command_engine *engine, enum flagship_topic_kind kind,
			  const struct flagship_message *message)
{
	for (struct command *command = engine->first; command; command = command->next) {
		if (command->stage == COMMAND_QUEUED) {
			continue;
		}
		command->received = true;
		/* A reply may only repeat what was asked for: it proves nothing. */
		if (command->stage == COMMAND_SENDING && kind != FLAGSHIP_TOPIC_COMMAND_REPLY) {
			command_files_receive(command, message);
			command_goal_receive(&command->goal, engine->state, message);
		}
	}
}

void command_receive(struct command_engine *engine, enum flagship_topic_kind kind,
		     const struct flagship_message *message, int64_t now_ms)
{
	if (kind != FLAGSHIP_TOPIC_NOTICE && kind != FLAGSHIP_TOPIC_COMMAND_REPLY &&
	    kind != FLAGSHIP_TOPIC_QUERY_REPLY) {
		return;
	}
	engine->now_ms = now_ms;
	if (engine->unwatched_count > 0 && kind != FLAGSHIP_TOPIC_COMMAND_REPLY) {
		command_unwatched_receive(engine, message);
	}
	if (command_heeds(message) && !message->has_reply &&
	    (message->as.present & FLAGSHIP_Z_AXIS_RECOUP_HAS_Z_OFFSET_CENTI_MM)) {
		guard_memory_received(&engine->memory, message->as.z_axis_recoup.z_offset_centi_mm,
				      now_ms);
	}
	/* Nearly always: a notice is the answer to nothing. */
	if (!engine->first && kind == FLAGSHIP_TOPIC_NOTICE) {
		return;
	}
	bool was_running = engine->running;
	engine->running = true;
	mark_received(engine, kind, message);
	command_match(engine, kind, message);
	engine->running = was_running;
	command_run(engine);
}

void command_set_connected(struct command_engine *engine, bool connected, int64_t now_ms)
{
	engine->now_ms = now_ms;
	engine->connected = connected;
	engine->joining = false;
	engine->unwatched_count = connected ? engine->unwatched_count : 0;
	engine->model_unknown = engine->model_unknown && !connected;
	for (struct command *command = engine->first; command && !connected;
	     command = command->next) {
		command->lost = true;
	}
	command_run(engine);
}

void command_set_joining(struct command_engine *engine, bool joining, int64_t now_ms)
{
	engine->now_ms = now_ms;
	engine->joining = joining && !engine->connected;
	command_run(engine);
}

void command_advance(struct command_engine *engine, int64_t now_ms)
{
	engine->now_ms = now_ms;
	command_run(engine);
}

void command_set_rights(struct command_engine *engine, const struct command_rights *rights)
{
	engine->rights = *rights;
}

static const char *missing_right(const struct command_rights *rights,
				 const struct command_request *request)
{
	if (request->kind == COMMAND_QUERY || request->kind == COMMAND_STATUS) {
		return rights->no_query ? "it is shared with this account without the right to "
					  "ask it for anything; its owner can give that right"
					: NULL;
	}
	return rights->no_command ? "it is shared with this account without the right to control "
				    "it; its owner can give that right"
				  : NULL;
}

enum guard_verdict command_judge(const struct command_engine *engine,
				 const struct command_request *request,
				 char reason[COMMAND_DETAIL_MAX])
{
	const char *missing = missing_right(&engine->rights, request);
	enum guard_verdict verdict = guard_check(engine->state, engine->profile, &engine->memory,
						 request, reason, COMMAND_DETAIL_MAX);

	if (missing && !request->force && verdict != GUARD_NEVER) {
		snprintf(reason, COMMAND_DETAIL_MAX, "%s", missing);
		return GUARD_REFUSED;
	}
	return verdict;
}

const char *command_guard(const struct command_engine *engine,
			  const struct command_request *request)
{
	/* The reason is the engine's only scratch memory. */
	char *reason = ((struct command_engine *)engine)->reason;

	return command_judge(engine, request, reason) != GUARD_PASS ? reason : NULL;
}

bool command_guard_lacks(const struct command_engine *engine, const struct command_request *request)
{
	return !request->force && !missing_right(&engine->rights, request) &&
	       guard_lacks(engine->state, engine->profile, &engine->memory, request) != 0;
}
