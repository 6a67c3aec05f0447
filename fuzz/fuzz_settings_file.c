/* SPDX-License-Identifier: MIT */
#include "store/settings/text.h"

#include <flagship/error.h>

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SECTION "cli"
#define NAME    "timeout"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* All but SECTION.NAME is as it was. */
static void check_others(const struct settings *before, const struct settings *after)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	for (size_t i = 0; i < count; i++) {
		const char *section = keys[i].section;
		const char *name = keys[i].name;

		if (i == settings_key_index(SECTION, NAME)) {
			continue;
		}
		assert(settings_is_set(before, section, name) ==
		       settings_is_set(after, section, name));
		assert(strcmp(settings_get(before, section, name),
			      settings_get(after, section, name)) == 0);
	}
}

static void check_edit(const char *text, size_t length, const struct settings *before,
		       const char *value)
{
	struct settings_fault fault;
	struct settings *after;
	size_t edited_length;
	char *edited = settings_text_edit(text, length, SECTION, NAME, value, &edited_length);

	assert(edited);
	assert(settings_text_parse(edited, edited_length, &after, &fault) == 0);
	assert(settings_is_set(after, SECTION, NAME) == (value != NULL));
	assert(!value || strcmp(settings_get(after, SECTION, NAME), value) == 0);
	check_others(before, after);
	settings_destroy(after);
	free(edited);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings_fault fault = {0};
	struct settings *settings;
	char *text = malloc(size > 0 ? size : 1);
	size_t count;
	const struct settings_key *keys = settings_keys(&count);
	const char *reason;

	assert(text);
	memcpy(text, data, size);
	int error = settings_text_parse(text, size, &settings, &fault);
	if (error) {
		assert(error == FLAGSHIP_ERROR_STORE && !settings);
		assert(fault.line >= 1 && fault.reason[0] != '\0');
		free(text);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		const char *value = settings_get(settings, keys[i].section, keys[i].name);
		assert(!settings_is_set(settings, keys[i].section, keys[i].name) ||
		       !keys[i].check || keys[i].check(value, &reason));
	}
	check_edit(text, size, settings, "7");
	check_edit(text, size, settings, NULL);
	settings_destroy(settings);
	free(text);
	return 0;
}
