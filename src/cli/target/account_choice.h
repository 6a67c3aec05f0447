/* SPDX-License-Identifier: MIT */
#ifndef CLI_TARGET_ACCOUNT_CHOICE_H
#define CLI_TARGET_ACCOUNT_CHOICE_H

#include "store/accounts/accounts.h"

/*
 * The account that a word names: its user id, its e-mail address in either case, its number in
 * `flagship accounts`, or the unique beginning of its user id, in this order. NULL, told on stderr
 * with what there is, where it names none or several.
 */
struct store_account *account_choose(struct store_accounts *accounts, const char *word);

/* There is no account at all: says how to get one. */
void account_explain_none(void);

#endif
