/* SPDX-License-Identifier: MIT */
#include "printer/state/state.h"

#include "printer/state/alert.h"
#include "printer/state/changes.h"
#include "printer/state/merge.h"
#include "printer/state/moment.h"

void printer_state_init(struct printer_state *state, const char *serial, const char *name,
			enum flagship_model model)
{
	*state = (struct printer_state){
		.model = model,
		.offline_after_ms = PRINTER_OFFLINE_AFTER_MS,
		.seen_ms = PRINTER_NEVER,
		.nozzle = {PRINTER_NEVER, PRINTER_NEVER, PRINTER_NEVER},
		.bed = {PRINTER_NEVER, PRINTER_NEVER, PRINTER_NEVER},
		.fan_percent = PRINTER_NEVER,
		.speed_mm_s = PRINTER_NEVER,
		.max_speed_mm_s = PRINTER_NEVER,
		.z_offset_centi_mm = PRINTER_NEVER,
		.levelled = PRINTER_NEVER,
		.filament_since_ms = PRINTER_NEVER,
		.error_since_ms = PRINTER_NEVER,
		.runout_ms = PRINTER_NEVER,
	};
	job_init(&state->job);
	e1_init(&state->e1);
	if (serial) {
		flagship_text_copy(flagship_text_from(serial), state->serial,
				   sizeof(state->serial));
	}
	if (name) {
		flagship_text_copy(flagship_text_from(name), state->name, sizeof(state->name));
	}
}

static void report_online(const struct merge *merge, bool online)
{
	merge->state->online = online;
	printer_report(&merge->reporter,
		       &(struct printer_event){
			       .kind = online ? PRINTER_EVENT_ONLINE : PRINTER_EVENT_OFFLINE,
			       .t_ms = merge->now_ms,
		       });
}

uint32_t printer_state_merge(struct printer_state *state, const struct flagship_message *messages,
			     size_t count, int64_t now_ms, printer_event_handler *handler,
			     void *context)
{
	struct merge merge = {
		.state = state,
		.now_ms = now_ms,
		.reporter = {handler, context},
	};
	uint32_t fresh_starts = state->job.track.fresh_starts;
	struct changes changes;

	changes_begin(&changes, state, messages, count, now_ms);
	state->job.track.model = state->model;
	state->seen_ms = now_ms;
	if (!state->online) {
		report_online(&merge, true);
	}
	for (size_t i = 0; i < count; i++) {
		merge_message(&merge, &messages[i]);
	}
	job_pass_time(&state->job, now_ms, &merge.reporter);
	if (state->job.track.fresh_starts != fresh_starts) {
		alert_clear_all(&merge);
	}
	alert_watch_pause(&merge);
	return changes_end(&changes, state);
}

uint32_t printer_state_check_online(struct printer_state *state, int64_t now_ms,
				    printer_event_handler *handler, void *context)
{
	struct merge merge = {
		.state = state,
		.now_ms = now_ms,
		.reporter = {handler, context},
	};
	struct changes changes;

	changes_begin(&changes, state, NULL, 0, now_ms);
	job_pass_time(&state->job, now_ms, &merge.reporter);
	if (state->online && units_time_since(now_ms, state->seen_ms) >= state->offline_after_ms) {
		report_online(&merge, false);
	}
	return changes_end(&changes, state);
}

int64_t printer_state_next_deadline_ms(const struct printer_state *state)
{
	int64_t due_ms = job_next_deadline_ms(&state->job);
	int64_t silent_ms = INT64_MAX;

	if (state->online && state->seen_ms < INT64_MAX - state->offline_after_ms) {
		silent_ms = state->seen_ms + state->offline_after_ms;
	}
	return silent_ms < due_ms ? silent_ms : due_ms;
}

void printer_state_settle(struct printer_state *state, printer_event_handler *handler,
			  void *context)
{
	struct printer_reporter reporter = {handler, context};

	job_settle(&state->job, &reporter);
}

void printer_state_connection_lost(struct printer_state *state)
{
	job_connection_lost(&state->job);
}

bool state_has_essentials(const struct printer_state *state)
{
	/* An E1 that cleans itself says nothing of a job. */
	if (state->model == FLAGSHIP_MODEL_E1) {
		return state->job.state_received || state->e1.state != PRINTER_NEVER;
	}
	return state->job.state_received && state->nozzle.current_centi_c != PRINTER_NEVER &&
	       state->bed.current_centi_c != PRINTER_NEVER;
}

static bool state_is_printing(const struct printer_state *state)
{
	return state->job.state_received && state->job.state == PRINTER_JOB_PRINTING;
}

bool state_lacks_progress(const struct printer_state *state)
{
	return state_is_printing(state) && state->job.progress_centi_percent == PRINTER_NEVER;
}

static bool state_has_everything_of_e1(const struct printer_state *state)
{
	return state_has_essentials(state) && state->e1.ink_received && state->e1.waste_received &&
	       state->e1.attachment != PRINTER_NEVER && state->e1.plate != PRINTER_NEVER;
}

bool state_has_everything(const struct printer_state *state)
{
	if (state->model == FLAGSHIP_MODEL_E1) {
		return state_has_everything_of_e1(state);
	}
	return state_has_essentials(state) && state->fan_percent != PRINTER_NEVER &&
	       state->speed_mm_s != PRINTER_NEVER && state->max_speed_mm_s != PRINTER_NEVER &&
	       state->z_offset_centi_mm != PRINTER_NEVER && state->levelled != PRINTER_NEVER &&
	       state->filament.received &&
	       (!state_is_printing(state) || state->job.layer != PRINTER_NEVER);
}

int64_t moment_unix_ms(const struct printer_moment *moment, int64_t time_ms)
{
	if (time_ms == PRINTER_NEVER || moment->unix_ms == PRINTER_NEVER) {
		return PRINTER_NEVER;
	}
	return units_time_since(moment->unix_ms, units_time_since(moment->now_ms, time_ms));
}
