/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/backup/place.h"
#include "gateway/history/tables.h"
#include "store/accounts/authority.h"
#include "store/file/file.h"
#include "store/file/replace_file.h"

#include <flagship/error.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Each step can be broken off, and is done again then: what has its place already is not in the
 * folder any more.
 */

static bool exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

static int move(const char *from, const char *to, struct problem *problem)
{
	return rename(from, to) == 0 ? 0 : problem_cannot(problem, "rename", from, errno, "");
}

/* A log without its file would be played into the next one. */
static void remove_logs(const char *path)
{
	static const char *const ends[] = {"-wal", "-shm"};
	char name[PATH_MAX + sizeof("-wal")];

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		(void)unlink(name);
	}
}

/* Of all of flagship: others may be at it, and it may lie elsewhere, or be a link. */
static int replace_shared(const char *from, const char *to, struct problem *problem)
{
	struct store_file file;
	struct store_lock lock;

	if (backup_is_same(from, to)) {
		(void)unlink(from);
		return 0;
	}
	int error = store_file_read(from, &file, problem);
	if (!error && file.text) {
		error = store_lock_take(to, &lock, problem);
	}
	if (!error && file.text) {
		error = store_file_replace(&lock, file.text, file.length, BACKUP_MODE, problem);
		store_lock_release(&lock);
	}
	if (!error) {
		(void)unlink(from);
	}
	store_file_release(&file);
	return error;
}

/* 0: there is no history. One that cannot be read may have given any up to now. */
static int64_t last_job_of(const char *path)
{
	struct database *database;
	struct problem unused;
	int64_t job = 0;
	int64_t entry = 0;

	if (!exists(path)) {
		return 0;
	}
	int error = tables_open(path, false, &database, &unused);
	if (!error) {
		error = tables_read_ids(database, &job, &entry);
		database_close(database);
	}
	return error ? clock_unix_s() : job;
}

/* Time-lapses, and whoever kept the number of a job, would find another one by it. */
static int keep_job_ids(const char *from, const char *to, struct problem *problem)
{
	int64_t last = last_job_of(to);
	struct database *database;

	if (last <= last_job_of(from)) {
		return 0;
	}
	int error = tables_open(from, true, &database, problem);
	if (error) {
		return error;
	}
	error = tables_keep_job_id(database, last);
	if (error) {
		problem_set(problem, "%s", database_problem(database));
	}
	database_close(database);
	return error;
}

static int place_file(const struct backup_place *place, enum backup_kind kind, const char *ready,
		      struct problem *problem)
{
	char from[PATH_MAX];
	char to[PATH_MAX];

	if (!backup_join(ready, backup_kind_name(kind), from) ||
	    !backup_kind_path(place, kind, to)) {
		return problem_cannot(problem, "restore", ready, ENAMETOOLONG, "");
	}
	if (!exists(from)) {
		return 0;
	}
	if (backup_kind_is_shared(kind)) {
		return replace_shared(from, to, problem);
	}
	int error = kind == BACKUP_HISTORY ? keep_job_ids(from, to, problem) : 0;
	if (!error && backup_kind_is_database(kind)) {
		remove_logs(to);
	}
	return error ? error : move(from, to, problem);
}

/* Those of the gateway, or of all of flagship. */
static int place_files(const struct backup_place *place, bool shared, const char *ready,
		       struct problem *problem)
{
	int error = 0;

	for (enum backup_kind kind = BACKUP_ABOUT + 1; !error && kind < BACKUP_KINDS; kind++) {
		if (backup_kind_is_shared(kind) == shared) {
			error = place_file(place, kind, ready, problem);
		}
	}
	return error;
}

static int place_authority(const char *from, const char *name, struct problem *problem)
{
	struct store_file file;
	char to[PATH_MAX];
	bool made;

	if (!backup_authority_path(name, to)) {
		return problem_cannot(problem, "restore", from, ENAMETOOLONG, "");
	}
	if (backup_is_same(from, to)) {
		return 0;
	}
	int error = store_file_read(from, &file, problem);
	if (!error && file.text) {
		error = store_authority_keep(file.text, to, &made, problem);
	}
	store_file_release(&file);
	return error;
}

/* Before the accounts that go by them. What is there already stays: no other one has its name. */
static int place_authorities(const char *ready, struct problem *problem)
{
	DIR *items = opendir(ready);
	const struct dirent *item;
	char from[PATH_MAX];
	int error = 0;

	while (items && !error && (item = readdir(items))) {
		if (store_authority_is_name(item->d_name) &&
		    backup_join(ready, item->d_name, from)) {
			error = place_authority(from, item->d_name, problem);
		}
	}
	if (items) {
		closedir(items);
	}
	return error;
}

static int place_uploads(const struct backup_place *place, const char *ready,
			 struct problem *problem)
{
	char from[PATH_MAX];
	char to[PATH_MAX];
	char old[PATH_MAX];

	if (!backup_join(ready, BACKUP_AREA, from) || !backup_join(ready, BACKUP_OLD_AREA, old) ||
	    !backup_join(place->folder, BACKUP_AREA, to)) {
		return problem_cannot(problem, "restore", ready, ENAMETOOLONG, "");
	}
	if (!exists(from)) {
		return 0;
	}
	int error = exists(to) ? move(to, old, problem) : 0;
	return error ? error : move(from, to, problem);
}

/* Of one that was killed while it was made. */
static void remove_parts(const char *folder)
{
	DIR *items = opendir(folder);
	const struct dirent *item;
	char path[PATH_MAX];

	while (items && (item = readdir(items))) {
		if (strncmp(item->d_name, BACKUP_PART, strlen(BACKUP_PART)) == 0 &&
		    backup_join(folder, item->d_name, path)) {
			(void)unlink(path);
		}
	}
	if (items) {
		closedir(items);
	}
}

int backup_confirm(const char *folder)
{
	char ready[PATH_MAX];
	char doubt[PATH_MAX];

	if (!backup_join(folder, BACKUP_READY, ready) || !backup_join(ready, BACKUP_DOUBT, doubt)) {
		return ENAMETOOLONG;
	}
	/* Absent: one that was prepared after it has its place. */
	return unlink(doubt) == 0 ? sync_folder(ready) : errno == ENOENT ? 0 : errno;
}

/* One that was not confirmed. It is moved away first: broken off in the middle of its removal it
 * would look like one that was. */
static int drop_doubtful(const char *unfinished, const char *ready, struct problem *problem)
{
	char doubt[PATH_MAX];

	if (!backup_join(ready, BACKUP_DOUBT, doubt) || !exists(doubt)) {
		return 0;
	}
	int error = move(ready, unfinished, problem);
	return error ? error : backup_remove_tree(unfinished, problem);
}

static int apply(const struct backup_place *place, const char *unfinished, const char *path,
		 struct problem *problem)
{
	int error = backup_remove_tree(unfinished, problem);

	if (!error) {
		error = drop_doubtful(unfinished, path, problem);
	}
	if (error || !exists(path)) {
		return error;
	}
	/* What may fail for want of rights comes first. */
	error = place_authorities(path, problem);
	if (!error) {
		error = place_files(place, true, path, problem);
	}
	if (!error) {
		error = place_files(place, false, path, problem);
	}
	if (!error) {
		error = place_uploads(place, path, problem);
	}
	(void)sync_folder(place->folder);
	return error ? error : backup_remove_tree(path, problem);
}

int backup_apply(const struct backup_place *place, struct problem *problem)
{
	char unfinished[PATH_MAX];
	char ready[PATH_MAX];
	struct store_lock lock;

	if (!backup_join(place->folder, BACKUP_NEW, unfinished) ||
	    !backup_join(place->folder, BACKUP_READY, ready)) {
		return problem_cannot(problem, "restore", place->folder, ENAMETOOLONG, "");
	}
	remove_parts(place->folder);
	if (!exists(unfinished) && !exists(ready)) {
		return 0;
	}
	/* Another one may be laid ready at this moment: nothing is taken from under its hands. */
	int error = store_lock_take(ready, &lock, problem);
	if (error) {
		return exists(ready) ? error : 0;
	}
	error = apply(place, unfinished, ready, problem);
	store_lock_release(&lock);
	return error;
}
