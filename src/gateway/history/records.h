/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_HISTORY_RECORDS_H
#define GATEWAY_HISTORY_RECORDS_H

#include "printer/state/state.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is kept of the past. Times are Unix milliseconds of when it was received, by the clock on
 * the wall, which may have been set since: ids grow with what happened after, whatever the clock
 * said. Integers that are not known are PRINTER_NEVER, texts "".
 */
#define HISTORY_SERIAL_SIZE (FLAGSHIP_SERIAL_LENGTH_MAX + 1)
#define HISTORY_HASH_SIZE   65 /* SHA-256 in hex, with the NUL */
#define HISTORY_REASON_SIZE 256
#define HISTORY_ASKER_SIZE  129
#define HISTORY_KIND_SIZE   32
#define HISTORY_TEXT_SIZE   512

enum history_outcome {
	HISTORY_GOING_ON,
	HISTORY_FINISHED,
	HISTORY_CANCELLED, /* somebody stopped it */
	HISTORY_FAILED,    /* it was stopped while the printer reported an error or an alert */
	HISTORY_UNKNOWN,   /* nobody saw how it ended */
	HISTORY_OUTCOMES,
};

/* "going_on", "finished", "cancelled", "failed", "unknown" */
const char *history_outcome_name(enum history_outcome outcome);
/* HISTORY_OUTCOMES for a name of none. */
enum history_outcome history_outcome_of(const char *name);

struct history_job {
	int64_t id; /* from 1 on, of all printers */
	enum history_outcome outcome;
	/* It had begun before it was first received: begun_ms is reckoned from the time that the
	 * printer counts, or is when it was seen first. */
	bool joined;
	int64_t begun_ms;
	int64_t started_ms;  /* the print itself, after heating and levelling */
	int64_t ended_ms;    /* first seen to end */
	int64_t duration_ms; /* from begin to end, or so far; no set clock changes it */
	int64_t elapsed_s;   /* of the print, as the printer counted last */
	int64_t progress_centi_percent;
	int64_t layer;
	int64_t layers;
	int64_t thumbnail;                /* which of its file's is the largest */
	int64_t filament_used_milli;      /* thousandths of the unit */
	int64_t filament_estimated_milli; /* of the whole job, by the printer or the file */
	char filament_unit[PRINTER_UNIT_MAX];
	char serial[HISTORY_SERIAL_SIZE];
	char printer_name[PRINTER_TEXT_MAX]; /* as it was called last */
	char task_id[PRINTER_TASK_ID_MAX];
	char file[PRINTER_TEXT_MAX];
	char hash[HISTORY_HASH_SIZE]; /* of the file, where it was uploaded here */
	char path[PRINTER_TEXT_MAX];  /* of the file in the file area, whose thumbnails it has */
	char reason[HISTORY_REASON_SIZE]; /* why it ended so, for people */
};

enum history_entry_type {
	HISTORY_EVENT,   /* of a printer: online, alert, error, a job that began, … */
	HISTORY_COMMAND, /* with who asked for it, and what became of it */
	HISTORY_ENTRY_TYPES,
};

/* "event", "command" */
const char *history_entry_type_name(enum history_entry_type type);
enum history_entry_type history_entry_type_of(const char *name);

struct history_entry {
	int64_t id; /* from 1 on, of all printers */
	int64_t t_ms;
	enum history_entry_type type;
	int64_t job;        /* that went on, or PRINTER_NEVER */
	int64_t elapsed_ms; /* of a command: from when it was asked for to its end */
	int64_t command;    /* its id while this gateway ran; else PRINTER_NEVER */
	bool force;         /* of a command */
	char serial[HISTORY_SERIAL_SIZE];
	char printer_name[PRINTER_TEXT_MAX];
	char kind[HISTORY_KIND_SIZE];    /* "alert", "offline"; "pause", "nozzle" */
	char asker[HISTORY_ASKER_SIZE];  /* of a command */
	char outcome[HISTORY_KIND_SIZE]; /* of a command: "confirmed" */
	char value[HISTORY_TEXT_SIZE];   /* of a command: what was asked for, "210.00 °C"; of an
					  * event: its code or number */
	char text[HISTORY_TEXT_SIZE];    /* for people */
};

/* Of one printer in one span of time; 0.01 °C. */
struct history_heat {
	int64_t minimum;
	int64_t mean;
	int64_t maximum;
	int64_t target; /* the highest one */
};

struct history_point {
	int64_t t_s; /* Unix seconds, where the span begins: a multiple of its length */
	struct history_heat nozzle;
	struct history_heat bed;
};

struct history_totals {
	int64_t jobs; /* all of them */
	int64_t outcomes[HISTORY_OUTCOMES];
	int64_t duration_ms;
	int64_t longest_ms;
	int64_t elapsed_s; /* time that was printed */
	int64_t longest_elapsed_s;
	int64_t filament_mm_milli; /* of those that count it in millimetres or metres, in mm/1000 */
	int64_t filament_g_milli;  /* in grams */
};

/* Which ones, newest first. Zeroed but for `limit`: all. */
struct history_query {
	const char *serial;           /* NULL: of all printers; copied */
	int64_t since_ms;             /* 0: from the first on: jobs that ended then or go on */
	int64_t until_ms;             /* 0: to the last */
	int64_t before_id;            /* 0: from the newest on: the next page */
	size_t offset;                /* so many are left out first */
	size_t limit;                 /* at most HISTORY_LIMIT_MAX */
	bool oldest_first;            /* of those that are not before since_ms */
	enum history_entry_type type; /* of entries; HISTORY_ENTRY_TYPES: either */
};

#define HISTORY_LIMIT_MAX 1000

struct history_series_query {
	const char *serial; /* copied */
	int64_t from_s;     /* Unix seconds; to_s is not part of it */
	int64_t to_s;
	int64_t step_s; /* of a point; 0: as fine as it is kept for so long */
};

/* More are never given: the step becomes longer. */
#define HISTORY_POINTS_MAX 20000

#endif
