/* SPDX-License-Identifier: MIT */
#include "cloud/commands/show/listing.h"

#include "base/clock.h"
#include "cloud/registry/hints.h"

#include "cli/output/output.h"
#include "cli/output/print.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_CAPACITY 64
#define SEPARATOR      ", "

struct collector {
	struct listing *listing;
	struct registry *registry;
	const char *email;
	int error;
};

static bool collect_share(void *context, const struct store_printer *printer)
{
	struct collector *collector = context;
	struct listing *listing = collector->listing;

	if (listing->count == listing->capacity) {
		size_t capacity = listing->capacity ? 2 * listing->capacity : FIRST_CAPACITY;
		struct listing_share *larger = realloc(listing->shares, capacity * sizeof(*larger));

		if (!larger) {
			listing->failed = true;
			return false;
		}
		listing->shares = larger;
		listing->capacity = capacity;
	}
	struct listing_share *share = &listing->shares[listing->count++];
	snprintf(share->serial, sizeof(share->serial), "%s", printer->serial);
	snprintf(share->email, sizeof(share->email), "%s", collector->email);
	return true;
}

static bool collect_account(void *context, const struct registry_account *account)
{
	struct collector *collector = context;

	collector->email = account->email;
	collector->error = registry_each_printer(collector->registry, account->user_id,
						 collect_share, collector);
	return collector->error >= 0 && !collector->listing->failed;
}

static int compare_shares(const void *first, const void *second)
{
	const struct listing_share *a = first;
	const struct listing_share *b = second;
	int order = strcmp(a->serial, b->serial);

	return order ? order : strcmp(a->email, b->email);
}

int listing_load(struct listing *listing, struct registry *registry)
{
	struct collector collector = {.listing = listing, .registry = registry};
	int result;

	*listing = (struct listing){0};
	result = registry_each_account(registry, collect_account, &collector);
	if (result < 0 || collector.error < 0) {
		return result < 0 ? result : collector.error;
	}
	if (listing->count > 0) {
		qsort(listing->shares, listing->count, sizeof(*listing->shares), compare_shares);
	}
	return listing->failed ? FLAGSHIP_ERROR_MEMORY : 0;
}

void listing_finish(struct listing *listing)
{
	free(listing->shares);
	*listing = (struct listing){0};
}

/* Of the first share of this serial number or a later one. */
static size_t find_first(const struct listing *listing, const char *serial)
{
	size_t low = 0;
	size_t high = listing->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(listing->shares[middle].serial, serial) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

cJSON *listing_accounts(const struct listing *listing, const char *serial)
{
	cJSON *array = cJSON_CreateArray();

	for (size_t i = find_first(listing, serial);
	     i < listing->count && strcmp(listing->shares[i].serial, serial) == 0; i++) {
		cJSON_AddItemToArray(array, cJSON_CreateString(listing->shares[i].email));
	}
	return array;
}

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return text ? text : "";
}

static int compare_items(const void *first, const void *second)
{
	const cJSON *a = *(cJSON *const *)first;
	const cJSON *b = *(cJSON *const *)second;
	const char *name_a = text_of(a, "name");
	const char *name_b = text_of(b, "name");
	int order = (name_a[0] == '\0') - (name_b[0] == '\0');

	order = order ? order : strcasecmp(name_a, name_b);
	return order ? order : strcmp(text_of(a, "serial"), text_of(b, "serial"));
}

void listing_sort(cJSON *array)
{
	size_t count = (size_t)cJSON_GetArraySize(array);
	cJSON **items = calloc(count ? count : 1, sizeof(void *));

	/* Out of order is better than out of memory. */
	if (!items) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		items[i] = cJSON_DetachItemViaPointer(array, array->child);
	}
	qsort(items, count, sizeof(void *), compare_items);
	for (size_t i = 0; i < count; i++) {
		cJSON_AddItemToArray(array, items[i]);
	}
	free(items);
}

void listing_title(const char *name, const char *serial, char out[LISTING_TITLE_MAX])
{
	if (name[0] == '\0') {
		snprintf(out, LISTING_TITLE_MAX, "%s", serial);
	} else {
		snprintf(out, LISTING_TITLE_MAX, "%s (%s)", name, serial);
	}
}

char *listing_join(const cJSON *array)
{
	size_t length = sizeof("-");
	const cJSON *item;
	char *text;
	char *end;

	cJSON_ArrayForEach(item, array)
	{
		length += strlen(cJSON_IsString(item) ? item->valuestring : "") + strlen(SEPARATOR);
	}
	text = malloc(length);
	if (!text) {
		return NULL;
	}
	end = text;
	cJSON_ArrayForEach(item, array)
	{
		end += sprintf(end, "%s%s", end == text ? "" : SEPARATOR,
			       cJSON_IsString(item) ? item->valuestring : "");
	}
	if (end == text) {
		strcpy(text, "-");
	}
	return text;
}

size_t listing_print_misfits(struct registry *registry, const struct broker_status *status)
{
	int64_t now_s = clock_unix_s();
	size_t count = 0;

	for (size_t i = 0; status && i < BROKER_STATUS_PRINTERS; i++) {
		const struct broker_status_printer *slot = &status->printers[i];
		struct store_printer printer = {0};
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
	struct store_printer printer = {0};
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

void listing_add_presents(struct registry *registry, const char *serial, cJSON *object)
{
	struct registry_hints hints;
	cJSON *presents;

	if (registry_find_hints(registry, serial, &hints) != 1) {
		cJSON_AddNullToObject(object, "presents");
		return;
	}
	presents = cJSON_AddObjectToObject(object, "presents");
	cJSON_AddStringToObject(presents, "address", hints.address);
	cJSON_AddStringToObject(presents, "address_before", hints.address_before);
	cJSON_AddStringToObject(presents, "username", hints.username);
	cJSON_AddStringToObject(presents, "client_form", hints.client_form);
	cJSON_AddNumberToObject(presents, "known_at", (double)hints.known_at);
	if (hints.changed_at > 0) {
		cJSON_AddNumberToObject(presents, "changed_at", (double)hints.changed_at);
	} else {
		cJSON_AddNullToObject(presents, "changed_at");
	}
}
