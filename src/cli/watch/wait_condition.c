/* SPDX-License-Identifier: MIT */
#include "cli/watch/wait_condition.h"

#include "cli/control/heat_progress.h"
#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "cli/kit/suggest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CENTI     100.0
#define VALUE_MAX 100000.0

#define NO_JOB    "no job is under way"

static const struct kind {
	const char *name;
	enum wait_kind kind;
	bool takes_value;
	bool needs_value;
	double scale;
} kinds[] = {
	{"finished", WAIT_FINISHED, false, false, 1},
	{"stopped", WAIT_STOPPED, false, false, 1},
	{"paused", WAIT_PAUSED, false, false, 1},
	{"printing", WAIT_PRINTING, false, false, 1},
	{"idle", WAIT_IDLE, false, false, 1},
	{"error", WAIT_ERROR, false, false, 1},
	{"online", WAIT_ONLINE, false, false, 1},
	{"offline", WAIT_OFFLINE, false, false, 1},
	{"temperature", WAIT_TEMPERATURE, false, false, 1},
	{"nozzle", WAIT_NOZZLE, true, false, CENTI},
	{"bed", WAIT_BED, true, false, CENTI},
	{"progress", WAIT_PROGRESS, true, true, CENTI},
	{"layer", WAIT_LAYER, true, true, 1},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static bool explain_unknown(const char *word)
{
	struct suggest suggest;

	suggest_init(&suggest, word);
	for (size_t i = 0; i < KIND_COUNT; i++) {
		suggest_offer(&suggest, kinds[i].name);
	}
	if (suggest_best(&suggest)) {
		cli_error("wait: '%s' is nothing to wait for; did you mean %s?", word,
			  suggest_best(&suggest));
	} else {
		cli_error("wait: '%s' is nothing to wait for; see flagship wait --help", word);
	}
	return false;
}

static const struct kind *find_kind(const char *text, size_t length)
{
	for (size_t i = 0; i < KIND_COUNT; i++) {
		if (strlen(kinds[i].name) == length && strncmp(kinds[i].name, text, length) == 0) {
			return &kinds[i];
		}
	}
	return NULL;
}

/* The relation at the beginning of the text; how long it is. */
static size_t read_relation(const char *text, enum wait_relation *relation)
{
	static const struct {
		const char *text;
		enum wait_relation relation;
	} relations[] = {
		{">=", WAIT_AT_LEAST}, {"<=", WAIT_AT_MOST}, {"=", WAIT_NEAR},
		{">", WAIT_AT_LEAST},  {"<", WAIT_AT_MOST},
	};

	for (size_t i = 0; i < sizeof(relations) / sizeof(relations[0]); i++) {
		size_t length = strlen(relations[i].text);

		if (strncmp(text, relations[i].text, length) == 0) {
			*relation = relations[i].relation;
			return length;
		}
	}
	return 0;
}

static bool read_value(const struct kind *kind, const char *text, struct wait_condition *condition)
{
	double value;
	size_t length = read_relation(text, &condition->relation);

	if (!options_read_real(text + length, &value) || value < 0 || value > VALUE_MAX) {
		cli_error("wait: %s takes a number, as in %s=20, not '%s'", kind->name, kind->name,
			  text + length);
		return false;
	}
	condition->value = llround(value * kind->scale);
	return true;
}

bool wait_condition_read(const char *text, struct wait_condition *condition)
{
	size_t length = strcspn(text, "<>=");
	const struct kind *kind = find_kind(text, length);

	if (!kind) {
		return explain_unknown(text);
	}
	*condition = (struct wait_condition){
		.text = text, .name = kind->name, .kind = kind->kind, .relation = WAIT_REACHED};
	if (text[length] != '\0' && !kind->takes_value) {
		cli_error("wait: %s takes no value; there are nozzle=, bed=, progress= and layer=",
			  kind->name);
		return false;
	}
	if (text[length] == '\0' && kind->needs_value) {
		cli_error("wait: say how much, as in %s=20", kind->name);
		return false;
	}
	return text[length] == '\0' || read_value(kind, text + length, condition);
}

/* --- what happened --- */

void wait_history_event(struct wait_history *history, const struct printer_event *event)
{
	switch (event->kind) {
	case PRINTER_EVENT_JOB_PREPARING:
	case PRINTER_EVENT_JOB_STARTED:
	case PRINTER_EVENT_JOB_RESUMED:
		*history = (struct wait_history){.job_seen = true};
		break;
	case PRINTER_EVENT_JOB_FINISHED:
		history->finished = true;
		break;
	case PRINTER_EVENT_JOB_STOPPED:
		history->stopped = true;
		break;
	default:
		break;
	}
}

static bool is_over(const struct printer_state *state)
{
	return state->job.state_received &&
	       (state->job.state == PRINTER_JOB_IDLE || state->job.state == PRINTER_JOB_FINISHED ||
		state->job.state == PRINTER_JOB_STOPPED);
}

void wait_history_state(struct wait_history *history, const struct printer_state *state,
			int64_t now_ms)
{
	if (!state->job.state_received) {
		return;
	}
	if (!is_over(state)) {
		history->over_since_ms = 0;
		history->job_seen = history->job_seen || state->job.state != PRINTER_JOB_UNKNOWN;
	} else if (history->over_since_ms == 0) {
		history->over_since_ms = now_ms;
	}
}

/* --- whether it holds --- */

static enum wait_verdict impossible(const char **reason, const char *text)
{
	*reason = text;
	return WAIT_IMPOSSIBLE;
}

/* Of a job that was watched the end is reported; of another only the state says anything. */
static enum wait_verdict check_end(bool wants_finished, const struct printer_state *state,
				   const struct wait_history *history, int64_t now_ms,
				   const char **reason)
{
	bool finished = history->finished ||
			(!history->stopped && state->job.state == PRINTER_JOB_FINISHED);
	bool stopped = history->stopped ||
		       (!history->finished && state->job.state == PRINTER_JOB_STOPPED);

	if (!state->job.state_received && !history->finished && !history->stopped) {
		return WAIT_OPEN;
	}
	if (wants_finished ? finished : stopped) {
		return WAIT_HOLDS;
	}
	if (finished || stopped) {
		return impossible(reason,
				  finished ? "the job was finished" : "the job was stopped");
	}
	if (!is_over(state)) {
		return WAIT_OPEN;
	}
	if (!history->job_seen) {
		return impossible(reason, NO_JOB);
	}
	return now_ms - history->over_since_ms < WAIT_VERDICT_MS
		       ? WAIT_OPEN
		       : impossible(reason, "the job ended, and nothing tells how");
}

static bool is_near(int64_t value, int64_t wanted)
{
	return llabs(value - wanted) <= HEAT_NEAR_CENTI_C;
}

static enum wait_verdict compare(int64_t value, const struct wait_condition *condition,
				 bool near_is_at_least)
{
	bool holds;

	if (value == PRINTER_NEVER) {
		return WAIT_OPEN;
	}
	switch (condition->relation) {
	case WAIT_AT_MOST:
		holds = value <= condition->value;
		break;
	case WAIT_NEAR:
		holds = near_is_at_least ? value >= condition->value
					 : is_near(value, condition->value);
		break;
	default:
		holds = value >= condition->value;
	}
	return holds ? WAIT_HOLDS : WAIT_OPEN;
}

/* Whether the part has reached its own target; impossible where it has none. */
static enum wait_verdict check_target(const struct printer_temperature *part, const char **reason)
{
	if (part->target_centi_c == PRINTER_NEVER || part->current_centi_c == PRINTER_NEVER) {
		return WAIT_OPEN;
	}
	if (part->target_centi_c <= 0) {
		return impossible(reason, "it is not heated");
	}
	return is_near(part->current_centi_c, part->target_centi_c) ? WAIT_HOLDS : WAIT_OPEN;
}

static enum wait_verdict check_part(const struct wait_condition *condition,
				    const struct printer_temperature *part, const char **reason)
{
	return condition->relation == WAIT_REACHED
		       ? check_target(part, reason)
		       : compare(part->current_centi_c, condition, false);
}

static enum wait_verdict check_temperatures(const struct printer_state *state, const char **reason)
{
	enum wait_verdict nozzle = check_target(&state->nozzle, reason);
	enum wait_verdict bed = check_target(&state->bed, reason);

	if (nozzle == WAIT_IMPOSSIBLE && bed == WAIT_IMPOSSIBLE) {
		return impossible(reason, "nothing is heated");
	}
	*reason = NULL;
	return nozzle == WAIT_OPEN || bed == WAIT_OPEN ? WAIT_OPEN : WAIT_HOLDS;
}

static enum wait_verdict check_job_value(const struct wait_condition *condition,
					 const struct printer_state *state,
					 const struct wait_history *history, const char **reason)
{
	int64_t value = condition->kind == WAIT_PROGRESS ? state->job.progress_centi_percent
							 : state->job.layer;
	bool over = is_over(state) || history->finished || history->stopped;

	if (compare(value, condition, true) == WAIT_HOLDS && state->job.state_received &&
	    state->job.state != PRINTER_JOB_IDLE) {
		return WAIT_HOLDS;
	}
	return over ? impossible(reason, NO_JOB) : WAIT_OPEN;
}

static enum wait_verdict when(bool holds)
{
	return holds ? WAIT_HOLDS : WAIT_OPEN;
}

enum wait_verdict wait_condition_check(const struct wait_condition *condition,
				       const struct printer_state *state,
				       const struct wait_history *history, int64_t now_ms,
				       const char **reason)
{
	const struct printer_job *job = &state->job;

	*reason = NULL;
	switch (condition->kind) {
	case WAIT_FINISHED:
	case WAIT_STOPPED:
		return check_end(condition->kind == WAIT_FINISHED, state, history, now_ms, reason);
	case WAIT_PAUSED:
		if (is_over(state)) {
			return impossible(reason, NO_JOB);
		}
		return when(job->state_received && job->state == PRINTER_JOB_PAUSED);
	case WAIT_PRINTING:
		return when(job->state_received && job->state == PRINTER_JOB_PRINTING);
	case WAIT_IDLE:
		return when(is_over(state));
	case WAIT_ERROR:
		return when(state->error.code[0] != '\0' ||
			    state->alert.source != PRINTER_ALERT_NONE);
	case WAIT_ONLINE:
		return when(state->online);
	case WAIT_OFFLINE:
		return when(state->seen_ms != PRINTER_NEVER && !state->online);
	case WAIT_TEMPERATURE:
		return check_temperatures(state, reason);
	case WAIT_NOZZLE:
		return check_part(condition, &state->nozzle, reason);
	case WAIT_BED:
		return check_part(condition, &state->bed, reason);
	case WAIT_PROGRESS:
	case WAIT_LAYER:
		return check_job_value(condition, state, history, reason);
	}
	return WAIT_OPEN;
}
