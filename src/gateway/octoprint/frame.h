/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_OCTOPRINT_FRAME_H
#define GATEWAY_OCTOPRINT_FRAME_H

#include <stdbool.h>
#include <stddef.h>

/* What a client sends over /sockjs/websocket: one object of JSON. Pure. */
#define FRAME_MAX          4096 /* bytes */
#define FRAME_THROTTLE_MAX 120
#define FRAME_SECRET_SIZE  33 /* of what a login gave, in hex, with the NUL */

struct push_frame {
	int throttle;  /* it wants to be notified every so many ticks; 0: says nothing of that */
	bool has_auth; /* it shows what a login gave */
	char secret[FRAME_SECRET_SIZE]; /* "": none that could be one */
};

/* What is no such object says nothing. */
void push_frame_read(const char *bytes, size_t length, struct push_frame *frame);

#endif
