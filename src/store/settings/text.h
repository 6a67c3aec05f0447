/* SPDX-License-Identifier: MIT */
#ifndef STORE_SETTINGS_TEXT_H
#define STORE_SETTINGS_TEXT_H

#include "store/settings/settings.h"

#include <stdbool.h>
#include <stddef.h>

#define SETTINGS_REASON_MAX 256
#define SETTINGS_GROUP_RULE \
	"it is of letters, digits, - and _, a letter among them, 40 at most, and not all"

/* One of the section [group]. */
struct settings_group {
	char *name;
	char *value;
};

/* One value a key of the table, NULL where the file does not say it. */
struct settings {
	char **values;
	size_t count;
	struct settings_group *groups;
	size_t group_count;
};

/* What is wrong with the text of flagship.conf. */
struct settings_fault {
	size_t line; /* from 1 */
	char reason[SETTINGS_REASON_MAX];
};

/* Errors: STORE (with *fault), MEMORY. fault->line other than 0 after success: a line that is
 * passed over, since it sets what is no setting any more; fault->reason says so. The caller ends
 * *settings with settings_destroy. */
int settings_text_parse(const char *text, size_t length, struct settings **settings,
			struct settings_fault *fault);

/* Every key, commented, with its default. NULL where there is no memory; the caller frees it. */
char *settings_text_default(size_t *length);

/*
 * The text with this value in place of what it says of the key, or where value is NULL with nothing
 * said of it; all else stays as it is. NULL where there is no memory; the caller frees it.
 */
char *settings_text_edit(const char *text, size_t length, const char *section, const char *name,
			 const char *value, size_t *edited_length);

/* NULL where the file has no such group. */
struct settings_group *settings_group_find(const struct settings *settings, const char *name);

/* Adds it, or gives it another value. False where there is no memory. */
bool settings_group_put(struct settings *settings, const char *name, const char *value);

/* Its index in settings_keys, or SIZE_MAX. */
size_t settings_key_index(const char *section, const char *name);

/* What a setting takes (struct settings_key). false: *reason says what is wanted. */
bool settings_check_group(const char *value, const char **reason); /* one printer or more */

#endif
