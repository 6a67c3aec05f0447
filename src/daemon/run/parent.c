/* SPDX-License-Identifier: MIT */
#include "daemon/run/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DECIMAL 10

/* -1 where it is none of a socket. */
static int read_descriptor(const char *text)
{
	struct stat status;
	char *end;

	if (!text || text[0] < '0' || text[0] > '9') {
		return -1;
	}
	errno = 0;
	long number = strtol(text, &end, DECIMAL);
	if (errno != 0 || *end != '\0' || number > INT_MAX) {
		return -1;
	}
	return fstat((int)number, &status) == 0 && S_ISSOCK(status.st_mode) ? (int)number : -1;
}

static void on_parent_allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct parent *parent = handle->data;

	(void)suggested;
	*buffer = uv_buf_init(parent->buffer, sizeof(parent->buffer));
}

/* It has nothing to say but its end. */
static void on_parent_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct parent *parent = stream->data;

	(void)buffer;
	if (length < 0) {
		uv_read_stop(stream);
		parent->gone(parent->context);
	}
}

void parent_open(struct parent *parent, uv_loop_t *loop, void (*gone)(void *context), void *context)
{
	int descriptor = read_descriptor(getenv(PARENT_VARIABLE));

	*parent = (struct parent){.gone = gone, .context = context};
	unsetenv(PARENT_VARIABLE);
	if (descriptor < 0) {
		return;
	}
	(void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
	uv_pipe_init(loop, &parent->pipe, 0);
	parent->pipe.data = parent;
	parent->open = uv_pipe_open(&parent->pipe, descriptor) == 0 &&
		       uv_read_start((uv_stream_t *)&parent->pipe, on_parent_allocate,
				     on_parent_read) == 0;
	if (!parent->open) {
		uv_close((uv_handle_t *)&parent->pipe, NULL);
		return;
	}
	uv_unref((uv_handle_t *)&parent->pipe);
}

void parent_close(struct parent *parent)
{
	if (parent->open) {
		parent->open = false;
		uv_close((uv_handle_t *)&parent->pipe, NULL);
	}
}

void parent_report_ready(const struct parent *parent)
{
	static const char line[] = PARENT_READY "\n";
	uv_os_fd_t descriptor;

	if (parent->open && uv_fileno((const uv_handle_t *)&parent->pipe, &descriptor) == 0) {
		(void)send(descriptor, line, sizeof(line) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	}
}
