/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "fleet/service.h"
#include "gateway/history/internal.h"

#include <stdio.h>
#include <string.h>

/* What happens to printers, and what is asked of them, becomes entries. */

#define CENTI     100.0
#define PART_SIZE 64

/* --- events --- */

static void write_filament(const struct printer_filament *filament, char text[HISTORY_TEXT_SIZE])
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < filament->count && i < PRINTER_FILAMENTS_MAX; i++) {
		int length = snprintf(text + used, HISTORY_TEXT_SIZE - used, "%s%s",
				      used > 0 ? ", " : "", filament->names[i]);

		used += length > 0 && used + (size_t)length < HISTORY_TEXT_SIZE ? (size_t)length
										: 0;
	}
}

static void write_alert(const struct printer_alert *alert, struct history_entry *entry)
{
	snprintf(entry->value, sizeof(entry->value), "%s %lld",
		 alert->source == PRINTER_ALERT_AI ? "ai" : "board", (long long)alert->number);
	snprintf(entry->text, sizeof(entry->text), "%s", alert->text ? alert->text : "");
}

static void fill_event(struct history_entry *entry, const struct printer_event *event)
{
	if (event->error) {
		snprintf(entry->value, sizeof(entry->value), "%s", event->error->code);
		snprintf(entry->text, sizeof(entry->text), "%s",
			 event->error->text ? event->error->text : "");
	} else if (event->alert) {
		write_alert(event->alert, entry);
	} else if (event->filament) {
		write_filament(event->filament, entry->text);
	} else if (event->job) {
		snprintf(entry->text, sizeof(entry->text), "%s", event->job->name);
	}
}

static void keep_event(struct history *history, struct known_printer *known,
		       const struct printer_event *event, int64_t job)
{
	const struct printer_moment now = history_moment_now(history);
	struct entry_record *record = queue_make_entry(history, known);

	if (!record) {
		return;
	}
	record->entry.t_ms = moment_unix_ms(&now, event->t_ms);
	record->entry.type = HISTORY_EVENT;
	record->entry.job = job;
	snprintf(record->entry.kind, sizeof(record->entry.kind), "%s",
		 printer_event_name(event->kind));
	fill_event(&record->entry, event);
	queue_entry(history, record);
}

/* Why a job that is stopped soon may have been. */
static void note_event_trouble(struct known_printer *known, const struct printer_event *event)
{
	const char *text = event->error   ? event->error->text
			   : event->alert ? event->alert->text
					  : NULL;

	switch (event->kind) {
	case PRINTER_EVENT_ERROR:
	case PRINTER_EVENT_ALERT:
		if (text) {
			snprintf(known->trouble, sizeof(known->trouble), "%s", text);
		} else {
			snprintf(known->trouble, sizeof(known->trouble), "error %s",
				 event->error ? event->error->code : "");
		}
		known->trouble_stands = true;
		known->trouble_ms = event->t_ms;
		break;
	case PRINTER_EVENT_ERROR_CLEARED:
	case PRINTER_EVENT_ALERT_CLEARED:
		known->trouble_stands = false;
		known->trouble_ms = event->t_ms;
		break;
	case PRINTER_EVENT_JOB_PREPARING:
	case PRINTER_EVENT_JOB_RESUMED:
	case PRINTER_EVENT_JOB_FINISHED:
		known->trouble[0] = '\0';
		known->trouble_stands = false;
		break;
	default:
		break;
	}
}

static bool is_growth(enum printer_event_kind kind)
{
	return kind == PRINTER_EVENT_PROGRESS || kind == PRINTER_EVENT_LAYER;
}

void events_on_event(struct history *history, struct known_printer *known,
		     const struct printer_event *event)
{
	if (is_growth(event->kind)) {
		return;
	}
	int64_t before = known->job ? known->job->id : PRINTER_NEVER;
	jobs_on_event(history, known, event);
	note_event_trouble(known, event);
	keep_event(history, known, event, known->job ? known->job->id : before);
}

/* --- commands --- */

/* What changes nothing is asked by pages all the time. */
static bool is_question(enum command_kind kind)
{
	return kind == COMMAND_STATUS || kind == COMMAND_FILES || kind == COMMAND_QUERY;
}

static void write_axes(int64_t axes, char value[HISTORY_TEXT_SIZE])
{
	snprintf(value, HISTORY_TEXT_SIZE, "%s%s%s", (axes & COMMAND_AXIS_X) != 0 ? "x" : "",
		 (axes & COMMAND_AXIS_Y) != 0 ? "y" : "", (axes & COMMAND_AXIS_Z) != 0 ? "z" : "");
}

static void write_value(const struct service_command *command, char value[HISTORY_TEXT_SIZE])
{
	switch (command->kind) {
	case COMMAND_NOZZLE_TARGET:
	case COMMAND_BED_TARGET:
		snprintf(value, HISTORY_TEXT_SIZE, "%g °C", (double)command->value / CENTI);
		break;
	case COMMAND_Z_OFFSET:
		snprintf(value, HISTORY_TEXT_SIZE, "%g mm", (double)command->value / CENTI);
		break;
	case COMMAND_FAN:
		snprintf(value, HISTORY_TEXT_SIZE, "%lld %%", (long long)command->value);
		break;
	case COMMAND_SPEED:
		snprintf(value, HISTORY_TEXT_SIZE, "%lld mm/s", (long long)command->value);
		break;
	case COMMAND_HOME:
		write_axes(command->value, value);
		break;
	case COMMAND_LIGHT:
		snprintf(value, HISTORY_TEXT_SIZE, "%s", command->value ? "on" : "off");
		break;
	default:
		snprintf(value, HISTORY_TEXT_SIZE, "%s", command->text);
		break;
	}
}

void events_on_done(struct history *history, struct known_printer *known,
		    const struct command_report *report)
{
	const struct service_command *command = service_find(
		gateway_printers_commands(history->printers), report->id);
	const struct printer_moment now = history_moment_now(history);

	if (is_question(report->kind)) {
		return;
	}
	struct entry_record *record = queue_make_entry(history, known);
	if (!record) {
		return;
	}
	struct history_entry *entry = &record->entry;
	entry->t_ms = now.unix_ms;
	entry->type = HISTORY_COMMAND;
	entry->command = (int64_t)report->id;
	entry->elapsed_ms = report->elapsed_ms;
	snprintf(entry->kind, sizeof(entry->kind), "%s", command_kind_name(report->kind));
	snprintf(entry->outcome, sizeof(entry->outcome), "%s",
		 command_outcome_name(report->outcome));
	snprintf(entry->text, sizeof(entry->text), "%s", report->detail);
	if (command) {
		entry->force = command->force;
		snprintf(entry->asker, sizeof(entry->asker), "%s", command->asker);
		write_value(command, entry->value);
	}
	queue_entry(history, record);
}
