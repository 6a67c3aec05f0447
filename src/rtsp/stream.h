/* SPDX-License-Identifier: MIT */
#ifndef RTSP_STREAM_H
#define RTSP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The H.264 of a camera by RTSP, which libavformat speaks: one TCP connection to the host of the
 * URL, which carries the film as well, and no other, wherever the camera sends us.
 */
struct stream;

#define STREAM_FAULT_SIZE 512

struct stream_options {
	int64_t open_ms;  /* so long may it take until the film begins */
	int64_t still_ms; /* so long may nothing come */
	/* Asked again and again while a camera is waited for: false ends that. */
	bool (*is_wanted)(void);
};

enum stream_result {
	STREAM_CAME,
	STREAM_ENDED,  /* is_wanted said so */
	STREAM_FAILED, /* fault says why, for people: it names neither host nor address */
};

/* For want of memory NULL. */
struct stream *stream_create(const struct stream_options *options);

/* url: rtsp://…; read in this call only. */
enum stream_result stream_open(struct stream *stream, const char *url,
			       char fault[STREAM_FAULT_SIZE]);

/* An access unit of H.264 (annex B), with the parameter sets before the first one where the camera
 * tells them by RTSP alone; valid until the next call. */
enum stream_result stream_read(struct stream *stream, const uint8_t **unit, size_t *length,
			       char fault[STREAM_FAULT_SIZE]);

/* NULL is accepted. */
void stream_destroy(struct stream *stream);

#endif
