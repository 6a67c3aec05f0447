/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_PARTS_H
#define PRINTER_STATE_PARTS_H

#include "base/text.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The parts of a printer's state, as they are shown and as events carry them. */

/* An integer or a time that was never received. A real number that was never received is NAN. */
#define PRINTER_NEVER INT64_MIN

/* In bytes with the NUL, as all below; longer texts are cut. */
#define PRINTER_TEXT_MAX          TEXT_BUFFER_MAX
#define PRINTER_TASK_ID_MAX       64
#define PRINTER_UNIT_MAX          16
#define PRINTER_ERROR_CODE_MAX    32
#define PRINTER_ERROR_LEVEL_MAX   16
#define PRINTER_FILAMENT_NAME_MAX 32
#define PRINTER_FILAMENTS_MAX     8

#define PRINTER_PROGRESS_COMPLETE INT64_C(10000) /* 0.01 % */

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

struct printer_temperature {
	int64_t current_centi_c;
	int64_t target_centi_c;
	int64_t received_ms;
};

/* received is false until 1098 came; a printer may then have none at all. */
struct printer_filament {
	bool received;
	uint8_t count;
	char names[PRINTER_FILAMENTS_MAX][PRINTER_FILAMENT_NAME_MAX];
};

/* code is "" where nothing is wrong. text is ours, NULL for a code that nobody knows. */
struct printer_error {
	char code[PRINTER_ERROR_CODE_MAX];
	char level[PRINTER_ERROR_LEVEL_MAX]; /* S is worse than P0, P0 worse than the rest */
	const char *text;
};

/* The most errors that are kept at a time; of more, the least is forgotten. */
#define PRINTER_ERRORS_MAX 4

/* Who raised an alert (1000). */
enum printer_alert_source {
	PRINTER_ALERT_NONE,
	PRINTER_ALERT_BOARD, /* the motion board, subType 2 */
	PRINTER_ALERT_AI,    /* what watches through the camera, subType 3 */
};

#define PRINTER_ALERT_FILAMENT INT64_C(6) /* of the board: ran out or broke */

/* source is NONE where there is none. text is ours, and never NULL where there is one. */
struct printer_alert {
	enum printer_alert_source source;
	int64_t number;
	const char *text;
};

#endif
