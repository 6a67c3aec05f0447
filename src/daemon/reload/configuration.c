/* SPDX-License-Identifier: MIT */
#include "daemon/reload/configuration.h"

#include "store/accounts/fields.h"

#include <assert.h>
#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>

struct configuration {
	struct settings *settings;
	struct store_accounts accounts;
	unsigned int holders;
};

/* A printer with the account that it belongs to: one may be shared, and stands in several. */
struct entry {
	const struct store_account *account;
	const struct store_printer *printer; /* NULL: the account itself */
};

/* In the order of account and serial number: of one user id, the account of accounts.json comes
 * before that of a cloud on this machine, which is another one. */
struct entries {
	struct entry *entries;
	size_t count;
};

struct comparison {
	struct entries older;
	struct entries newer;
	void (*each)(void *context, const struct configuration_change *change);
	void *context;
};

int configuration_read(const struct configuration_source *source,
		       struct configuration **configuration, struct problem *problem)
{
	struct configuration *read = calloc(1, sizeof(*read));
	struct problem warning = {0};

	*configuration = NULL;
	if (!read) {
		return problem_memory(problem);
	}
	read->holders = 1;
	int error = settings_load(source->settings_path, &read->settings, problem);
	if (!error) {
		warning = *problem;
		error = store_accounts_load(source->accounts_path, &read->accounts, problem);
	}
	if (!error && source->add_accounts) {
		error = source->add_accounts(source->context, read->settings, &read->accounts);
		if (error) {
			(void)problem_memory(problem);
		}
	}
	if (error) {
		configuration_release(read);
		return error;
	}
	if (problem->text[0] == '\0') {
		*problem = warning;
	}
	*configuration = read;
	return 0;
}

struct configuration *configuration_hold(struct configuration *configuration)
{
	configuration->holders++;
	return configuration;
}

void configuration_release(struct configuration *configuration)
{
	if (!configuration) {
		return;
	}
	assert(configuration->holders > 0);
	if (--configuration->holders > 0) {
		return;
	}
	settings_destroy(configuration->settings);
	store_accounts_finish(&configuration->accounts);
	free(configuration);
}

const struct settings *configuration_settings(const struct configuration *configuration)
{
	return configuration->settings;
}

const struct store_accounts *configuration_accounts(const struct configuration *configuration)
{
	return &configuration->accounts;
}

static int order(const void *first, const void *second)
{
	const struct entry *a = first;
	const struct entry *b = second;
	int by_account = strcmp(a->account->login.user_id, b->account->login.user_id);

	if (by_account != 0) {
		return by_account;
	}
	if (a->account->has_namesake != b->account->has_namesake) {
		return a->account->has_namesake ? 1 : -1;
	}
	return strcmp(a->printer ? a->printer->serial : "", b->printer ? b->printer->serial : "");
}

/* False where there is no memory. */
static bool list_entries(const struct configuration *configuration, struct entries *entries)
{
	size_t count = 0;

	*entries = (struct entries){0};
	if (!configuration) {
		return true;
	}
	for (size_t i = 0; i < configuration->accounts.count; i++) {
		count += 1 + configuration->accounts.accounts[i].printer_count;
	}
	entries->entries = calloc(count + 1, sizeof(*entries->entries));
	if (!entries->entries) {
		return false;
	}
	for (size_t i = 0; i < configuration->accounts.count; i++) {
		const struct store_account *account = &configuration->accounts.accounts[i];

		entries->entries[entries->count++] = (struct entry){.account = account};
		for (size_t j = 0; j < account->printer_count; j++) {
			entries->entries[entries->count++] = (struct entry){account,
									    &account->printers[j]};
		}
	}
	qsort(entries->entries, entries->count, sizeof(*entries->entries), order);
	return true;
}

static bool field_is_same(const struct accounts_field *field, const void *first, const void *second)
{
	return field->capacity > 0
		       ? strcmp(accounts_field_text(first, field),
				accounts_field_text(second, field)) == 0
		       : memcmp((const char *)first + field->offset,
				(const char *)second + field->offset, sizeof(int64_t)) == 0;
}

static bool fields_are_same(const struct accounts_fields *fields, const void *first,
			    const void *second)
{
	for (size_t i = 0; i < fields->count; i++) {
		if (!field_is_same(&fields->fields[i], first, second)) {
			return false;
		}
	}
	return true;
}

static bool is_same(const struct entry *first, const struct entry *second)
{
	if (first->printer) {
		return first->printer->model == second->printer->model &&
		       fields_are_same(&accounts_printer_fields, first->printer, second->printer);
	}
	return first->account->login.region == second->account->login.region &&
	       first->account->local == second->account->local &&
	       fields_are_same(&accounts_account_fields, first->account, second->account);
}

static void report(const struct comparison *comparison, enum configuration_change_kind kind,
		   const struct entry *entry)
{
	const struct configuration_change change = {
		.kind = kind, .account = entry->account, .printer = entry->printer};

	comparison->each(comparison->context, &change);
}

enum difference {
	ONLY_OLDER,
	ONLY_NEWER,
	IN_BOTH,
};

/* Walks both lists at once, and reports those of one kind: printers or accounts. */
static void walk(const struct comparison *comparison, enum difference wanted, bool printers,
		 enum configuration_change_kind kind)
{
	const struct entries *older = &comparison->older;
	const struct entries *newer = &comparison->newer;
	size_t i = 0;
	size_t j = 0;

	while (i < older->count || j < newer->count) {
		int compared = i == older->count   ? 1
			       : j == newer->count ? -1
						   : order(&older->entries[i], &newer->entries[j]);
		enum difference found = compared < 0   ? ONLY_OLDER
					: compared > 0 ? ONLY_NEWER
						       : IN_BOTH;
		const struct entry *entry = found == ONLY_OLDER ? &older->entries[i]
								: &newer->entries[j];
		bool of_printer = entry->printer != NULL;

		if (found == wanted && of_printer == printers &&
		    (found != IN_BOTH || !is_same(&older->entries[i], entry))) {
			report(comparison, kind, entry);
		}
		i += compared <= 0;
		j += compared >= 0;
	}
}

static bool groups_are_same(const struct settings *first, const struct settings *second)
{
	if (settings_group_count(first) != settings_group_count(second)) {
		return false;
	}
	for (size_t i = 0; i < settings_group_count(first); i++) {
		const char *name = settings_group_name(first, i);

		if (strcmp(name, settings_group_name(second, i)) != 0 ||
		    strcmp(settings_get(first, SETTINGS_GROUP, name),
			   settings_get(second, SETTINGS_GROUP, name)) != 0) {
			return false;
		}
	}
	return true;
}

static void compare_settings(const struct comparison *comparison, const struct settings *older,
			     const struct settings *newer)
{
	size_t count;
	const struct settings_key *keys = settings_keys(&count);

	for (size_t i = 0; i < count; i++) {
		const struct configuration_change change = {.kind = CONFIGURATION_SETTING_CHANGED,
							    .setting = &keys[i]};

		if (strcmp(settings_get(older, keys[i].section, keys[i].name),
			   settings_get(newer, keys[i].section, keys[i].name)) != 0) {
			comparison->each(comparison->context, &change);
		}
	}
	if (!groups_are_same(older, newer)) {
		comparison->each(
			comparison->context,
			&(struct configuration_change){.kind = CONFIGURATION_GROUPS_CHANGED});
	}
}

int configuration_compare(const struct configuration *older, const struct configuration *newer,
			  void (*each)(void *context, const struct configuration_change *change),
			  void *context)
{
	struct comparison comparison = {.each = each, .context = context};
	int error = FLAGSHIP_ERROR_MEMORY;

	if (!list_entries(older, &comparison.older) || !list_entries(newer, &comparison.newer)) {
		goto out;
	}
	walk(&comparison, ONLY_OLDER, true, CONFIGURATION_PRINTER_REMOVED);
	walk(&comparison, ONLY_OLDER, false, CONFIGURATION_ACCOUNT_REMOVED);
	walk(&comparison, ONLY_NEWER, false, CONFIGURATION_ACCOUNT_ADDED);
	walk(&comparison, IN_BOTH, false, CONFIGURATION_ACCOUNT_CHANGED);
	walk(&comparison, ONLY_NEWER, true, CONFIGURATION_PRINTER_ADDED);
	walk(&comparison, IN_BOTH, true, CONFIGURATION_PRINTER_CHANGED);
	if (older) {
		compare_settings(&comparison, older->settings, newer->settings);
	}
	error = 0;
out:
	free(comparison.older.entries);
	free(comparison.newer.entries);
	return error;
}
