/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "cli/account/commands.h"
#include "cli/account/service.h"
#include "cli/output/print.h"
#include "vendor/import/places.h"
#include "vendor/import/source.h"
#include "vendor/service.h"

#include <flagship/error.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FOUND_MAX    64
#define SOURCE_EMPTY (-2) /* nobody is logged in there, which is not printed */

struct import_options {
	struct service_options service;
	bool offline;
};

static const struct options_option import_table[] = {
	{.name = "offline",
	 .kind = OPTIONS_FLAG,
	 .help = "never ask the service, not even where keys are missing",
	 .offset = offsetof(struct import_options, offline)},
};

static const struct options_group import_group = OPTIONS_GROUP("Import", import_table);

static const struct options_group *const import_groups[] = {&import_group, &service_options_group,
							    NULL};

static int import_run(const struct cli_command *command, int argc, char **argv);

const struct cli_command import_command = {
	.name = "import",
	.section = "Accounts",
	.summary = "take over a login and its printers from another program",
	.arguments = "[PATH]",
	.arguments_max = 1,
	.description =
		"Reads the slicer's login.json, the profile folder of eufyMake Studio or "
		"AnkerMake\n"
		"Studio, the local storage of its web view, or ankerctl's default.json; without\n"
		"PATH whatever it finds of these in the usual places of Linux, macOS and Wine; of\n"
		"PATH - the text of one on standard input.\n"
		"Where the printers' keys stand in the file, no network is needed; else the\n"
		"service is asked for them.",
	.groups = import_groups,
	.run = import_run,
};

/* Paths that are to be read. */
struct found {
	char *paths[FOUND_MAX];
	size_t count;
};

/* Accounts that this run took over. */
struct imported {
	char user_ids[FOUND_MAX][FLAGSHIP_ACCOUNT_FIELD_MAX];
	size_t count;
};

static void handle_found(void *context, const char *path)
{
	struct found *found = context;

	if (found->count < FOUND_MAX) {
		found->paths[found->count] = strdup(path);
		found->count += found->paths[found->count] != NULL;
	}
}

static void print_place(void *context, const char *place, size_t count)
{
	(void)context;
	print_to(stderr, "  %s %s\n", count > 0 ? "\xe2\x9c\x93" : "-", place);
}

static void ignore_place(void *context, const char *place, size_t count)
{
	(void)context;
	(void)place;
	(void)count;
}

static void found_finish(struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		free(found->paths[i]);
	}
	found->count = 0;
}

static int look_everywhere(struct found *found)
{
	static const struct places_handlers handlers = {print_place, handle_found};

	fputs("flagship: looking for logins in\n", stderr);
	if (places_look(&handlers, found) != 0) {
		cli_error("%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
		return CLI_FAILED;
	}
	if (found->count == 0) {
		cli_error("there is no login in any of these places; log in to the vendor's "
			  "program once and run this again, give the PATH of a copy, or use "
			  "flagship login");
		return CLI_NOT_CONFIGURED;
	}
	return OPTIONS_RUN;
}

/* A Wine prefix, or a copy of one, may hold several. */
static int look_at(const char *path, struct found *found)
{
	static const struct places_handlers handlers = {ignore_place, handle_found};
	char drive[PATH_MAX];

	if (snprintf(drive, sizeof(drive), "%s/drive_c", path) < (int)sizeof(drive) &&
	    access(drive, F_OK) == 0) {
		if (places_look_in_prefix(path, &handlers, found) != 0 || found->count == 0) {
			cli_error("the Wine prefix %s holds no login of a slicer or a Studio",
				  path);
			return CLI_FAILED;
		}
		return OPTIONS_RUN;
	}
	handle_found(found, path);
	return OPTIONS_RUN;
}

static bool has_all_keys(const struct store_account *account)
{
	for (size_t i = 0; i < account->printer_count; i++) {
		if (!account->printers[i].key_hex[0]) {
			return false;
		}
	}
	return account->printer_count > 0;
}

static void warn_expired(const struct store_account *account)
{
	int64_t expires = account->login.token_expires_at;

	if (expires > 0 && expires < clock_unix_s()) {
		cli_warn("the token of this login has expired; the printers can be used, but "
			 "flagship refresh needs a new login");
	}
}

/* What went wrong is not reported yet. */
static enum service_failure fetch_keys(const struct service_settings *settings,
				       struct store_account *account, struct problem *problem)
{
	static const struct fetch fetch = {.warn = service_warn};
	struct service service;
	char url[STORE_TEXT_MAX];

	store_account_api(account, url);
	print_to(stderr, "flagship: asking %s for the printers and their keys\n", url);
	enum service_failure failure = service_open(&service, url, settings, &account->login,
						    problem);
	if (!failure) {
		failure = fetch_printers(&fetch, &service, account, problem);
		service_close(&service);
	}
	return failure;
}

static int describe_service(const struct import_options *options,
			    const struct service_settings *settings, struct store_account *account)
{
	const struct options_list *api = &options->service.api;

	if (api->count > 1) {
		cli_error("import takes one --api only");
		return CLI_USAGE;
	}
	if (api->count == 1 && snprintf(account->api, sizeof(account->api), "%s", api->items[0]) >=
				       (int)sizeof(account->api)) {
		cli_error("the address of the service is too long: %s", api->items[0]);
		return CLI_USAGE;
	}
	service_describe(&options->service, settings, account);
	return OPTIONS_RUN;
}

/* A web view knows no printers: nothing new, where the account came from another place just now. */
static bool is_known(const struct imported *imported, const struct store_account *account)
{
	for (size_t i = 0; i < imported->count && account->printer_count == 0; i++) {
		if (strcmp(imported->user_ids[i], account->login.user_id) == 0) {
			return true;
		}
	}
	return false;
}

static void remember(struct imported *imported, const struct store_account *account)
{
	if (imported->count < FOUND_MAX) {
		snprintf(imported->user_ids[imported->count++], FLAGSHIP_ACCOUNT_FIELD_MAX, "%s",
			 account->login.user_id);
	}
}

/* OPTIONS_RUN, SOURCE_EMPTY or an exit status. */
static int read_source(const char *path, struct store_account *account)
{
	static const struct import_source source = {.warn = service_warn};
	struct problem problem;

	switch (import_source_read(&source, path, account, &problem)) {
	case IMPORT_LOGIN:
		return OPTIONS_RUN;
	case IMPORT_EMPTY:
		return SOURCE_EMPTY;
	case IMPORT_FAILED:
		break;
	}
	cli_error("%s", problem.text);
	return CLI_FAILED;
}

/* The last line has all that is to be known: it is what other programs show. */
static int report_missing(enum service_failure failure, struct problem *problem)
{
	struct problem whole;

	problem_set(&whole,
		    "%s; the login was kept, but keys of printers are missing; run flagship "
		    "refresh to try again",
		    problem->text);
	return service_report(failure, &whole);
}

/* Even where the service could not be asked: the login is worth keeping. */
static int keep(struct store_account *account, const struct import_options *options,
		const struct service_settings *settings)
{
	enum service_failure failure = SERVICE_OK;
	struct problem problem;
	bool complete = has_all_keys(account);

	if (complete) {
		warn_expired(account);
	} else if (!options->offline) {
		failure = fetch_keys(settings, account, &problem);
	}
	int result = keep_account(account, false, options->service.json);
	if (result != CLI_DONE) {
		(void)service_report(failure, &problem);
		return result;
	}
	if (failure) {
		return report_missing(failure, &problem);
	}
	if (!complete && options->offline) {
		cli_error("the login was kept, but keys of printers are missing, and --offline "
			  "forbids to ask for them: run flagship refresh once the service may be "
			  "asked");
		return CLI_NOT_CONFIGURED;
	}
	return CLI_DONE;
}

static int import_one(const char *path, const struct import_options *options,
		      const struct service_settings *settings, struct imported *imported)
{
	struct store_account account;
	int result = read_source(path, &account);

	if (result == OPTIONS_RUN && is_known(imported, &account)) {
		fputs("flagship: that login was taken over from another place\n", stderr);
		store_account_finish(&account);
		return CLI_DONE;
	}
	if (result == OPTIONS_RUN) {
		remember(imported, &account);
	}

	if (result == OPTIONS_RUN) {
		result = describe_service(options, settings, &account);
	}
	if (result != OPTIONS_RUN) {
		store_account_finish(&account);
		return result;
	}
	return keep(&account, options, settings);
}

/* Who only looked at the program has such a cache too. */
static int report_empty(const struct found *found, size_t index)
{
	if (found->count > 1) {
		print_to(stderr, "flagship: %s: nobody is logged in there\n", found->paths[index]);
		return CLI_DONE;
	}
	cli_error("%s: nobody is logged in there; log in to the vendor's program once and run this "
		  "again, or use flagship login",
		  found->paths[index]);
	return CLI_NOT_CONFIGURED;
}

static int import_all(const struct found *found, const struct import_options *options)
{
	struct service_settings settings;
	struct imported imported = {.count = 0};
	size_t empty = 0;
	int status = service_settings_init(&settings, &options->service, SERVICE_TIMEOUT_MS);

	if (status != OPTIONS_RUN) {
		return status;
	}
	status = CLI_DONE;
	for (size_t i = 0; i < found->count; i++) {
		if (found->count > 1) {
			print_to(stderr, "flagship: %s\n", found->paths[i]);
		}
		int result = import_one(found->paths[i], options, &settings, &imported);
		if (result == SOURCE_EMPTY) {
			empty++;
			result = report_empty(found, i);
		}
		status = result != CLI_DONE ? result : status;
	}
	if (status == CLI_DONE && empty == found->count) {
		cli_error("nobody is logged in there; log in to the vendor's program once and run "
			  "this again, or use flagship login");
		status = CLI_NOT_CONFIGURED;
	}
	return status;
}

static int import_run(const struct cli_command *command, int argc, char **argv)
{
	struct import_options options = {0};
	struct found found = {0};
	int result = options_parse(command, &argc, argv,
				   (void *const[]){&options, &options.service});

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = argc > 0 ? look_at(argv[0], &found) : look_everywhere(&found);
	if (result == OPTIONS_RUN) {
		result = import_all(&found, &options);
	}
	found_finish(&found);
	return result;
}
