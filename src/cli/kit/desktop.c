/* SPDX-License-Identifier: MIT */
#include "cli/kit/desktop.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __APPLE__
#define OPENER "open"
#else
#define OPENER "xdg-open"
#endif
#define IN_BACKGROUND "command -v \"$0\" && { \"$0\" \"$1\" & }"

extern char **environ;

static bool has_desktop(void)
{
#ifdef __APPLE__
	return true;
#else
	const char *x11 = getenv("DISPLAY");
	const char *wayland = getenv("WAYLAND_DISPLAY");

	return (x11 && x11[0]) || (wayland && wayland[0]);
#endif
}

/* What is opened takes signals as if we had not touched them. */
static bool set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t reset;

	sigemptyset(&reset);
	sigaddset(&reset, SIGPIPE);
	return posix_spawnattr_setsigdefault(attributes, &reset) == 0 &&
	       posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF) == 0;
}

static bool set_actions(posix_spawn_file_actions_t *actions)
{
	return posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ==
		       0 &&
	       posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) ==
		       0 &&
	       posix_spawn_file_actions_adddup2(actions, STDOUT_FILENO, STDERR_FILENO) == 0;
}

static bool run_opener(char **arguments)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	bool shown = false;
	int status;
	pid_t child;

	if (posix_spawn_file_actions_init(&actions) != 0) {
		return false;
	}
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return false;
	}
	if (set_actions(&actions) && set_attributes(&attributes) &&
	    posix_spawnp(&child, arguments[0], &actions, &attributes, arguments, environ) == 0) {
		shown = waitpid(child, &status, 0) == child && WIFEXITED(status) &&
			WEXITSTATUS(status) == 0;
	}
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return shown;
}

bool desktop_open(const char *target)
{
	char *arguments[] = {(char[]){OPENER}, strdup(target), NULL};
	bool opened = arguments[1] && has_desktop() && run_opener(arguments);

	free(arguments[1]);
	return opened;
}

bool desktop_begin(const char *target)
{
	char *arguments[] = {(char[]){"sh"},   (char[]){"-c"}, (char[]){IN_BACKGROUND},
			     (char[]){OPENER}, strdup(target), NULL};
	bool begun = arguments[4] && has_desktop() && run_opener(arguments);

	free(arguments[4]);
	return begun;
}
