/* SPDX-License-Identifier: MIT */
#include "printer/state/state_json.h"

#include "base/json/writer.h"
#include "printer/state/moment.h"
#include "printer/state/state.h"

#include <stddef.h>
#include <time.h>

#define MS_PER_SECOND   1000
#define MS_PER_TENTH    100
#define TENTHS_DECIMALS 1
#define YEAR_BASE       1900
#define YEAR_MAX        9999
#define YEAR_DIGITS     4
#define TIME_TEXT_MAX   32
#define RADIX           10

void value_write_int(struct json_writer *writer, int64_t value)
{
	if (value == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_int(writer, value);
	}
}

void value_write_scaled(struct json_writer *writer, int64_t value, unsigned int decimals)
{
	if (value == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_scaled(writer, value, decimals);
	}
}

void value_write_text(struct json_writer *writer, const char *value)
{
	json_string(writer, value[0] ? value : NULL);
}

void value_write_filament(struct json_writer *writer, const struct printer_filament *filament)
{
	if (!filament->received) {
		json_null(writer);
		return;
	}
	json_array_begin(writer);
	for (size_t i = 0; i < filament->count; i++) {
		json_string(writer, filament->names[i]);
	}
	json_array_end(writer);
}

void value_write_alert(struct json_writer *writer, const struct printer_alert *alert)
{
	json_member_string(writer, "source", alert->source == PRINTER_ALERT_AI ? "ai" : "printer");
	json_member_int(writer, "number", alert->number);
	json_member_string(writer, "text", alert->text);
}

/* The build asks 32-bit systems for it (meson.build); their own one ends in 2038. */
_Static_assert(sizeof(time_t) >= sizeof(int64_t), "times need 64 bits");

static void write_key_text(struct json_writer *writer, const char *key, const char *value)
{
	json_key(writer, key);
	value_write_text(writer, value);
}

static void write_key_int(struct json_writer *writer, const char *key, int64_t value)
{
	json_key(writer, key);
	value_write_int(writer, value);
}

static void write_key_centi(struct json_writer *writer, const char *key, int64_t value)
{
	json_key(writer, key);
	value_write_scaled(writer, value, PRINTER_CENTI_DECIMALS);
}

/* With so many digits, and what follows them. */
static char *put_digits(char *at, int value, int digits, char after)
{
	for (int i = digits; i-- > 0; value /= RADIX) {
		at[i] = (char)('0' + value % RADIX);
	}
	at[digits] = after;
	return at + digits + 1;
}

/* RFC 3339, or null where there is no such time. */
static void write_key_time(struct json_writer *writer, const char *key, int64_t time_ms,
			   const struct printer_moment *now)
{
	int64_t unix_ms = moment_unix_ms(now, time_ms);
	char text[TIME_TEXT_MAX];
	struct tm utc;
	time_t seconds = (time_t)(unix_ms / MS_PER_SECOND);

	json_key(writer, key);
	if (unix_ms < 0 || !gmtime_r(&seconds, &utc) || utc.tm_year > YEAR_MAX - YEAR_BASE) {
		json_null(writer);
		return;
	}
	char *end = put_digits(text, utc.tm_year + YEAR_BASE, YEAR_DIGITS, '-');
	end = put_digits(end, utc.tm_mon + 1, 2, '-');
	end = put_digits(end, utc.tm_mday, 2, 'T');
	end = put_digits(end, utc.tm_hour, 2, ':');
	end = put_digits(end, utc.tm_min, 2, ':');
	end = put_digits(end, utc.tm_sec, 2, 'Z');
	json_string_n(writer, text, (size_t)(end - text));
}

static void write_remaining(struct json_writer *writer, const struct printer_job *job,
			    const struct printer_moment *now)
{
	write_key_int(writer, "remaining_s", job->remaining_s);
	json_key(writer, "remaining_estimated");
	if (job->remaining_s == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_bool(writer, job->remaining_estimated);
	}
	write_key_time(writer, "finish_at", job_finish_ms(job), now);
}

static void write_job(struct json_writer *writer, const struct printer_job *job,
		      const struct printer_moment *now)
{
	json_key(writer, "job");
	json_object_begin(writer);
	write_key_text(writer, "state",
		       job->state_received ? printer_job_state_name(job->state) : "");
	write_key_text(writer, "name", job->name);
	write_key_centi(writer, "progress_percent", job->progress_centi_percent);
	write_key_int(writer, "elapsed_s", job->elapsed_s);
	write_remaining(writer, job, now);
	write_key_int(writer, "layer", job->layer);
	write_key_int(writer, "layers", job->layers);
	json_key(writer, "speed_mm_s");
	json_real(writer, job->speed_mm_s);
	json_key(writer, "filament_estimated");
	json_real(writer, job->filament_estimated);
	json_key(writer, "filament_used");
	json_real(writer, job->filament_used);
	write_key_text(writer, "filament_unit", job->filament_unit);
	write_key_text(writer, "task_id", job->task_id);
	json_object_end(writer);
}

static void write_temperature(struct json_writer *writer, const char *key,
			      const struct printer_temperature *temperature)
{
	json_key(writer, key);
	json_object_begin(writer);
	write_key_centi(writer, "current_c", temperature->current_centi_c);
	write_key_centi(writer, "target_c", temperature->target_centi_c);
	json_object_end(writer);
}

static void write_error(struct json_writer *writer, const struct printer_error *error)
{
	json_key(writer, "error");
	if (!error->code[0]) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	write_key_text(writer, "code", error->code);
	write_key_text(writer, "level", error->level);
	json_member_string(writer, "text", error->text);
	json_object_end(writer);
}

static void write_alert(struct json_writer *writer, const struct printer_alert *alert)
{
	json_key(writer, "alert");
	if (alert->source == PRINTER_ALERT_NONE) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	value_write_alert(writer, alert);
	json_object_end(writer);
}

static void write_age(struct json_writer *writer, const char *key, int64_t received_ms,
		      int64_t now_ms)
{
	int64_t age_ms = units_time_since(now_ms, received_ms);

	json_key(writer, key);
	if (received_ms == PRINTER_NEVER) {
		json_null(writer);
		return;
	}
	json_scaled(writer, age_ms > 0 ? age_ms / MS_PER_TENTH : 0, TENTHS_DECIMALS);
}

static void write_ages(struct json_writer *writer, const struct printer_state *state,
		       int64_t now_ms)
{
	json_key(writer, "age_s");
	json_object_begin(writer);
	write_age(writer, "job", state->job.received_ms, now_ms);
	write_age(writer, "nozzle", state->nozzle.received_ms, now_ms);
	write_age(writer, "bed", state->bed.received_ms, now_ms);
	json_object_end(writer);
}

static void write_levelled(struct json_writer *writer, int64_t levelled)
{
	json_key(writer, "levelled");
	if (levelled == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_bool(writer, levelled != 0);
	}
}

static void write_motion(struct json_writer *writer, const struct printer_state *state)
{
	write_key_int(writer, "fan_percent", state->fan_percent);
	write_key_int(writer, "speed_mm_s", state->speed_mm_s);
	write_key_int(writer, "max_speed_mm_s", state->max_speed_mm_s);
	write_key_centi(writer, "z_offset_mm", state->z_offset_centi_mm);
	write_levelled(writer, state->levelled);
}

static void write_first_members(struct json_writer *writer, const struct printer_state *state,
				const struct printer_moment *now, uint32_t parts)
{
	if (parts == PRINTER_STATE_WHOLE) {
		write_key_text(writer, "serial", state->serial);
	}
	if (parts & PRINTER_PART_MODEL) {
		write_key_text(writer, "name", state->name);
		json_member_string(writer, "model", flagship_model_name(state->model));
	}
	if (parts & PRINTER_PART_ONLINE) {
		json_member_bool(writer, "online", state->online);
	}
	write_key_time(writer, "seen_at", state->seen_ms, now);
	if (parts & PRINTER_PART_JOB) {
		write_job(writer, &state->job, now);
	}
	if (parts & PRINTER_PART_NOZZLE) {
		write_temperature(writer, "nozzle", &state->nozzle);
	}
	if (parts & PRINTER_PART_BED) {
		write_temperature(writer, "bed", &state->bed);
	}
}

void printer_state_write(struct json_writer *writer, const struct printer_state *state,
			 const struct printer_moment *now, uint32_t parts)
{
	json_object_begin(writer);
	write_first_members(writer, state, now, parts);
	if (parts & PRINTER_PART_MOTION) {
		write_motion(writer, state);
	}
	if (parts & PRINTER_PART_FILAMENT) {
		json_key(writer, "filament");
		value_write_filament(writer, &state->filament);
	}
	if (parts & PRINTER_PART_ERROR) {
		write_error(writer, &state->error);
	}
	if (parts & PRINTER_PART_ALERT) {
		write_alert(writer, &state->alert);
	}
	if (parts & PRINTER_PART_E1) {
		e1_write(writer, &state->e1);
	}
	write_ages(writer, state, now->now_ms);
	json_object_end(writer);
}

int printer_state_to_json(const struct printer_state *state, const struct printer_moment *now,
			  char *out, size_t capacity, size_t *length)
{
	struct json_writer writer;

	json_writer_init(&writer, out, capacity);
	printer_state_write(&writer, state, now, PRINTER_STATE_WHOLE);
	return json_writer_finish(&writer, length);
}
