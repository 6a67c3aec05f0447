/* SPDX-License-Identifier: MIT */
#include "gateway/history/export.h"

#include "gateway/sentences/sentences.h"
#include "printer/state/state_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define CENTI_DECIMALS 2
#define MILLI_DECIMALS 3
#define MS_PER_S       INT64_C(1000)
#define YEAR_BASE      1900
#define YEAR_MAX       9999
#define FORMULA_STARTS "=+-@\t\r"

void export_time(int64_t unix_ms, char out[EXPORT_TIME_SIZE])
{
	time_t seconds = (time_t)(unix_ms / MS_PER_S);
	struct tm utc;

	out[0] = '\0';
	if (unix_ms >= 0 && gmtime_r(&seconds, &utc) && utc.tm_year <= YEAR_MAX - YEAR_BASE) {
		size_t length = strftime(out, EXPORT_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);

		snprintf(out + length, EXPORT_TIME_SIZE - length, ".%03dZ",
			 (int)(unix_ms % MS_PER_S));
	}
}

/* --- JSON --- */

static void put_text(struct json_writer *writer, const char *key, const char *text)
{
	json_key(writer, key);
	value_write_text(writer, text);
}

static void put_int(struct json_writer *writer, const char *key, int64_t value)
{
	json_key(writer, key);
	value_write_int(writer, value);
}

static void put_scaled(struct json_writer *writer, const char *key, int64_t value,
		       unsigned int decimals)
{
	json_key(writer, key);
	value_write_scaled(writer, value, decimals);
}

static void put_time(struct json_writer *writer, const char *key, int64_t unix_ms)
{
	char text[EXPORT_TIME_SIZE];

	export_time(unix_ms, text);
	put_text(writer, key, text);
}

static void put_flag(struct json_writer *writer, const char *key, bool value)
{
	json_member_bool(writer, key, value);
}

static void put_printer(struct json_writer *writer, const char *serial, const char *name)
{
	put_text(writer, "printer", serial);
	put_text(writer, "printer_name", name);
}

void export_job(struct json_writer *writer, const struct history_job *job)
{
	json_object_begin(writer);
	put_int(writer, "id", job->id);
	put_printer(writer, job->serial, job->printer_name);
	put_text(writer, "file", job->file);
	put_text(writer, "path", job->path);
	put_text(writer, "hash", job->hash);
	put_text(writer, "task_id", job->task_id);
	put_text(writer, "outcome", history_outcome_name(job->outcome));
	sentence_member_known(writer, "reason", job->reason);
	put_flag(writer, "joined", job->joined);
	put_time(writer, "begun_at", job->begun_ms);
	put_time(writer, "started_at", job->started_ms);
	put_time(writer, "ended_at", job->ended_ms);
	put_scaled(writer, "duration_s", job->duration_ms, MILLI_DECIMALS);
	put_int(writer, "elapsed_s", job->elapsed_s);
	put_scaled(writer, "progress_percent", job->progress_centi_percent, CENTI_DECIMALS);
	put_int(writer, "layer", job->layer);
	put_int(writer, "layers", job->layers);
	put_scaled(writer, "filament_used", job->filament_used_milli, MILLI_DECIMALS);
	put_scaled(writer, "filament_estimated", job->filament_estimated_milli, MILLI_DECIMALS);
	put_text(writer, "filament_unit", job->filament_unit);
	put_int(writer, "thumbnail", job->thumbnail);
	json_object_end(writer);
}

void export_entry(struct json_writer *writer, const struct history_entry *entry)
{
	json_object_begin(writer);
	put_int(writer, "id", entry->id);
	put_time(writer, "t", entry->t_ms);
	put_printer(writer, entry->serial, entry->printer_name);
	put_text(writer, "type", history_entry_type_name(entry->type));
	put_text(writer, "kind", entry->kind);
	put_text(writer, "value", entry->value);
	sentence_member_known(writer, "text", entry->text);
	put_int(writer, "job", entry->job);
	put_text(writer, "asker", entry->asker);
	put_text(writer, "outcome", entry->outcome);
	json_key(writer, "force");
	if (entry->type == HISTORY_COMMAND) {
		json_bool(writer, entry->force);
	} else {
		json_null(writer);
	}
	put_int(writer, "elapsed_ms", entry->elapsed_ms);
	put_int(writer, "command", entry->command);
	json_object_end(writer);
}

static void put_heat(struct json_writer *writer, const char *key, const struct history_heat *heat)
{
	json_key(writer, key);
	json_object_begin(writer);
	put_scaled(writer, "min_c", heat->minimum, CENTI_DECIMALS);
	put_scaled(writer, "mean_c", heat->mean, CENTI_DECIMALS);
	put_scaled(writer, "max_c", heat->maximum, CENTI_DECIMALS);
	put_scaled(writer, "target_c", heat->target, CENTI_DECIMALS);
	json_object_end(writer);
}

void export_point(struct json_writer *writer, const struct history_point *point)
{
	json_object_begin(writer);
	put_int(writer, "t", point->t_s);
	put_heat(writer, "nozzle", &point->nozzle);
	put_heat(writer, "bed", &point->bed);
	json_object_end(writer);
}

/* --- CSV --- */

const char export_jobs_head[] =
	"id,printer,printer_name,file,path,hash,task_id,outcome,reason,joined,begun_at,started_at,"
	"ended_at,duration_s,elapsed_s,progress_percent,layer,layers,filament_used,"
	"filament_estimated,filament_unit,thumbnail\r\n";
const char export_entries_head[] =
	"id,t,printer,printer_name,type,kind,value,text,job,asker,outcome,force,elapsed_ms,"
	"command\r\n";
const char export_points_head[] =
	"t,nozzle_min_c,nozzle_mean_c,nozzle_max_c,nozzle_target_c,bed_min_c,bed_mean_c,bed_max_c,"
	"bed_target_c\r\n";

struct line {
	char *out;
	size_t length;
};

/* Never beyond what a line has room for: texts are bounded by their records. */
static void add(struct line *line, char character)
{
	if (line->length + 3 < EXPORT_LINE_MAX) {
		line->out[line->length++] = character;
	}
}

static void begin_cell(struct line *line)
{
	if (line->length > 0) {
		add(line, ',');
	}
}

static void add_text(struct line *line, const char *text)
{
	bool is_quoted = strpbrk(text, ",\"\r\n\t") != NULL;

	begin_cell(line);
	if (is_quoted) {
		add(line, '"');
	}
	if (text[0] != '\0' && strchr(FORMULA_STARTS, text[0])) {
		add(line, '\'');
	}
	for (; *text; text++) {
		if (*text == '"') {
			add(line, '"');
		}
		add(line, *text);
	}
	if (is_quoted) {
		add(line, '"');
	}
}

static void add_plain(struct line *line, const char *text)
{
	begin_cell(line);
	while (*text) {
		add(line, *text++);
	}
}

static void add_number(struct line *line, int64_t value)
{
	char text[EXPORT_TIME_SIZE] = "";

	if (value != PRINTER_NEVER) {
		snprintf(text, sizeof(text), "%" PRId64, value);
	}
	add_plain(line, text);
}

static void add_scaled(struct line *line, int64_t value, unsigned int decimals)
{
	char text[EXPORT_TIME_SIZE] = "";
	struct json_writer writer;
	size_t length;

	if (value != PRINTER_NEVER) {
		json_writer_init(&writer, text, sizeof(text));
		json_scaled(&writer, value, decimals);
		(void)json_writer_finish(&writer, &length);
	}
	add_plain(line, text);
}

static void add_time(struct line *line, int64_t unix_ms)
{
	char text[EXPORT_TIME_SIZE];

	export_time(unix_ms, text);
	add_plain(line, text);
}

static size_t end_line(struct line *line)
{
	line->out[line->length++] = '\r';
	line->out[line->length++] = '\n';
	line->out[line->length] = '\0';
	return line->length;
}

size_t export_job_line(const struct history_job *job, char out[EXPORT_LINE_MAX])
{
	struct line line = {.out = out};

	add_number(&line, job->id);
	add_text(&line, job->serial);
	add_text(&line, job->printer_name);
	add_text(&line, job->file);
	add_text(&line, job->path);
	add_text(&line, job->hash);
	add_text(&line, job->task_id);
	add_text(&line, history_outcome_name(job->outcome));
	add_text(&line, job->reason);
	add_plain(&line, job->joined ? "true" : "false");
	add_time(&line, job->begun_ms);
	add_time(&line, job->started_ms);
	add_time(&line, job->ended_ms);
	add_scaled(&line, job->duration_ms, MILLI_DECIMALS);
	add_number(&line, job->elapsed_s);
	add_scaled(&line, job->progress_centi_percent, CENTI_DECIMALS);
	add_number(&line, job->layer);
	add_number(&line, job->layers);
	add_scaled(&line, job->filament_used_milli, MILLI_DECIMALS);
	add_scaled(&line, job->filament_estimated_milli, MILLI_DECIMALS);
	add_text(&line, job->filament_unit);
	add_number(&line, job->thumbnail);
	return end_line(&line);
}

size_t export_entry_line(const struct history_entry *entry, char out[EXPORT_LINE_MAX])
{
	struct line line = {.out = out};
	bool is_command = entry->type == HISTORY_COMMAND;

	add_number(&line, entry->id);
	add_time(&line, entry->t_ms);
	add_text(&line, entry->serial);
	add_text(&line, entry->printer_name);
	add_text(&line, history_entry_type_name(entry->type));
	add_text(&line, entry->kind);
	add_text(&line, entry->value);
	add_text(&line, entry->text);
	add_number(&line, entry->job);
	add_text(&line, entry->asker);
	add_text(&line, entry->outcome);
	add_plain(&line, !is_command ? "" : entry->force ? "true" : "false");
	add_number(&line, entry->elapsed_ms);
	add_number(&line, entry->command);
	return end_line(&line);
}

static void export_heat(struct line *line, const struct history_heat *heat)
{
	add_scaled(line, heat->minimum, CENTI_DECIMALS);
	add_scaled(line, heat->mean, CENTI_DECIMALS);
	add_scaled(line, heat->maximum, CENTI_DECIMALS);
	add_scaled(line, heat->target, CENTI_DECIMALS);
}

size_t export_point_line(const struct history_point *point, char out[EXPORT_LINE_MAX])
{
	struct line line = {.out = out};

	add_time(&line, point->t_s * MS_PER_S);
	export_heat(&line, &point->nozzle);
	export_heat(&line, &point->bed);
	return end_line(&line);
}
