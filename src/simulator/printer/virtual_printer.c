/* SPDX-License-Identifier: MIT */
#include "simulator/printer/virtual_printer.h"

#include "simulator/printer/commands.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define UPLOAD_FOLDER          "/tmp/"
#define RANDOM_STREAM_REPLY    3
#define MS_A_SECOND_REAL       1000.0
#define LOAD_MS                300
#define CENTI                  100
#define FAULT_AT_CENTI_PERCENT 3000
#define SKIP_LIMIT_MS          INT64_C(86400000)
#define PAYLOAD_OBJECTS_MAX    FLAGSHIP_PAYLOAD_OBJECTS_MAX
#define NOTE_MAX               512

void virtual_printer_note(struct virtual_printer *printer, const char *format, ...)
{
	char line[NOTE_MAX];
	va_list arguments;

	if (!printer->output.note) {
		return;
	}
	va_start(arguments, format);
	vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	printer->output.note(printer->output.context, line);
}

void virtual_printer_publish_json(struct virtual_printer *printer, enum flagship_topic_kind kind,
				  struct json_writer *writer)
{
	size_t length;

	/* A buffer too small for what the simulator itself writes cannot be: the tests see to it.
	 */
	if (json_writer_finish(writer, &length) || printer->muted) {
		return;
	}
	printer->output.publish(printer->output.context, kind, writer->out, length);
}

static void take_snapshot(const struct virtual_printer *printer, struct snapshot *snapshot)
{
	snapshot_take(snapshot, &printer->machine, &printer->job, &printer->activity);
}

void virtual_printer_init(struct virtual_printer *printer, const struct simulator_model *model,
			  enum virtual_printer_scenario scenario, uint64_t seed, const char *name,
			  const struct virtual_printer_output *output)
{
	struct snapshot snapshot;

	*printer = (struct virtual_printer){
		.model = model, .seed = seed, .output = *output, .control = model->control};
	machine_init(&printer->machine, model, seed);
	print_job_init(&printer->job, model, seed);
	files_init(&printer->files, model);
	random_init(&printer->reply_random, seed, RANDOM_STREAM_REPLY);
	snprintf(printer->name, sizeof(printer->name), "%s", name ? name : "");
	machine_sample(&printer->machine);
	take_snapshot(printer, &snapshot);
	notices_init(&printer->notices, &snapshot);
	printer->notices.next_ms = model->notice_period_ms;
	if (scenario != VIRTUAL_PRINTER_IDLE) {
		printer->loaded = files_first(&printer->files);
		(void)print_job_start(&printer->job, &printer->machine);
	}
	if (scenario == VIRTUAL_PRINTER_ERROR) {
		printer->job.fault_centi_percent = FAULT_AT_CENTI_PERCENT;
	}
}

typedef void write_function(const struct virtual_printer *printer, struct json_writer *writer);

static void publish_notice(struct virtual_printer *printer, write_function *write)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;

	json_writer_init(&writer, out, sizeof(out));
	json_array_begin(&writer);
	write(printer, &writer);
	json_array_end(&writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_NOTICE, &writer);
}

typedef size_t write_changes_function(struct notices *notices, const struct snapshot *snapshot,
				      struct json_writer *writer);

static void publish_changes(struct virtual_printer *printer, write_changes_function *write)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;
	struct snapshot snapshot;

	take_snapshot(printer, &snapshot);
	json_writer_init(&writer, out, sizeof(out));
	json_array_begin(&writer);
	size_t count = write(&printer->notices, &snapshot, &writer);
	json_array_end(&writer);
	if (count > 0) {
		virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_NOTICE, &writer);
	}
}

static void publish_beat(struct virtual_printer *printer)
{
	publish_changes(printer, notices_write_beat);
	printer->notices.next_ms = printer->now_ms + printer->model->notice_period_ms;
}

void virtual_printer_publish_changes(struct virtual_printer *printer)
{
	publish_changes(printer,
			printer->model->only_changes ? notices_write_beat : notices_write_settings);
}

void virtual_printer_publish_burst(struct virtual_printer *printer)
{
	char out[VIRTUAL_PRINTER_JSON_MAX];
	struct json_writer writer;
	struct snapshot snapshot;

	take_snapshot(printer, &snapshot);
	json_writer_init(&writer, out, sizeof(out));
	json_array_begin(&writer);
	notices_write_burst(&snapshot, &writer);
	json_array_end(&writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_QUERY_REPLY, &writer);
	virtual_printer_publish_json(printer, FLAGSHIP_TOPIC_NOTICE, &writer);
}

static void write_job_start(const struct virtual_printer *printer, struct json_writer *writer)
{
	struct snapshot snapshot;

	take_snapshot(printer, &snapshot);
	snapshot_write_schedule(&snapshot, writer);
	if (printer->model->reports_preview) {
		snapshot_write_preview(&snapshot, writer);
	}
}

static void write_loaded(const struct virtual_printer *printer, struct json_writer *writer)
{
	snapshot_write_loaded(printer->loaded->path, writer);
}

/* Told however the model tells of previews: whoever chose the file waits for it. */
static void step_loading(struct virtual_printer *printer)
{
	if (printer->loading && printer->now_ms >= printer->loaded_ms) {
		printer->loaded = printer->loading;
		printer->loading = NULL;
		publish_notice(printer, write_loaded);
	}
}

static void write_motor_lock(const struct virtual_printer *printer, struct json_writer *writer)
{
	(void)printer;
	snapshot_write_value(FLAGSHIP_MESSAGE_MOTOR_LOCK, 1, writer);
}

static void write_job_homed(const struct virtual_printer *printer, struct json_writer *writer)
{
	snapshot_write_value(FLAGSHIP_MESSAGE_MOVE_ZERO, 0, writer);
	write_motor_lock(printer, writer);
}

static void write_job_probe(const struct virtual_printer *printer, struct json_writer *writer)
{
	snapshot_write_value(FLAGSHIP_MESSAGE_AUTO_LEVELING, printer->job.probe_point, writer);
}

static void write_fault(const struct virtual_printer *printer, struct json_writer *writer)
{
	(void)printer;
	snapshot_write_no_filament(writer);
}

static void write_mended(const struct virtual_printer *printer, struct json_writer *writer)
{
	(void)printer;
	snapshot_write_filament_again(writer);
}

static void write_unlocked(const struct virtual_printer *printer, struct json_writer *writer)
{
	(void)printer;
	snapshot_write_value(FLAGSHIP_MESSAGE_MOVE_ZERO, 0, writer);
	snapshot_write_value(FLAGSHIP_MESSAGE_MOTOR_LOCK, 0, writer);
}

/* As captured: state 4 is said once, and 0 only when asked for. */
static void write_silent_end(const struct virtual_printer *printer, struct json_writer *writer)
{
	struct snapshot snapshot;

	take_snapshot(printer, &snapshot);
	snapshot_write_last_schedule(&snapshot, writer);
	snapshot.layers.layer = 0;
	snapshot_write_layers(&snapshot, writer);
	snapshot.state = FLAGSHIP_JOB_STATE_ENDED;
	snapshot_write_state(&snapshot, writer);
}

/* What is known to everyone from now on, without a word. */
static void note_silent_end(struct virtual_printer *printer)
{
	printer->job.layer = 0;
	printer->notices.reported.state = FLAGSHIP_JOB_STATE_IDLE;
	printer->notices.reported.layers = (struct snapshot_layers){0};
	printer->notices.reported.motor_lock = printer->machine.motor_lock;
}

static void write_summary(const struct virtual_printer *printer, struct json_writer *writer)
{
	struct snapshot snapshot;

	take_snapshot(printer, &snapshot);
	snapshot_write_summary(&snapshot, printer->job.finished, writer);
}

static void write_homed(const struct virtual_printer *printer, struct json_writer *writer)
{
	snapshot_write_value(FLAGSHIP_MESSAGE_MOVE_ZERO, printer->activity.value, writer);
}

static void write_probe(const struct virtual_printer *printer, struct json_writer *writer)
{
	snapshot_write_value(FLAGSHIP_MESSAGE_AUTO_LEVELING, printer->activity.probe_point, writer);
}

static void write_feed(const struct virtual_printer *printer, struct json_writer *writer)
{
	snapshot_write_feed(printer->activity.value, printer->activity.progress_percent, writer);
}

/* A notice that something happened, and whether the regular one comes with it, before its time. */
struct reaction {
	uint32_t signal;
	write_function *write;
	bool beat_follows;
};

static void react(struct virtual_printer *printer, uint32_t signals,
		  const struct reaction *reactions, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!(signals & reactions[i].signal)) {
			continue;
		}
		if (reactions[i].write) {
			publish_notice(printer, reactions[i].write);
		}
		if (reactions[i].beat_follows) {
			publish_beat(printer);
		}
	}
}

static void react_to_job(struct virtual_printer *printer, uint32_t signals)
{
	static const struct reaction reactions[] = {
		{PRINT_JOB_BEGAN, write_job_start, true},
		{PRINT_JOB_LOCKED, write_motor_lock, false},
		{PRINT_JOB_HOMED, write_job_homed, false},
		{PRINT_JOB_PROBED, write_job_probe, false},
		{PRINT_JOB_FAULT, write_fault, true},
		{PRINT_JOB_MENDED, write_mended, true},
		{PRINT_JOB_UNLOCKED, write_unlocked, false},
		{PRINT_JOB_CLEARED, NULL, true},
	};
	/* It has neither axes that home nor filament that runs out: only its pause is reported. */
	static const struct reaction e1_reactions[] = {
		{PRINT_JOB_BEGAN, write_job_start, true},
		{PRINT_JOB_FAULT, NULL, true},
		{PRINT_JOB_MENDED, NULL, true},
		{PRINT_JOB_CLEARED, NULL, true},
	};
	static const struct reaction ends[] = {
		{PRINT_JOB_OVER, NULL, true},
		{PRINT_JOB_OVER, write_summary, false},
	};
	static const struct reaction silent_ends[] = {
		{PRINT_JOB_OVER, write_silent_end, false},
	};

	if (signals & (PRINT_JOB_LOCKED | PRINT_JOB_UNLOCKED)) {
		printer->notices.reported.motor_lock = printer->machine.motor_lock;
	}
	if (printer->model->has_ink) {
		react(printer, signals, e1_reactions,
		      sizeof(e1_reactions) / sizeof(e1_reactions[0]));
	} else {
		react(printer, signals, reactions, sizeof(reactions) / sizeof(reactions[0]));
	}
	if (!printer->model->silent_end) {
		react(printer, signals, ends, sizeof(ends) / sizeof(ends[0]));
	} else if (signals & PRINT_JOB_OVER) {
		react(printer, signals, silent_ends, sizeof(silent_ends) / sizeof(silent_ends[0]));
		note_silent_end(printer);
	}
}

static void react_to_activity(struct virtual_printer *printer, uint32_t signals)
{
	static const struct reaction reactions[] = {
		{ACTIVITY_HOMED, write_homed, false},
		{ACTIVITY_PROBED, write_probe, false},
		{ACTIVITY_FED, write_feed, false},
	};

	react(printer, signals, reactions, sizeof(reactions) / sizeof(reactions[0]));
}

static void note_plate(struct virtual_printer *printer)
{
	if (printer->machine.hit_plate) {
		virtual_printer_note(printer, "a real M5C would have driven its nozzle into the "
					      "plate: Z was homed");
		printer->machine.hit_plate = false;
	}
}

static void tick(struct virtual_printer *printer)
{
	enum flagship_job_state before = activity_state(&printer->activity);

	printer->now_ms += VIRTUAL_PRINTER_TICK_MS;
	step_loading(printer);
	machine_step(&printer->machine, VIRTUAL_PRINTER_TICK_MS / MS_A_SECOND_REAL);
	uint32_t signals = print_job_step(&printer->job, &printer->machine,
					  VIRTUAL_PRINTER_TICK_MS);
	react_to_job(printer, signals);
	signals = activity_step(&printer->activity, &printer->machine, VIRTUAL_PRINTER_TICK_MS);
	react_to_activity(printer, signals);
	note_plate(printer);
	bool changed = activity_state(&printer->activity) != before;
	if (printer->now_ms >= printer->notices.next_ms) {
		machine_sample(&printer->machine);
		publish_beat(printer);
	} else if (changed) {
		publish_beat(printer);
	}
}

void virtual_printer_advance(struct virtual_printer *printer, int64_t ms)
{
	printer->leftover_ms += ms;
	while (printer->leftover_ms >= VIRTUAL_PRINTER_TICK_MS && !printer->has_crashed) {
		printer->leftover_ms -= VIRTUAL_PRINTER_TICK_MS;
		tick(printer);
	}
}

void virtual_printer_skip_to(struct virtual_printer *printer, int64_t percent)
{
	int64_t limit_ms = printer->now_ms + SKIP_LIMIT_MS;

	printer->muted = true;
	while (print_job_is_active(&printer->job) && printer->job.phase != PRINT_JOB_PAUSED &&
	       print_job_progress(&printer->job) < percent * CENTI && printer->now_ms < limit_ms) {
		tick(printer);
	}
	printer->muted = false;
}

int virtual_printer_receive(struct virtual_printer *printer, enum flagship_topic_kind kind,
			    const void *json, size_t length)
{
	struct flagship_message messages[PAYLOAD_OBJECTS_MAX];
	size_t count;
	int error = flagship_payload_read(json, length, messages, PAYLOAD_OBJECTS_MAX, &count);

	if (error) {
		return error;
	}
	for (size_t i = 0; i < count && !printer->has_crashed; i++) {
		commands_handle(printer, kind, &messages[i]);
	}
	return 0;
}

bool virtual_printer_start_job(struct virtual_printer *printer)
{
	if (!printer->loaded || print_job_is_active(&printer->job) ||
	    printer->activity.kind != ACTIVITY_NONE) {
		return false;
	}
	if (printer->loaded != &printer->uploaded) {
		print_job_choose(&printer->job, 0, 0);
	}
	printer->job.name = printer->loaded->name;
	return print_job_start(&printer->job, &printer->machine);
}

bool virtual_printer_print_upload(struct virtual_printer *printer, const struct uploaded_file *file)
{
	if (print_job_is_active(&printer->job) || printer->activity.kind != ACTIVITY_NONE) {
		return false;
	}
	snprintf(printer->uploaded_name, sizeof(printer->uploaded_name), "%s", file->name);
	snprintf(printer->uploaded_path, sizeof(printer->uploaded_path), UPLOAD_FOLDER "%s",
		 file->name);
	printer->uploaded = (struct printable_file){.name = printer->uploaded_name,
						    .path = printer->uploaded_path,
						    .place = FILES_ON_BOARD};
	printer->loaded = &printer->uploaded;
	printer->loading = NULL;
	print_job_choose(&printer->job, file->layers, file->print_s);
	publish_notice(printer, write_loaded);
	return virtual_printer_start_job(printer);
}

void virtual_printer_load(struct virtual_printer *printer, const struct printable_file *file)
{
	printer->loading = file;
	printer->loaded_ms = printer->now_ms + LOAD_MS;
}

void virtual_printer_set_habits(struct virtual_printer *printer,
				const struct virtual_printer_habits *habits)
{
	if (habits->control != CONTROL_BY_MODEL) {
		printer->control = habits->control;
	}
	printer->lists_as_text = habits->lists_as_text;
	printer->job.stays_at_end = habits->stays_at_end;
	printer->job.resumes_as_3 = habits->resumes_as_3;
}

void virtual_printer_restart(struct virtual_printer *printer)
{
	struct snapshot snapshot;

	printer->has_crashed = false;
	printer->leftover_ms = 0;
	printer->left_over[0] = '\0';
	machine_set_targets(&printer->machine, 0, 0);
	machine_know_position(&printer->machine, false);
	printer->machine.fan_percent = 0;
	printer->machine.motor_lock = false;
	print_job_init(&printer->job, printer->model, printer->seed);
	printer->activity.kind = ACTIVITY_NONE;
	printer->loaded = NULL;
	printer->loading = NULL;
	take_snapshot(printer, &snapshot);
	notices_init(&printer->notices, &snapshot);
	printer->notices.next_ms = printer->now_ms + printer->model->notice_period_ms;
}
