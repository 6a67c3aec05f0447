/* SPDX-License-Identifier: MIT */
#include "cli/output/colour.h"

#include "store/file/paths.h"
#include "store/settings/settings.h"

#include <stdlib.h>

void colour_apply_setting(void)
{
	char path[PATH_MAX];
	struct store_problem problem;
	struct settings *settings;

	if (!store_settings_path(path) || settings_load(path, &settings, &problem) != 0) {
		return;
	}
	if (settings_is_set(settings, "cli", "colour")) {
		setenv(COLOUR_ENVIRONMENT, settings_get(settings, "cli", "colour"), 0);
	}
	settings_destroy(settings);
}
