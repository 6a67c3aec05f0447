/* SPDX-License-Identifier: MIT */
#include "cli/codec/capture.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_SIZE 1024
#define PROGRAM       "flagship: "
#define SEPARATOR     "; "

void capture_begin(struct capture *capture)
{
	fflush(stderr);
	capture->real = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	capture->file = capture->real >= 0 ? tmpfile() : NULL;
	if (capture->file && dup2(fileno(capture->file), STDERR_FILENO) < 0) {
		fclose(capture->file);
		capture->file = NULL;
	}
}

/* A list that follows a line that ends in a colon is part of it. */
static void append(char *out, size_t capacity, const char *line)
{
	size_t used = strlen(out);
	const char *separator = SEPARATOR;

	line += strspn(line, " ");
	if (strncmp(line, PROGRAM, sizeof(PROGRAM) - 1) == 0) {
		line += sizeof(PROGRAM) - 1;
	}
	if (used == 0) {
		separator = "";
	} else if (out[used - 1] == ':') {
		separator = " ";
	}
	snprintf(out + used, capacity - used, "%s%s", separator, line);
}

void capture_end(struct capture *capture, char *out, size_t capacity)
{
	char line[LINE_MAX_SIZE];

	out[0] = '\0';
	fflush(stderr);
	if (capture->file) {
		dup2(capture->real, STDERR_FILENO);
		rewind(capture->file);
		while (fgets(line, sizeof(line), capture->file)) {
			line[strcspn(line, "\n")] = '\0';
			if (line[0] != '\0') {
				append(out, capacity, line);
			}
		}
		fclose(capture->file);
		capture->file = NULL;
	}
	if (capture->real >= 0) {
		close(capture->real);
		capture->real = -1;
	}
}
