/* SPDX-License-Identifier: MIT */
#include "cloud/registry/registry.h"

#include "cloud/registry/place.h"
#include "cloud/registry/query.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REGISTRY_SCHEMA 3
#define BACKUP_BUSY_MS  10000

#define HINT_TABLE                                                       \
	"CREATE TABLE printer_hint ("                                    \
	" serial TEXT PRIMARY KEY REFERENCES printer ON DELETE CASCADE," \
	" username TEXT NOT NULL,"                                       \
	" client_form TEXT NOT NULL,"                                    \
	" address TEXT NOT NULL,"                                        \
	" address_before TEXT NOT NULL,"                                 \
	" known_at INTEGER NOT NULL,"                                    \
	" changed_at INTEGER NOT NULL) WITHOUT ROWID;"

const char registry_schema[] =
	"CREATE TABLE account ("
	" user_id TEXT PRIMARY KEY,"
	" email TEXT NOT NULL UNIQUE COLLATE NOCASE,"
	" nick_name TEXT NOT NULL,"
	" country TEXT NOT NULL,"
	" password TEXT NOT NULL,"
	" mqtt_password TEXT NOT NULL,"
	" administrator INTEGER NOT NULL,"
	" created_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE printer ("
	" serial TEXT PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" model TEXT NOT NULL,"
	" key TEXT NOT NULL,"
	" dsk_key TEXT NOT NULL,"
	" p2p_did TEXT NOT NULL,"
	" p2p_conn TEXT NOT NULL,"
	" app_conn TEXT NOT NULL,"
	" wifi_mac TEXT NOT NULL,"
	" address TEXT NOT NULL,"
	" firmware TEXT NOT NULL,"
	" station_id TEXT NOT NULL DEFAULT '',"
	" created_at INTEGER NOT NULL,"
	" updated_at INTEGER NOT NULL,"
	" credential BLOB,"
	" bound_at INTEGER) WITHOUT ROWID;"
	"CREATE INDEX printer_by_credential ON printer (credential)"
	" WHERE credential IS NOT NULL;"
	"CREATE TABLE share ("
	" user_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,"
	" serial TEXT NOT NULL REFERENCES printer ON DELETE CASCADE,"
	" PRIMARY KEY (user_id, serial)) WITHOUT ROWID;"
	"CREATE TABLE token ("
	" hash BLOB PRIMARY KEY,"
	" user_id TEXT NOT NULL REFERENCES account ON DELETE CASCADE,"
	" label TEXT NOT NULL,"
	" created_at INTEGER NOT NULL,"
	" expires_at INTEGER NOT NULL,"
	" used_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE pairing ("
	" serial TEXT NOT NULL,"
	" credential BLOB NOT NULL,"
	" client_id TEXT NOT NULL,"
	" username TEXT NOT NULL,"
	" address TEXT NOT NULL,"
	" state INTEGER NOT NULL,"
	" first_seen INTEGER NOT NULL,"
	" last_seen INTEGER NOT NULL,"
	" place TEXT NOT NULL DEFAULT '',"
	" kind INTEGER NOT NULL DEFAULT 0,"
	" presented INTEGER NOT NULL DEFAULT 0,"
	" PRIMARY KEY (serial, credential)) WITHOUT ROWID;" HINT_TABLE "CREATE TABLE setting ("
	" name TEXT PRIMARY KEY,"
	" value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE cluster_login ("
	" username TEXT PRIMARY KEY,"
	" serial TEXT NOT NULL REFERENCES printer ON DELETE CASCADE) WITHOUT ROWID;"
	"CREATE TABLE cluster_queue ("
	" name TEXT PRIMARY KEY,"
	" username TEXT NOT NULL,"
	" used_at INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TRIGGER cluster_login_ends AFTER UPDATE OF credential ON printer"
	" WHEN old.credential IS NOT new.credential BEGIN"
	" DELETE FROM cluster_login WHERE serial = old.serial; END;"
	"CREATE TABLE file ("
	" name TEXT PRIMARY KEY,"
	" content TEXT NOT NULL) WITHOUT ROWID;"
	"PRAGMA user_version = 3;";

/* What makes the next layout of an older one: from 1 to 2, and so on. */
static const char *const migrations[] = {
	[1] = "ALTER TABLE printer ADD COLUMN station_id TEXT NOT NULL DEFAULT '';"
	      "PRAGMA user_version = 2;",
	[2] = "ALTER TABLE pairing ADD COLUMN place TEXT NOT NULL DEFAULT '';"
	      "ALTER TABLE pairing ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;"
	      "ALTER TABLE pairing ADD COLUMN presented INTEGER NOT NULL DEFAULT 0;" HINT_TABLE
	      "PRAGMA user_version = 3;",
};

static int read_schema_version(struct registry *registry, int *version)
{
	sqlite3_stmt *statement = registry_prepare(registry, "PRAGMA user_version");
	int result = registry_step(registry, statement);

	if (result < 0) {
		return result;
	}
	*version = sqlite3_column_int(statement, 0);
	registry_reset(statement);
	return 0;
}

static int execute(struct registry *registry, const char *sql)
{
	return sqlite3_exec(registry->database, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : registry_fail(registry, "the registry");
}

static int migrate_locked(struct registry *registry)
{
	int version;
	int result = read_schema_version(registry, &version);

	/* Another process may have done it between the check and the lock. */
	for (; result == 0 && version < REGISTRY_SCHEMA; version++) {
		result = execute(registry, migrations[version]);
	}
	return result;
}

/* Programs of before refuse it from then on. */
static int migrate(struct registry *registry)
{
	int result = execute(registry, "BEGIN IMMEDIATE");

	if (result == 0) {
		result = migrate_locked(registry);
	}
	if (result == 0) {
		return execute(registry, "COMMIT");
	}
	registry_rollback(registry);
	return result;
}

static int check_schema(struct registry *registry)
{
	int version = 0;
	int result = read_schema_version(registry, &version);

	if (result == 0 && version > 0 && version < REGISTRY_SCHEMA) {
		result = migrate(registry);
		version = REGISTRY_SCHEMA;
	}
	if (result == 0 && version != REGISTRY_SCHEMA) {
		snprintf(registry->problem, sizeof(registry->problem),
			 version == 0 ? "it holds no registry"
				      : "it was written by a newer flagship (layout %d)",
			 version);
		return FLAGSHIP_ERROR_STORE;
	}
	return result;
}

static int open_to_write(struct registry *registry, const char *path, int busy_ms)
{
	int error = registry_may_write(path);

	if (error) {
		snprintf(registry->problem, sizeof(registry->problem), "it cannot be written: %s",
			 strerror(error));
		return FLAGSHIP_ERROR_STORE;
	}
	if (sqlite3_open_v2(path, &registry->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK) {
		return registry_fail(registry, "it cannot be opened");
	}
	sqlite3_busy_timeout(registry->database, busy_ms);
	/* FULL: what was answered for outlasts a power cut. */
	return execute(registry, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
				 "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;");
}

/* Even readers write, what they share of the WAL; where they cannot, there are other ways. */
static int open_to_read(struct registry *registry, const char *path, int busy_ms)
{
	char problem[STORE_PROBLEM_MAX];
	int result = open_to_write(registry, path, busy_ms);

	if (result == 0 || registry_is_damaged(registry)) {
		return result;
	}
	memcpy(problem, registry->problem, sizeof(problem));
	sqlite3_close(registry->database);
	registry->database = NULL;
	result = registry_open_read_only(registry, path, busy_ms);
	if (result != 0 && registry->problem[0] == '\0') {
		memcpy(registry->problem, problem, sizeof(problem));
	}
	return result;
}

static int open_database(struct registry *registry, const char *path, enum registry_mode mode,
			 int busy_ms)
{
	int result = mode == REGISTRY_CREATE ? registry_make(registry, path)
					     : registry_check_size(registry, path);

	if (result == 0) {
		result = mode == REGISTRY_READ ? open_to_read(registry, path, busy_ms)
					       : open_to_write(registry, path, busy_ms);
	}
	if (result == 0) {
		result = check_schema(registry);
	}
	if (result == 0 && mode == REGISTRY_READ) {
		result = execute(registry, "PRAGMA query_only = ON");
	}
	return result;
}

int registry_open(const char *path, enum registry_mode mode, int busy_ms, struct registry **out,
		  struct store_problem *problem)
{
	struct registry *registry = calloc(1, sizeof(*registry));

	*out = NULL;
	problem->text[0] = '\0';
	if (!registry) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int result = open_database(registry, path, mode, busy_ms);
	if (result) {
		snprintf(problem->text, sizeof(problem->text), "%s: %.900s", path,
			 registry->problem);
		registry_close(registry);
		return result;
	}
	*out = registry;
	return 0;
}

void registry_close(struct registry *registry)
{
	if (!registry) {
		return;
	}
	for (size_t i = 0; i < registry->statement_count; i++) {
		sqlite3_finalize(registry->statements[i]);
	}
	sqlite3_close(registry->database);
	free(registry);
}

const char *registry_problem(const struct registry *registry)
{
	return registry->problem;
}

int64_t registry_version(struct registry *registry)
{
	sqlite3_stmt *statement = registry_prepare(registry, "PRAGMA data_version");
	int64_t version = -1;

	if (registry_step(registry, statement) > 0) {
		version = sqlite3_column_int64(statement, 0);
		registry_reset(statement);
	}
	return version;
}

int registry_begin(struct registry *registry)
{
	return execute(registry, "BEGIN IMMEDIATE");
}

int registry_commit(struct registry *registry)
{
	return execute(registry, "COMMIT");
}

void registry_rollback(struct registry *registry)
{
	/* Fails only where SQLite has rolled back already. */
	(void)sqlite3_exec(registry->database, "ROLLBACK", NULL, NULL, NULL);
}

int registry_set(struct registry *registry, const char *name, const char *value)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "INSERT INTO setting (name, value) VALUES (?, ?)"
			  " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, name);
	registry_bind_text(statement, 2, value);
	return registry_change(registry, statement);
}

int registry_get(struct registry *registry, const char *name, char value[REGISTRY_TEXT_MAX])
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "SELECT value FROM setting WHERE name = ?");

	value[0] = '\0';
	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, name);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_column_text(statement, 0, value, REGISTRY_TEXT_MAX);
		registry_reset(statement);
	}
	return result;
}

int registry_put_file(struct registry *registry, const char *name, const char *content)
{
	sqlite3_stmt *statement = registry_prepare(
		registry, "INSERT INTO file (name, content) VALUES (?, ?)"
			  " ON CONFLICT (name) DO UPDATE SET content = excluded.content");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, name);
	registry_bind_text(statement, 2, content);
	return registry_change(registry, statement);
}

int registry_get_file(struct registry *registry, const char *name, char *content, size_t capacity)
{
	sqlite3_stmt *statement = registry_prepare(registry,
						   "SELECT content FROM file WHERE name = ?");

	if (!statement) {
		return FLAGSHIP_ERROR_STORE;
	}
	registry_bind_text(statement, 1, name);
	int result = registry_step(registry, statement);
	if (result > 0) {
		registry_column_text(statement, 0, content, capacity);
		bool fits = (size_t)sqlite3_column_bytes(statement, 0) < capacity;
		registry_reset(statement);
		if (!fits) {
			snprintf(registry->problem, sizeof(registry->problem),
				 "the file %s in it is too long", name);
			return FLAGSHIP_ERROR_STORE;
		}
	}
	return result;
}

void registry_leave_log(struct registry *registry)
{
	sqlite3_wal_autocheckpoint(registry->database, 0);
	/* What is lost with the power is learnt again. */
	(void)execute(registry, "PRAGMA synchronous = NORMAL");
}

static int copy_database(struct registry *registry, sqlite3 *target)
{
	sqlite3_backup *backup = sqlite3_backup_init(target, "main", registry->database, "main");
	int code = backup ? sqlite3_backup_step(backup, -1) : sqlite3_errcode(target);

	sqlite3_backup_finish(backup);
	if (code != SQLITE_DONE) {
		return registry_fail_of(registry, target, code, "the copy");
	}
	/* One file, without side files that could be left behind. */
	sqlite3_exec(target, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
	return 1;
}

bool registry_is_one(const char *path)
{
	sqlite3 *database = NULL;
	sqlite3_stmt *statement = NULL;
	/* Left alone: no log beside it, no newer layout. */
	bool is_one = sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
		      sqlite3_prepare_v2(database,
					 "SELECT account.user_id, printer.serial, file.content"
					 " FROM account, printer, file",
					 -1, &statement, NULL) == SQLITE_OK;

	sqlite3_finalize(statement);
	sqlite3_close(database);
	return is_one;
}

int registry_backup(struct registry *registry, const char *path)
{
	sqlite3 *target = NULL;
	int result = FLAGSHIP_ERROR_STORE;
	int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

	if (file < 0) {
		snprintf(registry->problem, sizeof(registry->problem), "%.900s cannot be made: %s",
			 path, strerror(errno));
		return FLAGSHIP_ERROR_STORE;
	}
	close(file);
	if (sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
		sqlite3_busy_timeout(target, BACKUP_BUSY_MS);
		result = copy_database(registry, target);
	}
	if (sqlite3_close(target) != SQLITE_OK && result > 0) {
		result = FLAGSHIP_ERROR_STORE;
	}
	if (result < 0) {
		unlink(path);
	}
	return result;
}
