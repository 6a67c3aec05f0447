/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_COMMANDS_SHOW_LISTING_H
#define CLOUD_COMMANDS_SHOW_LISTING_H

#include "base/json/writer.h"
#include "cloud/broker/status.h"
#include "cloud/registry/registry.h"

#include <stddef.h>

/* What list and status show of printers: names first, and which account reaches which. */

struct listing_account {
	struct registry_account stored;
	size_t first; /* of listing.shares */
	size_t count;
};

struct listing_printer {
	struct registry_printer stored;
	bool login_known;            /* a credential is bound to it */
	bool is_proven;              /* it was at least once, and then presented itself so: */
	struct registry_hints hints; /* zeros otherwise */
	size_t first;                /* of listing.shares_by_printer */
	size_t count;
};

struct listing_share {
	const struct listing_account *account;
	const struct listing_printer *printer;
};

/* A copy of the registry, with its secrets, so that all that is printed is of one moment. */
struct listing {
	struct listing_account *accounts; /* in the order of e-mail addresses */
	size_t account_count;
	struct listing_printer *printers; /* in the order of serial numbers */
	size_t printer_count;
	/* The same in the order of names, those without one last. */
	const struct listing_printer **by_name;
	struct listing_share *shares; /* account by account, in the order of serial numbers */
	size_t share_count;
	/* The same printer by printer, in the order of e-mail addresses. */
	struct listing_share *shares_by_printer;
};

/* Errors: those of the registry, MEMORY. listing_finish is due either way, and wipes it. */
int listing_load(struct listing *listing, struct registry *registry);
void listing_finish(struct listing *listing);

/* E-mail addresses of who reaches the printer, as a member "accounts". */
void listing_write_accounts(struct json_writer *writer, const struct listing *listing,
			    const struct listing_printer *printer);

/* The same with commas between them, "-" where there are none. The caller frees it; NULL where
 * there is no memory. */
char *listing_join_accounts(const struct listing *listing, const struct listing_printer *printer);

/* What people call the account's printers, likewise, in the order of names. */
char *listing_join_printers(const struct listing *listing, const struct listing_account *account);

/* How the printer presented itself when it was proven last, as a member "presents"; null where it
 * never was. */
void listing_write_presents(struct json_writer *writer, const struct listing_printer *printer);

/* Of "Left (AK7…)", or of the serial number alone. */
#define LISTING_TITLE_MAX (REGISTRY_TEXT_MAX + FLAGSHIP_SERIAL_LENGTH_MAX + 4)

/* Prints one line on stdout for each printer whose messages the stored key does not open, and what
 * to do. status: NULL where the cloud does not run. Returns how many. */
size_t listing_print_misfits(struct registry *registry, const struct broker_status *status);

#define LISTING_CHANGE_MAX 700

/* "the address 10.0.0.7 instead of 192.168.1.5, …" of a client that presents itself differently. */
void listing_describe_change(struct registry *registry, const struct registry_pairing *pairing,
			     char *out, size_t capacity);

/* Prints each client that has the key of a printer and presents itself differently. */
void listing_print_changed(struct registry *registry);

#endif
