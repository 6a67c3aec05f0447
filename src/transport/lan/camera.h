/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_LAN_CAMERA_H
#define TRANSPORT_LAN_CAMERA_H

#include "transport/lan/link.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * The picture of a printer's camera (protocol.md 5, Camera): a session of its own, the command that
 * starts the video, and H.264 from then on. It holds the printer's only session: an upload has to
 * wait until it is closed.
 */
struct lan_camera;

struct lan_camera_options {
	struct lan_link_options link;
	bool hd;            /* 1280×720; else 848×480 */
	bool untold;        /* it is not told which: its pictures are as large as it wants */
	int64_t picture_ms; /* how long the first picture may take; 0 for 10 s */
};

enum lan_camera_end {
	LAN_CAMERA_CLOSED,      /* by lan_camera_close */
	LAN_CAMERA_UNREACHABLE, /* nobody answers */
	LAN_CAMERA_BUSY,        /* somebody else has the session */
	LAN_CAMERA_NO_PICTURE,
	LAN_CAMERA_LOST, /* in the middle, by the printer or the network */
};

struct lan_camera_handlers {
	/* Bytes of the elementary stream, in order. */
	void (*on_video)(void *context, const uint8_t *data, size_t length);
	/* The printer's frame is whole, and so is a picture. */
	void (*on_frame_end)(void *context);
	/* Something was lost: what was begun is not continued. */
	void (*on_gap)(void *context);
	/* Why it ended, and in words: a sentence without a full stop, "" of CLOSED. The camera is
	 * gone after this call. */
	void (*on_end)(void *context, enum lan_camera_end end, const char *detail);
};

/* What is borrowed of the options has to stay until on_end. Errors: those of lan_link_create. */
int lan_camera_create(uv_loop_t *loop, const struct lan_camera_options *options,
		      const struct lan_camera_handlers *handlers, void *context,
		      struct lan_camera **camera);

/* Once it is open; before, as soon as it is. */
void lan_camera_set_light(struct lan_camera *camera, bool on);
void lan_camera_set_quality(struct lan_camera *camera, bool hd);

/* Whether the printer has acknowledged all that it was told, which it has not before the session is
 * open: closing drops what it has not. */
bool lan_camera_is_heard(const struct lan_camera *camera);

/* Stops the video and closes the session in order; on_end follows. */
void lan_camera_close(struct lan_camera *camera);

#endif
