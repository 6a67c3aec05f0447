/* SPDX-License-Identifier: MIT */
#include "simulator/printer/snapshot.h"

#include "simulator/machine/files.h"

#include <math.h>
#include <stdio.h>

#define PATH_TEXT_MAX    256
#define PREVIEW_URL      "http://localhost/preview.jpg"
#define SUMMARY_FINISHED 2 /* trigger of 1068 */
#define SUMMARY_STOPPED  4
#define NO_FILAMENT      "0xFF01030001"
#define SUB_TYPE_ALERT   2
#define E1_STATE_IDLE    0
#define E1_STATE_JOB     2
#define E1_STEP_PAUSED   3
#define E1_STEP_PRINTING 4
#define JOB_ORIGIN       5 /* modelType, as captured */

static void take_schedule(struct snapshot_schedule *schedule, const struct print_job *job)
{
	const struct job_plan *plan = job->plan;
	int64_t progress = print_job_progress(job);

	schedule->remaining = (int64_t)job->remaining_s;
	schedule->elapsed_s = print_job_elapsed_s(job);
	schedule->progress_centi_percent = progress;
	schedule->start_left_time = print_job_is_under_way(job) ? 1 : 0;
	schedule->filament_mm = llround(plan->filament_mm);
	schedule->speed_mm_s = job->speed_mm_s;
}

static enum flagship_job_state take_state(const struct print_job *job,
					  const struct activity *activity)
{
	enum flagship_job_state state = print_job_exists(job) ? print_job_state(job)
							      : activity_state(activity);

	/* An E1 says of a job that is over only that it is idle. */
	return job->model->has_ink && state == FLAGSHIP_JOB_STATE_ENDED ? FLAGSHIP_JOB_STATE_IDLE
									: state;
}

void snapshot_take(struct snapshot *snapshot, const struct machine *machine,
		   const struct print_job *job, const struct activity *activity)
{
	bool has_job = print_job_exists(job);

	*snapshot = (struct snapshot){
		.nozzle = {machine->nozzle.reading_centi_c,
			   thermal_target_centi_c(&machine->nozzle)},
		.bed = {machine->bed.reading_centi_c, thermal_target_centi_c(&machine->bed)},
		.state = take_state(job, activity),
		.has_job = has_job,
		.layers = {job->layer, has_job ? job->plan->layers : 0},
		.fan_percent = machine->fan_percent,
		.speed_mm_s = machine->speed_mm_s,
		.z_offset_centi_mm = machine->z_offset_centi_mm,
		.motor_lock = machine->motor_lock ? 1 : 0,
		.levelled = machine->levelled ? 1 : 0,
		.model = machine->model,
		.e1 = &machine->e1,
		.task_id = job->task_id,
		.job_name = job->name,
	};
	take_schedule(&snapshot->schedule, job);
	e1_parts_level(&snapshot->ink, print_job_progress(job));
}

static void begin_notice(struct json_writer *writer, int64_t type)
{
	json_object_begin(writer);
	json_member_int(writer, "commandType", type);
}

void snapshot_write_value(int64_t type, int64_t value, struct json_writer *writer)
{
	begin_notice(writer, type);
	json_member_int(writer, "value", value);
	json_object_end(writer);
}

/* As an E1 says it, as far as that is known (protocol.md 3.9): idle, paused, or at a job. */
static void write_status(int64_t state, struct json_writer *writer)
{
	json_key(writer, "status");
	json_object_begin(writer);
	if (state == FLAGSHIP_JOB_STATE_IDLE) {
		json_member_int(writer, "state", E1_STATE_IDLE);
		json_member_int(writer, "step", 0);
	} else {
		json_member_int(writer, "state", E1_STATE_JOB);
		json_member_int(writer, "step",
				state == FLAGSHIP_JOB_STATE_PAUSED ? E1_STEP_PAUSED
								   : E1_STEP_PRINTING);
	}
	json_object_end(writer);
}

void snapshot_write_state(const struct snapshot *snapshot, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_EVENT_NOTIFY);
	if (snapshot->model->has_ink) {
		write_status(snapshot->state, writer);
		json_object_end(writer);
		return;
	}
	json_member_int(writer, "subType", 1);
	json_member_int(writer, "value", snapshot->state);
	json_object_end(writer);
}

/* What only a printer with a nozzle tells of its job. */
static void write_nozzle_schedule(const struct snapshot_schedule *schedule,
				  struct json_writer *writer)
{
	json_member_int(writer, "aiFlag", 0);
	json_member_int(writer, "modelType", JOB_ORIGIN);
	json_member_int(writer, "startLeftTime", schedule->start_left_time);
	json_member_int(writer, "filamentUsed", schedule->filament_mm);
	json_member_string(writer, "filamentUnit", "mm");
	json_member_int(writer, "realSpeed", schedule->speed_mm_s);
}

void snapshot_write_schedule(const struct snapshot *snapshot, struct json_writer *writer)
{
	const struct snapshot_schedule *schedule = &snapshot->schedule;

	begin_notice(writer, FLAGSHIP_MESSAGE_PRINT_SCHEDULE);
	json_member_int(writer, "time", schedule->remaining);
	json_member_int(writer, "totalTime", schedule->elapsed_s);
	json_member_int(writer, "progress", schedule->progress_centi_percent);
	if (!snapshot->model->has_ink) {
		write_nozzle_schedule(schedule, writer);
	}
	json_member_string(writer, "name", snapshot->job_name);
	json_member_string(writer, "img", "");
	json_member_string(writer, "modelId", "");
	json_member_string(writer, "task_id", snapshot->task_id);
	json_object_end(writer);
}

void snapshot_write_last_schedule(const struct snapshot *snapshot, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_PRINT_SCHEDULE);
	json_member_int(writer, "saveTime", 0);
	json_member_int(writer, "timestamp", 0);
	json_member_int(writer, "totalTime", snapshot->schedule.elapsed_s);
	json_member_string(writer, "name", snapshot->job_name);
	json_member_string(writer, "img", "");
	json_member_string(writer, "task_id", snapshot->task_id);
	json_object_end(writer);
}

static void write_temperature(int64_t type, struct snapshot_temperature temperature,
			      bool with_target, struct json_writer *writer)
{
	begin_notice(writer, type);
	json_member_int(writer, "currentTemp", temperature.current_centi_c);
	if (with_target) {
		json_member_int(writer, "targetTemp", temperature.target_centi_c);
	}
	json_object_end(writer);
}

void snapshot_write_nozzle(const struct snapshot *snapshot, bool with_target,
			   struct json_writer *writer)
{
	write_temperature(FLAGSHIP_MESSAGE_NOZZLE_TEMP, snapshot->nozzle, with_target, writer);
}

void snapshot_write_bed(const struct snapshot *snapshot, bool with_target,
			struct json_writer *writer)
{
	write_temperature(FLAGSHIP_MESSAGE_HOTBED_TEMP, snapshot->bed, with_target, writer);
}

void snapshot_write_layers(const struct snapshot *snapshot, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_MODEL_LAYER);
	json_member_int(writer, "total_layer", snapshot->layers.layers);
	json_member_int(writer, "real_print_layer", snapshot->layers.layer);
	json_object_end(writer);
}

void snapshot_write_break_point(const struct snapshot *snapshot, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_BREAK_POINT);
	json_member_int(writer, "breakPoint", snapshot->break_point);
	json_object_end(writer);
}

void snapshot_write_max_speed(const struct snapshot *snapshot, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_PRINT_MAX_SPEED);
	json_member_int(writer, "max_print_speed", snapshot->model->max_speed_mm_s);
	json_object_end(writer);
}

void snapshot_write_levelled(const struct snapshot *snapshot, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_LEVELLED);
	json_member_int(writer, "isLeveled", snapshot->levelled);
	json_object_end(writer);
}

void snapshot_write_nozzle_type(struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_NOZZLE);
	json_member_int(writer, "nozzle_type", 0);
	json_member_int(writer, "value", 0);
	json_object_end(writer);
}

void snapshot_write_filament(struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_FILAMENT);
	json_key(writer, "filamentType");
	json_array_begin(writer);
	json_string(writer, "PLA");
	json_array_end(writer);
	json_object_end(writer);
}

void snapshot_write_ink(const struct snapshot *snapshot, struct json_writer *writer)
{
	e1_parts_write_ink(snapshot->e1, &snapshot->ink, writer);
}

void snapshot_write_feed(int64_t value, int64_t progress_percent, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_ENTER_OR_QUIT_MATERIEL);
	json_member_int(writer, "value", value);
	json_member_int(writer, "progress", progress_percent);
	json_object_end(writer);
}

static void write_filament_used(const struct snapshot_schedule *schedule,
				struct json_writer *writer)
{
	json_member_int(writer, "filamentUsed",
			schedule->filament_mm * schedule->progress_centi_percent /
				PRINT_JOB_COMPLETE);
	json_member_string(writer, "filamentUnit", "mm");
}

void snapshot_write_summary(const struct snapshot *snapshot, bool finished,
			    struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_JOB_SUMMARY);
	json_member_string(writer, "name", snapshot->job_name);
	json_member_string(writer, "img", "");
	json_member_int(writer, "totalTime", snapshot->schedule.elapsed_s);
	/* An E1 tells its ink there; how is not known. */
	if (!snapshot->model->has_ink) {
		write_filament_used(&snapshot->schedule, writer);
	}
	json_member_int(writer, "saveTime", 0);
	json_member_int(writer, "trigger", finished ? SUMMARY_FINISHED : SUMMARY_STOPPED);
	json_object_end(writer);
}

static void write_alert(int64_t number, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_EVENT_NOTIFY);
	json_member_int(writer, "subType", SUB_TYPE_ALERT);
	json_member_int(writer, "value", number);
	json_object_end(writer);
}

void snapshot_write_no_filament(struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_PRINTER_ERROR);
	json_member_string(writer, "errorCode", NO_FILAMENT);
	json_member_string(writer, "errorLevel", "P1");
	json_member_string(writer, "ext", "{}");
	json_object_end(writer);
	write_alert(FLAGSHIP_BOARD_ALERT_FILAMENT_BROKEN, writer);
}

void snapshot_write_filament_again(struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_PRINTER_ERROR_CLEARED);
	json_member_string(writer, "errorCode", NO_FILAMENT);
	json_member_string(writer, "errorLevel", "P1");
	json_object_end(writer);
	write_alert(FLAGSHIP_BOARD_ALERT_NONE, writer);
}

void snapshot_write_preview(const struct snapshot *snapshot, struct json_writer *writer)
{
	char path[PATH_TEXT_MAX];

	snprintf(path, sizeof(path), FILES_STAGED_FOLDER "%s", snapshot->job_name);
	snapshot_write_loaded(path, writer);
}

void snapshot_write_loaded(const char *path, struct json_writer *writer)
{
	begin_notice(writer, FLAGSHIP_MESSAGE_PREVIEW_IMAGE_URL);
	json_member_string(writer, "filePath", path);
	json_member_string(writer, "url", PREVIEW_URL);
	json_object_end(writer);
}
