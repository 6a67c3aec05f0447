/* SPDX-License-Identifier: MIT */
#include "cli/gcode/input.h"

#include "base/text_encoding.h"
#include "cli/kit/cli.h"
#include "cli/kit/input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static bool gcode_line_is_space(char character)
{
	return character == ' ' || (character >= '\t' && character <= '\r');
}

int gcode_line_clean(const char *text, size_t length, char out[GCODE_LINE_MAX])
{
	const char *comment = memchr(text, ';', length);
	size_t start = 0;
	size_t end = comment ? (size_t)(comment - text) : length;

	out[0] = '\0';
	while (start < end && gcode_line_is_space(text[start])) {
		start++;
	}
	while (end > start && gcode_line_is_space(text[end - 1])) {
		end--;
	}
	if (end - start >= GCODE_LINE_MAX || memchr(text + start, '\n', end - start) ||
	    memchr(text + start, '\r', end - start) || memchr(text + start, '\0', end - start)) {
		return -1;
	}
	memcpy(out, text + start, end - start);
	out[end - start] = '\0';
	for (char *tab = out; (tab = strchr(tab, '\t'));) {
		*tab = ' '; /* a control character to the guards, white space to people */
	}
	return 0;
}

static void gcode_input_serve(struct gcode_input *input);

static void gcode_input_handle_poll(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	gcode_input_serve(poll->data);
}

void gcode_input_open(struct gcode_input *input, uv_loop_t *loop, int descriptor,
		      void (*on_line)(void *context, const char *line, bool failed), void *context)
{
	*input = (struct gcode_input){
		.descriptor = descriptor,
		.on_line = on_line,
		.context = context,
	};
	input->pollable = uv_guess_handle(descriptor) != UV_FILE &&
			  input_poll_init(loop, &input->poll, descriptor) == 0;
	input->poll.data = input;
}

static void gcode_input_deliver(struct gcode_input *input, const char *line, bool failed)
{
	input->wanted = false;
	if (input->pollable) {
		uv_poll_stop(&input->poll);
	}
	input->on_line(input->context, line, failed);
}

/* Takes lines from the buffer up to the first that holds a command. False where none is left. */
static bool gcode_input_take(struct gcode_input *input)
{
	char line[GCODE_LINE_MAX];

	while (input->start < input->end) {
		const char *text = input->buffer + input->start;
		size_t available = input->end - input->start;
		const char *newline = memchr(text, '\n', available);
		size_t length = newline ? (size_t)(newline - text) : available;

		if (!newline && !input->ended && available < GCODE_INPUT_BUFFER) {
			return false;
		}
		input->start += length + (newline != NULL);
		if (!input->begun) {
			input->begun = true;
			text = text_encoding_skip_mark(text, &length);
		}
		if ((!newline && !input->ended) || gcode_line_clean(text, length, line) != 0) {
			cli_error("a line of the input is too long for a command, or is no text");
			gcode_input_deliver(input, NULL, true);
			return true;
		}
		if (line[0] != '\0') {
			gcode_input_deliver(input, line, false);
			return true;
		}
	}
	return false;
}

/* 1 where something came or the input ended, 0 where it may come later, -1 after trouble. */
static int gcode_input_read(struct gcode_input *input)
{
	memmove(input->buffer, input->buffer + input->start, input->end - input->start);
	input->end -= input->start;
	input->start = 0;
	ssize_t got = read(input->descriptor, input->buffer + input->end,
			   GCODE_INPUT_BUFFER - input->end);
	if (got < 0) {
		if (errno == EINTR || errno == EAGAIN) {
			return 0;
		}
		cli_error("standard input: %s", strerror(errno));
		return -1;
	}
	input->end += (size_t)got;
	input->ended = got == 0;
	return 1;
}

static void gcode_input_serve(struct gcode_input *input)
{
	while (input->wanted) {
		if (gcode_input_take(input)) {
			return;
		}
		if (input->ended) {
			gcode_input_deliver(input, NULL, false);
			return;
		}
		int result = gcode_input_read(input);
		if (result < 0) {
			gcode_input_deliver(input, NULL, true);
			return;
		}
		/* Reading again without asking could block the loop. */
		if (input->pollable && !gcode_input_take(input)) {
			if (input->ended) {
				gcode_input_deliver(input, NULL, false);
			}
			return;
		}
	}
}

void gcode_input_want(struct gcode_input *input)
{
	input->wanted = true;
	if (input->ended || !input->pollable) {
		gcode_input_serve(input);
	} else if (!gcode_input_take(input)) {
		uv_poll_start(&input->poll, UV_READABLE, gcode_input_handle_poll);
	}
}

void gcode_input_close(struct gcode_input *input)
{
	if (input->pollable && !uv_is_closing((uv_handle_t *)&input->poll)) {
		uv_close((uv_handle_t *)&input->poll, NULL);
	}
}
