/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PUSH_BOOK_TEXT_H
#define GATEWAY_PUSH_BOOK_TEXT_H

#include "base/json/writer.h"
#include "gateway/push/book.h"

/* What push.json holds. Zeroed at first. */
struct push_contents {
	uint8_t scalar[WEBPUSH_SCALAR_SIZE];
	bool has_key;
	struct push_subscription *entries; /* owned */
	size_t count;
};

/* Into zeroed ones, which need push_contents_finish either way. What is malformed of a subscription
 * leaves it out. Errors: JSON (it is no such file), MEMORY. */
int push_contents_read(struct push_contents *contents, const char *text, size_t length)
	__attribute__((warn_unused_result));
/* To be wiped and freed; NULL for want of memory. */
char *push_contents_write(const struct push_contents *contents, size_t *length);
/* An array of their names. */
void push_kinds_write(struct json_writer *writer, unsigned int kinds);
/* Wipes them. */
void push_contents_finish(struct push_contents *contents);

#endif
