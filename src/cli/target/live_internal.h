/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_LIVE_INTERNAL_H
#define CLI_TARGET_LIVE_INTERNAL_H

#include "cli/target/live.h"

#include <stdbool.h>

/* What live.c and live_trouble.c share. */

#define LIVE_ERRORS_MAX 64 /* more than there are kinds of errors */

/* What is reported of one printer, and what was already. */
struct live_printer {
	struct live *live;
	struct fleet_printer *printer;
	struct target *target;
	char label[TARGET_LABEL_MAX];
	bool reported[LIVE_ERRORS_MAX]; /* an error of this kind */
	bool was_ready;
	bool failed;
};

static inline struct live_printer *live_of(const struct fleet_printer *printer)
{
	return fleet_printer_context(printer);
}

/* What a fleet tells of trouble, for people; where it is for good, the printers concerned fail. */
void live_report_connect_failed(struct live *live, const struct fleet_event *event);
void live_report_lost(struct live *live, const struct fleet_event *event);
void live_report_detached(struct live *live, const struct fleet_event *event);
void live_report_refused(struct live *live, const struct fleet_event *event);
void live_report_payload(const struct fleet_event *event);

/* Why nothing could be opened. Returns the exit status. */
int live_explain_start(const struct live *live, int error);

#endif
