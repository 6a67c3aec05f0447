/* SPDX-License-Identifier: MIT */
#include "cli/watch/state_heard.h"

bool state_has_essentials(const struct printer_state *state)
{
	/* An E1 that cleans itself says nothing of a job. */
	if (state->model == FLAGSHIP_MODEL_E1) {
		return state->job.state_heard || state->e1.state != PRINTER_NEVER;
	}
	return state->job.state_heard && state->nozzle.current_centi_c != PRINTER_NEVER &&
	       state->bed.current_centi_c != PRINTER_NEVER;
}

static bool state_is_printing(const struct printer_state *state)
{
	return state->job.state_heard && state->job.state == PRINTER_JOB_PRINTING;
}

bool state_lacks_progress(const struct printer_state *state)
{
	return state_is_printing(state) && state->job.progress_centi_percent == PRINTER_NEVER;
}

static bool state_has_everything_of_e1(const struct printer_state *state)
{
	return state_has_essentials(state) && state->e1.ink_heard && state->e1.waste_heard &&
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
	       state->filament.heard &&
	       (!state_is_printing(state) || state->job.layer != PRINTER_NEVER);
}
