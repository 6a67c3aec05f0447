/* SPDX-License-Identifier: MIT */
#include "gateway/klipper/gcode.h"
#include "gateway/klipper/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IMAGE_FIRST      8192
#define IMAGE_MAX        262144
#define NO_MEMBER        STATUS_COUNT
#define CENTI_DECIMALS   2
#define PROGRESS_SCALE   4 /* 0.01 % of 1 */
#define PERCENT_DECIMALS 2
#define MM_PER_M         1000.0
#define PATH_SIZE        1024
#define CENTI            100

struct filler {
	struct json_writer json;
	struct status_image image; /* offsets and lengths as they grow */
	enum status_member member;
};

/* The value is written next. */
static struct json_writer *begin_member(struct filler *filler, enum status_member member)
{
	if (filler->member != NO_MEMBER) {
		filler->image.lengths[filler->member] = filler->json.length -
							filler->image.offsets[filler->member];
	}
	filler->member = member;
	filler->json.comma = false;
	if (member != NO_MEMBER) {
		filler->image.offsets[member] = filler->json.length;
	}
	return &filler->json;
}

static void put_text(struct filler *filler, enum status_member member, const char *text)
{
	json_string(begin_member(filler, member), text);
}

static void put_flag(struct filler *filler, enum status_member member, bool flag)
{
	json_bool(begin_member(filler, member), flag);
}

/* What was never received has no member. */
static void put_scaled(struct filler *filler, enum status_member member, int64_t value,
		       unsigned int decimals)
{
	if (value != PRINTER_NEVER) {
		json_scaled(begin_member(filler, member), value, decimals);
	}
}

/* --- the job --- */

bool status_has_job(const struct printer_state *state)
{
	return state->job.track.phase == JOB_PREPARING || state->job.track.phase == JOB_PRINTING;
}

static bool is_serious(const struct printer_state *state)
{
	const char *severity = state->error.code[0] ? printer_error_severity(&state->error) : NULL;

	return severity && strcmp(severity, "critical") == 0;
}

const char *status_print_state(const struct printer_state *state)
{
	const struct printer_job *job = &state->job;

	if (job->state_received && job->state == PRINTER_JOB_PAUSED) {
		return "paused";
	}
	if (status_has_job(state)) {
		return "printing";
	}
	if (is_serious(state)) {
		return "error";
	}
	if (!job->state_received) {
		return "standby";
	}
	return job->state == PRINTER_JOB_FINISHED  ? "complete"
	       : job->state == PRINTER_JOB_STOPPED ? "cancelled"
						   : "standby";
}

/* A job's, and that of one that has just ended. */
static bool shows_job(const struct printer_state *state)
{
	return strcmp(status_print_state(state), "standby") != 0;
}

static const char *trouble_text(const struct printer_state *state)
{
	if (state->error.code[0]) {
		return state->error.text ? state->error.text : state->error.code;
	}
	return state->alert.source != PRINTER_ALERT_NONE ? state->alert.text : "";
}

static void put_filament(struct filler *filler, const struct printer_job *job)
{
	double used = job->filament_used;
	double factor = strcmp(job->filament_unit, "mm") == 0  ? 1
			: strcmp(job->filament_unit, "m") == 0 ? MM_PER_M
							       : NAN;

	if (isfinite(used * factor)) {
		json_real(begin_member(filler, STATUS_PRINT_FILAMENT), used * factor);
	}
}

static void write_count(struct json_writer *writer, const char *key, int64_t count)
{
	json_key(writer, key);
	if (count == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_int(writer, count);
	}
}

static void put_print_stats(struct filler *filler, const struct status_source *source)
{
	const struct printer_state *state = source->state;
	const struct printer_job *job = &state->job;
	bool shown = shows_job(state);
	int64_t elapsed_s = shown && job->elapsed_s != PRINTER_NEVER ? job->elapsed_s : 0;

	put_text(filler, STATUS_PRINT_FILENAME, shown ? job->name : "");
	put_scaled(filler, STATUS_PRINT_TOTAL, elapsed_s, 0);
	put_scaled(filler, STATUS_PRINT_DURATION, elapsed_s, 0);
	put_filament(filler, job);
	put_text(filler, STATUS_PRINT_STATE, status_print_state(state));
	put_text(filler, STATUS_PRINT_MESSAGE, trouble_text(state));
	struct json_writer *json = begin_member(filler, STATUS_PRINT_INFO);

	json_object_begin(json);
	write_count(json, "total_layer", shown ? job->layers : PRINTER_NEVER);
	write_count(json, "current_layer", shown ? job->layer : PRINTER_NEVER);
	json_object_end(json);
}

/* Clients reckon with the bytes between what a slicer writes before and behind the moves. */
static int64_t position_of(const struct status_source *source, int64_t progress)
{
	bool known = source->gcode_end > source->gcode_start;
	int64_t start = known ? source->gcode_start : 0;
	int64_t end = known ? source->gcode_end : source->file_size;

	return start + (int64_t)((double)(end - start) * (double)progress /
				 (double)PRINTER_PROGRESS_COMPLETE);
}

static void put_sdcard(struct filler *filler, const struct status_source *source)
{
	const struct printer_state *state = source->state;
	const struct printer_job *job = &state->job;
	bool shown = shows_job(state);
	int64_t progress = shown && job->progress_centi_percent != PRINTER_NEVER
				   ? job->progress_centi_percent
				   : 0;
	int64_t size = shown && source->file_size > 0 ? source->file_size : 0;
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", source->root, job->name);
	put_text(filler, STATUS_SDCARD_PATH, status_has_job(state) && job->name[0] ? path : NULL);
	put_scaled(filler, STATUS_SDCARD_PROGRESS, progress, PROGRESS_SCALE);
	put_flag(filler, STATUS_SDCARD_ACTIVE, strcmp(status_print_state(state), "printing") == 0);
	put_scaled(filler, STATUS_SDCARD_POSITION, size > 0 ? position_of(source, progress) : 0, 0);
	put_scaled(filler, STATUS_SDCARD_SIZE, size, 0);
	put_scaled(filler, STATUS_DISPLAY_PROGRESS, progress, PROGRESS_SCALE);
	put_text(filler, STATUS_DISPLAY_MESSAGE, source->message[0] ? source->message : NULL);
}

static void put_idle(struct filler *filler, const struct printer_state *state)
{
	bool job = status_has_job(state);
	bool hot = state->nozzle.target_centi_c > 0 || state->bed.target_centi_c > 0;

	put_text(filler, STATUS_IDLE_STATE, job ? "Printing" : hot ? "Ready" : "Idle");
	put_scaled(filler, STATUS_IDLE_TIME,
		   job && state->job.elapsed_s != PRINTER_NEVER ? state->job.elapsed_s : 0, 0);
	put_flag(filler, STATUS_PAUSE_PAUSED, strcmp(status_print_state(state), "paused") == 0);
}

/* --- the machine --- */

bool status_has_heaters(const struct printer_state *state)
{
	return state->model != FLAGSHIP_MODEL_E1;
}

static void put_limits(struct filler *filler, enum status_member member,
		       const struct printer_profile *profile, size_t end)
{
	struct json_writer *json = begin_member(filler, member);

	json_array_begin(json);
	for (size_t i = 0; i < PRINTER_PROFILE_AXES; i++) {
		json_real(json, profile->range_mm[i][end]);
	}
	json_int(json, 0);
	json_array_end(json);
}

static void put_motion(struct filler *filler, const struct status_source *source)
{
	const struct printer_state *state = source->state;

	put_text(filler, STATUS_TOOLHEAD_HOMED,
		 status_has_job(state) && state->job.track.phase == JOB_PRINTING ? "xyz"
										 : source->homed);
	put_text(filler, STATUS_TOOLHEAD_EXTRUDER, "extruder");
	put_scaled(filler, STATUS_TOOLHEAD_VELOCITY, state->max_speed_mm_s, 0);
	put_limits(filler, STATUS_TOOLHEAD_MINIMUM, source->profile, 0);
	put_limits(filler, STATUS_TOOLHEAD_MAXIMUM, source->profile, 1);
	put_flag(filler, STATUS_GCODE_ABSOLUTE, !source->relative_moves);
	put_flag(filler, STATUS_GCODE_ABSOLUTE_E, !source->relative_extrude);
	if (state->z_offset_centi_mm != PRINTER_NEVER) {
		struct json_writer *json = begin_member(filler, STATUS_GCODE_ORIGIN);

		json_array_begin(json);
		json_int(json, 0);
		json_int(json, 0);
		json_scaled(json, state->z_offset_centi_mm, CENTI_DECIMALS);
		json_int(json, 0);
		json_array_end(json);
	}
}

/* Always there, of each model: a page follows what is listed when it is opened, and Mainsail
 * reckons with it from the first moment of a job on ("NaN mm/s"). 0 where the printer says none, as
 * an E1 does: no panel comes of it. */
static void put_velocity(struct filler *filler, const struct printer_state *state)
{
	json_real(begin_member(filler, STATUS_MOTION_VELOCITY),
		  status_has_job(state) && isfinite(state->job.speed_mm_s) ? state->job.speed_mm_s
									   : 0);
}

static void put_list(struct filler *filler, enum status_member member, const char *const *names)
{
	struct json_writer *json = begin_member(filler, member);

	json_array_begin(json);
	for (; *names; names++) {
		json_string(json, *names);
	}
	json_array_end(json);
}

static void put_heaters(struct filler *filler, const struct status_source *source)
{
	static const char *const names[] = {"heater_bed", "extruder", NULL};
	const struct printer_state *state = source->state;
	int64_t nozzle = state->nozzle.current_centi_c;

	put_scaled(filler, STATUS_EXTRUDER_TEMPERATURE, nozzle, CENTI_DECIMALS);
	put_scaled(filler, STATUS_EXTRUDER_TARGET, state->nozzle.target_centi_c, CENTI_DECIMALS);
	if (nozzle != PRINTER_NEVER) {
		put_flag(filler, STATUS_EXTRUDER_CAN,
			 nozzle >= source->profile->cold_extrusion_c * CENTI);
	}
	put_scaled(filler, STATUS_BED_TEMPERATURE, state->bed.current_centi_c, CENTI_DECIMALS);
	put_scaled(filler, STATUS_BED_TARGET, state->bed.target_centi_c, CENTI_DECIMALS);
	put_scaled(filler, STATUS_FAN_SPEED, state->fan_percent, PERCENT_DECIMALS);
	put_list(filler, STATUS_HEATERS_HEATERS, names);
	put_list(filler, STATUS_HEATERS_SENSORS, names);
	put_list(filler, STATUS_HEATERS_MONITORS, names + 2);
}

/* --- the rest --- */

static void write_nothing(struct json_writer *writer)
{
	json_object_begin(writer);
	json_object_end(writer);
}

static void put_configuration(struct filler *filler, const struct status_source *source)
{
	static const char *const none[] = {NULL};

	write_nothing(begin_member(filler, STATUS_CONFIG_CONFIG));
	status_write_settings(begin_member(filler, STATUS_CONFIG_SETTINGS), source);
	put_list(filler, STATUS_CONFIG_WARNINGS, none);
	put_flag(filler, STATUS_CONFIG_PENDING, false);
	write_nothing(begin_member(filler, STATUS_CONFIG_ITEMS));
	gcode_write_commands(begin_member(filler, STATUS_GCODE_COMMANDS),
			     status_has_heaters(source->state));
}

static void put_system(struct filler *filler, const struct status_system *system)
{
	if (system->load >= 0) {
		json_real(begin_member(filler, STATUS_SYSTEM_LOAD), system->load);
		json_real(begin_member(filler, STATUS_SYSTEM_TIME), system->cpu_s);
		json_int(begin_member(filler, STATUS_SYSTEM_MEMORY), system->memory_kib);
	}
}

static void put_webhooks(struct filler *filler, const struct status_source *source)
{
	char text[PATH_SIZE];

	klippy_describe(source->klippy, source->state, text, sizeof(text));
	put_text(filler, STATUS_WEBHOOKS_STATE, klippy_name(source->klippy));
	put_text(filler, STATUS_WEBHOOKS_MESSAGE, text);
}

static void put_all(struct filler *filler, const struct status_source *source)
{
	put_webhooks(filler, source);
	put_print_stats(filler, source);
	put_sdcard(filler, source);
	put_idle(filler, source->state);
	put_velocity(filler, source->state);
	if (status_has_heaters(source->state)) {
		put_motion(filler, source);
		put_heaters(filler, source);
	}
	put_configuration(filler, source);
	put_system(filler, &source->system);
	(void)begin_member(filler, NO_MEMBER);
}

bool status_fill(struct status_image *image, const struct status_source *source)
{
	size_t capacity = image->capacity ? image->capacity : IMAGE_FIRST;

	for (; capacity <= IMAGE_MAX; capacity *= 2) {
		struct filler filler = {.member = NO_MEMBER};
		char *text = malloc(capacity);
		size_t length;

		if (!text) {
			return false;
		}
		json_writer_init(&filler.json, text, capacity);
		put_all(&filler, source);
		if (json_writer_finish(&filler.json, &length) == 0) {
			free(image->text);
			*image = filler.image;
			image->text = text;
			image->capacity = capacity;
			return true;
		}
		free(text);
	}
	return false;
}

/* --- Klippy --- */

const char *klippy_name(enum klippy klippy)
{
	static const char *const words[] = {"disconnected", "startup", "ready", "shutdown"};

	return words[klippy];
}

enum klippy klippy_of(const struct printer_state *state, bool reached)
{
	if (!reached || !state->online) {
		return KLIPPY_DISCONNECTED;
	}
	if (!state_has_essentials(state)) {
		return KLIPPY_STARTUP;
	}
	return is_serious(state) && !status_has_job(state) ? KLIPPY_SHUTDOWN : KLIPPY_READY;
}

void klippy_describe(enum klippy klippy, const struct printer_state *state, char *out,
		     size_t capacity)
{
	const char *name = state->name[0] ? state->name : state->serial;

	switch (klippy) {
	case KLIPPY_DISCONNECTED:
		snprintf(out, capacity,
			 "%s is offline: nothing was received of it for a while. Is it switched "
			 "on, and in the network?",
			 name);
		break;
	case KLIPPY_STARTUP:
		snprintf(out, capacity, "%s is online, and has not told yet how it is", name);
		break;
	case KLIPPY_SHUTDOWN:
		snprintf(out, capacity,
			 "%s reports: %s. Look at the printer and clear it at its screen.", name,
			 trouble_text(state));
		break;
	default:
		snprintf(out, capacity, "Printer is ready");
		break;
	}
}
