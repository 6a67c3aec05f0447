/* SPDX-License-Identifier: MIT */
#include "cli/target/stored.h"

#include "cli/kit/cli.h"
#include "cli/kit/options.h"
#include "store/file/paths.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int stored_no_home(void)
{
	cli_error("there is no home folder to keep anything in: set HOME");
	return CLI_NOT_CONFIGURED;
}

/* After success the problem is a warning, or nothing. */
static int stored_report(int error, const struct problem *problem)
{
	if (error) {
		if (problem->text[0] != '\0') {
			cli_error("%s", problem->text);
		}
		return CLI_FAILED;
	}
	if (problem->text[0] != '\0') {
		cli_warn("%s", problem->text);
	}
	return OPTIONS_RUN;
}

int stored_accounts_load_file(const char *file, struct store_accounts *accounts)
{
	char path[PATH_MAX];
	struct problem problem;

	*accounts = (struct store_accounts){0};
	if (!file && !store_accounts_path(path)) {
		return stored_no_home();
	}
	/* What was named is to be there; at the usual place nothing may be kept yet. */
	if (file && access(file, F_OK) != 0) {
		cli_error("%s: %s", file, strerror(errno));
		return CLI_NOT_CONFIGURED;
	}
	return stored_report(store_accounts_load(file ? file : path, accounts, &problem), &problem);
}

int stored_accounts_load(struct store_accounts *accounts)
{
	return stored_accounts_load_file(NULL, accounts);
}

int stored_accounts_update(store_accounts_editor *edit, void *context)
{
	char path[PATH_MAX];
	struct problem problem;

	if (!store_accounts_path(path)) {
		return stored_no_home();
	}
	return stored_report(store_accounts_update(path, edit, context, &problem), &problem);
}

int stored_settings_load(struct settings **settings)
{
	char path[PATH_MAX];
	struct problem problem;

	*settings = NULL;
	if (!store_settings_path(path)) {
		return stored_no_home();
	}
	return stored_report(settings_load(path, settings, &problem), &problem);
}
