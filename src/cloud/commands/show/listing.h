/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_SHOW_LISTING_H
#define CLOUD_COMMANDS_SHOW_LISTING_H

#include "cloud/broker/status.h"
#include "cloud/registry/registry.h"

#include <cjson/cJSON.h>

#include <stddef.h>

/* What list and status say of printers: names first, and who may use which. */

struct listing_share {
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char email[REGISTRY_TEXT_MAX];
};

/* Which account reaches which printer. */
struct listing {
	struct listing_share *shares; /* in the order of serial numbers, then of e-mail addresses */
	size_t count;
	size_t capacity;
	bool failed; /* there was no memory */
};

/* Errors: those of the registry, MEMORY. listing_finish is due either way. */
int listing_load(struct listing *listing, struct registry *registry);
void listing_finish(struct listing *listing);

/* The e-mail addresses of who reaches it, as an array. */
cJSON *listing_accounts(const struct listing *listing, const char *serial);

/* Objects with a member "name" and one "serial": by names, those without one last. */
void listing_sort(cJSON *array);

/* "Left (AK7…)", or the serial number alone. */
#define LISTING_TITLE_MAX (REGISTRY_TEXT_MAX + FLAGSHIP_SERIAL_LENGTH_MAX + 4)
void listing_title(const char *name, const char *serial, char out[LISTING_TITLE_MAX]);

/* The texts of an array with commas between them, "-" where there are none. The caller frees it;
 * NULL where there is no memory. */
char *listing_join(const cJSON *array);

/* One line on stdout for each printer whose messages the stored key does not open, and what to do.
 * status: NULL where the cloud does not run. Returns how many. */
size_t listing_print_misfits(struct registry *registry, const struct broker_status *status);

#define LISTING_CHANGE_MAX 700

/* "the address 10.0.0.7 instead of 192.168.1.5, …" of a client that presents itself differently. */
void listing_describe_change(struct registry *registry, const struct registry_pairing *pairing,
			     char *out, size_t capacity);

/* Tells of each client that has the key of a printer and presents itself differently. */
void listing_print_changed(struct registry *registry);

/* How the printer presented itself when it was proven last, as `presents`; null where it never was.
 */
void listing_add_presents(struct registry *registry, const char *serial, cJSON *object);

#endif
