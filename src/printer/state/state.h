/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_STATE_STATE_H
#define PRINTER_STATE_STATE_H

#include "printer/e1/e1.h"
#include "printer/job/job.h"
#include "printer/state/event.h"
#include "printer/state/moment.h"
#include "printer/state/parts.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A printer of which nothing was received for so long is offline. An M5 that sits idle is silent:
 * ask it (1027). */
#define PRINTER_OFFLINE_AFTER_MS INT64_C(30000)

/* Within it an error and a pause belong together (protocol.md 3.8). */
#define PRINTER_RUNOUT_MS      INT64_C(8000)

#define PRINTER_STATE_JSON_MAX 8192

/* What of a state changed, as bits: a program that shows it sends on these parts alone. Times at
 * which something was received are no change. */
enum printer_part {
	PRINTER_PART_ONLINE = 1 << 0,
	PRINTER_PART_JOB = 1 << 1,
	PRINTER_PART_NOZZLE = 1 << 2,
	PRINTER_PART_BED = 1 << 3,
	PRINTER_PART_MOTION = 1 << 4, /* fan, speeds, z offset, levelled */
	PRINTER_PART_FILAMENT = 1 << 5,
	PRINTER_PART_ERROR = 1 << 6,
	PRINTER_PART_ALERT = 1 << 7,
	PRINTER_PART_E1 = 1 << 8,
	PRINTER_PART_MODEL = 1 << 9, /* told by the fleet, which learns it */
};

/*
 * All that is known of one printer, merged from its messages. Memory of the caller, no heap. Times
 * are milliseconds on any clock of the caller's. What was never received is PRINTER_NEVER, NAN or
 * "".
 *
 * Each event comes once (rules: printer/job/job.h). An error (1085) is reported once for each code,
 * and cleared by 1086 with the same code; all are by a code that is empty or 0, by the job being
 * resumed, and by a new job. error is the worst of those that stand.
 *
 * An alert (1000, subType 2 and 3) is reported when it comes and cleared by number 0, by the job
 * being resumed, and by a new job. Error 0xFF01030001 alone may be a blip: only a pause within
 * PRINTER_RUNOUT_MS, or the alert itself, confirms that the filament ran out. It is then an alert
 * that stays while the job is paused. offline is reported by printer_state_check_online.
 */
struct printer_state {
	/* First what nearly every message touches, side by side: with thousands of printers none of
	 * it is in the cache when its message comes. */
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	bool online;
	uint8_t error_count; /* private */
	enum flagship_model model;
	int64_t offline_after_ms; /* PRINTER_OFFLINE_AFTER_MS; may be set after init */
	int64_t seen_ms;
	struct printer_temperature nozzle;
	struct printer_temperature bed;
	int64_t fan_percent;
	int64_t speed_mm_s;
	int64_t max_speed_mm_s;
	int64_t z_offset_centi_mm;
	int64_t levelled; /* 0 or 1 */
	struct printer_alert alert;
	struct printer_error error; /* the worst of errors */
	int64_t error_since_ms;     /* private */
	int64_t runout_ms;          /* private: when 0xFF01030001 came, until it is taken back */

	struct printer_job job;
	char name[PRINTER_TEXT_MAX];
	uint64_t malformed; /* payloads that were refused by whoever read them */
	struct printer_filament filament;
	struct printer_e1 e1; /* nothing of it on other models */

	/* Private: against messages that come out of order. */
	struct printer_filament filament_before;
	int64_t filament_since_ms;
	struct printer_error errors[PRINTER_ERRORS_MAX]; /* in the order they came */
	char error_before[PRINTER_ERROR_CODE_MAX];
};

/* serial and name may be NULL; they are cut where they are too long. */
void printer_state_init(struct printer_state *state, const char *serial, const char *name,
			enum flagship_model model);

/* Takes the messages of one plaintext. The handler, which may be NULL, is called for each event.
 * Returns which parts changed (enum printer_part). */
uint32_t printer_state_merge(struct printer_state *state, const struct flagship_message *messages,
			     size_t count, int64_t now_ms, printer_event_handler *handler,
			     void *context);

/*
 * Call it about once a second: tells offline, and the end of a job whose decision had to wait for
 * messages that did not come. Returns which parts changed (enum printer_part).
 */
uint32_t printer_state_check_online(struct printer_state *state, int64_t now_ms,
				    printer_event_handler *handler, void *context);

/* What the level of an error means: "critical", "serious", "minor"; NULL where it has none. */
const char *printer_error_severity(const struct printer_error *error);

/* When printer_state_check_online may next have something to tell, or INT64_MAX. */
int64_t printer_state_next_deadline_ms(const struct printer_state *state);

/* The last message was received: decides what waits for more. */
void printer_state_settle(struct printer_state *state, printer_event_handler *handler,
			  void *context);

/* Messages may have been missed: call it whenever the MQTT session comes back. */
void printer_state_connection_lost(struct printer_state *state);

/*
 * How much of a printer's state was received. The answer to 1027 may come in one message or in
 * many, and nothing says which is the last.
 */

/* What its job is doing, and the temperatures where the model has them. */
bool state_has_essentials(const struct printer_state *state);

/* It prints, and its progress is not known: an M5 tells it with the next notice. */
bool state_lacks_progress(const struct printer_state *state);

/* All that an answer can hold. */
bool state_has_everything(const struct printer_state *state);

#endif
