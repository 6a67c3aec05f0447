/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_KEEP_H
#define CLI_ACCOUNT_KEEP_H

#include "store/accounts/accounts.h"

#include <stdbool.h>

/*
 * Puts the account into the store and takes it over (it is zeroed); says on stderr what was kept,
 * and prints its printers on stdout, as a table or as one line of JSON. drop_missing as in
 * store_accounts_put. Returns CLI_DONE, or another status after trouble that was told.
 */
int keep_account(struct store_account *account, bool drop_missing, bool json);

#endif
