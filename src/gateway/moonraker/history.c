/* SPDX-License-Identifier: MIT */
#include "gateway/history/history.h"

#include "base/hex.h"
#include "gateway/moonraker/files/file_json.h"
#include "gateway/moonraker/internal.h"

#include <errno.h>
#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIMIT_DEFAULT  50
#define HEX            16
#define MILLI          1000.0
#define MM_PER_M       1000.0
#define CENTI_DECIMALS 2
#define ID_SIZE        20

/* Jobs of the past, as Moonraker tells them: ids are six hex digits or more. */

static void write_seconds(struct json_writer *writer, const char *key, int64_t ms)
{
	json_key(writer, key);
	if (ms == PRINTER_NEVER) {
		json_null(writer);
	} else {
		json_real(writer, (double)ms / MOONRAKER_MS_PER_S);
	}
}

static const char *job_status_of(const struct history_job *job)
{
	switch (job->outcome) {
	case HISTORY_GOING_ON:
		return "in_progress";
	case HISTORY_FINISHED:
		return "completed";
	case HISTORY_CANCELLED:
		return "cancelled";
	case HISTORY_FAILED:
		return "error";
	default:
		return "interrupted";
	}
}

static double filament_mm(const struct history_job *job)
{
	double used = (double)job->filament_used_milli / MILLI;

	if (job->filament_used_milli == PRINTER_NEVER) {
		return 0;
	}
	return strcmp(job->filament_unit, "m") == 0    ? used * MM_PER_M
	       : strcmp(job->filament_unit, "mm") == 0 ? used
						       : 0;
}

static const struct files_entry *file_of(const struct moonraker *moonraker,
					 const struct history_job *job)
{
	const struct files_entry *entry = job->path[0]
						  ? files_find(moonraker->options.files, job->path)
						  : NULL;

	return entry && !entry->is_folder && strcmp(entry->hash, job->hash) == 0 ? entry : NULL;
}

static void write_job_metadata(struct json_writer *writer, const struct files_entry *entry)
{
	json_key(writer, "metadata");
	json_object_begin(writer);
	if (entry && entry->metadata) {
		json_member_int(writer, "size", entry->size);
		json_key(writer, "modified");
		json_real(writer, (double)entry->modified_ms / MOONRAKER_MS_PER_S);
		file_write_metadata(writer, entry);
	}
	json_object_end(writer);
}

static void write_job(struct json_writer *writer, const struct moonraker *moonraker,
		      const struct history_job *job)
{
	const struct files_entry *entry = file_of(moonraker, job);
	char id[ID_SIZE];

	snprintf(id, sizeof(id), "%06llX", (unsigned long long)job->id);
	json_object_begin(writer);
	json_member_string(writer, "job_id", id);
	json_member_bool(writer, "exists", entry);
	write_seconds(writer, "start_time", job->begun_ms);
	write_seconds(writer, "end_time", job->ended_ms);
	write_seconds(writer, "total_duration",
		      job->duration_ms == PRINTER_NEVER ? 0 : job->duration_ms);
	json_member_int(writer, "print_duration",
			job->elapsed_s == PRINTER_NEVER ? 0 : job->elapsed_s);
	json_key(writer, "filament_used");
	json_real(writer, filament_mm(job));
	json_member_string(writer, "filename", entry ? entry->path : job->file);
	json_member_string(writer, "status", job_status_of(job));
	json_member_string(writer, "user", NULL);
	write_job_metadata(writer, entry);
	json_key(writer, "auxiliary_data");
	json_array_begin(writer);
	json_array_end(writer);
	json_object_end(writer);
}

/* --- lists --- */

struct shown_jobs {
	const struct moonraker *moonraker;
	const struct history_job *jobs;
	size_t count;
	int64_t total;
};

static void write_jobs(struct json_writer *writer, const void *context)
{
	const struct shown_jobs *shown = context;

	json_object_begin(writer);
	json_member_int(writer, "count", shown->total);
	json_key(writer, "jobs");
	json_array_begin(writer);
	for (size_t i = 0; i < shown->count; i++) {
		write_job(writer, shown->moonraker, &shown->jobs[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void on_jobs(void *context, const char *trouble, const struct history_job *jobs,
		    size_t count, int64_t total)
{
	struct moonraker_call *call = context;
	const struct shown_jobs shown = {call->moonraker, jobs, count, total};

	if (trouble) {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "%s", trouble);
	} else {
		moonraker_answer(call, write_jobs, &shown);
	}
}

/* The call is answered where it could not be asked for. */
static void check_asked(struct moonraker_call *call, int error)
{
	if (error) {
		const char *trouble = history_trouble(call->moonraker->options.history);

		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "%s",
			       error == FLAGSHIP_ERROR_STORE && trouble[0]
				       ? trouble
				       : "too much is asked of the history at once");
	}
}

static int64_t read_ms(const struct moonraker_call *call, const char *name)
{
	struct json_value value;
	double seconds;

	return rpc_param(call->params, name, &value) && json_value_to_real(&value, &seconds) &&
			       seconds > 0 && seconds < (double)(INT64_MAX / 2000)
		       ? (int64_t)(seconds * MOONRAKER_MS_PER_S)
		       : 0;
}

void moonraker_history_list(struct moonraker_call *call)
{
	struct history_query query = {.serial = call->printer->serial, .limit = LIMIT_DEFAULT};
	char order[MOONRAKER_NAME_SIZE];
	int64_t number;

	if (rpc_param_int(call->params, "limit", &number) && number > 0) {
		query.limit = number < HISTORY_LIMIT_MAX ? (size_t)number : HISTORY_LIMIT_MAX;
	}
	if (rpc_param_int(call->params, "start", &number) && number > 0) {
		query.offset = (size_t)number;
	}
	query.since_ms = read_ms(call, "since");
	query.until_ms = read_ms(call, "before");
	query.oldest_first = rpc_param_text(call->params, "order", order, sizeof(order)) &&
			     strcmp(order, "asc") == 0;
	moonraker_keep(call);
	check_asked(call,
		    history_read_jobs(call->moonraker->options.history, &query, on_jobs, call));
}

/* --- one job --- */

/* 0: there is none. */
static int64_t read_id(const struct moonraker_call *call)
{
	char text[ID_SIZE];
	char *end;

	if (!rpc_param_text(call->params, "uid", text, sizeof(text)) || text[0] == '\0' ||
	    text[strspn(text, HEX_BOTH)] != '\0') {
		return 0;
	}
	errno = 0;
	long long id = strtoll(text, &end, HEX);

	return errno == 0 ? id : 0;
}

static void write_one(struct json_writer *writer, const void *context)
{
	const struct shown_jobs *shown = context;

	json_object_begin(writer);
	json_key(writer, "job");
	write_job(writer, shown->moonraker, shown->jobs);
	json_object_end(writer);
}

static void refuse_job(struct moonraker_call *call)
{
	moonraker_fail(call, MOONRAKER_NOT_FOUND, "there is no such job of this printer");
}

static void on_job(void *context, const char *trouble, const struct history_job *jobs, size_t count,
		   int64_t total)
{
	struct moonraker_call *call = context;
	const struct shown_jobs shown = {call->moonraker, jobs, count, total};

	if (trouble) {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "%s", trouble);
	} else if (count == 0 || strcmp(jobs[0].serial, call->printer->serial) != 0) {
		refuse_job(call);
	} else {
		moonraker_answer(call, write_one, &shown);
	}
}

void moonraker_history_job(struct moonraker_call *call)
{
	int64_t id = read_id(call);

	if (id <= 0) {
		refuse_job(call);
		return;
	}
	moonraker_keep(call);
	check_asked(call, history_read_job(call->moonraker->options.history, id, on_job, call));
}

static void write_deleted(struct json_writer *writer, const void *context)
{
	const struct moonraker_call *call = context;

	json_object_begin(writer);
	json_key(writer, "deleted_jobs");
	json_array_begin(writer);
	if (call->id_text[0] != '\0') {
		json_string(writer, call->id_text);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void on_deleted(void *context, const char *trouble, int64_t count)
{
	struct moonraker_call *call = context;

	if (trouble) {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "%s", trouble);
	} else if (count == 0 && call->id_text[0] != '\0') {
		refuse_job(call);
	} else {
		moonraker_answer(call, write_deleted, call);
	}
}

void moonraker_history_delete(struct moonraker_call *call)
{
	bool all = rpc_param_flag(call->params, "all");
	int64_t id = all ? 0 : read_id(call);

	if (!all && id <= 0) {
		refuse_job(call);
		return;
	}
	if (!all) {
		snprintf(call->id_text, sizeof(call->id_text), "%06llX", (unsigned long long)id);
	}
	moonraker_keep(call);
	check_asked(call, history_delete_jobs(call->moonraker->options.history, id,
					      call->printer->serial, on_deleted, call));
}

/* --- all together --- */

static void write_known_number(struct json_writer *writer, const char *key, double value)
{
	json_key(writer, key);
	json_real(writer, value);
}

static void write_totals(struct json_writer *writer, const void *context)
{
	const struct history_totals *totals = context;

	json_object_begin(writer);
	json_key(writer, "job_totals");
	json_object_begin(writer);
	json_member_int(writer, "total_jobs", totals->jobs);
	write_known_number(writer, "total_time", (double)totals->duration_ms / MOONRAKER_MS_PER_S);
	write_known_number(writer, "total_print_time", (double)totals->elapsed_s);
	write_known_number(writer, "total_filament_used",
			   (double)totals->filament_mm_milli / MILLI);
	write_known_number(writer, "longest_job", (double)totals->longest_ms / MOONRAKER_MS_PER_S);
	write_known_number(writer, "longest_print", (double)totals->longest_elapsed_s);
	json_object_end(writer);
	json_key(writer, "auxiliary_totals");
	json_array_begin(writer);
	json_array_end(writer);
	json_object_end(writer);
}

static void on_totals(void *context, const char *trouble, const struct history_totals *totals)
{
	struct moonraker_call *call = context;

	if (trouble) {
		moonraker_fail(call, MOONRAKER_UNAVAILABLE, "%s", trouble);
	} else {
		moonraker_answer(call, write_totals, totals);
	}
}

void moonraker_history_totals(struct moonraker_call *call)
{
	moonraker_keep(call);
	check_asked(call, history_read_totals(call->moonraker->options.history,
					      call->printer->serial, on_totals, call));
}

/* --- what changes --- */

struct change {
	const struct moonraker *moonraker;
	const struct history_job *job;
	enum history_action action;
};

static void write_job_change(struct json_writer *writer, const void *context)
{
	const struct change *change = context;

	json_object_begin(writer);
	json_member_string(writer, "action",
			   change->action == HISTORY_JOB_ADDED ? "added" : "finished");
	json_key(writer, "job");
	write_job(writer, change->moonraker, change->job);
	json_object_end(writer);
}

void moonraker_on_history(void *context, enum history_action action, const struct history_job *job)
{
	struct moonraker *moonraker = context;
	const struct change change = {moonraker, job, action};

	for (struct list *at = moonraker->printers.next; at != &moonraker->printers;
	     at = at->next) {
		struct moonraker_printer *printer = LIST_OF(at, struct moonraker_printer, place);

		if (printer->printer && strcmp(printer->serial, job->serial) == 0) {
			moonraker_notify(moonraker, printer, "notify_history_changed",
					 write_job_change, &change);
		}
	}
}

/* --- temperatures of the last minutes --- */

struct shown_heat {
	const struct history_moment *moments;
	bool heats;
};

/* From the first moment on of which something is known. */
static void write_heat(struct json_writer *writer, const char *key,
		       const struct history_moment *moments, size_t offset)
{
	bool begun = false;

	json_key(writer, key);
	json_array_begin(writer);
	for (size_t i = 0; i < HISTORY_RECENT_S; i++) {
		int64_t value;

		memcpy(&value, (const char *)&moments[i] + offset, sizeof(value));
		begun = begun || value != PRINTER_NEVER;
		if (begun && value == PRINTER_NEVER) {
			json_null(writer);
		} else if (begun) {
			json_scaled(writer, value, CENTI_DECIMALS);
		}
	}
	json_array_end(writer);
}

static void write_store(struct json_writer *writer, const void *context)
{
	const struct shown_heat *shown = context;

	json_object_begin(writer);
	if (shown->heats) {
		json_key(writer, "extruder");
		json_object_begin(writer);
		write_heat(writer, "temperatures", shown->moments,
			   offsetof(struct history_moment, nozzle));
		write_heat(writer, "targets", shown->moments,
			   offsetof(struct history_moment, nozzle_target));
		json_object_end(writer);
		json_key(writer, "heater_bed");
		json_object_begin(writer);
		write_heat(writer, "temperatures", shown->moments,
			   offsetof(struct history_moment, bed));
		write_heat(writer, "targets", shown->moments,
			   offsetof(struct history_moment, bed_target));
		json_object_end(writer);
	}
	json_object_end(writer);
}

void moonraker_temperature_store(struct moonraker_call *call)
{
	struct history_moment *moments = calloc(HISTORY_RECENT_S, sizeof(*moments));
	const struct shown_heat shown = {moments,
					 status_has_heaters(moonraker_state(call->printer))};

	if (!moments) {
		moonraker_fail(call, MOONRAKER_BROKEN, "out of memory");
		return;
	}
	history_recent(call->moonraker->options.history, call->printer->serial, moments);
	moonraker_answer(call, write_store, &shown);
	free(moments);
}
