/* SPDX-License-Identifier: MIT */
#include "printer/state/changes.h"

#include <stddef.h>
#include <string.h>

/* How much of a job is shown: up to the NUL of its name, which is the last of it. What follows it
 * remembers for itself. */
static size_t job_shown_bytes(const struct printer_job *job)
{
	return offsetof(struct printer_job, name) + strlen(job->name) + 1;
}

static uint32_t part_of(const struct flagship_message *message)
{
	switch (message->type) {
	case FLAGSHIP_MESSAGE_EVENT_NOTIFY:
		/* An E1 alone says its state with a status. */
		return message->as.present & FLAGSHIP_EVENT_NOTIFY_HAS_STATUS
			       ? PRINTER_PART_JOB | PRINTER_PART_E1
			       : PRINTER_PART_JOB;
	case FLAGSHIP_MESSAGE_PRINT_SCHEDULE:
	case FLAGSHIP_MESSAGE_MODEL_LAYER:
	case FLAGSHIP_MESSAGE_PREVIEW_IMAGE_URL:
	case FLAGSHIP_MESSAGE_JOB_SUMMARY:
		return PRINTER_PART_JOB;
	case FLAGSHIP_MESSAGE_FILAMENT:
		return PRINTER_PART_FILAMENT;
	case FLAGSHIP_MESSAGE_PRINTER_ERROR:
		return PRINTER_PART_ERROR;
	case FLAGSHIP_MESSAGE_INK:
	case FLAGSHIP_MESSAGE_E1_PLATES:
	case FLAGSHIP_MESSAGE_E1_ACCESSORY:
	case FLAGSHIP_MESSAGE_AIR_PURIFIER:
		return PRINTER_PART_E1;
	default:
		return 0;
	}
}

void changes_begin(struct changes *changes, const struct printer_state *state,
		   const struct flagship_message *messages, size_t count, int64_t now_ms)
{
	changes->online = state->online;
	changes->nozzle = state->nozzle;
	changes->bed = state->bed;
	changes->fan_percent = state->fan_percent;
	changes->speed_mm_s = state->speed_mm_s;
	changes->max_speed_mm_s = state->max_speed_mm_s;
	changes->z_offset_centi_mm = state->z_offset_centi_mm;
	changes->levelled = state->levelled;
	changes->alert = state->alert;
	changes->copied = job_next_deadline_ms(&state->job) <= now_ms ? PRINTER_PART_JOB : 0;
	/* Only what stands can be cleared, and much may clear it. */
	changes->copied |= state->error_count > 0 ? PRINTER_PART_ERROR : 0;
	for (size_t i = 0; i < count; i++) {
		changes->copied |= part_of(&messages[i]);
	}
	if (changes->copied & PRINTER_PART_JOB) {
		memcpy(&changes->job, &state->job, job_shown_bytes(&state->job));
	}
	if (changes->copied & PRINTER_PART_ERROR) {
		changes->error = state->error;
	}
	if (changes->copied & PRINTER_PART_FILAMENT) {
		changes->filament = state->filament;
	}
	if (changes->copied & PRINTER_PART_E1) {
		changes->e1 = state->e1;
	}
}

static bool changed_since(const struct printer_temperature *before,
			  const struct printer_temperature *temperature)
{
	return before->current_centi_c != temperature->current_centi_c ||
	       before->target_centi_c != temperature->target_centi_c;
}

static bool has_moved(const struct changes *before, const struct printer_state *state)
{
	return before->fan_percent != state->fan_percent ||
	       before->speed_mm_s != state->speed_mm_s ||
	       before->max_speed_mm_s != state->max_speed_mm_s ||
	       before->z_offset_centi_mm != state->z_offset_centi_mm ||
	       before->levelled != state->levelled;
}

/* When it was received is an age, and no change. */
static bool job_differs(struct changes *changes, const struct printer_job *job)
{
	struct printer_job *before = &changes->job;

	before->received_ms = job->received_ms;
	before->remaining_ms = job->remaining_ms;
	return memcmp(before, job, job_shown_bytes(before)) != 0;
}

static bool e1_differs(const struct changes *changes, const struct printer_e1 *e1)
{
	const struct printer_e1 *before = &changes->e1;

	return before->state != e1->state || before->step != e1->step ||
	       memcmp(before->inks, e1->inks, sizeof(e1->inks)) != 0 ||
	       memcmp(&before->waste, &e1->waste, sizeof(e1->waste)) != 0 ||
	       before->ink_received != e1->ink_received ||
	       before->waste_received != e1->waste_received ||
	       before->attachment != e1->attachment || before->plate != e1->plate ||
	       strcmp(before->version, e1->version) != 0 ||
	       before->purifier_mode != e1->purifier_mode ||
	       before->purifier_delay_s != e1->purifier_delay_s;
}

static uint32_t copied_that_differ(struct changes *changes, const struct printer_state *state)
{
	uint32_t parts = 0;

	if ((changes->copied & PRINTER_PART_JOB) && job_differs(changes, &state->job)) {
		parts |= PRINTER_PART_JOB;
	}
	if ((changes->copied & PRINTER_PART_ERROR) &&
	    memcmp(&changes->error, &state->error, sizeof(state->error)) != 0) {
		parts |= PRINTER_PART_ERROR;
	}
	if ((changes->copied & PRINTER_PART_FILAMENT) &&
	    memcmp(&changes->filament, &state->filament, sizeof(state->filament)) != 0) {
		parts |= PRINTER_PART_FILAMENT;
	}
	if ((changes->copied & PRINTER_PART_E1) && e1_differs(changes, &state->e1)) {
		parts |= PRINTER_PART_E1;
	}
	return parts;
}

uint32_t changes_end(struct changes *changes, const struct printer_state *state)
{
	uint32_t parts = changes->copied ? copied_that_differ(changes, state) : 0;

	if (changes->online != state->online) {
		parts |= PRINTER_PART_ONLINE;
	}
	if (changed_since(&changes->nozzle, &state->nozzle)) {
		parts |= PRINTER_PART_NOZZLE;
	}
	if (changed_since(&changes->bed, &state->bed)) {
		parts |= PRINTER_PART_BED;
	}
	if (has_moved(changes, state)) {
		parts |= PRINTER_PART_MOTION;
	}
	if (changes->alert.source != state->alert.source ||
	    changes->alert.number != state->alert.number) {
		parts |= PRINTER_PART_ALERT;
	}
	return parts;
}
