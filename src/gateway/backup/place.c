/* SPDX-License-Identifier: MIT */
#include "gateway/backup/place.h"

#include "store/file/file.h"
#include "store/file/paths.h"

#include <flagship/error.h>

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEPTH_MAX (FILES_DEPTH_MAX + 4)

static const struct {
	const char *name;
	bool is_database;
} kinds[BACKUP_KINDS] = {
	[BACKUP_ABOUT] = {"flagship-backup.json", false},
	[BACKUP_ACCESS] = {"access.json", false},
	[BACKUP_ACCOUNTS] = {"accounts.json", false},
	[BACKUP_SETTINGS] = {"flagship.conf", false},
	[BACKUP_PORTS] = {"ports.json", false},
	[BACKUP_CAMERAS] = {"cameras.json", false},
	[BACKUP_PUSH] = {"push.json", false},
	[BACKUP_MOONRAKER] = {"moonraker.json", false},
	[BACKUP_TIMELAPSE] = {"timelapse.json", false},
	[BACKUP_PAGE] = {"page.json", false},
	[BACKUP_HISTORY] = {"history.db", true},
	[BACKUP_QUEUE] = {"queue.db", true},
};

const char *backup_kind_name(enum backup_kind kind)
{
	return kinds[kind].name;
}

enum backup_kind backup_kind_of(const char *name)
{
	enum backup_kind kind = BACKUP_ABOUT;

	while (kind < BACKUP_KINDS && strcmp(kinds[kind].name, name) != 0) {
		kind++;
	}
	return kind;
}

bool backup_kind_is_database(enum backup_kind kind)
{
	return kinds[kind].is_database;
}

bool backup_kind_is_shared(enum backup_kind kind)
{
	return kind == BACKUP_ACCOUNTS || kind == BACKUP_SETTINGS;
}

bool backup_is_same(const char *path, const char *other)
{
	struct store_file one = {.text = NULL};
	struct store_file two = {.text = NULL};
	struct problem unused;
	bool same = !store_file_read(path, &one, &unused) &&
		    !store_file_read(other, &two, &unused) && one.text && two.text &&
		    one.length == two.length && memcmp(one.text, two.text, one.length) == 0;

	store_file_release(&one);
	store_file_release(&two);
	return same;
}

bool backup_join(const char *folder, const char *name, char out[PATH_MAX])
{
	int length = snprintf(out, PATH_MAX, "%s/%s", folder, name);

	return length > 0 && length < PATH_MAX;
}

bool backup_kind_path(const struct backup_place *place, enum backup_kind kind, char out[PATH_MAX])
{
	if (backup_kind_is_shared(kind)) {
		memcpy(out, kind == BACKUP_ACCOUNTS ? place->accounts : place->settings, PATH_MAX);
		return true;
	}
	return backup_join(place->folder, kinds[kind].name, out);
}

bool backup_authority_path(const char *name, char out[PATH_MAX])
{
	char folder[PATH_MAX];

	return store_state_folder(folder) && backup_join(folder, name, out);
}

int backup_place_find(const char *folder, struct backup_place *place, struct problem *problem)
{
	if ((size_t)snprintf(place->folder, sizeof(place->folder), "%s", folder) >=
	    sizeof(place->folder)) {
		return problem_cannot(problem, "use", folder, ENAMETOOLONG, "");
	}
	if (!store_accounts_path(place->accounts) || !store_settings_path(place->settings)) {
		problem_set(problem, "there is no home folder with accounts in it: set HOME");
		return FLAGSHIP_ERROR_STORE;
	}
	return 0;
}

static int remove_at(const char *path, unsigned int depth, struct problem *problem)
{
	struct stat status;
	char inner[PATH_MAX];
	int error = 0;

	if (lstat(path, &status) != 0) {
		return errno == ENOENT ? 0 : problem_cannot(problem, "remove", path, errno, "");
	}
	if (!S_ISDIR(status.st_mode)) {
		return unlink(path) == 0 ? 0 : problem_cannot(problem, "remove", path, errno, "");
	}
	if (depth >= DEPTH_MAX) {
		problem_set(problem, "cannot remove %s: there are too many folders in one another",
			    path);
		return FLAGSHIP_ERROR_STORE;
	}
	DIR *folder = opendir(path);
	if (!folder) {
		int trouble = errno;

		return rmdir(path) == 0 ? 0 : problem_cannot(problem, "read", path, trouble, "");
	}
	const struct dirent *item;
	while (!error && (item = readdir(folder))) {
		bool is_own = strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0;

		if (!is_own && !backup_join(path, item->d_name, inner)) {
			error = problem_cannot(problem, "remove", path, ENAMETOOLONG, "");
		} else if (!is_own) {
			error = remove_at(inner, depth + 1, problem);
		}
	}
	closedir(folder);
	if (!error && rmdir(path) != 0) {
		error = problem_cannot(problem, "remove", path, errno, "");
	}
	return error;
}

int backup_remove_tree(const char *path, struct problem *problem)
{
	return remove_at(path, 0, problem);
}
