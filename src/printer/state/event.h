/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_EVENT_H
#define PRINTER_STATE_EVENT_H

#include "printer/state/parts.h"

#include <stddef.h>
#include <stdint.h>

/* What can happen to a printer. */
enum printer_event_kind {
	PRINTER_EVENT_ONLINE,
	PRINTER_EVENT_OFFLINE,
	PRINTER_EVENT_JOB_PREPARING,
	PRINTER_EVENT_JOB_STARTED,
	PRINTER_EVENT_JOB_PAUSED,
	PRINTER_EVENT_JOB_RESUMED,
	PRINTER_EVENT_JOB_FINISHED,
	PRINTER_EVENT_JOB_STOPPED,
	PRINTER_EVENT_PROGRESS,
	PRINTER_EVENT_LAYER,
	PRINTER_EVENT_ERROR,
	PRINTER_EVENT_ERROR_CLEARED,
	PRINTER_EVENT_ALERT,
	PRINTER_EVENT_ALERT_CLEARED,
	PRINTER_EVENT_FILAMENT_CHANGED,
};

struct printer_job;

/* The pointers are the printer's own and valid while the handler runs. */
struct printer_event {
	enum printer_event_kind kind;
	/* On the caller's clock. The end of a job carries the time it was first seen to end, even
	 * where the events between that and the decision came out before. */
	int64_t t_ms;
	int64_t number;                          /* PROGRESS: percent; LAYER: which one */
	const struct printer_job *job;           /* JOB_…, PROGRESS, LAYER, else NULL */
	const struct printer_error *error;       /* ERROR, ERROR_CLEARED, else NULL */
	const struct printer_alert *alert;       /* ALERT, ALERT_CLEARED, else NULL */
	const struct printer_filament *filament; /* FILAMENT_CHANGED, else NULL */
};

typedef void printer_event_handler(const struct printer_event *event, void *context);

/* Whom events go to. handler may be NULL. */
struct printer_reporter {
	printer_event_handler *handler;
	void *context;
};

#define PRINTER_EVENT_JSON_MAX 4096

void printer_report(const struct printer_reporter *reporter, const struct printer_event *event);

/* "job_started"; "unknown" for a value that is none. */
const char *printer_event_name(enum printer_event_kind kind);

/*
 * One line without a newline: {"event":"job_started","t":188.108,"name":"…","task_id":"…"}, t in
 * seconds. PRINTER_EVENT_JSON_MAX bytes always suffice. Errors: BUFFER.
 */
int printer_event_to_json(const struct printer_event *event, char *out, size_t capacity,
			  size_t *length);

#endif
