/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_CAMERA_CAMERA_H
#define SIMULATOR_CAMERA_CAMERA_H

#include "simulator/camera/test_card.h"

#include <flagship/pppp_frame.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The camera of a simulated printer in a session: commands in, frames with pictures out
 * (protocol.md 5, Camera). Times are passed in; no I/O.
 */
#define CAMERA_COMMAND_MAX 256
#define CAMERA_INTERVAL_MS 40 /* 25 pictures a second */

struct camera {
	struct flagship_xzyh_reader commands;
	char command[CAMERA_COMMAND_MAX];
	size_t command_length;
	struct test_card card;
	bool on;
	bool lit;
	bool hd;
	bool is_large;         /* whatever it is told */
	unsigned int pictures; /* since the last one that does */
	int64_t due_ms;
	uint8_t *frame; /* what is being sent; memory only while it is on */
	size_t length;
	size_t sent;
};

void camera_init(struct camera *camera);
void camera_finish(struct camera *camera);

/* Bytes of the commands' stream; what is no command for a camera is passed over. */
void camera_take(struct camera *camera, const uint8_t *data, size_t length, int64_t now_ms);

/* When the next picture is due; INT64_MAX where none is. */
int64_t camera_due_ms(const struct camera *camera);

/*
 * Draws the next picture where it is due and the one before is sent. Returns what is to be sent of
 * it, at camera->frame + camera->sent; the caller adds to sent.
 */
size_t camera_pending(struct camera *camera, int64_t now_ms, int64_t unix_ms);

#endif
