/* SPDX-License-Identifier: MIT */
#include "cloud/registry/place.h"

#include "cloud/registry/query.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BITS  (S_IRUSR | S_IWUSR)
#define URI_START  "file:"
#define URI_END    "?immutable=1" /* no other process changes it, and nothing lies beside it */
#define URI_PLAIN  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-"
#define URI_GROWTH 3

static int fail(struct registry *registry, const char *what, int error)
{
	snprintf(registry->problem, sizeof(registry->problem), "%s: %s", what, strerror(error));
	return FLAGSHIP_ERROR_STORE;
}

/* --- a new one --- */

static int fill(struct registry *registry, const char *path)
{
	sqlite3 *database = NULL;
	int result = 0;
	int code = sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL);

	if (code == SQLITE_OK) {
		code = sqlite3_exec(database, "PRAGMA synchronous = EXTRA; BEGIN", NULL, NULL,
				    NULL);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_exec(database, registry_schema, NULL, NULL, NULL);
	}
	if (code == SQLITE_OK) {
		code = sqlite3_exec(database, "COMMIT", NULL, NULL, NULL);
	}
	if (code != SQLITE_OK) {
		result = registry_fail_of(registry, database, code, "it cannot be made");
	}
	sqlite3_close(database);
	return result;
}

/* Not over one that another process made meanwhile; not all file systems know a second name. */
static int place(struct registry *registry, const char *temporary, const char *path)
{
	int error = link(temporary, path) == 0 || errno == EEXIST ? 0 : errno;

	if (error == EPERM || error == ENOTSUP || error == ENOSYS) {
		error = rename(temporary, path) == 0 ? 0 : errno;
	}
	if (!error) {
		error = sync_folder_of(path);
	}
	return error ? fail(registry, "it cannot be made", error) : 0;
}

int registry_make(struct registry *registry, const char *path)
{
	char temporary[PATH_MAX];
	int result;
	int file;

	if (access(path, F_OK) == 0) {
		return registry_check_size(registry, path);
	}
	if (snprintf(temporary, sizeof(temporary), "%s.%ld.new", path, (long)getpid()) >=
	    PATH_MAX) {
		return fail(registry, "it cannot be made", ENAMETOOLONG);
	}
	unlink(temporary);
	file = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_BITS);
	if (file < 0) {
		return fail(registry, "it cannot be made", errno);
	}
	close(file);
	result = fill(registry, temporary);
	if (result == 0) {
		result = place(registry, temporary, path);
	}
	unlink(temporary);
	return result;
}

/* --- one that is there --- */

int registry_check_size(struct registry *registry, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0 || status.st_size > 0) {
		return 0;
	}
	snprintf(registry->problem, sizeof(registry->problem),
		 "it is empty, as no registry is: it is damaged" REGISTRY_MEND);
	return FLAGSHIP_ERROR_STORE;
}

int registry_may_write(const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
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

int registry_open_read_only(struct registry *registry, const char *path, int busy_ms)
{
	char uri[URI_GROWTH * PATH_MAX + sizeof(URI_START URI_END)];
	bool is_log_beside = has_log(path);
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
	int code;

	if (is_log_beside) {
		code = sqlite3_open_v2(path, &registry->database, flags, NULL);
	} else {
		write_uri(path, uri);
		code = sqlite3_open_v2(uri, &registry->database, flags | SQLITE_OPEN_URI, NULL);
	}
	if (code == SQLITE_OK) {
		sqlite3_busy_timeout(registry->database, busy_ms);
		code = sqlite3_exec(registry->database, "SELECT 1 FROM sqlite_master", NULL, NULL,
				    NULL);
	}
	if (code == SQLITE_OK) {
		return 0;
	}
	if (is_log_beside && (code & UINT8_MAX) == SQLITE_CANTOPEN) {
		snprintf(registry->problem, sizeof(registry->problem),
			 "its log cannot be read where the folder cannot be written: copy the "
			 "folder to a place where it can");
		return FLAGSHIP_ERROR_STORE;
	}
	if (registry_is_damaged(registry)) {
		return registry_fail(registry, "it cannot be opened");
	}
	registry->problem[0] = '\0';
	return FLAGSHIP_ERROR_STORE;
}
