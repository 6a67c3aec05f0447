/* SPDX-License-Identifier: MIT */
#include "cli/account/web_view.h"

#include "cli/account/web_view_copy.h"
#include "cli/kit/cli.h"
#include "vendor/import.h"

#include <leveldb/c.h>
#include <sqlite3.h>

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USER_KEY     "vms-userinfo"
#define OLD_USER_KEY "userinfo" /* also the end of the other */
#define CURRENT_FILE "CURRENT"
#define SQLITE_NAME  "localstorage.sqlite3"
#define SQLITE_WAL   "-wal"
/* What stands before a text of Chromium's local storage. */
#define MARK_UTF16  '\0'
#define MARK_LATIN1 '\1'
#define QUERY       "SELECT value FROM ItemTable WHERE key = '" USER_KEY "'"

static bool ends_with(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool is_folder(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

bool web_view_is(const char *path)
{
	char current[PATH_MAX];

	if (!is_folder(path)) {
		return ends_with(path, ".ldb") || ends_with(path, ".log") ||
		       ends_with(path, SQLITE_NAME);
	}
	return snprintf(current, sizeof(current), "%s/" CURRENT_FILE, path) <
		       (int)sizeof(current) &&
	       access(current, F_OK) == 0;
}

/* Of several pages the login that lasts longest counts. */
static void consider(const void *value, size_t length, struct flagship_account *best, bool *found)
{
	struct flagship_account login = {0};

	if (import_web_view(value, length, &login) == 0 &&
	    (!*found || login.token_expires_at > best->token_expires_at)) {
		*best = login;
		*found = true;
	}
	flagship_account_wipe(&login);
}

/* --- LevelDB --- */

/* "_https://HOST", NUL, a mark, the name of the item. */
static bool is_user_key(const char *key, size_t length)
{
	size_t name = strlen(OLD_USER_KEY);

	return length >= name && memcmp(key + length - name, OLD_USER_KEY, name) == 0;
}

static void read_items(leveldb_t *database, struct flagship_account *login, bool *found)
{
	leveldb_readoptions_t *options = leveldb_readoptions_create();
	leveldb_iterator_t *iterator = leveldb_create_iterator(database, options);

	for (leveldb_iter_seek_to_first(iterator); leveldb_iter_valid(iterator);
	     leveldb_iter_next(iterator)) {
		size_t key_length;
		size_t length;
		const char *key = leveldb_iter_key(iterator, &key_length);
		const char *value = leveldb_iter_value(iterator, &length);

		if (!is_user_key(key, key_length) || length == 0) {
			continue;
		}
		if (value[0] == MARK_UTF16 || value[0] == MARK_LATIN1) {
			value++;
			length--;
		}
		consider(value, length, login, found);
	}
	leveldb_iter_destroy(iterator);
	leveldb_readoptions_destroy(options);
}

/* What was copied while it was written to, or is no more than a part, is mended first. */
static leveldb_t *open_database(const char *folder)
{
	leveldb_options_t *options = leveldb_options_create();
	char *error = NULL;
	leveldb_t *database = leveldb_open(options, folder, &error);

	if (error) {
		leveldb_free(error);
		error = NULL;
		leveldb_repair_db(options, folder, &error);
		if (!error) {
			database = leveldb_open(options, folder, &error);
		}
	}
	if (error) {
		cli_error("the local storage of the web view cannot be read: %s", error);
		leveldb_free(error);
		database = NULL;
	}
	leveldb_options_destroy(options);
	return database;
}

static enum web_view_result read_leveldb(const struct web_view_copy *copy,
					 struct flagship_account *login)
{
	leveldb_t *database = open_database(copy->folder);
	bool found = false;

	if (!database) {
		return WEB_VIEW_FAILED;
	}
	read_items(database, login, &found);
	leveldb_close(database);
	return found ? WEB_VIEW_LOGIN : WEB_VIEW_EMPTY;
}

/* --- SQLite --- */

static int read_rows(sqlite3 *database, struct flagship_account *login, bool *found)
{
	sqlite3_stmt *statement = NULL;
	int status = sqlite3_prepare_v2(database, QUERY, -1, &statement, NULL);

	while (status == SQLITE_OK || status == SQLITE_ROW) {
		status = sqlite3_step(statement);
		if (status == SQLITE_ROW) {
			const void *value = sqlite3_column_blob(statement, 0);
			int length = sqlite3_column_bytes(statement, 0);

			consider(value ? value : "", (size_t)length, login, found);
		}
	}
	sqlite3_finalize(statement);
	return status;
}

static enum web_view_result read_sqlite(const struct web_view_copy *copy,
					struct flagship_account *login)
{
	char file[PATH_MAX + sizeof("/" SQLITE_NAME)];
	sqlite3 *database = NULL;
	bool found = false;

	snprintf(file, sizeof(file), "%s/" SQLITE_NAME, copy->folder);
	int status = sqlite3_open_v2(file, &database, SQLITE_OPEN_READWRITE, NULL);
	if (status == SQLITE_OK) {
		sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
		status = read_rows(database, login, &found);
	}
	if (status != SQLITE_DONE && !found) {
		cli_error("the local storage of the web view cannot be read: %s",
			  database ? sqlite3_errmsg(database) : sqlite3_errstr(status));
	}
	sqlite3_close(database);
	if (found) {
		return WEB_VIEW_LOGIN;
	}
	return status == SQLITE_DONE ? WEB_VIEW_EMPTY : WEB_VIEW_FAILED;
}

static bool copy_sqlite(struct web_view_copy *copy, const char *path)
{
	char wal[PATH_MAX];

	/* What was written last may stand beside the file still. */
	return web_view_copy_file(copy, path, SQLITE_NAME) &&
	       (snprintf(wal, sizeof(wal), "%s" SQLITE_WAL, path) >= (int)sizeof(wal) ||
		access(wal, F_OK) != 0 || web_view_copy_file(copy, wal, SQLITE_NAME SQLITE_WAL));
}

enum web_view_result web_view_read(const char *path, struct flagship_account *login)
{
	struct web_view_copy copy;
	enum web_view_result result = WEB_VIEW_FAILED;
	bool sqlite = !is_folder(path) && ends_with(path, SQLITE_NAME);
	const char *slash = strrchr(path, '/');

	if (!web_view_copy_begin(&copy)) {
		return WEB_VIEW_FAILED;
	}
	bool copied = sqlite            ? copy_sqlite(&copy, path)
		      : is_folder(path) ? web_view_copy_folder(&copy, path)
					: web_view_copy_file(&copy, path, slash ? slash + 1 : path);
	if (copied) {
		result = sqlite ? read_sqlite(&copy, login) : read_leveldb(&copy, login);
	}
	web_view_copy_end(&copy);
	return result;
}
