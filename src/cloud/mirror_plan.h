/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_PLAN_H
#define CLOUD_MIRROR_PLAN_H

#include "cloud/registry.h"

#include <stdbool.h>
#include <stddef.h>

/* Which account is to mirror which printers. */
struct mirror_entry {
	struct mirror_entry *next;
	char email[REGISTRY_TEXT_MAX];
	char user_id[REGISTRY_TEXT_MAX];
	char country[REGISTRY_TEXT_MAX];
	char (*serials)[FLAGSHIP_SERIAL_LENGTH_MAX + 1]; /* at least one */
	size_t serial_count;
};

/*
 * By the registry as it is now: every account that is no administrator's, with its printers. A
 * printer that several accounts share is mirrored by the first one alone, so that nothing goes up
 * or comes down twice; the others hear it upstream. Errors: those of the registry, MEMORY.
 */
int mirror_plan(struct registry *registry, struct mirror_entry **entries);

/* Wipes it. NULL is accepted. */
void mirror_entry_free(struct mirror_entry *entry);
void mirror_plan_free(struct mirror_entry *entries);

bool mirror_entry_same(const struct mirror_entry *a, const struct mirror_entry *b);
bool mirror_entry_has(const struct mirror_entry *entry, const char *serial);

#endif
