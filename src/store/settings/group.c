/* SPDX-License-Identifier: MIT */
#include "store/settings/text.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define EVERY "all"

bool settings_group_name_valid(const char *name)
{
	bool has_letter = false;

	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && *c != '-' && *c != '_') {
			return false;
		}
		has_letter = has_letter || isalpha((unsigned char)*c);
	}
	return has_letter && strlen(name) <= SETTINGS_GROUP_NAME_MAX && name[0] != '-' &&
	       strcasecmp(name, EVERY) != 0;
}

struct settings_group *settings_group_find(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->group_count; i++) {
		if (strcmp(settings->groups[i].name, name) == 0) {
			return &settings->groups[i];
		}
	}
	return NULL;
}

static bool add(struct settings *settings, const char *name, char *value)
{
	struct settings_group *groups = realloc(settings->groups,
						(settings->group_count + 1) * sizeof(*groups));
	char *copy = strdup(name);

	if (groups) {
		settings->groups = groups;
	}
	if (!groups || !copy) {
		free(copy);
		return false;
	}
	groups[settings->group_count++] = (struct settings_group){.name = copy, .value = value};
	return true;
}

bool settings_group_put(struct settings *settings, const char *name, const char *value)
{
	struct settings_group *group = settings_group_find(settings, name);
	char *copy = strdup(value);

	if (!copy) {
		return false;
	}
	if (group) {
		free(group->value);
		group->value = copy;
		return true;
	}
	if (!add(settings, name, copy)) {
		free(copy);
		return false;
	}
	return true;
}

size_t settings_group_count(const struct settings *settings)
{
	return settings->group_count;
}

const char *settings_group_name(const struct settings *settings, size_t index)
{
	return settings->groups[index].name;
}
