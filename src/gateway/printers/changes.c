/* SPDX-License-Identifier: MIT */
#include "fleet/stored.h"
#include "gateway/printers/internal.h"
#include "gateway/printers/login.h"

#include <flagship/flagship.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct applying {
	struct gateway_printers *printers;
	const struct settings *settings; /* the newer ones */
	bool profiles_changed;
	bool broker_changed;
	bool failed; /* for want of memory */
};

static bool is_of(const struct held_login *login, const struct store_account *account)
{
	return login->has_namesake == account->has_namesake &&
	       strcmp(login->user_id, account->login.user_id) == 0;
}

/* Counts do not go into the thousands of accounts. */
struct held_login *held_find_login(const struct gateway_printers *printers,
				   const struct store_account *account)
{
	for (struct list *at = printers->logins.next; at != &printers->logins; at = at->next) {
		struct held_login *login = LIST_OF(at, struct held_login, place);

		if (is_of(login, account)) {
			return login;
		}
	}
	return NULL;
}

static void warn(void *context, const char *line)
{
	const struct gateway_printers *printers = context;

	log_event(printers->log, LOG_LEVEL_WARNING, PRINTERS_LOG_PART, line);
}

/* --- accounts --- */

static void describe(struct held_login *held, const struct store_account *account,
		     const struct gateway_login *login)
{
	const char *email = account->login.email;

	if (account->login.nick_name[0] != '\0') {
		snprintf(held->user_name, sizeof(held->user_name), "%s", account->login.nick_name);
	} else {
		snprintf(held->user_name, sizeof(held->user_name), "%.*s", (int)strcspn(email, "@"),
			 email);
	}
	held->token_expires_at = account->login.token_expires_at;
	snprintf(held->endpoint, sizeof(held->endpoint), "%.200s:%u", login->broker.host,
		 login->broker.port);
}

/* Adds, or changes the one there is. */
static void take_account(struct applying *applying, const struct store_account *account)
{
	struct gateway_printers *printers = applying->printers;
	struct held_login *held = held_find_login(printers, account);
	bool is_new = !held;
	struct gateway_login login;
	struct problem problem;
	int error = gateway_login_make(&login, account, applying->settings, &problem);

	if (error) {
		log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART, problem.text);
		goto out;
	}
	if (is_new) {
		held = calloc(1, sizeof(*held));
	}
	if (!held) {
		applying->failed = true;
		goto out;
	}
	describe(held, account, &login);
	if (is_new) {
		error = fleet_add_login(printers->fleet, &login.session, account->login.user_id,
					held, &held->login);
	} else {
		error = fleet_change_login(held->login, &login.session, account->login.user_id);
	}
	if (error) {
		log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
			  "an account cannot be used", LOG_TEXT("broker", held->endpoint),
			  LOG_TEXT("reason", flagship_strerror(error)));
	}
	if (is_new && error) {
		free(held);
	} else if (is_new) {
		snprintf(held->user_id, sizeof(held->user_id), "%s", account->login.user_id);
		held->has_namesake = account->has_namesake;
		list_insert(&printers->logins, &held->place);
	}
out:
	gateway_login_wipe(&login);
}

/* --- printers --- */

void held_set_profile(struct gateway_printers *printers, struct held_printer *held,
		      enum flagship_model model)
{
	held->profile_model = model;
	stored_profile(configuration_settings(printers->configuration), held->serial, model,
		       &held->profile, warn, printers);
	fleet_printer_set_profile(held->printer, &held->profile);
}

static struct flagship_key *make_key(const struct gateway_printers *printers,
				     const struct store_printer *stored)
{
	struct flagship_key *key = NULL;
	int error = stored->key_hex[0] == '\0'
			    ? FLAGSHIP_ERROR_ARGUMENT
			    : flagship_key_create_hex(stored->key_hex, strlen(stored->key_hex),
						      &key);

	if (error) {
		log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
			  stored->key_hex[0] == '\0'
				  ? "the key of a printer is not known: run flagship refresh"
				  : "the key of a printer cannot be used: run flagship refresh",
			  LOG_TEXT("printer", stored->serial));
	}
	return key;
}

static void add_printer(struct applying *applying, const struct store_account *account,
			const struct store_printer *stored)
{
	struct gateway_printers *printers = applying->printers;
	struct held_login *login = held_find_login(printers, account);
	struct held_printer *held;

	if (!login || held_find(printers, stored->serial)) {
		return;
	}
	struct flagship_key *key = make_key(printers, stored);
	if (!key) {
		return;
	}
	held = calloc(1, sizeof(*held));
	if (!held) {
		applying->failed = true;
		flagship_key_destroy(key);
		return;
	}
	held->login = login;
	held->key = key;
	held->profile_model = stored->model;
	snprintf(held->serial, sizeof(held->serial), "%s", stored->serial);
	ask_reset(held);
	stored_profile(applying->settings, stored->serial, stored->model, &held->profile, warn,
		       printers);
	const struct fleet_printer_options options = {
		.serial = stored->serial,
		.name = stored->name[0] != '\0' ? stored->name : NULL,
		.model = stored->model,
		.key = key,
		.profile = stored->model != FLAGSHIP_MODEL_UNKNOWN ? &held->profile : NULL,
		.rights = stored_rights(stored),
		.context = held,
	};
	int error = fleet_add_printer(login->login, &options, &held->printer);
	if (error) {
		log_event(printers->log, LOG_LEVEL_ERROR, PRINTERS_LOG_PART,
			  "a printer cannot be used", LOG_TEXT("printer", stored->serial),
			  LOG_TEXT("reason", flagship_strerror(error)));
		flagship_key_destroy(key);
		free(held);
		return;
	}
	list_insert(&printers->printers, &held->place);
	list_insert(&printers->buckets[held_bucket(held->serial)], &held->bucket);
	printers->count++;
}

static void drop_printer(struct gateway_printers *printers, struct held_printer *held)
{
	list_remove(&held->place);
	list_remove(&held->bucket);
	printers->count--;
	fleet_remove_printer(held->printer);
	flagship_key_destroy(held->key);
	free(held);
}

static bool holds(const struct held_printer *held, const struct store_account *account)
{
	return held && is_of(held->login, account);
}

static void change_printer(struct applying *applying, const struct store_account *account,
			   const struct store_printer *stored)
{
	struct gateway_printers *printers = applying->printers;
	struct held_printer *held = held_find(printers, stored->serial);

	if (!held) {
		/* It had no key until now. */
		add_printer(applying, account, stored);
		return;
	}
	if (!holds(held, account)) {
		return;
	}
	struct flagship_key *key = make_key(printers, stored);
	if (key) {
		fleet_printer_set_key(held->printer, key);
		flagship_key_destroy(held->key);
		held->key = key;
	}
	fleet_printer_set_name(held->printer, stored->name);
	fleet_printer_set_rights(held->printer, stored_rights(stored));
}

/* --- what differs --- */

static void drop_account(struct gateway_printers *printers, const struct store_account *account)
{
	struct held_login *login = held_find_login(printers, account);

	if (login) {
		list_remove(&login->place);
		fleet_remove_login(login->login);
		free(login);
	}
}

static void apply_change(void *context, const struct configuration_change *change)
{
	struct applying *applying = context;
	struct gateway_printers *printers = applying->printers;
	struct held_printer *held;

	switch (change->kind) {
	case CONFIGURATION_PRINTER_REMOVED:
		held = held_find(printers, change->printer->serial);
		if (holds(held, change->account)) {
			printers->gave_up_printer = true;
			drop_printer(printers, held);
		}
		break;
	case CONFIGURATION_ACCOUNT_REMOVED:
		drop_account(printers, change->account);
		break;
	case CONFIGURATION_ACCOUNT_ADDED:
	case CONFIGURATION_ACCOUNT_CHANGED:
		take_account(applying, change->account);
		break;
	case CONFIGURATION_PRINTER_ADDED:
		add_printer(applying, change->account, change->printer);
		break;
	case CONFIGURATION_PRINTER_CHANGED:
		change_printer(applying, change->account, change->printer);
		break;
	case CONFIGURATION_SETTING_CHANGED:
		applying->broker_changed |= strcmp(change->setting->section, "broker") == 0;
		applying->profiles_changed = true;
		break;
	case CONFIGURATION_GROUPS_CHANGED:
		break;
	}
}

/* Accounts that have a printer which another one held until now. */
static void take_shared(struct applying *applying, const struct store_accounts *accounts)
{
	for (size_t a = 0; a < accounts->count; a++) {
		const struct store_account *account = &accounts->accounts[a];

		for (size_t p = 0; p < account->printer_count; p++) {
			add_printer(applying, account, &account->printers[p]);
		}
	}
}

static void apply_settings(struct applying *applying, const struct store_accounts *accounts)
{
	struct gateway_printers *printers = applying->printers;

	for (size_t a = 0; applying->broker_changed && a < accounts->count; a++) {
		/* The broker of the settings is none of theirs. */
		if (!accounts->accounts[a].local) {
			take_account(applying, &accounts->accounts[a]);
		}
	}
	for (struct list *at = printers->printers.next;
	     applying->profiles_changed && at != &printers->printers; at = at->next) {
		struct held_printer *held = LIST_OF(at, struct held_printer, place);

		if (held->profile_model != FLAGSHIP_MODEL_UNKNOWN) {
			held_set_profile(printers, held, held->profile_model);
		}
	}
}

int held_apply(struct gateway_printers *printers, struct configuration *newer)
{
	struct configuration *older = printers->configuration;
	const struct store_accounts *accounts = configuration_accounts(newer);
	struct applying applying = {.printers = printers,
				    .settings = configuration_settings(newer)};
	int error = configuration_compare(older, newer, apply_change, &applying);

	if (error) {
		return error;
	}
	printers->configuration = configuration_hold(newer);
	if (printers->gave_up_printer) {
		printers->gave_up_printer = false;
		take_shared(&applying, accounts);
	}
	apply_settings(&applying, accounts);
	configuration_release(older);
	return applying.failed ? FLAGSHIP_ERROR_MEMORY : 0;
}

void held_finish(struct gateway_printers *printers)
{
	while (!list_is_empty(&printers->printers)) {
		struct held_printer *held = LIST_OF(printers->printers.next, struct held_printer,
						    place);

		list_remove(&held->place);
		flagship_key_destroy(held->key);
		free(held);
	}
	while (!list_is_empty(&printers->logins)) {
		struct held_login *login = LIST_OF(printers->logins.next, struct held_login, place);

		list_remove(&login->place);
		free(login);
	}
	configuration_release(printers->configuration);
	printers->configuration = NULL;
}
