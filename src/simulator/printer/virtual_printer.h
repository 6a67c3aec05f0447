/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_VIRTUAL_PRINTER_H
#define SIMULATOR_PRINTER_VIRTUAL_PRINTER_H

#include "simulator/machine/activity.h"
#include "simulator/machine/files.h"
#include "simulator/machine/machine.h"
#include "simulator/machine/model.h"
#include "simulator/machine/print_job.h"
#include "simulator/machine/random.h"
#include "simulator/machine/tally.h"
#include "simulator/printer/notices.h"
#include "simulator/printer/reply_habits.h"
#include "simulator/printer/upload.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIRTUAL_PRINTER_NAME_MAX 256
#define VIRTUAL_PRINTER_JSON_MAX 8192
/* Time passes in steps of this: the same steps whatever the caller's, so that the same seed gives
 * the same messages. */
#define VIRTUAL_PRINTER_TICK_MS 100

enum virtual_printer_scenario {
	VIRTUAL_PRINTER_IDLE,
	VIRTUAL_PRINTER_PRINT, /* a job from the start */
	VIRTUAL_PRINTER_ERROR, /* a job whose filament runs out */
};

/* What a printer does to the world. Calls come from within the functions below. */
struct virtual_printer_output {
	/* json: a payload, valid during the call. */
	void (*publish)(void *context, enum flagship_topic_kind kind, const char *json,
			size_t length);
	/* It fell over. The caller drops the connection, calls virtual_printer_restart and connects
	 * again after some seconds. May be NULL. */
	void (*crashed)(void *context);
	/* One line for people. May be NULL. */
	void (*note)(void *context, const char *line);
	void *context;
};

/* A printer without a network: simulated time and messages in, messages out. */
struct virtual_printer {
	const struct simulator_model *model;
	uint64_t seed;
	struct virtual_printer_output output;
	struct machine machine;
	struct print_job job;
	struct activity activity;
	struct notices notices;
	struct random_source reply_random;
	char left_over[REPLY_LIMIT + 1]; /* of an answer, for the next one */
	struct tally tally;
	struct files files;
	enum control_form control;
	bool lists_as_text; /* 1009 answers JSON inside a string, times as texts */
	/* By 1010, or by the last job; NULL: none. */
	const struct printable_file *loaded;
	const struct printable_file *loading; /* 1010 came, and 1044 is to follow */
	int64_t loaded_ms;                    /* when it is */
	int64_t now_ms;                       /* simulated, since power-on */
	int64_t leftover_ms;                  /* less than a tick */
	struct printable_file uploaded;       /* the one that is kept, with its texts: */
	char uploaded_name[UPLOAD_NAME_MAX];
	char uploaded_path[UPLOAD_NAME_MAX + sizeof("/tmp/")];
	bool muted;
	bool has_crashed;
	char name[VIRTUAL_PRINTER_NAME_MAX];
};

/* Habits that differ from the model's; a zeroed value changes nothing. */
struct virtual_printer_habits {
	enum control_form control;
	bool lists_as_text;
	bool stays_at_end; /* its jobs */
	bool resumes_as_3;
};

void virtual_printer_set_habits(struct virtual_printer *printer,
				const struct virtual_printer_habits *habits);

/* name may be NULL. Scenario PRINT or ERROR: the job begins with the first step. */
void virtual_printer_init(struct virtual_printer *printer, const struct simulator_model *model,
			  enum virtual_printer_scenario scenario, uint64_t seed, const char *name,
			  const struct virtual_printer_output *output);

/* Lets simulated time pass. */
void virtual_printer_advance(struct virtual_printer *printer, int64_t ms);

/* Silently goes on to where the job is done to so many percent, 0 … 100, or waits for help. */
void virtual_printer_skip_to(struct virtual_printer *printer, int64_t percent);

/*
 * Takes the payload of a message on FLAGSHIP_TOPIC_COMMAND or FLAGSHIP_TOPIC_QUERY and answers it.
 * A malformed one changes nothing. Errors: those of flagship_payload_read.
 */
int virtual_printer_receive(struct virtual_printer *printer, enum flagship_topic_kind kind,
			    const void *json, size_t length);

/* After a crash: everything off, no job, the heat stays. */
void virtual_printer_restart(struct virtual_printer *printer);

/* For commands: prints the file that is loaded. False where it is busy, or none is. */
bool virtual_printer_start_job(struct virtual_printer *printer);

/* A file came over the local network and is printed. False where the printer is at something. */
bool virtual_printer_print_upload(struct virtual_printer *printer,
				  const struct uploaded_file *file);

/* For commands: loads this file, and tells so by 1044 a little later. */
void virtual_printer_load(struct virtual_printer *printer, const struct printable_file *file);

/* For commands: what is reported at once. */
void virtual_printer_publish_changes(struct virtual_printer *printer);
void virtual_printer_publish_burst(struct virtual_printer *printer);
void virtual_printer_publish_json(struct virtual_printer *printer, enum flagship_topic_kind kind,
				  struct json_writer *writer);
void virtual_printer_note(struct virtual_printer *printer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
