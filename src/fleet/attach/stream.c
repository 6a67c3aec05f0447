/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* struct ucred */
#include "fleet/attach/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_SIZE ((size_t)16 * 1024)

static void end(struct attach_stream *stream)
{
	if (!stream->ended) {
		stream->ended = true;
		stream->handlers->on_end(stream->context);
	}
}

/* --- receiving --- */

static void give_room(uv_handle_t *handle, size_t suggested, uv_buf_t *room)
{
	struct attach_stream *stream = handle->data;

	(void)suggested;
	if (stream->capacity - stream->length < READ_SIZE) {
		size_t capacity = 2 * stream->capacity + READ_SIZE;
		uint8_t *larger = realloc(stream->bytes, capacity);

		if (!larger) {
			*room = uv_buf_init(NULL, 0);
			return;
		}
		stream->bytes = larger;
		stream->capacity = capacity;
	}
	*room = uv_buf_init((char *)stream->bytes + stream->length, (unsigned int)READ_SIZE);
}

static void take_frames(struct attach_stream *stream)
{
	size_t taken = 0;
	int result = 1;

	while (!stream->ended && result > 0) {
		struct attach_reader values;
		uint8_t kind = 0;
		size_t size = 0;

		result = attach_next(stream->bytes + taken, stream->length - taken, &kind, &values,
				     &size);
		taken += size;
		if (result > 0 && !stream->handlers->on_frame(stream->context, kind, &values)) {
			result = -1;
		}
	}
	if (result < 0) {
		end(stream);
		return;
	}
	stream->length -= taken;
	memmove(stream->bytes, stream->bytes + taken, stream->length);
}

static void on_read(uv_stream_t *pipe, ssize_t size, const uv_buf_t *room)
{
	struct attach_stream *stream = pipe->data;

	(void)room;
	if (stream->ended) {
		return;
	}
	if (size < 0) {
		end(stream);
		return;
	}
	stream->length += (size_t)size;
	take_frames(stream);
}

/* --- sending --- */

struct sending {
	uv_write_t request;
	uint8_t *bytes;
};

static void on_sent(uv_write_t *request, int status)
{
	struct sending *sending = (struct sending *)request;

	(void)status; /* what is lost, reading notices */
	free(sending->bytes);
	free(sending);
}

bool attach_stream_send(struct attach_stream *stream, struct attach_writer *writer)
{
	struct sending *sending = attach_finish(writer) ? malloc(sizeof(*sending)) : NULL;

	if (!sending) {
		attach_writer_free(writer);
		return false;
	}
	sending->bytes = writer->bytes;
	uv_buf_t buffer = uv_buf_init((char *)writer->bytes, (unsigned int)writer->length);
	*writer = (struct attach_writer){0};
	if (stream->ended ||
	    uv_write(&sending->request, (uv_stream_t *)&stream->pipe, &buffer, 1, on_sent) != 0) {
		on_sent(&sending->request, 0);
		return true;
	}
	if (uv_stream_get_write_queue_size((uv_stream_t *)&stream->pipe) > ATTACH_QUEUE_MAX) {
		end(stream);
	}
	return true;
}

/* --- life --- */

void attach_stream_init(struct attach_stream *stream, uv_loop_t *loop,
			const struct attach_stream_handlers *handlers, void *context)
{
	*stream = (struct attach_stream){.handlers = handlers, .context = context};
	uv_pipe_init(loop, &stream->pipe, 0);
	stream->pipe.data = stream;
}

void attach_stream_start(struct attach_stream *stream)
{
	if (uv_read_start((uv_stream_t *)&stream->pipe, give_room, on_read) != 0) {
		end(stream);
	}
}

static void on_closed(uv_handle_t *handle)
{
	struct attach_stream *stream = handle->data;

	free(stream->bytes);
	stream->bytes = NULL;
	stream->handlers->on_closed(stream->context);
}

void attach_stream_close(struct attach_stream *stream)
{
	stream->ended = true;
	if (!uv_is_closing((uv_handle_t *)&stream->pipe)) {
		uv_close((uv_handle_t *)&stream->pipe, on_closed);
	}
}

bool attach_stream_is_ours(const struct attach_stream *stream)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	uv_os_fd_t descriptor;

	return uv_fileno((const uv_handle_t *)&stream->pipe, &descriptor) == 0 &&
	       getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == geteuid() || peer.uid == 0);
}
