/* SPDX-License-Identifier: MIT */
#include "cli/watch/event_line.h"

#include "base/json/writer.h"
#include "cli/output/json.h"

#include <flagship/error.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NUMBER_MAX     32
#define CENTI_DECIMALS 2

static void write_source(struct json_writer *writer, const struct printer_event *event,
			 const struct event_source *source)
{
	char time[TIME_TEXT_MAX];

	json_member_string(writer, "happened_at", time_text_write(event->t_ms, time));
	json_member_string(writer, "serial", source->state->serial);
	json_member_string(writer, "printer_name", source->name);
}

int event_line_write(const struct printer_event *event, const struct event_source *source,
		     char *out, size_t capacity)
{
	struct json_writer writer;
	size_t length;
	size_t more;
	int error = printer_event_to_json(event, out, capacity, &length);

	if (error) {
		return error;
	}
	/* The members go before the brace that ends it. */
	json_writer_init(&writer, out + length - 1, capacity - length + 1);
	json_object_begin(&writer);
	write_source(&writer, event, source);
	json_object_end(&writer);
	error = json_writer_finish(&writer, &more);
	if (!error) {
		out[length - 1] = ',';
	}
	return error;
}

static const char *write_centi(int64_t value, char out[NUMBER_MAX])
{
	struct json_writer writer;
	size_t length;

	out[0] = '\0';
	if (value != PRINTER_NEVER) {
		json_writer_init(&writer, out, NUMBER_MAX);
		json_scaled(&writer, value, CENTI_DECIMALS);
		json_writer_finish(&writer, &length);
	}
	return out;
}

static const char *write_number(int64_t value, char out[NUMBER_MAX])
{
	out[0] = '\0';
	if (value != PRINTER_NEVER) {
		snprintf(out, NUMBER_MAX, "%" PRId64, value);
	}
	return out;
}

static void exec_with(struct exec_queue *queue, const char *name, int64_t time_ms,
		      const struct event_source *source, const struct printer_error *error,
		      const struct printer_alert *alert, const char *json)
{
	const struct printer_state *state = source->state;
	const struct printer_job *job = &state->job;
	char time[TIME_TEXT_MAX];
	char progress[NUMBER_MAX];
	char remaining[NUMBER_MAX];
	char layer[NUMBER_MAX];
	char nozzle[NUMBER_MAX];
	char bed[NUMBER_MAX];
	const struct exec_variable variables[] = {
		{.name = "FLAGSHIP_EVENT", .value = name},
		{.name = "FLAGSHIP_TIME", .value = time_text_write(time_ms, time)},
		{.name = "FLAGSHIP_PRINTER", .value = source->name ? source->name : state->serial},
		{.name = "FLAGSHIP_SERIAL", .value = state->serial},
		{.name = "FLAGSHIP_MODEL", .value = flagship_model_name(state->model)},
		{.name = "FLAGSHIP_JOB", .value = job->name},
		{.name = "FLAGSHIP_STATE",
		 .value = job->state_received ? printer_job_state_name(job->state) : ""},
		{.name = "FLAGSHIP_PROGRESS",
		 .value = write_centi(job->progress_centi_percent, progress)},
		{.name = "FLAGSHIP_REMAINING", .value = write_number(job->remaining_s, remaining)},
		{.name = "FLAGSHIP_LAYER", .value = write_number(job->layer, layer)},
		{.name = "FLAGSHIP_NOZZLE",
		 .value = write_centi(state->nozzle.current_centi_c, nozzle)},
		{.name = "FLAGSHIP_BED", .value = write_centi(state->bed.current_centi_c, bed)},
		{.name = "FLAGSHIP_ERROR", .value = error->code},
		{.name = "FLAGSHIP_ERROR_TEXT",
		 .value = error->code[0] != '\0' ? error->text : alert->text},
		{.name = "FLAGSHIP_JSON", .value = json, .json = true},
	};

	exec_queue_add(queue, variables, sizeof(variables) / sizeof(variables[0]));
}

void event_exec_state(struct exec_queue *queue, const char *name, int64_t time_ms,
		      const struct event_source *source, const char *json)
{
	exec_with(queue, name, time_ms, source, &source->state->error, &source->state->alert, json);
}

void event_line_exec(struct exec_queue *queue, const struct printer_event *event,
		     const struct event_source *source, const char *json)
{
	exec_with(queue, printer_event_name(event->kind), event->t_ms, source,
		  event->error ? event->error : &source->state->error,
		  event->alert ? event->alert : &source->state->alert, json);
}
