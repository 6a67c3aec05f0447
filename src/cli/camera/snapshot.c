/* SPDX-License-Identifier: MIT */
#include "cli/camera/snapshot.h"

#include "base/bytes.h"
#include "cli/kit/cli.h"
#include "cli/kit/external.h"
#include "cli/output/message.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM     "picture"
#define LENGTH_SIZE 4
#define JPEG_MAX    (16u << 20)

extern char **environ;

struct painter {
	pid_t process;
	FILE *units;
	FILE *pictures;
};

static int start_painter(const char *path, struct painter *painter)
{
	char *const arguments[] = {(char *)path, NULL};
	posix_spawn_file_actions_t actions;
	int input[2];
	int output[2];

	if (pipe(input)) {
		return errno;
	}
	if (pipe(output)) {
		int error = errno;

		close(input[0]);
		close(input[1]);
		return error;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, input[1]);
	posix_spawn_file_actions_addclose(&actions, output[0]);
	int error = posix_spawn(&painter->process, path, &actions, NULL, arguments, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(input[0]);
	close(output[1]);
	painter->units = fdopen(input[1], "wb");
	painter->pictures = fdopen(output[0], "rb");
	return error;
}

/* It reads all of the unit before it writes. */
static void write_unit(FILE *units, const struct h264_unit *unit)
{
	uint8_t head[LENGTH_SIZE];
	void (*handler)(int) = signal(SIGPIPE, SIG_IGN);

	bytes_write_u32be(head, (uint32_t)unit->length);
	(void)fwrite(head, 1, sizeof(head), units);
	(void)fwrite(unit->data, 1, unit->length, units);
	fclose(units);
	(void)signal(SIGPIPE, handler);
}

static bool read_picture(FILE *pictures, uint8_t **jpeg, size_t *length)
{
	uint8_t head[LENGTH_SIZE];

	if (fread(head, 1, sizeof(head), pictures) != sizeof(head)) {
		return false;
	}
	*length = bytes_read_u32be(head);
	if (*length == 0 || *length > JPEG_MAX) {
		return false;
	}
	*jpeg = malloc(*length);
	if (*jpeg && fread(*jpeg, 1, *length, pictures) == *length) {
		return true;
	}
	free(*jpeg);
	return false;
}

int snapshot_make(const struct h264_unit *unit, uint8_t **jpeg, size_t *length)
{
	char path[PATH_MAX];
	struct painter painter = {0};

	if (!external_find(PROGRAM, path)) {
		cli_error("flagship-picture is not installed beside flagship: install it, or use "
			  "camera pipe");
		return CLI_FAILED;
	}
	int error = start_painter(path, &painter);
	if (error || !painter.units || !painter.pictures) {
		cli_error("cannot start %s: %s", path, strerror(error ? error : ENOMEM));
		return CLI_FAILED;
	}
	write_unit(painter.units, unit);
	bool good = read_picture(painter.pictures, jpeg, length);
	fclose(painter.pictures);
	(void)waitpid(painter.process, NULL, 0);
	if (!good) {
		cli_error("no picture could be made of what the camera sends");
		return CLI_FAILED;
	}
	return CLI_DONE;
}
