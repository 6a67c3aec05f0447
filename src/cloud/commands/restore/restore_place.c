/* SPDX-License-Identifier: MIT */
#include "cloud/commands/restore/restore_place.h"

#include "store/file/replace_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* All that a backup decides on. The registry comes first: its logs go with the old one. */
static const char *const placed[] = {
	CLOUD_REGISTRY, CLOUD_CA,         CLOUD_CA_KEY,     CLOUD_SERVICE_KEY,   "server.key",
	"server.pem",   "server-rsa.key", "server-rsa.pem", CLOUD_CONFIGURATION,
};

#define PLACED_COUNT (sizeof(placed) / sizeof(placed[0]))

/* Of the registry that is replaced: they would be taken for those of the new one. In parentheses:
 * one literal of two. */
static const char *const logs[] = {(CLOUD_REGISTRY "-wal"), (CLOUD_REGISTRY "-shm"),
				   (CLOUD_REGISTRY "-journal")};

#define LOGS_COUNT (sizeof(logs) / sizeof(logs[0]))

static int report_unfinished(const char *path, int error)
{
	cli_error("the restore is not complete yet, since %s cannot be replaced: %s; the next "
		  "command of flagship cloud goes on with it",
		  path, strerror(error));
	return CLI_FAILED;
}

static void join_path(const char *folder, const char *name, char out[PATH_MAX])
{
	/* cloud_open left room. */
	(void)snprintf(out, PATH_MAX, "%.4000s/%s", folder, name);
}

static void remove_folder(const char *folder)
{
	DIR *entries = opendir(folder);
	const struct dirent *entry;

	if (!entries) {
		return;
	}
	while ((entry = readdir(entries))) {
		/* Leaves . and .. */
		(void)unlinkat(dirfd(entries), entry->d_name, 0);
	}
	closedir(entries);
	rmdir(folder);
}

void restore_drop_new(const struct cloud *cloud)
{
	char folder[PATH_MAX];

	cloud_path(cloud, RESTORE_NEW, folder);
	remove_folder(folder);
}

int restore_check_places(const struct cloud *cloud)
{
	char path[PATH_MAX];
	struct stat status;

	for (size_t i = 0; i < PLACED_COUNT; i++) {
		cloud_path(cloud, placed[i], path);
		if (lstat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
			return cloud_fail_file(path, "replaced", EISDIR);
		}
	}
	return OPTIONS_RUN;
}

/* 0 or an errno. */
static int sync_file(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	int error = file < 0 || fsync(file) != 0 ? errno : 0;

	if (file >= 0) {
		close(file);
	}
	return error;
}

/* SQLite leaves one behind where it could not write all of it into the file. */
static bool has_log(const char *folder)
{
	char path[PATH_MAX];
	struct stat status;

	join_path(folder, logs[0], path);
	return stat(path, &status) == 0 && status.st_size > 0;
}

int restore_commit(const struct cloud *cloud)
{
	char made[PATH_MAX];
	char ready[PATH_MAX];
	char path[PATH_MAX];

	cloud_path(cloud, RESTORE_NEW, made);
	cloud_path(cloud, RESTORE_READY, ready);
	if (has_log(made)) {
		return cloud_fail_file(made, "written", EIO);
	}
	for (size_t i = 0; i < PLACED_COUNT; i++) {
		join_path(made, placed[i], path);
		int error = sync_file(path);

		if (error) {
			return cloud_fail_file(path, "written", error);
		}
	}
	int error = sync_folder(made);
	if (!error) {
		error = rename(made, ready) == 0 ? sync_folder(cloud->dir) : errno;
	}
	return error ? cloud_fail_file(ready, "made", error) : OPTIONS_RUN;
}

static bool is_there(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

/* Before the new registry is in its place, and never after that: it may have logs of its own. */
static int drop_logs(const struct cloud *cloud)
{
	char path[PATH_MAX];

	for (size_t i = 0; i < LOGS_COUNT; i++) {
		cloud_path(cloud, logs[i], path);
		if (unlink(path) != 0 && errno != ENOENT) {
			return report_unfinished(path, errno);
		}
	}
	int error = sync_folder(cloud->dir);
	return error ? report_unfinished(cloud->dir, error) : OPTIONS_RUN;
}

static int place(const struct cloud *cloud, const char *ready)
{
	char from[PATH_MAX];
	char to[PATH_MAX];

	join_path(ready, CLOUD_REGISTRY, from);
	int result = is_there(from) ? drop_logs(cloud) : OPTIONS_RUN;
	for (size_t i = 0; result == OPTIONS_RUN && i < PLACED_COUNT; i++) {
		join_path(ready, placed[i], from);
		cloud_path(cloud, placed[i], to);
		/* One that is not there is in its place already. */
		if (is_there(from) && rename(from, to) != 0) {
			result = report_unfinished(to, errno);
		}
	}
	if (result == OPTIONS_RUN) {
		int error = sync_folder(cloud->dir);

		result = error ? report_unfinished(cloud->dir, error) : OPTIONS_RUN;
	}
	return result;
}

int restore_tidy(const struct cloud *cloud)
{
	char ready[PATH_MAX];
	int result = OPTIONS_RUN;

	cloud_path(cloud, RESTORE_READY, ready);
	if (is_there(ready)) {
		result = place(cloud, ready);
	}
	if (result == OPTIONS_RUN) {
		remove_folder(ready);
		restore_drop_new(cloud);
	}
	return result;
}

static int report_busy(const struct cloud *cloud, int error)
{
	if (error == EWOULDBLOCK) {
		cli_error("the cloud in %s is being restored: try again when that has ended",
			  cloud->dir);
	} else {
		cli_error(
			"a restore of the cloud in %s was broken off, and cannot be gone on with: "
			"%s",
			cloud->dir, strerror(error));
	}
	return CLI_FAILED;
}

int restore_mend(const struct cloud *cloud)
{
	char made[PATH_MAX];
	char ready[PATH_MAX];

	cloud_path(cloud, RESTORE_NEW, made);
	cloud_path(cloud, RESTORE_READY, ready);
	if (!is_there(ready) && (!is_there(made) || cloud_is_locked(cloud))) {
		return OPTIONS_RUN;
	}
	int lock = cloud_lock(cloud);
	if (lock < 0) {
		/* What is left of one that came to nothing is in nobody's way. */
		return is_there(ready) ? report_busy(cloud, errno) : OPTIONS_RUN;
	}
	int result = restore_tidy(cloud);
	close(lock);
	return result;
}
