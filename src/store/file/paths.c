/* SPDX-License-Identifier: MIT */
#include "store/file/paths.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *home_folder(void)
{
	const char *home = getenv("HOME");

	if (home && home[0] == '/') {
		return home;
	}
	const struct passwd *user = getpwuid(getuid());
	return user && user->pw_dir && user->pw_dir[0] == '/' ? user->pw_dir : NULL;
}

static bool build(const char *variable, const char *below_home, const char *name,
		  char out[PATH_MAX])
{
	const char *folder = getenv(variable);
	int length;

	if (folder && folder[0] == '/') {
		length = snprintf(out, PATH_MAX, "%s/flagship%s", folder, name);
	} else {
		const char *home = home_folder();

		if (!home) {
			return false;
		}
		length = snprintf(out, PATH_MAX, "%s/%s/flagship%s", home, below_home, name);
	}
	return length > 0 && length < PATH_MAX;
}

bool store_settings_path(char out[PATH_MAX])
{
	const char *file = getenv(STORE_SETTINGS_VARIABLE);

	if (file && file[0] == '/') {
		int length = snprintf(out, PATH_MAX, "%s", file);

		return length < PATH_MAX;
	}
	return build("XDG_CONFIG_HOME", ".config", "/flagship.conf", out);
}

bool store_accounts_path(char out[PATH_MAX])
{
	return build("XDG_STATE_HOME", ".local/state", "/accounts.json", out);
}

bool store_state_folder(char out[PATH_MAX])
{
	return build("XDG_STATE_HOME", ".local/state", "", out);
}

static int folder_length(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

bool file_place_beside(const char *path, const char *ending, char out[PATH_MAX])
{
	int folder = folder_length(path);
	int length = snprintf(out, PATH_MAX, "%.*s.%s%s", folder, path, path + folder, ending);

	return length > 0 && length < PATH_MAX;
}

void file_place_folder(const char *path, char out[PATH_MAX])
{
	int folder = folder_length(path);

	snprintf(out, PATH_MAX, "%.*s", folder > 0 ? folder : 2, folder > 0 ? path : "./");
}
