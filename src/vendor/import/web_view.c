/* SPDX-License-Identifier: MIT */
#include "vendor/import/web_view.h"

#include "vendor/import/import.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <leveldb/c.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A folder of mode 0700 with copies of files that hold secrets. */
struct web_view_copy {
	char folder[PATH_MAX];
	size_t bytes; /* copied so far */
};

#define BYTES_MAX   ((size_t)128 * 1024 * 1024)
#define FILES_MAX   2000
#define BUFFER_SIZE ((size_t)64 * 1024)
#define NAME        "flagship-import-XXXXXX"

static const char *temporary_folder(void)
{
	static const char *const variables[] = {"XDG_RUNTIME_DIR", "TMPDIR"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && value[0] == '/' && access(value, W_OK) == 0) {
			return value;
		}
	}
	return "/tmp";
}

static bool web_view_copy_begin(struct web_view_copy *copy, struct problem *problem)
{
	*copy = (struct web_view_copy){0};
	if (snprintf(copy->folder, sizeof(copy->folder), "%s/" NAME, temporary_folder()) >=
		    (int)sizeof(copy->folder) ||
	    !mkdtemp(copy->folder)) {
		problem_set(problem, "cannot make the folder %s: %s", copy->folder,
			    strerror(errno));
		copy->folder[0] = '\0';
		return false;
	}
	return true;
}

/* 0 or an errno. */
static int copy_bytes(struct web_view_copy *copy, int from, int to)
{
	char buffer[BUFFER_SIZE];
	ssize_t got;

	while ((got = read(from, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return errno;
		}
		copy->bytes += (size_t)got;
		if (copy->bytes > BYTES_MAX) {
			return EFBIG;
		}
		for (ssize_t done = 0; done < got;) {
			ssize_t written = write(to, buffer + done, (size_t)(got - done));

			if (written < 0 && errno != EINTR) {
				return errno;
			}
			done += written > 0 ? written : 0;
		}
	}
	return 0;
}

/* 0 or an errno. A pipe would be waited for for ever. */
static int open_regular(const char *path, int *descriptor)
{
	struct stat status;

	*descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*descriptor < 0) {
		return errno;
	}
	if (fstat(*descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(*descriptor);
		return EINVAL;
	}
	return 0;
}

/* One regular file, under this name. */
static bool web_view_copy_file(struct web_view_copy *copy, const char *path, const char *name,
			       struct problem *problem)
{
	char target[PATH_MAX];
	int from = -1;
	int error = open_regular(path, &from);

	if (!error &&
	    snprintf(target, sizeof(target), "%s/%s", copy->folder, name) >= (int)sizeof(target)) {
		close(from);
		error = ENAMETOOLONG;
	}
	if (!error) {
		int to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

		error = to < 0 ? errno : copy_bytes(copy, from, to);
		close(from);
		if (to >= 0 && close(to) != 0 && !error) {
			error = errno;
		}
	}
	if (error) {
		problem_set(problem, "cannot copy %s: %s", path, strerror(error));
	}
	return error == 0;
}

static bool is_part(const char *name)
{
	const char *end = strrchr(name, '.');

	return strcmp(name, "CURRENT") == 0 ||
	       strncmp(name, "MANIFEST-", strlen("MANIFEST-")) == 0 ||
	       (end &&
		(strcmp(end, ".ldb") == 0 || strcmp(end, ".sst") == 0 || strcmp(end, ".log") == 0));
}

/* All files of a LevelDB that are in the folder. */
static bool web_view_copy_folder(struct web_view_copy *copy, const char *folder,
				 struct problem *problem)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;
	char path[PATH_MAX];
	size_t count = 0;
	bool done = directory != NULL;

	if (!directory) {
		problem_set(problem, "cannot read %s: %s", folder, strerror(errno));
		return false;
	}
	while (done && (entry = readdir(directory))) {
		if (!is_part(entry->d_name)) {
			continue;
		}
		if (++count > FILES_MAX || snprintf(path, sizeof(path), "%s/%s", folder,
						    entry->d_name) >= (int)sizeof(path)) {
			problem_set(problem, "%s holds more files than a local storage does",
				    folder);
			done = false;
		} else if (access(path, F_OK) == 0) { /* It may be gone by now. */
			done = web_view_copy_file(copy, path, entry->d_name, problem);
		}
	}
	closedir(directory);
	return done;
}

/* Removes all of it. */
static void web_view_copy_end(struct web_view_copy *copy)
{
	DIR *directory = copy->folder[0] ? opendir(copy->folder) : NULL;
	const struct dirent *entry;

	/* LevelDB moves what it mends into a folder of its own there. */
	while (directory && (entry = readdir(directory))) {
		char path[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    snprintf(path, sizeof(path), "%s/%s", copy->folder, entry->d_name) >=
			    (int)sizeof(path)) {
			continue;
		}
		if (unlink(path) != 0) {
			struct web_view_copy inner = {0};

			memcpy(inner.folder, path, sizeof(path));
			web_view_copy_end(&inner);
		}
	}
	if (directory) {
		closedir(directory);
		rmdir(copy->folder);
	}
	copy->folder[0] = '\0';
}

#define USER_KEY     "vms-userinfo"
#define OLD_USER_KEY "userinfo" /* also the end of the other */
#define CURRENT_FILE "CURRENT"
#define SQLITE_NAME  "localstorage.sqlite3"
#define SQLITE_WAL   "-wal"
/* What stands before a text of Chromium's local storage. */
#define MARK_UTF16  '\0'
#define MARK_LATIN1 '\1'
#define QUERY       "SELECT value FROM ItemTable WHERE key = '" USER_KEY "'"

static bool has_ending(const char *text, const char *end)
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
		return has_ending(path, ".ldb") || has_ending(path, ".log") ||
		       has_ending(path, SQLITE_NAME);
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
static leveldb_t *open_database(const char *folder, struct problem *problem)
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
		problem_set(problem, "the local storage of the web view cannot be read: %s", error);
		leveldb_free(error);
		database = NULL;
	}
	leveldb_options_destroy(options);
	return database;
}

static enum web_view_result read_leveldb(const struct web_view_copy *copy,
					 struct flagship_account *login, struct problem *problem)
{
	leveldb_t *database = open_database(copy->folder, problem);
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
					struct flagship_account *login, struct problem *problem)
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
		problem_set(problem, "the local storage of the web view cannot be read: %s",
			    database ? sqlite3_errmsg(database) : sqlite3_errstr(status));
	}
	sqlite3_close(database);
	if (found) {
		return WEB_VIEW_LOGIN;
	}
	return status == SQLITE_DONE ? WEB_VIEW_EMPTY : WEB_VIEW_FAILED;
}

static bool copy_sqlite(struct web_view_copy *copy, const char *path, struct problem *problem)
{
	char wal[PATH_MAX];

	/* What was written last may stand beside the file still. */
	return web_view_copy_file(copy, path, SQLITE_NAME, problem) &&
	       (snprintf(wal, sizeof(wal), "%s" SQLITE_WAL, path) >= (int)sizeof(wal) ||
		access(wal, F_OK) != 0 ||
		web_view_copy_file(copy, wal, SQLITE_NAME SQLITE_WAL, problem));
}

enum web_view_result web_view_read(const char *path, struct flagship_account *login,
				   struct problem *problem)
{
	struct web_view_copy copy;
	enum web_view_result result = WEB_VIEW_FAILED;
	bool sqlite = !is_folder(path) && has_ending(path, SQLITE_NAME);
	const char *slash = strrchr(path, '/');

	if (!web_view_copy_begin(&copy, problem)) {
		return WEB_VIEW_FAILED;
	}
	bool copied = sqlite ? copy_sqlite(&copy, path, problem)
		      : is_folder(path)
			      ? web_view_copy_folder(&copy, path, problem)
			      : web_view_copy_file(&copy, path, slash ? slash + 1 : path, problem);
	if (copied) {
		result = sqlite ? read_sqlite(&copy, login, problem)
				: read_leveldb(&copy, login, problem);
	}
	web_view_copy_end(&copy);
	return result;
}
