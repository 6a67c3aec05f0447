/* SPDX-License-Identifier: MIT */
#include "cloud/mirror_plan.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct collector {
	struct mirror_entry *entries;
	struct mirror_entry **end;
	struct mirror_entry *entry; /* whose printers are collected */
	bool failed;
};

void mirror_entry_free(struct mirror_entry *entry)
{
	if (!entry) {
		return;
	}
	free(entry->serials);
	OPENSSL_cleanse(entry, sizeof(*entry));
	free(entry);
}

void mirror_plan_free(struct mirror_entry *entries)
{
	while (entries) {
		struct mirror_entry *next = entries->next;

		mirror_entry_free(entries);
		entries = next;
	}
}

bool mirror_entry_has(const struct mirror_entry *entry, const char *serial)
{
	for (size_t i = 0; i < entry->serial_count; i++) {
		if (strcmp(entry->serials[i], serial) == 0) {
			return true;
		}
	}
	return false;
}

bool mirror_entry_same(const struct mirror_entry *a, const struct mirror_entry *b)
{
	if (strcmp(a->user_id, b->user_id) != 0 || strcmp(a->email, b->email) != 0 ||
	    strcmp(a->country, b->country) != 0 || a->serial_count != b->serial_count) {
		return false;
	}
	for (size_t i = 0; i < a->serial_count; i++) {
		if (strcmp(a->serials[i], b->serials[i]) != 0) {
			return false;
		}
	}
	return true;
}

static bool is_taken(const struct collector *collector, const char *serial)
{
	for (const struct mirror_entry *entry = collector->entries; entry != collector->entry;
	     entry = entry->next) {
		if (mirror_entry_has(entry, serial)) {
			return true;
		}
	}
	return false;
}

static bool collect_printer(void *context, const struct store_printer *printer)
{
	struct collector *collector = context;
	struct mirror_entry *entry = collector->entry;

	if (is_taken(collector, printer->serial)) {
		return true;
	}
	void *larger = realloc(entry->serials, (entry->serial_count + 1) * sizeof(*entry->serials));
	if (!larger) {
		collector->failed = true;
		return false;
	}
	entry->serials = larger;
	memcpy(entry->serials[entry->serial_count++], printer->serial, sizeof(printer->serial));
	return true;
}

static bool collect_account(void *context, const struct registry_account *account)
{
	struct collector *collector = context;
	struct mirror_entry *entry;

	if (account->administrator) {
		return true;
	}
	entry = calloc(1, sizeof(*entry));
	if (!entry) {
		collector->failed = true;
		return false;
	}
	memcpy(entry->email, account->email, sizeof(entry->email));
	memcpy(entry->user_id, account->user_id, sizeof(entry->user_id));
	memcpy(entry->country, account->country, sizeof(entry->country));
	*collector->end = entry;
	collector->end = &entry->next;
	return true;
}

static void drop_empty(struct mirror_entry **link)
{
	while (*link) {
		struct mirror_entry *entry = *link;

		if (entry->serial_count > 0) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		mirror_entry_free(entry);
	}
}

int mirror_plan(struct registry *registry, struct mirror_entry **entries)
{
	struct collector collector = {0};
	int result;

	*entries = NULL;
	collector.end = &collector.entries;
	result = registry_each_account(registry, collect_account, &collector);
	for (struct mirror_entry *entry = collector.entries; entry && result >= 0;
	     entry = entry->next) {
		collector.entry = entry;
		result = registry_each_printer(registry, entry->user_id, collect_printer,
					       &collector);
	}
	if (result < 0 || collector.failed) {
		mirror_plan_free(collector.entries);
		return result < 0 ? result : FLAGSHIP_ERROR_MEMORY;
	}
	drop_empty(&collector.entries);
	*entries = collector.entries;
	return 0;
}
