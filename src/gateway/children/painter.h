/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CHILDREN_PAINTER_H
#define GATEWAY_CHILDREN_PAINTER_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * A flagship-picture as a child: access units of H.264 in, a JPEG out for each that is to be shown,
 * in their order.
 * With --film, which encodes, the other way round.
 * Or a flagship-webcam: the URL of a camera in, JPEGs out as they come, or a sentence.
 * What decodes a camera's bytes, or speaks with one, has no place in the gateway, which holds
 * secrets.
 */
struct painter;

#define PAINTER_JPEG_MAX ((size_t)16 << 20)
#define PAINTER_DUE_MS   15000 /* for a JPEG; a tenth of a second is usual */

struct painter_handlers {
	/* One for each unit that is shown; no bytes: no picture came of it. Valid during the call.
	 */
	void (*on_picture)(void *context, const uint8_t *jpeg, size_t length);
	/* Why it sends no more, for people, as flagship-webcam says it; NULL: it has to answer what
	 * it is fed with, and nothing else. */
	void (*on_text)(void *context, const char *text, size_t length);
	/* It ended by itself, and is gone after this call; never from inside of painter_start. */
	void (*on_end)(void *context);
};

/* program: its path, argument: NULL for none; read in this call only. Errors: MEMORY, ARGUMENT (it
 * cannot be started); with problem. */
int painter_start(uv_loop_t *loop, const char *program, const char *argument,
		  const struct painter_handlers *handlers, void *context, struct painter **painter,
		  struct problem *problem) __attribute__((warn_unused_result));

/* Is copied. shown: a JPEG is wanted; else it is decoded for the sake of those that follow. What
 * cannot be written shows in how the child ends. */
void painter_feed(struct painter *painter, const uint8_t *unit, size_t length, bool shown);

/* How many JPEGs it owes. */
size_t painter_owed(const struct painter *painter);
/* Whether one is overdue, so that it is to be stopped. NULL: false. */
bool painter_is_stuck(const struct painter *painter);
/* Bytes that wait until it takes them. */
size_t painter_backlog(const struct painter *painter);

/* It is ended, and no call follows; the loop releases its memory. NULL is accepted. */
void painter_stop(struct painter *painter);

#endif
