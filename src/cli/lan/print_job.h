/* SPDX-License-Identifier: MIT */
#ifndef CLI_LAN_PRINT_JOB_H
#define CLI_LAN_PRINT_JOB_H

#include "cli/lan/file.h"
#include "cli/lan/print_options.h"
#include "cli/lan/progress.h"
#include "cli/output/output.h"
#include "cli/target/live.h"
#include "cli/target/targets.h"
#include "fleet/attach/claim.h"
#include "printer/command/command.h"
#include "transport/lan/upload.h"

/* print: what it does with each printer, and what it reports of that. */

#define PRINT_DETAIL_MAX 384

enum print_stage {
	PRINT_WAITS,    /* for the printer's state */
	PRINT_CLAIMS,   /* for a gateway to leave the session in the local network */
	PRINT_UPLOADS,  /* or pauses before it tries again */
	PRINT_CONFIRMS, /* the job is to show */
	PRINT_FOLLOWS,  /* --wait */
	PRINT_ENDED,
};

struct print;

/* One printer that the file goes to. */
struct print_job_one {
	struct print *all;
	struct sent_file file;
	const struct target *target;
	struct fleet_printer *printer;
	struct attach_claim *claim; /* of the session in the local network; NULL: none */
	struct lan_upload *upload;
	struct upload_progress progress;
	enum print_stage stage;
	struct lan_upload_report report;
	bool reported;
	unsigned int attempts;
	int64_t asked_ms;
	int64_t deadline_ms;
	int64_t retry_ms;             /* when to try again; 0 where it is not to */
	enum command_outcome outcome; /* of the print; accepted once the printer has the file */
	const char *detail;
	char held[PRINT_DETAIL_MAX];           /* the detail where somebody has the session */
	char task_before[PRINTER_TASK_ID_MAX]; /* of the job before the upload */
	const char *job_state;                 /* as it was when it was confirmed, or over */
};

struct print {
	struct print_options options;
	struct settings_rate rate;
	struct target_options target_options;
	struct targets targets;
	struct flagship_pppp_relays relays; /* none in the local network */
	struct live live;
	struct output output;
	struct sent_file named; /* what each is called, before it is opened */
	const char *path;
	int64_t started_ms;
	struct print_job_one *jobs; /* as many as targets.count */
	size_t left;                /* not ended yet */
	int status;
};

/* What came of the printer is printed, once, and the last one ends the command; detail and
 * job_state are set before. status: an enum cli_exit. */
void print_job_end(struct print_job_one *one, int status);
/* With the status that goes with the outcome. The detail is borrowed until the end. */
void print_job_conclude(struct print_job_one *one, enum command_outcome outcome,
			const char *detail);
/* As JSON, where that was asked for; an interrupted one has no other end. */
void print_job_write(const struct print_job_one *one);

#endif
