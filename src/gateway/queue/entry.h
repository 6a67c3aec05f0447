/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_QUEUE_ENTRY_H
#define GATEWAY_QUEUE_ENTRY_H

#include "base/json/writer.h"
#include "printer/state/parts.h"

#include <flagship/flagship.h>

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is to be printed, and what the queue knows of each printer: as both are kept. */
#define QUEUE_SERIAL_SIZE   (FLAGSHIP_SERIAL_LENGTH_MAX + 1)
#define QUEUE_HASH_SIZE     65 /* SHA-256 in hex, with the NUL */
#define QUEUE_PATH_SIZE     1024
#define QUEUE_NAME_SIZE     101 /* of a job, with the NUL */
#define QUEUE_MATERIAL_SIZE 128
#define QUEUE_ASKER_SIZE    129
#define QUEUE_REASON_SIZE   512
#define QUEUE_COPIES_MAX    1000

enum queue_state {
	QUEUE_WAITING,
	QUEUE_CHECKING,  /* the file is read, and held against the printer */
	QUEUE_UPLOADING, /* nothing of it can be printed yet */
	QUEUE_STARTING,  /* from before the printer is told to print, until it does */
	QUEUE_PRINTING,
	QUEUE_FINISHED,
	QUEUE_FAILED,
	QUEUE_CANCELLED,
	QUEUE_STATES,
};

/* "waiting"; NULL for none of them. */
const char *queue_state_name(enum queue_state state);

static inline bool queue_state_is_over(enum queue_state state)
{
	return state >= QUEUE_FINISHED;
}

/* Times are Unix milliseconds, 0 where there is none. */
struct queue_entry {
	int64_t id;   /* from 1 on */
	int64_t rank; /* the lower, the sooner */
	enum queue_state state;
	/* Of WAITING: whether a start that was under way when the gateway ended became one.
	 * Somebody has to look, and to choose. */
	bool is_doubtful;
	bool hold;
	bool force; /* whatever the check of the file finds, and whatever the printer is loaded with
		     */
	enum flagship_model model; /* of any printer; UNKNOWN: of whichever model */
	int64_t copies;
	int64_t copies_done;
	int64_t not_before_ms;
	int64_t asked_ms;
	int64_t begun_ms; /* that a printer had it to itself */
	int64_t ended_ms;
	char serial[QUEUE_SERIAL_SIZE];   /* of the printer that it is for; "": of any that fits */
	char taken_by[QUEUE_SERIAL_SIZE]; /* the printer that has it; "": none yet */
	char path[QUEUE_PATH_SIZE];       /* in the file area, when it was asked for */
	char hash[QUEUE_HASH_SIZE];
	char name[QUEUE_NAME_SIZE];            /* of the job, as the printer gets it */
	char material[QUEUE_MATERIAL_SIZE];    /* that it wants; "": any */
	char task_before[PRINTER_TASK_ID_MAX]; /* of the job that the printer had before it */
	char asker[QUEUE_ASKER_SIZE];
	char reason[QUEUE_REASON_SIZE]; /* why it waits, or how it ended, for people */
};

/* What is set of a printer, and what its plate is known to be. */
struct queue_plate {
	char serial[QUEUE_SERIAL_SIZE];
	bool is_clear;                      /* somebody said so, and nothing was printed since */
	bool auto_clear;                    /* it clears itself */
	char material[QUEUE_MATERIAL_SIZE]; /* that it is loaded with; "": not said */
};

/* A job's name of a file's: letters, digits, '.', '_' and '-', without folders and ".gz". */
void queue_job_name(const char *path, char name[QUEUE_NAME_SIZE]);

/* Whether a file that wants this can be printed with that; "PLA;PLA" wants "pla". */
bool queue_material_fits(const char *wanted, const char *loaded);

/* An object. progress_percent of an upload; negative: it does not upload. */
void queue_write_entry(struct json_writer *writer, const struct queue_entry *entry,
		       int64_t progress_percent);

#endif
