/* SPDX-License-Identifier: MIT */
#include "store/database/internal.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file of a database. */

#define FILE_BITS  (S_IRUSR | S_IWUSR)
#define URI_START  "file:"
#define URI_END    "?immutable=1" /* no other process changes it, and nothing lies beside it */
#define URI_PLAIN  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-"
#define URI_GROWTH 3
#define NOT_MADE   "it cannot be made"

/* --- a new one --- */

static int make_tables(struct database *database, const char *path)
{
	sqlite3 *connection = NULL;
	int code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, NULL);
	int result = code == SQLITE_OK ? database_fill(database, connection)
				       : database_fail_of(database, connection, code, NOT_MADE);

	sqlite3_close(connection);
	return result;
}

/* Not over one that another process made meanwhile; not all file systems know a second name. */
static int move_to_place(struct database *database, const char *temporary, const char *path)
{
	int error = link(temporary, path) == 0 || errno == EEXIST ? 0 : errno;

	if (error == EPERM || error == ENOTSUP || error == ENOSYS) {
		error = rename(temporary, path) == 0 ? 0 : errno;
	}
	if (!error) {
		error = sync_folder_of(path);
	}
	return error ? database_fail_system(database, NOT_MADE, error) : 0;
}

int database_make(struct database *database, const char *path)
{
	char temporary[PATH_MAX];

	if (access(path, F_OK) == 0) {
		return database_check_size(database, path);
	}
	if (snprintf(temporary, sizeof(temporary), "%s.%ld.new", path, (long)getpid()) >=
	    PATH_MAX) {
		return database_fail_system(database, NOT_MADE, ENAMETOOLONG);
	}
	unlink(temporary);
	int file = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_BITS);
	if (file < 0) {
		return database_fail_system(database, NOT_MADE, errno);
	}
	close(file);
	int result = make_tables(database, temporary);
	if (!result) {
		result = move_to_place(database, temporary, path);
	}
	unlink(temporary);
	return result;
}

/* --- one that is there --- */

int database_check_size(struct database *database, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0 || status.st_size > 0) {
		return 0;
	}
	return database_refuse(database, "it is empty, as no %s is: it is damaged%s",
			       database->layout->noun, database->layout->mend);
}

int database_may_write(const char *path)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	char *slash = strrchr(folder, '/');
	strcpy(slash ? slash + 1 : folder, ".");
	return (access(path, W_OK) != 0 && errno != ENOENT) || access(folder, W_OK) != 0 ? errno
											 : 0;
}

static bool has_log(const char *path)
{
	char name[PATH_MAX];
	struct stat status;

	return snprintf(name, sizeof(name), "%s-wal", path) < PATH_MAX &&
	       stat(name, &status) == 0 && status.st_size > 0;
}

static void write_uri(const char *path, char out[])
{
	char *end = out + sprintf(out, URI_START);

	for (; *path; path++) {
		end += sprintf(end, strchr(URI_PLAIN, *path) ? "%c" : "%%%02X",
			       (unsigned char)*path);
	}
	strcpy(end, URI_END);
}

int database_open_read_only(struct database *database, const char *path, int busy_ms)
{
	char uri[URI_GROWTH * PATH_MAX + sizeof(URI_START URI_END)];
	bool is_log_beside = has_log(path);
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
	int code;

	if (is_log_beside) {
		code = sqlite3_open_v2(path, &database->connection, flags, NULL);
	} else {
		write_uri(path, uri);
		code = sqlite3_open_v2(uri, &database->connection, flags | SQLITE_OPEN_URI, NULL);
	}
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(database->connection, busy_ms);
		code = sqlite3_exec(database->connection, "SELECT 1 FROM sqlite_master", NULL, NULL,
				    NULL);
	}
	if (code == SQLITE_OK) {
		return 0;
	}
	if (is_log_beside && (code & UINT8_MAX) == SQLITE_CANTOPEN) {
		return database_refuse(database, "its log cannot be read where the folder cannot "
						 "be written: copy the folder to a place where it "
						 "can");
	}
	if (database_is_damaged(database)) {
		return database_fail(database, "it cannot be opened");
	}
	database->problem[0] = '\0';
	return FLAGSHIP_ERROR_STORE;
}
