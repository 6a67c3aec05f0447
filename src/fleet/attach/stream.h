/* SPDX-License-Identifier: MIT */
#ifndef FLEET_ATTACH_STREAM_H
#define FLEET_ATTACH_STREAM_H

#include "fleet/attach/frame.h"

#include <uv.h>

/* Frames to and fro on one connection. What the other end does not read is kept up to a bound. */
#define ATTACH_QUEUE_MAX ((size_t)8 * 1024 * 1024)

struct attach_stream_handlers {
	/* False where it is not what was agreed on: the end, as if the other one were gone. */
	bool (*on_frame)(void *context, uint8_t kind, struct attach_reader *values);
	/* The other end is gone, does not read, or sends no frames. Close it; called once. */
	void (*on_end)(void *context);
	void (*on_closed)(void *context); /* its memory may go */
};

/* Private. */
struct attach_stream {
	uv_pipe_t pipe;
	const struct attach_stream_handlers *handlers;
	void *context;
	uint8_t *bytes; /* received, and no whole frame yet */
	size_t length;
	size_t capacity;
	bool ended;
};

/* Memory of the caller until on_closed. */
void attach_stream_init(struct attach_stream *stream, uv_loop_t *loop,
			const struct attach_stream_handlers *handlers, void *context);

/* Its pipe is connected. */
void attach_stream_start(struct attach_stream *stream);

/* Sends what was written, and frees it. False where it is no frame: nothing was sent. */
bool attach_stream_send(struct attach_stream *stream, struct attach_writer *writer);

/* on_end is not called any more. */
void attach_stream_close(struct attach_stream *stream);

/* Whether the process at the other end is of this user, or of root. */
bool attach_stream_is_ours(const struct attach_stream *stream);

#endif
