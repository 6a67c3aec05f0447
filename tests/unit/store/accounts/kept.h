/* SPDX-License-Identifier: MIT */
#ifndef TEST_STORE_KEPT_H
#define TEST_STORE_KEPT_H

#include "store/accounts/accounts.h"

#include <stddef.h>

#define FILE_NAME "accounts.json"

/* An account with one printer that an edit puts into the file, and what the edit returns. */
struct kept_addition {
	const char *user_id;
	const char *name; /* of printer AK1 */
	int result;       /* of the edit, in place of success */
	bool changed;
};

/* For store_accounts_update; context: a struct kept_addition. */
int kept_add(void *context, struct store_accounts *accounts);

/* Puts an account with the printer "name" into the file. Returns what store_accounts_update does.
 */
int kept_update(const char *path, const char *user_id, struct problem *problem);

/* How many accounts the file holds; what cannot be read fails the test. */
size_t kept_count(const char *path);

/* *state: a struct folder. */
int kept_set_up(void **state);
int kept_tear_down(void **state);

#endif
