/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_IMPORT_SOURCE_H
#define CLI_ACCOUNT_IMPORT_SOURCE_H

#include "store/accounts/accounts.h"

/* Nobody is logged in there, which is not told on stderr. */
#define IMPORT_SOURCE_EMPTY (-2)

/*
 * Reads a login, with the printers that stand beside it, from a file or folder of another program:
 * the slicer's login.json, a Studio profile folder or a login_info.json in one, ankerctl's
 * default.json, or a folder that holds one of these. Trouble is told on stderr. Returns OPTIONS_RUN
 * or an exit status; store_account_finish is due either way.
 */
int import_source_read(const char *path, struct store_account *account);

#endif
