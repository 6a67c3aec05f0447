/* SPDX-License-Identifier: MIT */
#include "cli/setup/config_edit.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "store/settings/settings.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#define EDITOR_DEFAULT "vi"
#define COMMAND_MAX    1024

extern char **environ;

static const char *config_editor(void)
{
	static const char *const variables[] = {"VISUAL", "EDITOR"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *editor = getenv(variables[i]);

		if (editor != NULL && editor[0] != '\0') {
			return editor;
		}
	}
	return EDITOR_DEFAULT;
}

/* The variable may hold options too, which only a shell takes apart as people mean them. */
static int config_run_editor(const char *editor, const char *path)
{
	char script[COMMAND_MAX];
	char *arguments[] = {"sh", "-c", script, "sh", (char *)path, NULL};
	pid_t child;
	int status;

	if (snprintf(script, sizeof(script), "%s \"$1\"", editor) >= (int)sizeof(script)) {
		cli_error("the name of the editor is too long");
		return CLI_FAILED;
	}
	int error = posix_spawnp(&child, "sh", NULL, NULL, arguments, environ);
	if (error != 0) {
		cli_error("cannot run the editor %s: %s", editor, strerror(error));
		return CLI_FAILED;
	}
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR) {
			cli_error("lost the editor %s: %s", editor, strerror(errno));
			return CLI_FAILED;
		}
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		cli_error("the editor %s ended with an error; set EDITOR to another one", editor);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int config_edit(const char *path)
{
	struct store_problem problem;
	struct settings *settings;

	if (settings_create_file(path, &problem) != 0) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	int result = config_run_editor(config_editor(), path);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (settings_load(path, &settings, &problem) != 0) {
		cli_error("%s; run flagship config edit again", problem.text);
		return CLI_FAILED;
	}
	settings_destroy(settings);
	return CLI_DONE;
}
