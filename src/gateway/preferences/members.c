/* SPDX-License-Identifier: MIT */
#include "gateway/preferences/internal.h"

#include <string.h>

/* A page shows what is here as it is: nothing else than what pages write is kept. */

#define TEXT_MAX       256 /* bytes of a name, and of a serial number */
#define LENGTH_MAX     1000.0
#define HEAT_MAX       500.0
#define PRESET_MEMBERS 3

typedef bool fit_value(const cJSON *value, const char *words);

static bool fits_word(const cJSON *value, const char *words)
{
	const char *wanted = cJSON_GetStringValue(value);
	size_t length = wanted ? strlen(wanted) : 0;

	for (size_t count; length > 0 && *words != '\0'; words += count + (words[count] == ' ')) {
		count = strcspn(words, " ");
		if (count == length && memcmp(words, wanted, length) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_name(const cJSON *value)
{
	return cJSON_IsString(value) && strlen(value->valuestring) <= TEXT_MAX;
}

static bool is_number(const cJSON *value, double most)
{
	return cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble <= most;
}

static bool fits_length(const cJSON *value, const char *words)
{
	(void)words;
	return is_number(value, LENGTH_MAX);
}

static bool have_names(const cJSON *value)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, value)
	{
		if (!is_name(item)) {
			return false;
		}
	}
	return true;
}

static bool fits_serials(const cJSON *value, const char *words)
{
	(void)words;
	return cJSON_IsArray(value) && have_names(value);
}

static bool fits_groups(const cJSON *value, const char *words)
{
	(void)words;
	return cJSON_IsObject(value) && have_names(value);
}

static bool is_preset(const cJSON *item)
{
	return cJSON_IsObject(item) && cJSON_GetArraySize(item) == PRESET_MEMBERS &&
	       is_name(cJSON_GetObjectItemCaseSensitive(item, "name")) &&
	       is_number(cJSON_GetObjectItemCaseSensitive(item, "nozzle_c"), HEAT_MAX) &&
	       is_number(cJSON_GetObjectItemCaseSensitive(item, "bed_c"), HEAT_MAX);
}

static bool fits_presets(const cJSON *value, const char *words)
{
	const cJSON *item;

	(void)words;
	if (!cJSON_IsArray(value)) {
		return false;
	}
	cJSON_ArrayForEach(item, value)
	{
		if (!is_preset(item)) {
			return false;
		}
	}
	return true;
}

static const struct {
	const char *name;
	fit_value *fits;
	const char *words;
} members[] = {
	{"theme", fits_word, "auto light dark"},
	{"language", fits_word, "auto en de es fr zh"},
	{"fleet_sort", fits_word, "own state name finish progress"},
	{"fleet_size", fits_word, "s m l"},
	{"fleet_order", fits_serials, NULL},
	{"fleet_hidden", fits_serials, NULL},
	{"fleet_groups", fits_groups, NULL},
	{"files_sort", fits_word, "name newest largest longest"},
	{"presets", fits_presets, NULL},
	{"move_step", fits_length, NULL},
	{"filament_length", fits_length, NULL},
};

const char preferences_members[] =
	"theme language fleet_sort fleet_size fleet_order fleet_hidden fleet_groups files_sort "
	"presets move_step filament_length";

static bool fits_member(const cJSON *item)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (strcmp(members[i].name, item->string) == 0) {
			return cJSON_IsNull(item) || members[i].fits(item, members[i].words);
		}
	}
	return false;
}

bool preferences_fit(const cJSON *changes)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, changes)
	{
		if (!fits_member(item)) {
			return false;
		}
	}
	return true;
}
