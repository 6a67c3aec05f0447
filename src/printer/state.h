/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_H
#define PRINTER_STATE_H

#include <flagship/flagship.h>

#include "printer/event.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A printer not heard of for so long is offline. An M5 that sits idle is silent: ask it (1027). */
#define PRINTER_OFFLINE_AFTER_MS INT64_C(30000)

#define PRINTER_TEXT_MAX        256
#define PRINTER_STATE_JSON_MAX  8192

/* Job states as people know them. */
enum printer_job_state {
	PRINTER_JOB_UNKNOWN,
	PRINTER_JOB_IDLE,
	PRINTER_JOB_PREPARING,
	PRINTER_JOB_HEATING,
	PRINTER_JOB_PRINTING,
	PRINTER_JOB_PAUSED,
	PRINTER_JOB_FINISHED,
	PRINTER_JOB_STOPPED,
	PRINTER_JOB_LEVELLING,
	PRINTER_JOB_CALIBRATING,
	PRINTER_JOB_LOADING,
	PRINTER_JOB_UNLOADING,
	PRINTER_JOB_DOWNLOADING,
};

struct printer_state; /* in full below, by the owner of this file */

#endif
