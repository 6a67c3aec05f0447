/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CHILDREN_CONVERTER_H
#define GATEWAY_CHILDREN_CONVERTER_H

#include "base/problem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * A child that makes pictures of what it is fed with: flagship-picture takes access units of H.264,
 * and a JPEG comes out for each that is to be shown, in their order, or with --film, which encodes,
 * the other way round; flagship-webcam and -rtsp take the URL of a camera, and JPEGs or access
 * units come out as they come in, or a sentence. What decodes a camera's bytes, or speaks with one,
 * has no place in the gateway, which holds secrets.
 */
struct converter;

#define CONVERTER_JPEG_MAX ((size_t)16 << 20)
#define CONVERTER_DUE_MS   15000 /* for a JPEG; a tenth of a second is usual */

struct converter_handlers {
	/* One for each unit that is shown; no bytes: no picture came of it. Valid during the call.
	 */
	void (*on_picture)(void *context, const uint8_t *jpeg, size_t length);
	/* Why it sends no more, for people, as flagship-webcam and -rtsp say it; NULL: it has to
	 * answer what it is fed with, and nothing else. */
	void (*on_text)(void *context, const char *text, size_t length);
	/* It ended by itself, and is gone after this call; never from inside of converter_start. */
	void (*on_end)(void *context);
};

/* program: its path, argument: NULL for none; read in this call only. Errors: MEMORY, ARGUMENT (it
 * cannot be started); with problem. */
int converter_start(uv_loop_t *loop, const char *program, const char *argument,
		    const struct converter_handlers *handlers, void *context,
		    struct converter **converter, struct problem *problem)
	__attribute__((warn_unused_result));

/* Is copied. shown: a JPEG is wanted; else it is decoded for the sake of those that follow. What
 * cannot be written shows in how the child ends. */
void converter_feed(struct converter *converter, const uint8_t *unit, size_t length, bool shown);

/* How many JPEGs it owes. */
size_t converter_owed(const struct converter *converter);
/* Whether one is overdue, so that it is to be stopped. NULL: false. */
bool converter_is_stuck(const struct converter *converter);
/* Bytes that wait until it takes them. */
size_t converter_backlog(const struct converter *converter);

/* It is ended, and no call follows; the loop releases its memory. NULL is accepted. */
void converter_stop(struct converter *converter);

#endif
