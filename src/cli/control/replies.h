/* SPDX-License-Identifier: MIT */
#ifndef CLI_CONTROL_REPLIES_H
#define CLI_CONTROL_REPLIES_H

#include "cli/output/output.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>

/* No list of files is longer; the rest is left out, which is reported. */
#define CONTROL_REPLIES_MAX ((size_t)1024 * 1024)

/* The objects that a printer answered, as a JSON array. Zeroed: none. */
struct control_replies {
	char *json;
	size_t length;
	size_t capacity;
	bool cut;
};

/* The same object counts once. */
void control_replies_add(struct control_replies *replies, struct flagship_json object);

/* The array so far, NULL where nothing was answered; valid until the next call. */
const char *control_replies_take(struct control_replies *replies, size_t *length);

void control_replies_finish(struct control_replies *replies);

/* For people: the objects of the array, one a line. */
void control_replies_print(const char *json, size_t length, const struct output *output);

#endif
