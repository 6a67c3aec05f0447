/* SPDX-License-Identifier: MIT */
#include "fleet/stored.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LINE_SIZE       512
#define SECTION_SIZE    8
#define LIST_SEPARATORS ", "

struct command_rights stored_rights(const struct store_printer *printer)
{
	struct command_rights rights = {0};

	if (printer) {
		rights.no_query = store_right_from_text(printer->may_query) == STORE_RIGHT_NO;
		rights.no_command = store_right_from_text(printer->may_command) == STORE_RIGHT_NO;
	}
	return rights;
}

/* "m5" of the settings for M5. */
static void name_section(enum flagship_model model, char section[SECTION_SIZE])
{
	const char *name = flagship_model_name(model);

	snprintf(section, SECTION_SIZE, "%s", name ? name : "m5");
	for (char *letter = section; *letter != '\0'; letter++) {
		*letter = (char)tolower((unsigned char)*letter);
	}
}

static bool is_listed(const char *list, const char *serial)
{
	const size_t length = strlen(serial);

	while (*list != '\0') {
		list += strspn(list, LIST_SEPARATORS);
		size_t item = strcspn(list, LIST_SEPARATORS);
		if (item == length && strncmp(list, serial, length) == 0) {
			return true;
		}
		list += item;
	}
	return false;
}

void stored_profile(const struct settings *settings, const char *serial, enum flagship_model model,
		    struct printer_profile *profile,
		    void (*ignored)(void *context, const char *line), void *context)
{
	const char *const *keys = printer_profile_keys();
	char section[SECTION_SIZE];
	char line[LINE_SIZE];

	printer_profile_init(profile, model);
	name_section(model, section);
	for (size_t i = 0; keys[i]; i++) {
		const char *value = settings_get(settings, section, keys[i]);

		if (value[0] != '\0' && printer_profile_set(profile, keys[i], value) && ignored) {
			snprintf(line, sizeof(line),
				 "the setting %s.%s does not take '%s'; it is ignored", section,
				 keys[i], value);
			ignored(context, line);
		}
	}
	if (model == FLAGSHIP_MODEL_M5 &&
	    is_listed(settings_get(settings, "printer", "all_metal"), serial) &&
	    profile->nozzle_max_c < PRINTER_PROFILE_ALL_METAL_C) {
		profile->nozzle_max_c = PRINTER_PROFILE_ALL_METAL_C;
	}
}
