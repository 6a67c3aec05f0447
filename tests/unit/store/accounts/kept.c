/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "folder.h"
#include "kept.h"

#include <stdio.h>
#include <stdlib.h>

int kept_add(void *context, struct store_accounts *accounts)
{
	struct kept_addition *addition = context;
	struct store_account account = {0};
	struct store_printer *printer = store_account_add_printer(&account);

	assert_non_null(printer);
	snprintf(account.login.user_id, sizeof(account.login.user_id), "%s", addition->user_id);
	printer->serial = "AK1";
	printer->name = addition->name;
	addition->changed = true;
	int error = store_accounts_put(accounts, &account, false);
	store_account_finish(&account);
	return error ? error : addition->result;
}

int kept_update(const char *path, const char *user_id, struct problem *problem)
{
	struct kept_addition addition = {.user_id = user_id, .name = "name"};

	return store_accounts_update(path, kept_add, &addition, problem);
}

size_t kept_count(const char *path)
{
	struct store_accounts accounts;
	struct problem problem;
	int error = store_accounts_load(path, &accounts, &problem);

	if (error) {
		print_error("%s\n", problem.text);
	}
	assert_int_equal(error, 0);
	size_t count = accounts.count;
	store_accounts_finish(&accounts);
	return count;
}

int kept_set_up(void **state)
{
	static struct folder folder;

	folder_create(&folder);
	*state = &folder;
	return 0;
}

int kept_tear_down(void **state)
{
	folder_remove(*state);
	return 0;
}
