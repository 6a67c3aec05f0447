/* SPDX-License-Identifier: MIT */
#ifndef CLI_SETUP_ACCOUNTS_PAGE_H
#define CLI_SETUP_ACCOUNTS_PAGE_H

#include "base/json/writer.h"
#include "cli/kit/redact.h"
#include "cli/output/output.h"
#include "store/accounts/accounts.h"

#include <stdint.h>

/* One account, for people and for programs. Times are Unix seconds. */

/* "valid", "until 12 days from now", "expired 3 h ago", "none". */
const char *accounts_describe_token(const struct store_account *account, int64_t now_s,
				    char out[OUTPUT_TIME_MAX]);

/* "3 h ago", or "never" for 0. */
const char *accounts_describe_age(int64_t then_s, int64_t now_s, char out[OUTPUT_TIME_MAX]);

/* Returns an enum cli_exit. */
int accounts_page_print(const struct store_account *account, const struct redact_options *redact,
			int64_t now_s);

void accounts_page_write(const struct store_account *account, const struct redact_options *redact,
			 int64_t now_s, struct json_writer *writer);

#endif
