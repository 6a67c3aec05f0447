/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "cloud/registry/query.h"
#include "cloud/registry/registry.h"

#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define USER_ID_BYTES 20
#define COLUMNS \
	"user_id, email, nick_name, country, password, mqtt_password, administrator, created_at"

static bool make_user_id(char out[REGISTRY_TEXT_MAX])
{
	uint8_t bytes[USER_ID_BYTES];

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		return false;
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, out);
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return true;
}

static void bind_account(sqlite3_stmt *statement, const struct registry_account *account)
{
	registry_bind_text(statement, 1, account->user_id);
	registry_bind_text(statement, 2, account->email);
	registry_bind_text(statement, 3, account->nick_name);
	registry_bind_text(statement, 4, account->country);
	registry_bind_text(statement, 5, account->password);
	registry_bind_text(statement, 6, account->mqtt_password);
	sqlite3_bind_int(statement, 7, account->administrator);
	sqlite3_bind_int64(statement, 8, account->created_at);
}

static void read_account(sqlite3_stmt *statement, struct registry_account *account)
{
	registry_column_text(statement, 0, account->user_id, sizeof(account->user_id));
	registry_column_text(statement, 1, account->email, sizeof(account->email));
	registry_column_text(statement, 2, account->nick_name, sizeof(account->nick_name));
	registry_column_text(statement, 3, account->country, sizeof(account->country));
	registry_column_text(statement, 4, account->password, sizeof(account->password));
	registry_column_text(statement, 5, account->mqtt_password, sizeof(account->mqtt_password));
	account->administrator = sqlite3_column_int(statement, 6) != 0;
	account->created_at = sqlite3_column_int64(statement, 7);
}

static bool is_of_printers(const char *user_id)
{
	return strncmp(user_id, REGISTRY_PRINTER_PREFIX, strlen(REGISTRY_PRINTER_PREFIX)) == 0;
}

int registry_add_account(struct registry *registry, struct registry_account *account)
{
	if (is_of_printers(account->user_id)) {
		snprintf(registry->problem, sizeof(registry->problem),
			 "user ids that begin with " REGISTRY_PRINTER_PREFIX " belong to printers");
		return FLAGSHIP_ERROR_STORE;
	}
	sqlite3_stmt *statement = registry_prepare(registry,
						   "INSERT OR IGNORE INTO account (" COLUMNS
						   ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	if (account->user_id[0] == '\0' && !make_user_id(account->user_id)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	bind_account(statement, account);
	return registry_change(registry, statement);
}

int registry_update_account(struct registry *registry, const struct registry_account *account)
{
	sqlite3_stmt *statement = registry_prepare(
		registry,
		"UPDATE account SET email = ?2, nick_name = ?3, country = ?4, password = ?5,"
		" mqtt_password = ?6, administrator = ?7, created_at = ?8"
		" WHERE user_id = ?1");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	bind_account(statement, account);
	return registry_change(registry, statement);
}

static int find(struct registry *registry, const char *sql, const char *text,
		struct registry_account *account)
{
	sqlite3_stmt *statement = registry_prepare(registry, sql);

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, text);
	int result = registry_step(registry, statement);
	if (result > 0) {
		read_account(statement, account);
		registry_reset(statement);
	}
	return result;
}

int registry_find_account(struct registry *registry, const char *email,
			  struct registry_account *account)
{
	return find(registry, "SELECT " COLUMNS " FROM account WHERE email = ?", email, account);
}

int registry_find_user(struct registry *registry, const char *user_id,
		       struct registry_account *account)
{
	return find(registry, "SELECT " COLUMNS " FROM account WHERE user_id = ?", user_id,
		    account);
}

int registry_remove_account(struct registry *registry, const char *user_id)
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "DELETE FROM account WHERE user_id = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, user_id);
	return registry_change(registry, statement);
}

int registry_each_account(struct registry *registry,
			  bool (*each)(void *context, const struct registry_account *account),
			  void *context)
{
	sqlite3_stmt *statement = registry_prepare(registry, "SELECT " COLUMNS
							     " FROM account ORDER BY email");
	struct registry_account account;
	int result;

	while ((result = registry_step(registry, statement)) > 0) {
		read_account(statement, &account);
		if (!each(context, &account)) {
			registry_reset(statement);
			break;
		}
	}
	registry_account_wipe(&account);
	return result < 0 ? result : 1;
}

void registry_account_wipe(struct registry_account *account)
{
	OPENSSL_cleanse(account, sizeof(*account));
}
