/* SPDX-License-Identifier: MIT */
#include "base/text_index.h"
#include "store/accounts/accounts.h"
#include "store/accounts/text.h"
#include "store/broker_url.h"

#include <flagship/error.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a cloud on this machine knows, beside what accounts.json says. */

/* A serial number in any of the accounts, for an index over the array of these. */
struct known_printer {
	const char *serial;
};

static const char *known_serial_at(const void *array, size_t position)
{
	return ((const struct known_printer *)array)[position].serial;
}

struct known {
	struct text_index index;
	struct known_printer *printers;
};

static bool index_known(const struct store_accounts *accounts, struct known *known)
{
	size_t count = 0;

	*known = (struct known){.index = text_index_of(known_serial_at)};
	for (size_t i = 0; i < accounts->count; i++) {
		count += accounts->accounts[i].printer_count;
	}
	known->printers = calloc(count + 1, sizeof(*known->printers));
	if (!known->printers) {
		return false;
	}
	count = 0;
	for (size_t i = 0; i < accounts->count; i++) {
		const struct store_account *account = &accounts->accounts[i];

		for (size_t j = 0; j < account->printer_count; j++) {
			const char *serial = account->printers[j].serial;

			/* Without its key it cannot be used there. */
			if (account->printers[j].key_hex[0] == '\0' ||
			    text_index_find(&known->index, known->printers, serial) !=
				    TEXT_INDEX_NONE) {
				continue;
			}
			known->printers[count].serial = serial;
			if (!text_index_add(&known->index, known->printers, count++)) {
				return false;
			}
		}
	}
	return true;
}

/* The account's printers that accounts.json does not have move together. Returns how many went. */
static size_t drop_known(struct store_account *account, const struct known *known)
{
	size_t left = 0;

	for (size_t i = 0; i < account->printer_count; i++) {
		if (text_index_find(&known->index, known->printers, account->printers[i].serial) ==
		    TEXT_INDEX_NONE) {
			account->printers[left++] = account->printers[i];
		}
	}
	size_t dropped = account->printer_count - left;
	account->printer_count = left;
	return dropped;
}

static bool is_loopback(const char *host)
{
	return strcasecmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	       strcmp(host, "::1") == 0;
}

static bool is_same_broker(const char *first, const char *second)
{
	struct broker_url a;
	struct broker_url b;

	return !broker_url_parse(first, &a) && !broker_url_parse(second, &b) && a.port == b.port &&
	       (strcasecmp(a.host, b.host) == 0 || (is_loopback(a.host) && is_loopback(b.host)));
}

static bool goes_there(const struct store_account *account, const char *broker_of_settings,
		       const char *broker)
{
	char own[STORE_TEXT_MAX];

	store_account_broker(account, own);
	return is_same_broker(broker_of_settings[0] != '\0' ? broker_of_settings : own, broker);
}

/* A printer that is known there without its key gets it. */
static int give_printers(struct store_account *to, struct store_account *from)
{
	struct text_index index = text_index_of(accounts_serial_at);
	bool done = true;

	text_arena_take(&to->texts, &from->texts);
	for (size_t i = 0; done && i < to->printer_count; i++) {
		done = text_index_find(&index, to->printers, to->printers[i].serial) !=
			       TEXT_INDEX_NONE ||
		       text_index_add(&index, to->printers, i);
	}
	for (size_t i = 0; done && i < from->printer_count; i++) {
		size_t at = text_index_find(&index, to->printers, from->printers[i].serial);
		struct store_printer *place = at != TEXT_INDEX_NONE ? &to->printers[at]
								    : store_account_add_printer(to);

		done = place != NULL;
		if (done) {
			*place = from->printers[i];
		}
	}
	text_index_finish(&index);
	return done ? 0 : FLAGSHIP_ERROR_MEMORY;
}

/* Those of accounts.json come first. */
static int add_local_account(struct store_accounts *accounts, size_t own_count,
			     struct store_account *local, const char *broker_of_settings)
{
	struct store_accounts own = {.accounts = accounts->accounts, .count = own_count};
	struct store_account *namesake = store_accounts_find(&own, local->login.user_id);

	if (namesake && goes_there(namesake, broker_of_settings, local->broker)) {
		return give_printers(namesake, local);
	}
	local->local = true;
	local->has_namesake = namesake != NULL;
	return accounts_append(accounts, local);
}

int store_accounts_add_local(struct store_accounts *accounts, struct store_accounts *local,
			     const char *broker, size_t *doubled)
{
	size_t own_count = accounts->count;
	struct known known;
	int error = index_known(accounts, &known) ? 0 : FLAGSHIP_ERROR_MEMORY;

	*doubled = 0;
	for (size_t i = 0; !error && i < local->count; i++) {
		*doubled += drop_known(&local->accounts[i], &known);
		if (local->accounts[i].printer_count > 0) {
			error = add_local_account(accounts, own_count, &local->accounts[i], broker);
		}
	}
	text_index_finish(&known.index);
	free(known.printers);
	store_accounts_finish(local);
	return error;
}
