/* SPDX-License-Identifier: MIT */
#include "simulator/printer/reply_text.h"

#include <stdarg.h>
#include <stdio.h>

void reply_text_init(struct reply_text *text)
{
	text->length = 0;
	text->data[0] = '\0';
}

void reply_text_add(struct reply_text *text, const char *format, ...)
{
	size_t left = sizeof(text->data) - text->length;
	va_list arguments;

	va_start(arguments, format);
	int wanted = vsnprintf(text->data + text->length, left, format, arguments);
	va_end(arguments);
	if (wanted < 0) {
		text->data[text->length] = '\0';
		return;
	}
	text->length += (size_t)wanted < left ? (size_t)wanted : left - 1;
}
