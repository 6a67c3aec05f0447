/* SPDX-License-Identifier: MIT */
#ifndef PRINTER_E1_E1_H
#define PRINTER_E1_E1_H

#include "base/json/writer.h"

#include <flagship/message.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What only an E1 tells of itself (protocol.md 3.9): it prints with ink and UV light, and has
 * neither nozzle nor bed nor filament. What was never received, or told as null, is PRINTER_NEVER.
 */
#define E1_INKS        6 /* cyan, magenta, yellow, black, white, gloss, in this order */
#define E1_VERSION_MAX 32

struct e1_ink {
	int64_t left_centi_percent; /* 0 … 10000 */
	int64_t days_left;          /* until it expires, negative where it has */
	int64_t expired;            /* 0 or 1, as told */
};

struct printer_e1 {
	int64_t state; /* `state` and `step` of 1000's status */
	int64_t step;
	struct e1_ink inks[E1_INKS];
	/* Room that is left for waste ink, not how full it is; of several the least. */
	struct e1_ink waste;
	bool ink_received;
	bool waste_received;
	int64_t attachment; /* attType of 1153 */
	int64_t plate;      /* plateType of 1118, which counts otherwise */
	char version[E1_VERSION_MAX];
	int64_t purifier_mode;
	int64_t purifier_delay_s;
	int64_t ink_ms; /* when 1100 was last received */
};

void e1_init(struct printer_e1 *e1);

/* Takes status {state, step}. False where it is none. */
bool e1_receive_status(struct printer_e1 *e1, struct flagship_json status);

/* Takes 1100, 1118, 1153 and 1600; others are passed over. */
void e1_receive(struct printer_e1 *e1, const struct flagship_message *message, int64_t now_ms);

/* The job's state that state and step stand for, as 1000 tells it of other models, or
 * PRINTER_NEVER: cleaning and photos say nothing of a job. */
int64_t e1_job_state(const struct printer_e1 *e1);

/* "printing", "cleaning itself"…, or NULL for what nobody knows yet or was never received. */
const char *e1_activity_name(const struct printer_e1 *e1);

/* NULL for what was never received or nobody knows yet. */
const char *e1_attachment_name(const struct printer_e1 *e1);
const char *e1_plate_name(const struct printer_e1 *e1);
const char *e1_purifier_name(const struct printer_e1 *e1);

/* "cyan"… */
const char *e1_ink_name(size_t index);

/* The members activity, ink, waste, accessory and purifier, each null where it was never received.
 */
void e1_write(struct json_writer *writer, const struct printer_e1 *e1);

#endif
