/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RELOAD_CONFIGURATION_H
#define DAEMON_RELOAD_CONFIGURATION_H

#include "base/problem.h"
#include "store/accounts/accounts.h"
#include "store/settings/settings.h"

/*
 * Settings and accounts as they were at one moment. It never changes: who has read the files again
 * has another one, and looks at what differs. Counted: it lives until the last holder releases it,
 * and its secrets are wiped then. For one thread.
 */
struct configuration;

/* Where it comes from. */
struct configuration_source {
	const char *settings_path;
	const char *accounts_path;
	/* Adds accounts of another place; NULL: there are none. Errors: MEMORY. */
	int (*add_accounts)(void *context, const struct settings *settings,
			    struct store_accounts *accounts);
	void *context;
};

/* A file that is absent gives defaults, or no accounts. problem->text holds a warning after
 * success, or "". Errors: those of settings_load and store_accounts_load. The caller holds it. */
int configuration_read(const struct configuration_source *source,
		       struct configuration **configuration, struct problem *problem)
	__attribute__((warn_unused_result));

struct configuration *configuration_hold(struct configuration *configuration);
/* NULL is accepted. */
void configuration_release(struct configuration *configuration);

const struct settings *configuration_settings(const struct configuration *configuration);
const struct store_accounts *configuration_accounts(const struct configuration *configuration);

enum configuration_change_kind {
	CONFIGURATION_PRINTER_REMOVED,
	CONFIGURATION_ACCOUNT_REMOVED, /* after its printers */
	CONFIGURATION_ACCOUNT_ADDED,   /* before its printers */
	CONFIGURATION_ACCOUNT_CHANGED, /* something of it but its printers */
	CONFIGURATION_PRINTER_ADDED,
	CONFIGURATION_PRINTER_CHANGED,
	CONFIGURATION_SETTING_CHANGED,
	CONFIGURATION_GROUPS_CHANGED,
};

/* Of the newer configuration, and of the older where it was removed; NULL where the kind has none.
 */
struct configuration_change {
	enum configuration_change_kind kind;
	const struct store_account *account;
	const struct store_printer *printer;
	const struct settings_key *setting;
};

/*
 * Reports each difference once, in the order of the kinds above. `older` may be NULL: everything is
 * added, and no setting has changed. Costs n log n. Errors: MEMORY, with nothing reported.
 */
int configuration_compare(const struct configuration *older, const struct configuration *newer,
			  void (*each)(void *context, const struct configuration_change *change),
			  void *context) __attribute__((warn_unused_result));

#endif
