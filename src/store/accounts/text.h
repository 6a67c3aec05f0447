/* SPDX-License-Identifier: MIT */
#ifndef STORE_ACCOUNTS_TEXT_H
#define STORE_ACCOUNTS_TEXT_H

#include "store/accounts/accounts.h"

#include <stdbool.h>
#include <stddef.h>

/* What is wrong with the text of accounts.json. */
struct accounts_fault {
	size_t line;        /* from 1 */
	const char *reason; /* "the text is too long" */
	bool newer;         /* not damaged, but written by a later version */
};

/*
 * Reads the text of accounts.json into zeroed *accounts, which needs store_accounts_finish either
 * way. Errors: STORE (with *fault), MEMORY.
 */
int accounts_text_parse(const char *text, size_t length, struct store_accounts *accounts,
			struct accounts_fault *fault);

/*
 * The inverse, one member a line, NUL-terminated: the caller wipes and frees `*text`. Errors:
 * MEMORY.
 */
int accounts_text_format(const struct store_accounts *accounts, char **text, size_t *length);

/* Adds an account that is not there yet, as store_accounts_put does. */
int accounts_append(struct store_accounts *accounts, struct store_account *account);

/* For base/text_index.h: of an array of printers, and of one of accounts. */
const char *accounts_serial_at(const void *printers, size_t position);
const char *accounts_user_id_at(const void *accounts, size_t position);

#endif
