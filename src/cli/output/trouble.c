/* SPDX-License-Identifier: MIT */
#include "cli/output/trouble.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PREFIX     "flagship: "
#define PIECE_SIZE 512

static void end_line(struct top_trouble *trouble)
{
	const char *line = trouble->line;

	trouble->line[trouble->length] = '\0';
	trouble->length = 0;
	if (strncmp(line, PREFIX, strlen(PREFIX)) == 0) {
		line += strlen(PREFIX);
	}
	if (line[0] != '\0') {
		trouble->reported(trouble->context, line);
	}
}

static void take(struct top_trouble *trouble, const char *bytes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (bytes[i] == '\n') {
			end_line(trouble);
		} else if (trouble->length + 1 < sizeof(trouble->line)) {
			trouble->line[trouble->length++] = bytes[i];
		}
	}
}

static void drain(struct top_trouble *trouble)
{
	char bytes[PIECE_SIZE];
	ssize_t count;

	while ((count = read(trouble->source, bytes, sizeof(bytes))) > 0) {
		take(trouble, bytes, (size_t)count);
	}
}

static void handle_poll(uv_poll_t *poll, int status, int events)
{
	(void)events;
	if (!status) {
		drain(poll->data);
	}
}

void top_trouble_open(struct top_trouble *trouble, uv_loop_t *loop,
		      void (*reported)(void *context, const char *line), void *context)
{
	int ends[2];

	trouble->reported = reported;
	trouble->context = context;
	if (isatty(STDERR_FILENO) != 1 || pipe(ends) != 0) {
		return;
	}
	trouble->source = ends[0];
	trouble->saved = dup(STDERR_FILENO);
	/* Nobody may wait for a reader: what does not fit is lost. */
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		fcntl(ends[i], F_SETFL, O_NONBLOCK);
		fcntl(ends[i], F_SETFD, FD_CLOEXEC);
	}
	if (trouble->saved < 0 || dup2(ends[1], STDERR_FILENO) < 0 ||
	    uv_poll_init(loop, &trouble->poll, trouble->source) != 0) {
		if (trouble->saved >= 0) {
			dup2(trouble->saved, STDERR_FILENO);
			close(trouble->saved);
		}
		close(ends[0]);
		close(ends[1]);
		return;
	}
	close(ends[1]);
	trouble->open = true;
	trouble->poll.data = trouble;
	uv_poll_start(&trouble->poll, UV_READABLE, handle_poll);
}

static void handle_closed(uv_handle_t *handle)
{
	const struct top_trouble *trouble = handle->data;

	close(trouble->source);
}

void top_trouble_close(struct top_trouble *trouble)
{
	if (!trouble->open) {
		return;
	}
	trouble->open = false;
	fflush(stderr);
	drain(trouble);
	dup2(trouble->saved, STDERR_FILENO);
	close(trouble->saved);
	uv_close((uv_handle_t *)&trouble->poll, handle_closed);
}
