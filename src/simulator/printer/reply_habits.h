/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_REPLY_HABITS_H
#define SIMULATOR_PRINTER_REPLY_HABITS_H

#include "simulator/machine/model.h"
#include "simulator/machine/random.h"

#include <flagship/gcode.h>

#include <stddef.h>
#include <stdint.h>

#define REPLY_TEXT_MAX 8192

/* The text that a printer answers a G-code command with. What does not fit is left out. */
struct reply_text {
	char data[REPLY_TEXT_MAX]; /* NUL-terminated */
	size_t length;
};

void reply_text_init(struct reply_text *text);

void reply_text_add(struct reply_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define REPLY_LIMIT 512 /* bytes; the real printer never sends more (protocol.md 3.3) */

/*
 * Makes of the text of an answer what the real printer would send: acknowledgements and the
 * ring-buffer line around it as the class of the command wants them (protocol.md 7.2), cut short or
 * spliced as the table says. queued: commands in the ring buffer. random decides where a long reply
 * is spliced.
 */
void reply_habits_apply(const struct reply_habit *habits, enum flagship_gcode_class class,
			const char *word, const struct reply_text *answer, uint32_t queued,
			struct random_source *random, struct reply_text *reply);

/* Of the answer to this command: how many bytes each of its messages has, 0 where it is one; and
 * whether those after the first are left over for the answer to the next command. */
size_t reply_habits_piece(const struct reply_habit *habits, const char *word, bool *left_over);

#endif
