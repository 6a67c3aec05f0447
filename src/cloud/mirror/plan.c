/* SPDX-License-Identifier: MIT */
#include "cloud/mirror/plan.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct collector {
	struct mirror_account *first;
	struct mirror_account **end;
	struct mirror_account *account; /* whose printers are collected */
	bool (*refused)(const void *context, const char *user_id);
	const void *context;
	bool failed;
};

static int compare_serials(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Asked for each message that comes down; they are in the order of the registry's list. */
bool mirror_account_has(const struct mirror_account *account, const char *serial)
{
	return account->serial_count > 0 && bsearch(serial, account->serials, account->serial_count,
						    sizeof(*account->serials), compare_serials);
}

bool mirror_account_same(const struct mirror_account *a, const struct mirror_account *b)
{
	if (strcmp(a->user_id, b->user_id) != 0 || strcmp(a->email, b->email) != 0 ||
	    strcmp(a->country, b->country) != 0 || a->serial_count != b->serial_count) {
		return false;
	}
	for (size_t i = 0; i < a->serial_count; i++) {
		/* Both are in order. */
		if (strcmp(a->serials[i], b->serials[i]) != 0) {
			return false;
		}
	}
	return true;
}

void mirror_account_free(struct mirror_account *account)
{
	if (!account) {
		return;
	}
	free(account->serials);
	OPENSSL_cleanse(account, sizeof(*account));
	free(account);
}

void mirror_plan_free(struct mirror_account *plan)
{
	while (plan) {
		struct mirror_account *next = plan->next;

		mirror_account_free(plan);
		plan = next;
	}
}

static bool is_taken(const struct mirror_account *plan, const char *serial)
{
	for (; plan; plan = plan->next) {
		if (mirror_account_has(plan, serial)) {
			return true;
		}
	}
	return false;
}

static bool collect_printer(void *context, const struct registry_printer *printer)
{
	struct collector *collector = context;
	struct mirror_account *account = collector->account;

	if (is_taken(collector->first, printer->serial)) {
		return true;
	}
	void *larger = realloc(account->serials,
			       (account->serial_count + 1) * sizeof(*account->serials));
	if (!larger) {
		collector->failed = true;
		return false;
	}
	account->serials = larger;
	memcpy(account->serials[account->serial_count++], printer->serial, sizeof(printer->serial));
	return true;
}

static bool collect_account(void *context, const struct registry_account *found)
{
	struct collector *collector = context;
	struct mirror_account *account;

	if (found->administrator || collector->refused(collector->context, found->user_id)) {
		return true;
	}
	account = calloc(1, sizeof(*account));
	if (!account) {
		collector->failed = true;
		return false;
	}
	memcpy(account->email, found->email, sizeof(account->email));
	memcpy(account->user_id, found->user_id, sizeof(account->user_id));
	memcpy(account->country, found->country, sizeof(account->country));
	*collector->end = account;
	collector->end = &account->next;
	return true;
}

static struct mirror_account *without_idle(struct mirror_account *plan)
{
	struct mirror_account *first = plan;

	for (struct mirror_account **place = &first; *place;) {
		struct mirror_account *account = *place;

		if (account->serial_count > 0) {
			place = &account->next;
		} else {
			*place = account->next;
			mirror_account_free(account);
		}
	}
	return first;
}

int mirror_plan_make(struct registry *registry,
		     bool (*refused)(const void *context, const char *user_id), const void *context,
		     struct mirror_account **plan)
{
	struct collector collector = {.refused = refused, .context = context};

	*plan = NULL;
	collector.end = &collector.first;
	int result = registry_each_account(registry, collect_account, &collector);
	for (struct mirror_account *account = collector.first;
	     account && result >= 0 && !collector.failed; account = account->next) {
		collector.account = account;
		result = registry_each_printer(registry, account->user_id, collect_printer,
					       &collector);
	}
	if (result < 0 || collector.failed) {
		mirror_plan_free(collector.first);
		return result < 0 ? result : FLAGSHIP_ERROR_MEMORY;
	}
	*plan = without_idle(collector.first);
	return 0;
}
