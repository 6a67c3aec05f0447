/* SPDX-License-Identifier: MIT */
#include "daemon/run/rebirth.h"

#include "daemon/run/parent.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DECIMAL 10

extern char **environ;

/* The texts are those of the process, and stay where they are. */
static char **copy_environment(char *parent)
{
	static const char name[] = PARENT_VARIABLE "=";
	size_t count = 0;
	size_t used = 0;

	while (environ[count]) {
		count++;
	}
	char **copy = malloc((count + 2) * sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++) {
		if (strncmp(environ[i], name, sizeof(name) - 1) != 0) {
			copy[used++] = environ[i];
		}
	}
	if (copy) {
		copy[used++] = parent;
		copy[used] = NULL;
	}
	return copy;
}

static char **copy_arguments(char *program, int count, char *const *arguments)
{
	char **copy = calloc((size_t)count + 2, sizeof(*copy));

	if (copy) {
		copy[0] = program;
		memcpy(copy + 1, arguments, (size_t)count * sizeof(*copy));
	}
	return copy;
}

void rebirth_init(struct rebirth *rebirth, char *program, int count, char *const *arguments)
{
	const char *parent = getenv(PARENT_VARIABLE);

	*rebirth = (struct rebirth){.arguments = copy_arguments(program, count, arguments),
				    .parent = -1};
	if (parent) {
		rebirth->parent = fcntl((int)strtol(parent, NULL, DECIMAL), F_DUPFD_CLOEXEC,
					STDERR_FILENO + 1);
	}
	if (rebirth->parent >= 0) {
		snprintf(rebirth->parent_text, sizeof(rebirth->parent_text), PARENT_VARIABLE "=%d",
			 rebirth->parent);
	}
	rebirth->environment = copy_environment(rebirth->parent >= 0 ? rebirth->parent_text : NULL);
}

void rebirth_drop(struct rebirth *rebirth, const char *argument)
{
	char **kept = rebirth->arguments;

	for (char **at = kept; at && *at; at++) {
		if (strcmp(*at, argument) != 0) {
			*kept++ = *at;
		}
	}
	if (kept) {
		*kept = NULL;
	}
}

void rebirth_begin(struct rebirth *rebirth)
{
	if (!rebirth->environment || !rebirth->arguments) {
		return;
	}
	if (rebirth->parent >= 0) {
		(void)fcntl(rebirth->parent, F_SETFD, 0);
	}
	/* daemon_finish ignored them, which a new program would inherit. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	environ = rebirth->environment;
	(void)execvp(rebirth->arguments[0], rebirth->arguments);
}

void rebirth_finish(struct rebirth *rebirth)
{
	if (rebirth->parent >= 0) {
		close(rebirth->parent);
	}
	free(rebirth->environment);
	free(rebirth->arguments);
	*rebirth = (struct rebirth){.parent = -1};
}
