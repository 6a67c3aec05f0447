/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_STORED_H
#define CLI_TARGET_STORED_H

#include "store/accounts/accounts.h"
#include "store/settings/settings.h"

/*
 * What is kept on this machine, at its usual place (store/file/paths.h). Problems and warnings are
 * told on stderr. All return OPTIONS_RUN or the exit status.
 */

/* *accounts needs store_accounts_finish either way. */
int stored_accounts_load(struct store_accounts *accounts);
/* The same from a file of its form, which has to be there; NULL: the usual one. */
int stored_accounts_load_file(const char *file, struct store_accounts *accounts);

/* As store_accounts_update. An error of `edit` is left to be reported by the caller: CLI_FAILED. */
int stored_accounts_update(store_accounts_editor *edit, void *context);

/* *settings needs settings_destroy. */
int stored_settings_load(struct settings **settings);

#endif
