/* SPDX-License-Identifier: MIT */
#include "gateway/access/book.h"
#include "gateway/backup/place.h"
#include "gateway/history/tables.h"
#include "gateway/ports/assign.h"
#include "gateway/push/book.h"
#include "gateway/queue/tables.h"
#include "gateway/webcam/book.h"
#include "store/accounts/accounts.h"
#include "store/accounts/authority.h"
#include "store/file/file.h"
#include "store/file/json.h"
#include "store/file/replace_file.h"
#include "store/settings/settings.h"

#include <flagship/error.h>

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* A backup that comes back: it is unpacked into a folder of its own, and each file is read there as
 * the gateway would read it, before anything of it takes the place of what is there. */

#define FOLDER_MODE     0700
#define FORMER          "former" /* one that was ready before */
#define AUTHORITIES_MAX 1000

struct staging {
	const struct backup_place *place;
	struct backup_found *found;
	struct problem *problem;
	struct archive_reader reader;
	int file;
	bool in_doubt;
	char folder[PATH_MAX]; /* BACKUP_NEW */
	bool seen[BACKUP_KINDS];
	unsigned int authorities;
};

static ssize_t read_some(void *context, void *bytes, size_t capacity)
{
	const struct staging *staging = context;
	ssize_t some;

	do {
		some = read(staging->file, bytes, capacity);
	} while (some < 0 && errno == EINTR);
	return some;
}

static int refuse(const struct staging *staging, const char *why)
{
	problem_set(staging->problem, "this is no backup of a gateway that can be restored: %s",
		    why);
	return FLAGSHIP_ERROR_STORE;
}

/* Whether a file can be made there, or could be in the folder that would be made for it. */
static bool can_be_written(const char *path)
{
	char folder[PATH_MAX];

	if (!realpath(path, folder)) {
		memcpy(folder, path, strlen(path) + 1);
	}
	char *slash = strrchr(folder, '/');
	while (slash && slash != folder) {
		*slash = '\0';
		if (access(folder, F_OK) == 0) {
			return access(folder, W_OK) == 0;
		}
		slash = strrchr(folder, '/');
	}
	return access("/", W_OK) == 0;
}

static int refuse_place(const struct staging *staging, const char *to)
{
	problem_set(staging->problem,
		    "%.900s cannot be replaced: %s; put the one of the backup there yourself, and "
		    "restore again",
		    to, strerror(errno));
	return FLAGSHIP_ERROR_STORE;
}

/* --- unpacking --- */

static bool has_room(const struct staging *staging, int64_t size)
{
	struct statvfs status;

	return statvfs(staging->folder, &status) == 0 &&
	       (int64_t)status.f_bavail * (int64_t)status.f_frsize - FILES_FREE_MIN >= size;
}

static int unpack_content(struct staging *staging, int file)
{
	char bytes[BACKUP_COPY];
	ssize_t some;
	int error = 0;

	while (!error && (some = archive_read(&staging->reader, bytes, sizeof(bytes))) != 0) {
		if (some < 0) {
			error = refuse(staging, staging->reader.fault);
		} else if (write(file, bytes, (size_t)some) != some) {
			problem_set(staging->problem, "the backup cannot be unpacked: %s",
				    strerror(errno ? errno : ENOSPC));
			error = FLAGSHIP_ERROR_STORE;
		}
	}
	OPENSSL_cleanse(bytes, sizeof(bytes));
	return error;
}

static int unpack(struct staging *staging, const struct archive_entry *entry)
{
	const struct timespec times[2] = {{.tv_sec = (time_t)entry->modified_s},
					  {.tv_sec = (time_t)entry->modified_s}};
	char path[PATH_MAX];

	if (!has_room(staging, entry->size)) {
		problem_set(staging->problem,
			    "the disk of the gateway has too little room for this backup");
		return FLAGSHIP_ERROR_STORE;
	}
	if (!backup_join(staging->folder, entry->name, path)) {
		return refuse(staging, "a name in it is too long");
	}
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, BACKUP_MODE);
	if (file < 0) {
		return errno == EEXIST ? refuse(staging, "a file stands in it twice")
				       : problem_cannot(staging->problem, "make", path, errno, "");
	}
	int error = unpack_content(staging, file);
	if (!error && (futimens(file, times) != 0 || fsync(file) != 0)) {
		error = problem_cannot(staging->problem, "write", path, errno, "");
	}
	close(file);
	return error;
}

/* Folders on the way to an upload: each part was checked. */
static int make_folders(struct staging *staging, const char *name)
{
	char part[ARCHIVE_NAME_SIZE];
	char path[PATH_MAX];

	for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - name), name);
		if (!backup_join(staging->folder, part, path)) {
			return refuse(staging, "a name in it is too long");
		}
		if (mkdir(path, FOLDER_MODE) != 0 && errno != EEXIST) {
			return problem_cannot(staging->problem, "make", path, errno, "");
		}
	}
	return 0;
}

static int unpack_upload(struct staging *staging, const struct archive_entry *entry)
{
	struct problem fault;

	if (files_check_path(entry->name + strlen(BACKUP_FILES), &fault) != FILES_DONE) {
		return refuse(staging, fault.text);
	}
	if (entry->size > FILES_SIZE_MAX || staging->found->uploads == FILES_COUNT_MAX) {
		return refuse(staging, "it holds more uploads than a gateway takes");
	}
	staging->found->uploads++;
	staging->found->has_uploads = true;
	int error = make_folders(staging, entry->name);
	return error ? error : unpack(staging, entry);
}

/* --- certificates that were kept for accounts --- */

static int check_authority(const char *path, struct problem *problem)
{
	struct store_authority found[AUTHORITY_CERTIFICATES_MAX];
	struct store_file file;
	size_t count;
	int error = store_file_read(path, &file, problem);

	if (!error) {
		error = store_authority_read(file.text ? file.text : "", found, &count, NULL,
					     problem);
	}
	store_file_release(&file);
	return error;
}

static int unpack_authority(struct staging *staging, const struct archive_entry *entry)
{
	struct problem fault;
	char path[PATH_MAX];
	char to[PATH_MAX];

	if (entry->size >= AUTHORITY_TEXT_MAX || staging->authorities == AUTHORITIES_MAX) {
		return refuse(staging, "it holds more certificates than accounts have");
	}
	staging->authorities++;
	int error = unpack(staging, entry);
	if (error) {
		return error;
	}
	if (!backup_join(staging->folder, entry->name, path) ||
	    !backup_authority_path(entry->name, to)) {
		return refuse(staging, "a name in it is too long");
	}
	if (check_authority(path, &fault)) {
		return refuse(staging, fault.text);
	}
	return backup_is_same(path, to) || can_be_written(to) ? 0 : refuse_place(staging, to);
}

/* --- entry by entry --- */

/* Before anything else is taken. */
static int check_about(struct staging *staging, const struct archive_entry *entry)
{
	struct backup_found *found = staging->found;

	if (entry->size >= (int64_t)sizeof(found->about)) {
		return refuse(staging, "what it says of itself is too long");
	}
	ssize_t length = archive_read(&staging->reader, found->about, sizeof(found->about) - 1);
	if (length < 0) {
		return refuse(staging, staging->reader.fault);
	}
	cJSON *about = store_json_parse(found->about, (size_t)length);
	if (!about && errno == ENOMEM) {
		return problem_memory(staging->problem);
	}
	const char *format = cJSON_GetStringValue(
		cJSON_GetObjectItemCaseSensitive(about, "format"));
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(about, "version");
	const char *fault = NULL;
	if (!format || strcmp(format, BACKUP_FORMAT) != 0 || !cJSON_IsNumber(version)) {
		fault = "it is a backup of something else";
	} else if (version->valuedouble > BACKUP_VERSION) {
		fault = "a newer flagship made it: install that one first";
	}
	cJSON_Delete(about);
	return fault ? refuse(staging, fault) : 0;
}

static int take_entry(struct staging *staging, const struct archive_entry *entry)
{
	enum backup_kind kind = backup_kind_of(entry->name);

	if (!staging->seen[BACKUP_ABOUT] && kind != BACKUP_ABOUT) {
		return refuse(staging, "it does not begin as one");
	}
	if (kind == BACKUP_KINDS && store_authority_is_name(entry->name)) {
		return unpack_authority(staging, entry);
	}
	if (kind == BACKUP_KINDS) {
		return strncmp(entry->name, BACKUP_FILES, strlen(BACKUP_FILES)) == 0
			       ? unpack_upload(staging, entry)
			       : refuse(staging, "it holds a file that no gateway has");
	}
	if (staging->seen[kind]) {
		return refuse(staging, "a file stands in it twice");
	}
	staging->seen[kind] = true;
	if (kind == BACKUP_ABOUT) {
		return check_about(staging, entry);
	}
	if (!backup_kind_is_database(kind) && entry->size > (int64_t)STORE_FILE_MAX) {
		return refuse(staging, "a file in it is too large");
	}
	return unpack(staging, entry);
}

static int unpack_all(struct staging *staging)
{
	struct archive_entry entry;
	enum archive_result result;
	int error = 0;

	while (!error && (result = archive_next(&staging->reader, &entry)) != ARCHIVE_END) {
		error = result == ARCHIVE_ENTRY ? take_entry(staging, &entry)
						: refuse(staging, staging->reader.fault);
	}
	if (!error && !staging->seen[BACKUP_ABOUT]) {
		error = refuse(staging, "it is empty");
	}
	return error;
}

/* --- what is in it --- */

static int check_database(enum backup_kind kind, const char *path, struct problem *problem)
{
	struct database *database;
	int error = kind == BACKUP_HISTORY ? tables_open(path, true, &database, problem)
					   : queue_tables_open(path, &database, problem);

	if (error) {
		return error;
	}
	error = database_check(database);
	if (error) {
		problem_set(problem, "%s", database_problem(database));
	}
	database_close(database);
	return error;
}

static int check_access(const char *path, struct problem *problem)
{
	struct access_book book = {0};
	int error = access_book_load(path, &book, problem);

	access_book_finish(&book);
	return error;
}

static int check_accounts(const char *path, struct problem *problem)
{
	struct store_accounts accounts;
	int error = store_accounts_load(path, &accounts, problem);

	store_accounts_finish(&accounts);
	return error;
}

static int check_settings(const char *path, struct problem *problem)
{
	struct settings *settings = NULL;
	int error = settings_load(path, &settings, problem);

	settings_destroy(settings);
	return error;
}

static int check_push(const char *path, struct problem *problem)
{
	struct push_book *book;
	int error = push_book_read(path, &book, problem);

	push_book_close(book);
	return error;
}

static int check_cameras(const char *path, struct problem *problem)
{
	struct webcam_book *book;
	int error = webcam_book_read(path, &book, problem);

	webcam_book_close(book);
	return error;
}

static int check_ports(const char *path, struct problem *problem)
{
	struct port_table table = {0};
	int error = ports_load(path, &table, problem);

	ports_finish(&table);
	return error;
}

static bool names_printers(const cJSON *timelapse)
{
	const cJSON *printers = cJSON_GetObjectItemCaseSensitive(timelapse, "printers");

	return !printers || cJSON_IsObject(printers);
}

static int check_object(enum backup_kind kind, const char *path, struct problem *problem)
{
	struct store_file file;
	int error = store_file_read(path, &file, problem);
	cJSON *object = error ? NULL : store_json_parse(file.text, file.length);

	if (!error && !object && errno == ENOMEM) {
		error = problem_memory(problem);
	} else if (!error && !cJSON_IsObject(object)) {
		problem_set(problem, "it is no JSON object");
		error = FLAGSHIP_ERROR_STORE;
	} else if (!error && kind == BACKUP_TIMELAPSE && !names_printers(object)) {
		problem_set(problem, "its printers have no names");
		error = FLAGSHIP_ERROR_STORE;
	}
	cJSON_Delete(object);
	store_file_release(&file);
	return error;
}

static int check_file(enum backup_kind kind, const char *path, struct problem *problem)
{
	switch (kind) {
	case BACKUP_ACCESS:
		return check_access(path, problem);
	case BACKUP_ACCOUNTS:
		return check_accounts(path, problem);
	case BACKUP_SETTINGS:
		return check_settings(path, problem);
	case BACKUP_HISTORY:
	case BACKUP_QUEUE:
		return check_database(kind, path, problem);
	case BACKUP_CAMERAS:
		return check_cameras(path, problem);
	case BACKUP_PUSH:
		return check_push(path, problem);
	case BACKUP_PORTS:
		return check_ports(path, problem);
	case BACKUP_MOONRAKER:
	case BACKUP_TIMELAPSE:
	case BACKUP_PAGE:
	default:
		return check_object(kind, path, problem);
	}
}

/* What a gateway may not replace, as a service often may not its settings, would keep it from
 * starting again. */
static int check_places(struct staging *staging)
{
	char from[PATH_MAX];
	char to[PATH_MAX];

	for (enum backup_kind kind = BACKUP_ABOUT + 1; kind < BACKUP_KINDS; kind++) {
		if (staging->seen[kind] && backup_kind_is_shared(kind) &&
		    backup_join(staging->folder, backup_kind_name(kind), from) &&
		    backup_kind_path(staging->place, kind, to) && !backup_is_same(from, to) &&
		    !can_be_written(to)) {
			return refuse_place(staging, to);
		}
	}
	return 0;
}

static int check_all(struct staging *staging)
{
	char path[PATH_MAX];
	char text[PROBLEM_MAX];
	struct problem fault;

	for (enum backup_kind kind = BACKUP_ABOUT + 1; kind < BACKUP_KINDS; kind++) {
		if (!staging->seen[kind]) {
			continue;
		}
		if (!backup_join(staging->folder, backup_kind_name(kind), path)) {
			return refuse(staging, "a name in it is too long");
		}
		if (check_file(kind, path, &fault)) {
			/* Its place helps nobody: it is gone when this is read. */
			const char *why = strncmp(fault.text, path, strlen(path)) == 0
						  ? fault.text + strlen(path)
						  : fault.text;

			snprintf(text, sizeof(text), "%s%s%.900s", backup_kind_name(kind),
				 why == fault.text ? ": " : "", why);
			return refuse(staging, text);
		}
	}
	return 0;
}

/* --- all of it --- */

static int mark_doubt(const struct staging *staging)
{
	char path[PATH_MAX];

	if (!backup_join(staging->folder, BACKUP_DOUBT, path)) {
		return refuse(staging, "the folder's name is too long");
	}
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, BACKUP_MODE);
	if (file < 0) {
		return problem_cannot(staging->problem, "make", path, errno, "");
	}
	close(file);
	return 0;
}

/* One whose taking over was broken off between the two moves of uploads: in it lie those of before,
 * and those that were to come. */
static bool holds_uploads(const char *ready)
{
	char old[PATH_MAX];
	char to_come[PATH_MAX];

	return backup_join(ready, BACKUP_OLD_AREA, old) &&
	       backup_join(ready, BACKUP_AREA, to_come) && access(old, F_OK) == 0 &&
	       access(to_come, F_OK) == 0;
}

/* In place of one that nobody has taken over. That one is moved away before it is removed: what is
 * left of it, where that is broken off, would be taken over as a whole one. */
static int put_ready(struct staging *staging)
{
	char ready[PATH_MAX];
	char former[PATH_MAX];

	if (!backup_join(staging->place->folder, BACKUP_READY, ready) ||
	    !backup_join(staging->folder, FORMER, former)) {
		return refuse(staging, "the folder's name is too long");
	}
	if (holds_uploads(ready)) {
		problem_set(
			staging->problem,
			"a restore of before was broken off while it took its place, and %.900s "
			"holds uploads: start the gateway once, which finishes it, and restore "
			"again",
			ready);
		return FLAGSHIP_ERROR_STORE;
	}
	if (rename(ready, former) != 0 && errno != ENOENT) {
		return problem_cannot(staging->problem, "rename", ready, errno, "");
	}
	int error = backup_remove_tree(former, staging->problem);
	if (!error && rename(staging->folder, ready) != 0) {
		error = problem_cannot(staging->problem, "rename", staging->folder, errno, "");
	}
	(void)sync_folder(staging->place->folder);
	return error;
}

static int fill(struct staging *staging)
{
	if (mkdir(staging->folder, FOLDER_MODE) != 0) {
		return problem_cannot(staging->problem, "make", staging->folder, errno, "");
	}
	int error = unpack_all(staging);
	if (!error) {
		error = check_all(staging);
	}
	if (!error) {
		error = check_places(staging);
	}
	if (!error && staging->in_doubt) {
		error = mark_doubt(staging);
	}
	if (error) {
		return error;
	}
	(void)sync_folder(staging->folder);
	return put_ready(staging);
}

static int stage(struct staging *staging)
{
	struct problem unused;
	int error = backup_remove_tree(staging->folder, staging->problem);

	if (error) {
		return error;
	}
	error = archive_reader_init(&staging->reader, read_some, staging)
			? problem_memory(staging->problem)
			: fill(staging);
	archive_reader_finish(&staging->reader);
	if (error) {
		(void)backup_remove_tree(staging->folder, &unused);
	}
	return error;
}

int backup_stage(const struct backup_place *place, int file, bool in_doubt,
		 struct backup_found *found, struct problem *problem)
{
	struct staging staging = {.place = place,
				  .found = found,
				  .problem = problem,
				  .file = file,
				  .in_doubt = in_doubt};
	char ready[PATH_MAX];
	struct store_lock lock;

	*found = (struct backup_found){0};
	if (!backup_join(place->folder, BACKUP_NEW, staging.folder) ||
	    !backup_join(place->folder, BACKUP_READY, ready)) {
		return refuse(&staging, "the folder's name is too long");
	}
	/* Of two at once one would be made of files of both. */
	int error = store_lock_take(ready, &lock, problem);
	if (!error) {
		error = stage(&staging);
		store_lock_release(&lock);
	}
	return error;
}
