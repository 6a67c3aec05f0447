/* SPDX-License-Identifier: MIT */
#include "cloud/commands/show/listing.h"

#include "base/clock.h"
#include "base/memory/wiping.h"
#include "cli/output/json.h"
#include "cloud/registry/hints.h"

#include "cli/output/output.h"
#include "cli/output/print.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATOR ", "

struct loader {
	struct listing *listing;
	struct registry *registry;
	struct listing_account *account; /* whose shares are loaded */
	int error;
};

static bool load_account(void *context, const struct registry_account *account)
{
	struct loader *loader = context;
	struct listing *listing = loader->listing;
	struct listing_account *grown = wiping_grow(listing->accounts, listing->account_count,
						    sizeof(*grown));

	if (!grown) {
		loader->error = FLAGSHIP_ERROR_MEMORY;
		return false;
	}
	listing->accounts = grown;
	grown[listing->account_count++] = (struct listing_account){.stored = *account};
	return true;
}

static bool load_printer(void *context, const struct registry_printer *printer)
{
	struct loader *loader = context;
	struct listing *listing = loader->listing;
	struct listing_printer *grown = wiping_grow(listing->printers, listing->printer_count,
						    sizeof(*grown));

	if (!grown) {
		loader->error = FLAGSHIP_ERROR_MEMORY;
		return false;
	}
	listing->printers = grown;
	struct listing_printer *row = &grown[listing->printer_count++];
	uint8_t bound[REGISTRY_HASH_SIZE];

	*row = (struct listing_printer){.stored = *printer};
	row->login_known = registry_bound(loader->registry, printer->serial, bound) == 1;
	row->is_proven = registry_find_hints(loader->registry, printer->serial, &row->hints) == 1;
	return true;
}

static int compare_serial(const void *key, const void *item)
{
	const struct listing_printer *printer = item;

	return strcmp(key, printer->stored.serial);
}

static bool load_share(void *context, const struct registry_printer *printer)
{
	struct loader *loader = context;
	struct listing *listing = loader->listing;
	struct listing_printer *found = listing->printer_count == 0
						? NULL
						: bsearch(printer->serial, listing->printers,
							  listing->printer_count,
							  sizeof(*listing->printers),
							  compare_serial);

	/* One that was added a moment ago: it is in the next listing. */
	if (!found) {
		return true;
	}
	struct listing_share *grown = wiping_grow(listing->shares, listing->share_count,
						  sizeof(*grown));
	if (!grown) {
		loader->error = FLAGSHIP_ERROR_MEMORY;
		return false;
	}
	listing->shares = grown;
	grown[listing->share_count++] = (struct listing_share){.account = loader->account,
							       .printer = found};
	found->count++;
	loader->account->count++;
	return true;
}

static int load_shares(struct loader *loader)
{
	struct listing *listing = loader->listing;

	for (size_t i = 0; i < listing->account_count; i++) {
		loader->account = &listing->accounts[i];
		loader->account->first = listing->share_count;
		int result = registry_each_printer(
			loader->registry, loader->account->stored.user_id, load_share, loader);
		if (result < 0) {
			return result;
		}
		if (loader->error) {
			return loader->error;
		}
	}
	return 0;
}

static int compare_names(const void *first, const void *second)
{
	const struct registry_printer *a = &(*(const struct listing_printer *const *)first)->stored;
	const struct registry_printer *b =
		&(*(const struct listing_printer *const *)second)->stored;
	int order = (a->name[0] == '\0') - (b->name[0] == '\0');

	order = order ? order : strcasecmp(a->name, b->name);
	return order ? order : strcmp(a->serial, b->serial);
}

static int compare_shares(const void *first, const void *second)
{
	const struct listing_share *a = first;
	const struct listing_share *b = second;
	int order = strcmp(a->printer->stored.serial, b->printer->stored.serial);

	return order ? order : strcmp(a->account->stored.email, b->account->stored.email);
}

/* The other orders of printers and shares. */
static int sort_listing(struct listing *listing)
{
	size_t first = 0;

	listing->by_name = calloc(listing->printer_count + 1, sizeof(void *));
	listing->shares_by_printer = calloc(listing->share_count + 1, sizeof(*listing->shares));
	if (!listing->by_name || !listing->shares_by_printer) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	for (size_t i = 0; i < listing->printer_count; i++) {
		listing->by_name[i] = &listing->printers[i];
		listing->printers[i].first = first;
		first += listing->printers[i].count;
	}
	qsort(listing->by_name, listing->printer_count, sizeof(void *), compare_names);
	if (listing->share_count > 0) {
		memcpy(listing->shares_by_printer, listing->shares,
		       listing->share_count * sizeof(*listing->shares));
	}
	qsort(listing->shares_by_printer, listing->share_count, sizeof(*listing->shares),
	      compare_shares);
	return 0;
}

int listing_load(struct listing *listing, struct registry *registry)
{
	struct loader loader = {.listing = listing, .registry = registry};

	*listing = (struct listing){0};
	int result = registry_each_account(registry, load_account, &loader);
	if (result >= 0 && !loader.error) {
		result = registry_each_printer(registry, NULL, load_printer, &loader);
	}
	if (result >= 0 && !loader.error) {
		result = load_shares(&loader);
	}
	if (result < 0 || loader.error) {
		return result < 0 ? result : loader.error;
	}
	return sort_listing(listing);
}

void listing_finish(struct listing *listing)
{
	wiping_free(listing->accounts);
	wiping_free(listing->printers);
	free(listing->shares);
	free(listing->shares_by_printer);
	free(listing->by_name);
	*listing = (struct listing){0};
}

void listing_write_accounts(struct json_writer *writer, const struct listing *listing,
			    const struct listing_printer *printer)
{
	const struct listing_share *shares = listing->shares_by_printer + printer->first;

	json_key(writer, "accounts");
	json_array_begin(writer);
	for (size_t i = 0; i < printer->count; i++) {
		json_string(writer, shares[i].account->stored.email);
	}
	json_array_end(writer);
}

/* The caller frees it; NULL where there is no memory. */
static char *join(const char *const *texts, size_t count)
{
	size_t length = sizeof("-");

	for (size_t i = 0; i < count; i++) {
		length += strlen(texts[i]) + strlen(SEPARATOR);
	}
	char *text = malloc(length);
	if (!text) {
		return NULL;
	}
	char *end = text;
	for (size_t i = 0; i < count; i++) {
		end += sprintf(end, "%s%s", end == text ? "" : SEPARATOR, texts[i]);
	}
	if (end == text) {
		strcpy(text, "-");
	}
	return text;
}

char *listing_join_accounts(const struct listing *listing, const struct listing_printer *printer)
{
	const struct listing_share *shares = listing->shares_by_printer + printer->first;
	const char **texts = calloc(printer->count + 1, sizeof(*texts));

	if (!texts) {
		return NULL;
	}
	for (size_t i = 0; i < printer->count; i++) {
		texts[i] = shares[i].account->stored.email;
	}
	char *text = join(texts, printer->count);
	free(texts);
	return text;
}

char *listing_join_printers(const struct listing *listing, const struct listing_account *account)
{
	const struct listing_printer **printers = calloc(account->count + 1, sizeof(void *));
	const char **texts = calloc(account->count + 1, sizeof(*texts));
	char *text = NULL;

	if (printers && texts) {
		for (size_t i = 0; i < account->count; i++) {
			printers[i] = listing->shares[account->first + i].printer;
		}
		qsort(printers, account->count, sizeof(void *), compare_names);
		for (size_t i = 0; i < account->count; i++) {
			const struct registry_printer *printer = &printers[i]->stored;

			texts[i] = printer->name[0] != '\0' ? printer->name : printer->serial;
		}
		text = join(texts, account->count);
	}
	free(texts);
	free(printers);
	return text;
}

void listing_write_presents(struct json_writer *writer, const struct listing_printer *printer)
{
	const struct registry_hints *hints = &printer->hints;

	json_key(writer, "presents");
	if (!printer->is_proven) {
		json_null(writer);
		return;
	}
	json_object_begin(writer);
	json_member_known(writer, "address", hints->address);
	json_member_known(writer, "address_before", hints->address_before);
	json_member_known(writer, "username", hints->username);
	json_member_known(writer, "client_form", hints->client_form);
	member_time(writer, "known_at", hints->known_at);
	member_time(writer, "changed_at", hints->changed_at);
	json_object_end(writer);
}

static void listing_title(const char *name, const char *serial, char out[LISTING_TITLE_MAX])
{
	if (name[0] == '\0') {
		snprintf(out, LISTING_TITLE_MAX, "%s", serial);
	} else {
		snprintf(out, LISTING_TITLE_MAX, "%s (%s)", name, serial);
	}
}

size_t listing_print_misfits(struct registry *registry, const struct broker_status *status)
{
	int64_t now_s = clock_unix_s();
	size_t count = 0;

	for (size_t i = 0; status && i < BROKER_STATUS_PRINTERS; i++) {
		const struct broker_status_printer *slot = &status->printers[i];
		struct registry_printer printer = {0};
		char title[LISTING_TITLE_MAX];
		char age[OUTPUT_TIME_MAX];

		if (slot->serial[0] == '\0' || !broker_status_misfits(slot) ||
		    registry_find_printer(registry, slot->serial, &printer) != 1) {
			continue;
		}
		listing_title(printer.name, printer.serial, title);
		print_to(stdout,
			 "%s: the stored key does not open its messages (the last %s).\n"
			 "  Put the right one in its place: flagship cloud set-printer %s "
			 "--key-file "
			 "FILE,\n  or flagship refresh and flagship cloud adopt.\n",
			 title, output_age((double)(now_s - slot->misfit_at), age), printer.serial);
		OPENSSL_cleanse(&printer, sizeof(printer));
		count++;
	}
	return count;
}

void listing_describe_change(struct registry *registry, const struct registry_pairing *pairing,
			     char *out, size_t capacity)
{
	struct registry_hints kept;
	struct registry_hints now = {0};

	out[0] = '\0';
	if (registry_find_hints(registry, pairing->serial, &kept) == 1) {
		memcpy(now.username, pairing->username, sizeof(now.username));
		memcpy(now.address, pairing->address, sizeof(now.address));
		hints_form(pairing->client_id, pairing->serial, now.client_form);
		hints_describe(hints_changes(&kept, &now), &kept, &now, out, capacity);
	}
}

static bool print_changed(void *context, const struct registry_pairing *pairing)
{
	struct registry *registry = context;
	struct registry_printer printer = {0};
	char title[LISTING_TITLE_MAX];
	char text[LISTING_CHANGE_MAX];

	if (pairing->kind != REGISTRY_PAIRING_CHANGED ||
	    pairing->state != REGISTRY_PAIRING_WAITING ||
	    registry_find_printer(registry, pairing->serial, &printer) != 1) {
		return true;
	}
	listing_describe_change(registry, pairing, text, sizeof(text));
	listing_title(printer.name, printer.serial, title);
	print_to(stdout,
		 "%s: a client that has its key presents itself differently: %s.\n"
		 "  Where that is the printer: flagship cloud pair approve %s\n",
		 title, text[0] != '\0' ? text : "it did before", printer.serial);
	OPENSSL_cleanse(&printer, sizeof(printer));
	return true;
}

void listing_print_changed(struct registry *registry)
{
	(void)registry_each_pairing(registry, print_changed, registry);
}
