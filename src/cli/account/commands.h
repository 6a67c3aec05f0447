/* SPDX-License-Identifier: MIT */
#ifndef CLI_ACCOUNT_COMMANDS_H
#define CLI_ACCOUNT_COMMANDS_H

#include "cli/kit/cli.h"
#include "store/accounts/accounts.h"
#include "vendor/api/answer.h"
#include "vendor/login.h"

#include <stdbool.h>
#include <stddef.h>

/* One per file, for the table of main.c. */
extern const struct cli_command import_command;
extern const struct cli_command login_command;
extern const struct cli_command refresh_command;

/*
 * Puts the account into the store and takes it over (it is zeroed); says on stderr what was kept,
 * and prints its printers on stdout, as a table or as one line of JSON. drop_missing as in
 * store_accounts_put. Returns CLI_DONE, or another status after trouble that was reported.
 */
int keep_account(struct store_account *account, bool drop_missing, bool json);

/*
 * Saves the picture as a file that only this user can read, shows it where there is a desktop, else
 * says where it is, and asks what it says. The file is removed again. Returns OPTIONS_RUN, or an
 * exit status after trouble that was reported.
 */
int captcha_ask(const struct vendor_captcha *captcha, char *answer, size_t capacity);

/*
 * Asks on the terminal, which there has to be, for the code that was mailed to this address; what
 * is typed is not shown. The caller wipes it. Returns as captcha_ask.
 */
int code_ask(const char *email, enum login_code_reason reason, char code[LOGIN_CODE_MAX]);

#endif
