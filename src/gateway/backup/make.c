/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/json/writer.h"
#include "gateway/backup/place.h"
#include "gateway/files/files.h"
#include "gateway/history/tables.h"
#include "gateway/queue/tables.h"
#include "store/accounts/accounts.h"
#include "store/accounts/authority.h"
#include "store/file/file.h"

#include <flagship/error.h>
#include <flagship/flagship.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A backup, written as it is read: one block of a file at a time is in memory. */

#define PART "%s/" BACKUP_PART "%ld"

struct making {
	const struct backup_place *place;
	struct archive_writer writer;
	struct problem *problem;
	int file;
	int copies[BACKUP_KINDS]; /* of databases; -1: there is none */
	unsigned int uploads;
};

static bool write_whole(void *context, const void *bytes, size_t length)
{
	const struct making *making = context;
	const char *at = bytes;

	while (length > 0) {
		ssize_t some = write(making->file, at, length);

		if (some < 0 && errno == EINTR) {
			continue;
		}
		if (some <= 0) {
			return false;
		}
		at += some;
		length -= (size_t)some;
	}
	return true;
}

static int fail_to_write(const struct making *making)
{
	problem_set(making->problem, "the backup cannot be written: %s", strerror(errno));
	return FLAGSHIP_ERROR_STORE;
}

static int fail_to_read(const struct making *making, const char *path, int error)
{
	return problem_cannot(making->problem, "read", path, error, "");
}

static int write_text(struct making *making, const char *name, const char *text, size_t length)
{
	struct archive_entry entry = {.size = (int64_t)length, .modified_s = clock_unix_s()};

	snprintf(entry.name, sizeof(entry.name), "%s", name);
	return archive_begin(&making->writer, &entry) &&
			       archive_write(&making->writer, text, length)
		       ? 0
		       : fail_to_write(making);
}

static int write_about(struct making *making)
{
	char text[BACKUP_ABOUT_MAX];
	char made_by[64];
	struct json_writer writer;
	size_t length;

	snprintf(made_by, sizeof(made_by), "flagship %s", flagship_version());
	json_writer_init(&writer, text, sizeof(text));
	json_object_begin(&writer);
	json_member_string(&writer, "format", BACKUP_FORMAT);
	json_member_int(&writer, "version", BACKUP_VERSION);
	json_member_string(&writer, "made_by", made_by);
	json_member_int(&writer, "made_at", clock_unix_s());
	json_object_end(&writer);
	int error = json_writer_finish(&writer, &length);
	return error ? error : write_text(making, backup_kind_name(BACKUP_ABOUT), text, length);
}

/* Nothing where there is no such file. */
static int write_small_file(struct making *making, const char *name, const char *path)
{
	struct store_file file;
	int error = store_file_read(path, &file, making->problem);

	if (!error && file.text) {
		error = write_text(making, name, file.text, file.length);
	}
	store_file_release(&file);
	return error;
}

static int write_small(struct making *making, enum backup_kind kind)
{
	char path[PATH_MAX];

	return backup_kind_path(making->place, kind, path)
		       ? write_small_file(making, backup_kind_name(kind), path)
		       : fail_to_read(making, backup_kind_name(kind), ENAMETOOLONG);
}

/* --- certificates that were kept for accounts --- */

static bool was_before(const struct store_accounts *accounts, size_t index)
{
	for (size_t i = 0; i < index; i++) {
		if (strcmp(accounts->accounts[i].ca_file, accounts->accounts[index].ca_file) == 0) {
			return true;
		}
	}
	return false;
}

static int write_authorities_of(struct making *making, const struct store_accounts *accounts)
{
	int error = 0;

	for (size_t i = 0; !error && i < accounts->count; i++) {
		const char *path = accounts->accounts[i].ca_file;

		if (store_authority_is_kept(path) && !was_before(accounts, i)) {
			error = write_small_file(making, strrchr(path, '/') + 1, path);
		}
	}
	return error;
}

static int write_authorities(struct making *making)
{
	struct store_accounts accounts;
	struct problem unused;
	/* Accounts that cannot be read are in the backup as they are. */
	int error = store_accounts_load(making->place->accounts, &accounts, &unused)
			    ? 0
			    : write_authorities_of(making, &accounts);

	store_accounts_finish(&accounts);
	return error;
}

/* --- what is copied from its file --- */

static int copy_content(struct making *making, const char *path, int file, int64_t left)
{
	char bytes[BACKUP_COPY];
	int error = 0;

	/* A file of no bytes has its padding, too: none. */
	while (!error && left > 0) {
		size_t wanted = left < (int64_t)sizeof(bytes) ? (size_t)left : sizeof(bytes);
		ssize_t some = read(file, bytes, wanted);

		if (some < 0 && errno == EINTR) {
			continue;
		}
		if (some <= 0) {
			error = fail_to_read(making, path, some < 0 ? errno : EIO);
		} else if (!archive_write(&making->writer, bytes, (size_t)some)) {
			error = fail_to_write(making);
		}
		left -= some;
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return error;
}

static int write_file(struct making *making, const char *name, const char *path, int file)
{
	struct archive_entry entry;
	struct stat status;

	if (fstat(file, &status) != 0) {
		return fail_to_read(making, path, errno);
	}
	if (!S_ISREG(status.st_mode)) {
		return 0;
	}
	snprintf(entry.name, sizeof(entry.name), "%s", name);
	entry.size = (int64_t)status.st_size;
	entry.modified_s = (int64_t)status.st_mtime;
	return archive_begin(&making->writer, &entry) ? copy_content(making, path, file, entry.size)
						      : fail_to_write(making);
}

static int open_tables(enum backup_kind kind, const char *path, struct database **database,
		       struct problem *problem)
{
	return kind == BACKUP_HISTORY ? tables_open(path, false, database, problem)
				      : queue_tables_open(path, database, problem);
}

/* A copy that is consistent while the gateway writes. Its name is gone before it is read. */
static int copy_database(struct making *making, enum backup_kind kind)
{
	char path[PATH_MAX];
	char part[PATH_MAX];
	struct database *database;
	int length = snprintf(part, sizeof(part), PART, making->place->folder, (long)getpid());

	if (length < 1 || length >= (int)sizeof(part) ||
	    !backup_kind_path(making->place, kind, path)) {
		return fail_to_read(making, backup_kind_name(kind), ENAMETOOLONG);
	}
	if (access(path, F_OK) != 0) {
		return 0;
	}
	int error = open_tables(kind, path, &database, making->problem);
	if (error) {
		return error;
	}
	unlink(part);
	error = database_copy(database, part);
	if (error) {
		problem_set(making->problem, "%.900s: %s", path, database_problem(database));
	}
	database_close(database);
	if (error) {
		return error;
	}
	making->copies[kind] = open(part, O_RDONLY | O_CLOEXEC);
	error = making->copies[kind] < 0 ? fail_to_read(making, part, errno) : 0;
	unlink(part);
	return error;
}

/* Before a byte is written: what cannot be read is told in time. */
static int copy_databases(struct making *making)
{
	int error = 0;

	for (enum backup_kind kind = BACKUP_ABOUT; !error && kind < BACKUP_KINDS; kind++) {
		error = backup_kind_is_database(kind) ? copy_database(making, kind) : 0;
	}
	return error;
}

static int write_database(struct making *making, enum backup_kind kind)
{
	const char *name = backup_kind_name(kind);

	return making->copies[kind] < 0 ? 0 : write_file(making, name, name, making->copies[kind]);
}

/* --- uploads --- */

static int write_folder(struct making *making, const char *folder, const char *below);

static int write_upload(struct making *making, const char *path, const char *below)
{
	char name[ARCHIVE_NAME_SIZE];
	struct problem unused;
	struct stat status;
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	/* One that was just deleted, and a link, which is no upload. */
	if (file < 0 || fstat(file, &status) != 0) {
		int fault = errno;

		if (file >= 0) {
			close(file);
		}
		return fault == ENOENT || fault == ELOOP ? 0 : fail_to_read(making, path, fault);
	}
	int error = 0;
	if (S_ISDIR(status.st_mode) && files_check_folder(below, &unused) == FILES_DONE) {
		error = write_folder(making, path, below);
	} else if (S_ISREG(status.st_mode) && making->uploads < FILES_COUNT_MAX &&
		   files_check_path(below, &unused) == FILES_DONE) {
		making->uploads++;
		snprintf(name, sizeof(name), BACKUP_FILES "%s", below);
		error = write_file(making, name, path, file);
	}
	close(file);
	return error;
}

/* below: its name in the area, "" of the area itself. */
static int write_folder(struct making *making, const char *folder, const char *below)
{
	DIR *items = opendir(folder);
	const struct dirent *item;
	char path[PATH_MAX];
	char name[FILES_PATH_SIZE];
	int error = 0;

	if (!items) {
		return errno == ENOENT ? 0 : fail_to_read(making, folder, errno);
	}
	while (!error && (item = readdir(items))) {
		int length = snprintf(name, sizeof(name), below[0] != '\0' ? "%s/%s" : "%s%s",
				      below, item->d_name);

		if (item->d_name[0] != '.' && length > 0 && length < (int)sizeof(name) &&
		    backup_join(folder, item->d_name, path)) {
			error = write_upload(making, path, name);
		}
	}
	closedir(items);
	return error;
}

/* --- all of it --- */

static int write_all(struct making *making, bool uploads)
{
	char area[PATH_MAX];
	int error = copy_databases(making);

	error = error ? error : write_about(making);
	for (enum backup_kind kind = BACKUP_ABOUT + 1; !error && kind < BACKUP_KINDS; kind++) {
		error = backup_kind_is_database(kind) ? write_database(making, kind)
						      : write_small(making, kind);
	}
	error = error ? error : write_authorities(making);
	if (!error && uploads && backup_join(making->place->folder, "files", area)) {
		error = write_folder(making, area, "");
	}
	if (!error && !archive_end(&making->writer)) {
		error = fail_to_write(making);
	}
	return error;
}

int backup_make(const struct backup_place *place, bool uploads, int file, struct problem *problem)
{
	struct making making = {.place = place, .file = file, .problem = problem};
	int error = archive_writer_init(&making.writer, write_whole, &making);

	for (size_t i = 0; i < BACKUP_KINDS; i++) {
		making.copies[i] = -1;
	}
	error = error ? problem_memory(problem) : write_all(&making, uploads);
	for (size_t i = 0; i < BACKUP_KINDS; i++) {
		if (making.copies[i] >= 0) {
			close(making.copies[i]);
		}
	}
	archive_writer_finish(&making.writer);
	return error;
}
