/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_PRINTER_REPLY_TEXT_H
#define SIMULATOR_PRINTER_REPLY_TEXT_H

#include <stddef.h>

#define REPLY_TEXT_MAX 8192

/* The text that a printer answers a G-code command with. What does not fit is left out. */
struct reply_text {
	char data[REPLY_TEXT_MAX]; /* NUL-terminated */
	size_t length;
};

void reply_text_init(struct reply_text *text);

void reply_text_add(struct reply_text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
