/* SPDX-License-Identifier: MIT */
#include "store/accounts/accounts.h"

#include "base/memory/wiping.h"
#include "base/text_index.h"
#include "store/accounts/fields.h"
#include "store/accounts/text.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void store_account_finish(struct store_account *account)
{
	/* Nothing of the printers themselves is secret but their texts. */
	free(account->printers);
	text_arena_finish(&account->texts);
	OPENSSL_cleanse(account, sizeof(*account));
}

void store_accounts_finish(struct store_accounts *accounts)
{
	for (size_t i = 0; i < accounts->count; i++) {
		store_account_finish(&accounts->accounts[i]);
	}
	free(accounts->accounts);
	*accounts = (struct store_accounts){0};
}

size_t store_accounts_count_printers(const struct store_accounts *accounts)
{
	size_t count = 0;

	for (size_t i = 0; i < accounts->count; i++) {
		count += accounts->accounts[i].printer_count;
	}
	return count;
}

struct store_account *store_accounts_find(struct store_accounts *accounts, const char *user_id)
{
	for (size_t i = 0; i < accounts->count; i++) {
		if (strcmp(accounts->accounts[i].login.user_id, user_id) == 0) {
			return &accounts->accounts[i];
		}
	}
	return NULL;
}

const struct store_printer store_printer_unknown = {
	.serial = "",
	.name = "",
	.key_hex = "",
	.station_id = "",
	.model_code = "",
	.dsk_key = "",
	.p2p_did = "",
	.p2p_conn = "",
	.app_conn = "",
	.wifi_mac = "",
	.address = "",
	.firmware = "",
	.p2p_license = "",
	.member_type = "",
	.may_query = "",
	.may_command = "",
	.may_camera = "",
};

struct store_printer *store_account_add_printer(struct store_account *account)
{
	/* Whoever took the printers of a copied account may have left the room of them. */
	size_t room = account->printers ? account->printer_room : 0;

	if (account->printer_count >= room) {
		room = account->printer_count > 0 ? 2 * account->printer_count : 1;
		struct store_printer *grown = realloc(account->printers, room * sizeof(*grown));

		if (!grown) {
			return NULL;
		}
		account->printers = grown;
		account->printer_room = room;
	}
	struct store_printer *printer = &account->printers[account->printer_count++];

	*printer = store_printer_unknown;
	return printer;
}

struct store_printer *store_account_find_printer(const struct store_account *account,
						 const char *serial)
{
	for (size_t i = 0; i < account->printer_count; i++) {
		if (strcmp(account->printers[i].serial, serial) == 0) {
			return &account->printers[i];
		}
	}
	return NULL;
}

bool store_account_keep(struct store_account *account, const char **place, const char *text)
{
	const char *copy = "";

	if (text[0] != '\0') {
		copy = text_arena_copy(&account->texts, text, strnlen(text, STORE_TEXT_MAX - 1));
	}
	if (!copy) {
		return false;
	}
	*place = copy;
	return true;
}

const char *accounts_serial_at(const void *printers, size_t position)
{
	return ((const struct store_printer *)printers)[position].serial;
}

const char *accounts_user_id_at(const void *accounts, size_t position)
{
	return ((const struct store_account *)accounts)[position].login.user_id;
}

/* Of its printers' serial numbers, the first of each. *twins: whether one stands there twice. False
 * where there is no memory. */
static bool index_printers(const struct store_account *account, struct text_index *index,
			   bool *twins)
{
	*twins = false;
	*index = text_index_of(accounts_serial_at);
	for (size_t i = 0; i < account->printer_count; i++) {
		if (text_index_find(index, account->printers, account->printers[i].serial) !=
		    TEXT_INDEX_NONE) {
			*twins = true;
		} else if (!text_index_add(index, account->printers, i)) {
			text_index_finish(index);
			return false;
		}
	}
	return true;
}

static struct store_printer *find_printer(const struct store_account *account,
					  const struct text_index *index, const char *serial)
{
	size_t position = text_index_find(index, account->printers, serial);

	return position == TEXT_INDEX_NONE ? NULL : &account->printers[position];
}

/* Every field that is empty in `to` becomes what it is in `from`. */
static void fill_gaps(const struct accounts_fields *table, void *to, void *from)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct accounts_field *field = &table->fields[i];

		if (field->capacity == 0) {
			int64_t *time = accounts_field_time(to, field);
			*time = *time != 0 ? *time : *accounts_field_time(from, field);
		} else if (accounts_field_text(to, field)[0] != '\0') {
			continue;
		} else if (field->kept) {
			*accounts_field_kept(to, field) = *accounts_field_kept(from, field);
		} else {
			memcpy(accounts_field_array(to, field), accounts_field_array(from, field),
			       field->capacity);
		}
	}
}

static void fill_printer(struct store_printer *printer, struct store_printer *stored)
{
	fill_gaps(&accounts_printer_fields, printer, stored);
	if (printer->model == FLAGSHIP_MODEL_UNKNOWN) {
		printer->model = stored->model;
	}
}

/* Where each of `from` that `merged` does not have follows. */
static bool append_missing(struct store_account *merged, const struct store_account *from)
{
	struct text_index index;
	bool twins;
	bool done = index_printers(merged, &index, &twins);

	for (size_t i = 0; done && i < from->printer_count; i++) {
		if (find_printer(merged, &index, from->printers[i].serial)) {
			continue;
		}
		struct store_printer *place = store_account_add_printer(merged);

		done = place != NULL;
		if (done) {
			*place = from->printers[i];
			done = text_index_add(&index, merged->printers, merged->printer_count - 1);
		}
	}
	text_index_finish(&index);
	return done;
}

/* Each of `stored`, as `account` has it now. */
static bool renew_stored(struct store_account *merged, const struct store_account *stored,
			 const struct store_account *account, const struct text_index *index,
			 bool drop_missing)
{
	for (size_t i = 0; i < stored->printer_count; i++) {
		struct store_printer *old = &stored->printers[i];
		struct store_printer *newer = find_printer(account, index, old->serial);
		if (!newer && drop_missing) {
			continue;
		}
		struct store_printer *place = store_account_add_printer(merged);
		if (!place) {
			return false;
		}
		*place = newer ? *newer : *old;
		fill_printer(place, old);
	}
	return true;
}

/* Those of both: what is stored keeps its place, so that numbers of printers stay the same. Texts
 * may be those of `stored` afterwards. */
static int merge_printers(const struct store_account *stored, struct store_account *account,
			  const struct text_index *index, bool drop_missing)
{
	struct store_account merged = {0};

	if (!renew_stored(&merged, stored, account, index, drop_missing) ||
	    !append_missing(&merged, account)) {
		store_account_finish(&merged);
		return FLAGSHIP_ERROR_MEMORY;
	}
	free(account->printers);
	account->printers = merged.printers;
	account->printer_count = merged.printer_count;
	account->printer_room = merged.printer_room;
	return 0;
}

static int add_account(struct store_accounts *accounts, struct store_account *account)
{
	struct store_account *grown = wiping_grow(accounts->accounts, accounts->count,
						  sizeof(*accounts->accounts));

	if (!grown) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	accounts->accounts = grown;
	grown[accounts->count++] = *account;
	OPENSSL_cleanse(account, sizeof(*account));
	return 0;
}

static bool account_is_valid(const struct store_account *account)
{
	for (size_t i = 0; i < account->printer_count; i++) {
		if (!flagship_serial_valid(account->printers[i].serial) ||
		    !accounts_key_valid(account->printers[i].key_hex)) {
			return false;
		}
	}
	return account->login.user_id[0] != '\0';
}

/* With the stored printers, NULL for none. */
static int settle_printers(const struct store_account *stored, struct store_account *account,
			   bool drop_missing)
{
	const struct store_account nothing = {0};
	struct text_index index;
	bool twins;
	int error = 0;

	if (!index_printers(account, &index, &twins)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	/* With hundreds of printers the copy would be most of the cost of reading a file. */
	if (stored || twins) {
		error = merge_printers(stored ? stored : &nothing, account, &index, drop_missing);
	}
	text_index_finish(&index);
	return error;
}

int accounts_append(struct store_accounts *accounts, struct store_account *account)
{
	if (!account_is_valid(account)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return add_account(accounts, account);
}

int store_accounts_put(struct store_accounts *accounts, struct store_account *account,
		       bool drop_missing)
{
	struct store_account *stored = store_accounts_find(accounts, account->login.user_id);

	if (!account_is_valid(account)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	int error = settle_printers(stored, account, drop_missing);
	if (error || !stored) {
		return error ? error : add_account(accounts, account);
	}
	/* When the old token ends says nothing of a new one. */
	if (account->login.auth_token[0] != '\0' &&
	    strcmp(account->login.auth_token, stored->login.auth_token) != 0) {
		stored->login.token_expires_at = 0;
	}
	fill_gaps(&accounts_account_fields, account, stored);
	text_arena_take(&account->texts, &stored->texts);
	store_account_finish(stored);
	*stored = *account;
	OPENSSL_cleanse(account, sizeof(*account));
	return 0;
}

bool store_accounts_remove(struct store_accounts *accounts, const char *user_id)
{
	struct store_account *account = store_accounts_find(accounts, user_id);

	if (!account) {
		return false;
	}
	struct store_account *last = &accounts->accounts[--accounts->count];
	store_account_finish(account);
	memmove(account, account + 1, (size_t)(last - account) * sizeof(*account));
	OPENSSL_cleanse(last, sizeof(*last));
	return true;
}

bool store_accounts_remove_printer(struct store_accounts *accounts, const char *serial)
{
	bool found = false;

	for (size_t i = 0; i < accounts->count; i++) {
		struct store_account *account = &accounts->accounts[i];
		size_t kept = 0;

		for (size_t j = 0; j < account->printer_count; j++) {
			if (strcmp(account->printers[j].serial, serial) != 0) {
				account->printers[kept++] = account->printers[j];
			}
		}
		found = found || kept < account->printer_count;
		account->printer_count = kept;
	}
	return found;
}

int store_accounts_rename_printer(struct store_accounts *accounts, const char *serial,
				  const char *name)
{
	int error = FLAGSHIP_ERROR_ARGUMENT;

	for (size_t i = 0; i < accounts->count; i++) {
		struct store_account *account = &accounts->accounts[i];

		for (size_t j = 0; j < account->printer_count; j++) {
			struct store_printer *printer = &account->printers[j];

			if (strcmp(printer->serial, serial) != 0) {
				continue;
			}
			if (!store_account_keep(account, &printer->name, name)) {
				return FLAGSHIP_ERROR_MEMORY;
			}
			error = 0;
		}
	}
	return error;
}

enum store_right store_right_from_text(const char *text)
{
	if (strcmp(text, "yes") == 0) {
		return STORE_RIGHT_YES;
	}
	return strcmp(text, "no") == 0 ? STORE_RIGHT_NO : STORE_RIGHT_UNKNOWN;
}

/* What is stored, else the usual one behind its prefix, cut where it is too long. */
static void choose(const char *stored, const char *prefix, const char *usual,
		   char out[STORE_TEXT_MAX])
{
	const char *text = stored[0] != '\0' ? stored : usual;
	size_t start = stored[0] != '\0' ? 0 : strlen(prefix);
	size_t length = strnlen(text, STORE_TEXT_MAX - 1 - start);

	memcpy(out, prefix, start);
	memcpy(out + start, text, length);
	out[start + length] = '\0';
}

void store_account_mqtt_username(const struct store_account *account, char out[STORE_TEXT_MAX])
{
	choose(account->mqtt_username, FLAGSHIP_USERNAME_PREFIX, account->login.user_id, out);
}

void store_account_mqtt_password(const struct store_account *account, char out[STORE_TEXT_MAX])
{
	choose(account->mqtt_password, "", account->login.email, out);
}

void store_account_broker(const struct store_account *account, char out[STORE_TEXT_MAX])
{
	char usual[STORE_TEXT_MAX];

	snprintf(usual, sizeof(usual), "%s:%d", flagship_region_mqtt_host(account->login.region),
		 FLAGSHIP_MQTT_PORT);
	choose(account->broker, "mqtts://", usual, out);
}

/* Of the vendor: a login that was made elsewhere must not lead the token astray. */
static bool is_host(const char *domain)
{
	static const char *const vendors[] = {".ankermake.com", ".eufylife.com", ".eufymake.com",
					      ".mkitreal.com"};
	size_t length = strlen(domain);

	if (domain[strspn(domain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789.-")] != '\0') {
		return false;
	}
	for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		size_t suffix = strlen(vendors[i]);

		if (length > suffix && strcasecmp(domain + length - suffix, vendors[i]) == 0) {
			return true;
		}
	}
	return false;
}

void store_account_api(const struct store_account *account, char out[STORE_TEXT_MAX])
{
	const char *domain = account->login.domain;
	size_t scheme = strlen("https://");

	if (strncmp(domain, "https://", scheme) == 0) {
		domain += scheme;
	}
	if (!is_host(domain)) {
		domain = flagship_region_api_host(account->login.region);
	}
	choose(account->api, "https://", domain, out);
}
