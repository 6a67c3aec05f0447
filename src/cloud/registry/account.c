/* SPDX-License-Identifier: MIT */
#include "base/hex.h"
#include "cloud/registry/internal.h"
#include "cloud/registry/registry.h"

#include <flagship/account.h>
#include <flagship/error.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#define USER_ID_BYTES 20
#define ACCOUNT_COLUMNS \
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

static int write_account(struct registry *registry, const char *sql,
			 const struct registry_account *account)
{
	return database_run(registry->database, sql, DB_TEXT(account->user_id),
			    DB_TEXT(account->email), DB_TEXT(account->nick_name),
			    DB_TEXT(account->country), DB_TEXT(account->password),
			    DB_TEXT(account->mqtt_password), DB_INT(account->administrator),
			    DB_INT(account->created_at));
}

#define ACCOUNT_FIELDS(account)                                                        \
	DB_TO_TEXT((account)->user_id), DB_TO_TEXT((account)->email),                  \
		DB_TO_TEXT((account)->nick_name), DB_TO_TEXT((account)->country),      \
		DB_TO_TEXT((account)->password), DB_TO_TEXT((account)->mqtt_password), \
		DB_TO_FLAG(&(account)->administrator), DB_TO_INT(&(account)->created_at)

static bool is_of_printers(const char *user_id)
{
	return strncmp(user_id, FLAGSHIP_PRINTER_USER_ID_PREFIX,
		       strlen(FLAGSHIP_PRINTER_USER_ID_PREFIX)) == 0;
}

int registry_add_account(struct registry *registry, struct registry_account *account)
{
	if (is_of_printers(account->user_id)) {
		return database_refuse(registry->database,
				       "user ids that begin with " FLAGSHIP_PRINTER_USER_ID_PREFIX
				       " belong to printers");
	}
	if (account->user_id[0] == '\0' && !make_user_id(account->user_id)) {
		return FLAGSHIP_ERROR_CRYPTO;
	}
	return write_account(registry,
			     "INSERT OR IGNORE INTO account (" ACCOUNT_COLUMNS
			     ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			     account);
}

int registry_update_account(struct registry *registry, const struct registry_account *account)
{
	return write_account(
		registry,
		"UPDATE account SET email = ?2, nick_name = ?3, country = ?4, password = ?5,"
		" mqtt_password = ?6, administrator = ?7, created_at = ?8"
		" WHERE user_id = ?1",
		account);
}

int registry_find_account(struct registry *registry, const char *email,
			  struct registry_account *account)
{
	return database_first(database_select(registry->database,
					      "SELECT " ACCOUNT_COLUMNS
					      " FROM account WHERE email = ?",
					      DB_TEXT(email)),
			      ACCOUNT_FIELDS(account));
}

int registry_find_user(struct registry *registry, const char *user_id,
		       struct registry_account *account)
{
	return database_first(database_select(registry->database,
					      "SELECT " ACCOUNT_COLUMNS
					      " FROM account WHERE user_id = ?",
					      DB_TEXT(user_id)),
			      ACCOUNT_FIELDS(account));
}

int registry_remove_account(struct registry *registry, const char *user_id)
{
	return database_run(registry->database, "DELETE FROM account WHERE user_id = ?",
			    DB_TEXT(user_id));
}

int registry_each_account(struct registry *registry,
			  bool (*each)(void *context, const struct registry_account *account),
			  void *context)
{
	struct database_rows *rows = database_select(
		registry->database, "SELECT " ACCOUNT_COLUMNS " FROM account ORDER BY email",
		DB_NONE);
	struct registry_account account;
	int result;

	while ((result = database_next(rows)) > 0) {
		(void)database_read(rows, ACCOUNT_FIELDS(&account));
		if (!each(context, &account)) {
			database_end(rows);
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
