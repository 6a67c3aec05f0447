/* SPDX-License-Identifier: MIT */
#include "printer/state/event.h"

#include "printer/job/job.h"
#include "printer/state/state_json.h"

#include "base/json/writer.h"

#define MS_DECIMALS 3

void printer_report(const struct printer_reporter *reporter, const struct printer_event *event)
{
	if (reporter->handler) {
		reporter->handler(event, reporter->context);
	}
}

const char *printer_event_name(enum printer_event_kind kind)
{
	static const char *const names[] = {
		[PRINTER_EVENT_ONLINE] = "online",
		[PRINTER_EVENT_OFFLINE] = "offline",
		[PRINTER_EVENT_JOB_PREPARING] = "job_preparing",
		[PRINTER_EVENT_JOB_STARTED] = "job_started",
		[PRINTER_EVENT_JOB_PAUSED] = "job_paused",
		[PRINTER_EVENT_JOB_RESUMED] = "job_resumed",
		[PRINTER_EVENT_JOB_FINISHED] = "job_finished",
		[PRINTER_EVENT_JOB_STOPPED] = "job_stopped",
		[PRINTER_EVENT_PROGRESS] = "progress",
		[PRINTER_EVENT_LAYER] = "layer",
		[PRINTER_EVENT_ERROR] = "error",
		[PRINTER_EVENT_ERROR_CLEARED] = "error_cleared",
		[PRINTER_EVENT_ALERT] = "alert",
		[PRINTER_EVENT_ALERT_CLEARED] = "alert_cleared",
		[PRINTER_EVENT_FILAMENT_CHANGED] = "filament_changed",
	};

	if ((size_t)kind >= sizeof(names) / sizeof(names[0])) {
		return "unknown";
	}
	return names[kind];
}

static void write_event_job(struct json_writer *writer, const struct printer_job *job)
{
	json_key(writer, "name");
	value_write_text(writer, job->name);
	json_key(writer, "task_id");
	value_write_text(writer, job->task_id);
}

static void write_end(struct json_writer *writer, const struct printer_job *job)
{
	write_event_job(writer, job);
	json_key(writer, "progress_percent");
	value_write_scaled(writer, job->progress_centi_percent, PRINTER_CENTI_DECIMALS);
	json_key(writer, "elapsed_s");
	value_write_int(writer, job->elapsed_s);
}

static void write_layer(struct json_writer *writer, const struct printer_event *event)
{
	json_member_int(writer, "layer", event->number);
	json_key(writer, "layers");
	value_write_int(writer, event->job->layers);
}

static void write_event_error(struct json_writer *writer, const struct printer_error *error)
{
	json_member_string(writer, "code", error->code);
	json_key(writer, "level");
	value_write_text(writer, error->level);
	json_member_string(writer, "text", error->text);
}

static void write_values(struct json_writer *writer, const struct printer_event *event)
{
	switch (event->kind) {
	case PRINTER_EVENT_ONLINE:
	case PRINTER_EVENT_OFFLINE:
		break;
	case PRINTER_EVENT_JOB_PREPARING:
	case PRINTER_EVENT_JOB_STARTED:
	case PRINTER_EVENT_JOB_PAUSED:
	case PRINTER_EVENT_JOB_RESUMED:
		write_event_job(writer, event->job);
		break;
	case PRINTER_EVENT_JOB_FINISHED:
	case PRINTER_EVENT_JOB_STOPPED:
		write_end(writer, event->job);
		break;
	case PRINTER_EVENT_PROGRESS:
		json_member_int(writer, "percent", event->number);
		break;
	case PRINTER_EVENT_LAYER:
		write_layer(writer, event);
		break;
	case PRINTER_EVENT_ERROR:
	case PRINTER_EVENT_ERROR_CLEARED:
		write_event_error(writer, event->error);
		break;
	case PRINTER_EVENT_ALERT:
	case PRINTER_EVENT_ALERT_CLEARED:
		value_write_alert(writer, event->alert);
		break;
	case PRINTER_EVENT_FILAMENT_CHANGED:
		json_key(writer, "filament");
		value_write_filament(writer, event->filament);
		break;
	}
}

int printer_event_to_json(const struct printer_event *event, char *out, size_t capacity,
			  size_t *length)
{
	struct json_writer writer;

	json_writer_init(&writer, out, capacity);
	json_object_begin(&writer);
	json_member_string(&writer, "event", printer_event_name(event->kind));
	json_key(&writer, "t");
	json_scaled(&writer, event->t_ms, MS_DECIMALS);
	write_values(&writer, event);
	json_object_end(&writer);
	return json_writer_finish(&writer, length);
}
