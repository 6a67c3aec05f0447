/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_MIRROR_PLAN_H
#define CLOUD_MIRROR_PLAN_H

#include "cloud/registry/registry.h"

#include <flagship/topic.h>

#include <stdbool.h>
#include <stddef.h>

/* Which account mirrors which printers: each printer through one account, since what two of them
 * pass on would arrive twice. */
struct mirror_account {
	struct mirror_account *next;
	char email[REGISTRY_TEXT_MAX];
	char user_id[REGISTRY_TEXT_MAX];
	char country[REGISTRY_TEXT_MAX];
	char (*serials)[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	size_t serial_count;
};

/*
 * The accounts that mirror a printer, in the order of e-mail addresses; a printer of several is the
 * first one's. refused: whether the upstream does not let this account in, which then leaves its
 * printers to others. Errors: STORE, MEMORY.
 */
int mirror_plan_make(struct registry *registry,
		     bool (*refused)(const void *context, const char *user_id), const void *context,
		     struct mirror_account **plan);

/* The same account with the same printers. */
bool mirror_account_same(const struct mirror_account *a, const struct mirror_account *b);
bool mirror_account_has(const struct mirror_account *account, const char *serial);

/* One that is in no plan any more; NULL is accepted. */
void mirror_account_free(struct mirror_account *account);
void mirror_plan_free(struct mirror_account *plan);

#endif
