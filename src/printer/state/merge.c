/* SPDX-License-Identifier: MIT */
#include "printer/state/merge.h"

#include "base/text.h"
#include "printer/state/alert.h"

#include <math.h>

/* Probably: 3 and 4 came with cancels (protocol.md 3.1). */
#define TRIGGER_FINISHED 2

#define FAN_FULL         100

/* Of an E1, which says with state and step what others say with a value. */
static void merge_status(const struct merge *merge, struct flagship_json status)
{
	struct printer_job *job = &merge->state->job;
	struct printer_e1 *e1 = &merge->state->e1;

	if (!e1_receive_status(e1, status)) {
		return;
	}
	int64_t state = e1_job_state(e1);
	if (state != PRINTER_NEVER) {
		job_receive_state(job, state, merge->now_ms, &merge->reporter);
	}
	job->received_ms = merge->now_ms;
}

static void merge_event(const struct merge *merge, const struct flagship_event_notify *notify)
{
	struct printer_job *job = &merge->state->job;
	bool has_type = notify->present & FLAGSHIP_EVENT_NOTIFY_HAS_SUB_TYPE;

	if (notify->present & FLAGSHIP_EVENT_NOTIFY_HAS_STATUS) {
		merge_status(merge, notify->status);
	}
	if (!(notify->present & FLAGSHIP_EVENT_NOTIFY_HAS_VALUE)) {
		return;
	}
	if (has_type && (notify->sub_type == SUB_TYPE_BOARD || notify->sub_type == SUB_TYPE_AI)) {
		alert_receive(merge, notify->sub_type, notify->value);
		return;
	}
	/* A subType left out is that of the job's state, which alone comes again and again. */
	if ((has_type && notify->sub_type != SUB_TYPE_JOB_STATE) ||
	    (!has_type && !job->state_received)) {
		return;
	}
	job_receive_state(job, notify->value, merge->now_ms, &merge->reporter);
}

static void merge_schedule_values(const struct merge *merge,
				  const struct flagship_print_schedule *schedule)
{
	struct printer_job *job = &merge->state->job;
	uint32_t present = schedule->present;

	if (present & FLAGSHIP_PRINT_SCHEDULE_HAS_SPEED_MM_S) {
		job->speed_mm_s = schedule->speed_mm_s;
	}
	if (present & FLAGSHIP_PRINT_SCHEDULE_HAS_FILAMENT_UNIT) {
		text_buffer_set(job->filament_unit, sizeof(job->filament_unit),
				schedule->filament_unit);
	}
	if (present & FLAGSHIP_PRINT_SCHEDULE_HAS_PROGRESS_CENTI_PERCENT) {
		job_receive_progress(job, schedule->progress_centi_percent, merge->now_ms,
				     &merge->reporter);
	}
	job_receive_filament(job, present & FLAGSHIP_PRINT_SCHEDULE_HAS_FILAMENT_ESTIMATED
					  ? schedule->filament_estimated
					  : (double)NAN);
	job_receive_times(job,
			  present & FLAGSHIP_PRINT_SCHEDULE_HAS_REMAINING ? schedule->remaining
									  : PRINTER_NEVER,
			  present & FLAGSHIP_PRINT_SCHEDULE_HAS_ELAPSED_S ? schedule->elapsed_s
									  : PRINTER_NEVER,
			  merge->now_ms, &merge->reporter);
}

static void merge_schedule(const struct merge *merge,
			   const struct flagship_print_schedule *schedule)
{
	struct printer_job *job = &merge->state->job;
	const struct flagship_text *task_id = NULL;
	const struct flagship_text *name = NULL;
	int64_t progress = PRINTER_NEVER;

	if (schedule->present & FLAGSHIP_PRINT_SCHEDULE_HAS_PROGRESS_CENTI_PERCENT) {
		progress = schedule->progress_centi_percent;
	}
	if (schedule->present & FLAGSHIP_PRINT_SCHEDULE_HAS_TASK_ID) {
		task_id = &schedule->task_id;
	}
	if (schedule->present & FLAGSHIP_PRINT_SCHEDULE_HAS_NAME) {
		name = &schedule->name;
	}
	job->received_ms = merge->now_ms;
	if (job_receive_identity(job, task_id, name, progress, merge->now_ms, &merge->reporter)) {
		merge_schedule_values(merge, schedule);
	}
}

static void merge_layer(const struct merge *merge, const struct flagship_model_layer *layer)
{
	bool has_layer = layer->present & FLAGSHIP_MODEL_LAYER_HAS_LAYER;
	bool has_layers = layer->present & FLAGSHIP_MODEL_LAYER_HAS_LAYERS;

	job_receive_layer(&merge->state->job, has_layer ? layer->layer : PRINTER_NEVER,
			  has_layers ? layer->layers : PRINTER_NEVER, merge->now_ms,
			  &merge->reporter);
}

/* filePath is its only field, so merge_message saw that it is there. */
static void merge_preview(const struct merge *merge,
			  const struct flagship_preview_image_url *preview)
{
	struct flagship_text name = preview->file_path;

	/* A slash is never written as \u002f by a printer, and `\/` ends in one too. */
	for (uint32_t i = name.length; i > 0; i--) {
		if (name.data[i - 1] == '/') {
			name.data += i;
			name.length -= i;
			break;
		}
	}
	job_receive_preview(&merge->state->job, name, merge->now_ms);
}

static void merge_summary(const struct merge *merge, const struct flagship_job_summary *summary)
{
	bool has_name = summary->present & FLAGSHIP_JOB_SUMMARY_HAS_NAME;
	bool has_trigger = summary->present & FLAGSHIP_JOB_SUMMARY_HAS_TRIGGER;
	bool has_used = summary->present & FLAGSHIP_JOB_SUMMARY_HAS_FILAMENT_USED;

	job_receive_summary(&merge->state->job, has_name ? &summary->name : NULL,
			    has_trigger && summary->trigger == TRIGGER_FINISHED,
			    has_used ? summary->filament_used : (double)NAN, &merge->reporter);
}

static void merge_temperature(struct printer_temperature *temperature, const int64_t *current,
			      const int64_t *target, int64_t now_ms)
{
	if (current) {
		temperature->current_centi_c = *current;
	}
	if (target) {
		temperature->target_centi_c = *target;
	}
	if (current || target) {
		temperature->received_ms = now_ms;
	}
}

static void merge_nozzle(const struct merge *merge, const struct flagship_nozzle_temp *temp)
{
	bool current = temp->present & FLAGSHIP_NOZZLE_TEMP_HAS_CURRENT_CENTI_C;
	bool target = temp->present & FLAGSHIP_NOZZLE_TEMP_HAS_TARGET_CENTI_C;

	merge_temperature(&merge->state->nozzle, current ? &temp->current_centi_c : NULL,
			  target ? &temp->target_centi_c : NULL, merge->now_ms);
}

static void merge_bed(const struct merge *merge, const struct flagship_hotbed_temp *temp)
{
	bool current = temp->present & FLAGSHIP_HOTBED_TEMP_HAS_CURRENT_CENTI_C;
	bool target = temp->present & FLAGSHIP_HOTBED_TEMP_HAS_TARGET_CENTI_C;

	merge_temperature(&merge->state->bed, current ? &temp->current_centi_c : NULL,
			  target ? &temp->target_centi_c : NULL, merge->now_ms);
}

/* Types that say one number, whose only field is that number. */
static void merge_number(struct printer_state *state, const struct flagship_message *message)
{
	switch (message->type) {
	case FLAGSHIP_MESSAGE_FAN_SPEED:
		/* More than full was seen by one, and means full. */
		state->fan_percent = message->as.fan_speed.percent < FAN_FULL
					     ? message->as.fan_speed.percent
					     : FAN_FULL;
		break;
	case FLAGSHIP_MESSAGE_PRINT_SPEED:
		state->speed_mm_s = message->as.print_speed.speed_mm_s;
		break;
	case FLAGSHIP_MESSAGE_PRINT_MAX_SPEED:
		state->max_speed_mm_s = message->as.print_max_speed.max_speed_mm_s;
		break;
	case FLAGSHIP_MESSAGE_Z_AXIS_RECOUP:
		state->z_offset_centi_mm = message->as.z_axis_recoup.z_offset_centi_mm;
		break;
	case FLAGSHIP_MESSAGE_LEVELLED:
		state->levelled = message->as.levelled.is_levelled != 0;
		break;
	default:
		break;
	}
}

static void merge_job(const struct merge *merge, const struct flagship_message *message)
{
	switch (message->type) {
	case FLAGSHIP_MESSAGE_EVENT_NOTIFY:
		merge_event(merge, &message->as.event_notify);
		break;
	case FLAGSHIP_MESSAGE_PRINT_SCHEDULE:
		merge_schedule(merge, &message->as.print_schedule);
		break;
	case FLAGSHIP_MESSAGE_MODEL_LAYER:
		merge_layer(merge, &message->as.model_layer);
		break;
	case FLAGSHIP_MESSAGE_PREVIEW_IMAGE_URL:
		merge_preview(merge, &message->as.preview_image_url);
		break;
	case FLAGSHIP_MESSAGE_JOB_SUMMARY:
		merge_summary(merge, &message->as.job_summary);
		break;
	default:
		merge_number(merge->state, message);
		e1_receive(&merge->state->e1, message, merge->now_ms);
		break;
	}
}

void merge_message(const struct merge *merge, const struct flagship_message *message)
{
	/* Nothing of use in it, or a command that was refused, which may repeat what was asked. */
	if (!message->as.present || (message->has_reply && message->reply != 0)) {
		return;
	}
	switch (message->type) {
	case FLAGSHIP_MESSAGE_NOZZLE_TEMP:
		merge_nozzle(merge, &message->as.nozzle_temp);
		break;
	case FLAGSHIP_MESSAGE_HOTBED_TEMP:
		merge_bed(merge, &message->as.hotbed_temp);
		break;
	case FLAGSHIP_MESSAGE_PRINTER_ERROR:
		alert_receive_error(merge, &message->as.printer_error);
		break;
	case FLAGSHIP_MESSAGE_PRINTER_ERROR_CLEARED:
		alert_receive_error_cleared(merge, &message->as.printer_error_cleared);
		break;
	case FLAGSHIP_MESSAGE_FILAMENT:
		alert_receive_filament(merge, &message->as.filament);
		break;
	default:
		merge_job(merge, message);
		break;
	}
}
