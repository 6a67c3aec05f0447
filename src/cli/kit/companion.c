/* SPDX-License-Identifier: MIT */
#include "cli/kit/companion.h"

#include "cli/kit/cli.h"
#include "cli/kit/external.h"

#include <stdlib.h>
#include <string.h>

#define ACCOUNT_PROGRAM "account"

static const struct companion table[] = {
	{"import", ACCOUNT_PROGRAM, "Accounts",
	 "take over a login and its printers from another program"},
	{"login", ACCOUNT_PROGRAM, "Accounts", "log in to the vendor's service, or to another"},
	{"refresh", ACCOUNT_PROGRAM, "Accounts", "fetch the printers of the accounts again"},
	{"top", NULL, "Printers", "watch all printers on the whole terminal, and control them"},
	{"cloud", NULL, "Without the vendor", "broker, accounts, keys and API on your own machine"},
	{"demo", NULL, "Trying things out",
	 "everything at work, with a cloud and printers of its own"},
	{"simulate", NULL, "Trying things out",
	 "a printer that is not there, for trying things out"},
};

const struct companion *companions(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct companion *companion_find(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, name) == 0) {
			return &table[i];
		}
	}
	return NULL;
}

bool companion_is_server(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].program != NULL && strcmp(table[i].program, name) == 0) {
			return true;
		}
	}
	return false;
}

bool companion_locate(const char *name, char path[PATH_MAX], const char **first)
{
	const struct companion *companion = companion_find(name);

	*first = NULL;
	if (companion == NULL || companion->program == NULL) {
		return !companion_is_server(name) && external_find(name, path);
	}
	*first = name;
	return external_find(companion->program, path);
}

int companion_execute(char *path, const char *first, char *const *arguments)
{
	size_t count = 0;
	size_t used = 1; /* external_execute sets argv[0] */

	while (arguments[count] != NULL) {
		count++;
	}
	char **argv = calloc(count + 3, sizeof(*argv));
	if (argv == NULL) {
		cli_error("there is no memory to run %s", path);
		return CLI_FAILED;
	}
	if (first != NULL) {
		argv[used++] = (char *)first;
	}
	memcpy(argv + used, arguments, count * sizeof(*argv));
	int result = external_execute(path, argv);
	free(argv);
	return result;
}
