/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_IMPORT_IMPORT_H
#define VENDOR_IMPORT_IMPORT_H

#include "store/accounts/accounts.h"

#include <flagship/text.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Logins and printers as other programs keep them, and as the vendor's API tells them (protocol.md
 * 4). What is read goes into an account of the caller, who ends it with store_account_finish; after
 * an error it may hold a part. Entries that are no printer (no serial number) are counted in
 * *skipped and left out; a key that is none is left out too.
 */

/* The array of query_fdm_list: adds the printers, or completes those that are there. Errors: JSON
 * (no array of objects), MEMORY. */
int import_printer_list(struct flagship_json list, struct store_account *account, size_t *skipped);

/* The Studio's device_list.json: {"data": […]}, or the array alone. Errors: the same, TOO_DEEP. */
int import_printer_file(const char *text, size_t length, struct store_account *account,
			size_t *skipped);

/* The data of get_dsk_keys: completes printers that are there. Errors: JSON. */
int import_dsk_keys(struct flagship_json data, struct store_account *account);

/* The data of passport/profile: e-mail, country and region, where they are not known yet. Errors:
 * JSON. */
int import_profile(struct flagship_json data, struct flagship_account *login);

/*
 * What flagship cloud adds to its answers, as the member "flagship" of the data: the MQTT login,
 * and with `host`, which may be NULL, the broker there. What is known already stays. Anything else
 * than a local cloud adds nothing.
 */
void import_local_cloud(struct flagship_json data, const char *host, struct store_account *account);

/* The server_secret_info.public_key of a login's answer; false, and out as it was, where there is
 * none. */
bool import_server_secret_key(struct flagship_json data, char out[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE]);

/* The public_key of flagship cloud's answer to `service`; false, and out as it was, where there is
 * none. */
bool import_service_key(struct flagship_json data, char out[FLAGSHIP_LOGIN_PUBLIC_HEX_SIZE]);

/*
 * A value of the Studio's web view (protocol.md 4, Cached logins): base64 of percent-encoded JSON,
 * in UTF-8 or UTF-16; the JSON bare or percent-encoded alone is taken too. Errors: LOGIN_CACHE (no
 * login with a token comes out; *login is as it was then), TOO_DEEP, MEMORY.
 */
int import_web_view(const void *value, size_t length, struct flagship_account *login);

/* Whether the text looks like ankerctl's default.json, whatever else may be wrong with it. */
bool import_is_ankerctl(const char *text, size_t length);

/* Errors: JSON (an object without an account or its user id), TOO_DEEP, MEMORY. */
int import_ankerctl(const char *text, size_t length, struct store_account *account,
		    size_t *skipped);

#endif
