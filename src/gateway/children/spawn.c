/* SPDX-License-Identifier: MIT */
#include "gateway/children/spawn.h"

#include <assert.h>
#include <signal.h>
#include <string.h>

static uv_stdio_container_t container_of(uv_pipe_t *pipe, int direction)
{
	if (!pipe) {
		return (uv_stdio_container_t){.flags = UV_IGNORE};
	}
	return (uv_stdio_container_t){
		.flags = (uv_stdio_flags)(UV_CREATE_PIPE | direction),
		.data.stream = (uv_stream_t *)pipe,
	};
}

int spawn_program(uv_loop_t *loop, uv_process_t *process, const char *program,
		  const char *const *arguments, const struct spawn_pipes *pipes, uv_exit_cb on_exit)
{
	const char *words[SPAWN_ARGUMENTS_MAX + 2] = {program};
	char *read_words[SPAWN_ARGUMENTS_MAX + 2];
	uv_stdio_container_t streams[] = {
		container_of(pipes->input, UV_READABLE_PIPE),
		container_of(pipes->output, UV_WRITABLE_PIPE),
		container_of(pipes->errors, UV_WRITABLE_PIPE),
	};
	const uv_process_options_t options = {
		.exit_cb = on_exit,
		.file = program,
		.args = read_words,
		.stdio = streams,
		.stdio_count = sizeof(streams) / sizeof(streams[0]),
		.flags = UV_PROCESS_DETACHED,
	};

	for (size_t i = 0; arguments[i]; i++) {
		assert(i < SPAWN_ARGUMENTS_MAX);
		words[i + 1] = arguments[i];
	}
	/* libuv only reads them. */
	memcpy(read_words, words, sizeof(read_words));
	return uv_spawn(loop, process, &options);
}

void spawn_kill(const uv_process_t *process)
{
	(void)uv_kill(-uv_process_get_pid(process), SIGKILL);
}
