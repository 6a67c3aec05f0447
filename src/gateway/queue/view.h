/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_QUEUE_VIEW_H
#define GATEWAY_QUEUE_VIEW_H

#include "fleet/fleet.h"
#include "gateway/queue/entry.h"

/* What the queue goes by of a printer's state. */
enum queue_seen {
	QUEUE_SEEN_NOTHING, /* it is offline, or has not told yet what it does */
	QUEUE_SEEN_IDLE,
	QUEUE_SEEN_BUSY, /* with something that is no print */
	QUEUE_SEEN_JOB,
};

enum queue_ended {
	QUEUE_ENDED_UNSEEN,
	QUEUE_ENDED_FINISHED,
	QUEUE_ENDED_STOPPED,
};

struct queue_view {
	char serial[QUEUE_SERIAL_SIZE];
	char printer[PRINTER_TEXT_MAX]; /* its name */
	enum flagship_model model;
	struct printer_profile profile;
	enum queue_seen seen;
	bool is_preparing;      /* of JOB: nothing of it is printed yet */
	enum queue_ended ended; /* the last job, of IDLE */
	/* Of the job, or the last one; "": not told. */
	char job[PRINTER_TEXT_MAX];
	char task_id[PRINTER_TASK_ID_MAX];
	char trouble[QUEUE_REASON_SIZE]; /* an error or alert that stands */
};

void queue_view_of(const struct fleet_printer *printer, struct queue_view *view);

#endif
