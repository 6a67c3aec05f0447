/* SPDX-License-Identifier: MIT */
#include "store/file/folder.h"

#include "store/file/paths.h"

#include <flagship/error.h>

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Who owns the things of users that a user namespace does not know. */
#define UNKNOWN_USER   65534

#define NAME_MAX_BYTES 64

/* False in a user namespace, where root's things look as if they were nobody's. */
static bool knows_all_users(void)
{
	unsigned long inside;
	unsigned long outside;
	unsigned long count;
	FILE *map = fopen("/proc/self/uid_map", "re");
	bool read = map && fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3;

	if (map) {
		fclose(map);
	}
	return !read || count >= UINT32_MAX;
}

static bool is_trusted(uid_t owner)
{
	return owner == geteuid() || owner == 0;
}

/* As systems have it that give every user a group of his own and a umask of 002. */
static bool is_private_group(gid_t id)
{
	const struct passwd *user = getpwuid(geteuid());
	const struct group *group = getgrgid(id);

	if (!user || !group || user->pw_gid != id || strcmp(user->pw_name, group->gr_name) != 0) {
		return false;
	}
	for (char **member = group->gr_mem; *member; member++) {
		if (strcmp(*member, user->pw_name) != 0) {
			return false;
		}
	}
	return true;
}

bool store_folder_others_may_write(const struct stat *status)
{
	return (status->st_mode & S_IWOTH) != 0 ||
	       ((status->st_mode & S_IWGRP) != 0 && !is_private_group(status->st_gid));
}

static const char *name_of(uid_t id, char out[NAME_MAX_BYTES])
{
	const struct passwd *user = getpwuid(id);

	if (user) {
		snprintf(out, NAME_MAX_BYTES, "%s", user->pw_name);
	} else {
		snprintf(out, NAME_MAX_BYTES, "%lu", (unsigned long)id);
	}
	return out;
}

static int notify_owner(const char *folder, uid_t owner, struct problem *problem)
{
	char other[NAME_MAX_BYTES];
	char own[NAME_MAX_BYTES];

	problem_set(problem,
		    "the folder %s belongs to user %s and this runs as %s: secrets are kept "
		    "in folders of one's own alone; run it as that user, or name another "
		    "folder",
		    folder, name_of(owner, other), name_of(geteuid(), own));
	return FLAGSHIP_ERROR_STORE;
}

static int report_mode(const char *folder, struct problem *problem)
{
	problem_set(problem,
		    "others may write in the folder %s, and could put their files in place of "
		    "yours: run chmod go-w %s, or name another folder",
		    folder, folder);
	return FLAGSHIP_ERROR_STORE;
}

static int check_own(const char *folder, const struct stat *status, struct problem *problem)
{
	if (!is_trusted(status->st_uid)) {
		return notify_owner(folder, status->st_uid, problem);
	}
	return store_folder_others_may_write(status) ? report_mode(folder, problem) : 0;
}

/* Who may write in a sticky folder cannot move what belongs to others. */
static int check_above(const char *folder, struct problem *problem)
{
	struct stat status;

	if (stat(folder, &status) != 0) {
		return problem_cannot(problem, "use", folder, errno, "");
	}
	if (!is_trusted(status.st_uid) && (status.st_uid != UNKNOWN_USER || knows_all_users())) {
		return notify_owner(folder, status.st_uid, problem);
	}
	return (status.st_mode & S_ISVTX) == 0 && store_folder_others_may_write(&status)
		       ? report_mode(folder, problem)
		       : 0;
}

static int check_all_above(char *folder, struct problem *problem)
{
	int error = 0;

	for (char *slash = strrchr(folder, '/'); !error && slash; slash = strrchr(folder, '/')) {
		bool is_root = slash == folder;

		slash[is_root ? 1 : 0] = '\0';
		error = check_above(folder, problem);
		if (is_root) {
			break;
		}
	}
	return error;
}

int store_folder_check(const char *folder, struct problem *problem)
{
	char path[PATH_MAX];
	struct stat status;

	/* What cannot be reached is reported by whoever opens what is in it. */
	if (!realpath(folder, path) || stat(path, &status) != 0 || !S_ISDIR(status.st_mode)) {
		return 0;
	}
	int error = check_own(path, &status, problem);

	return error || strcmp(path, "/") == 0 ? error : check_all_above(path, problem);
}

int store_folder_check_of(const char *path, struct problem *problem)
{
	char folder[PATH_MAX];

	file_place_folder(path, folder);
	return store_folder_check(folder, problem);
}

int store_folder_make_of(const char *path, struct problem *problem)
{
	char folder[PATH_MAX];

	if (strlen(path) >= sizeof(folder)) {
		return problem_cannot(problem, "use", path, ENAMETOOLONG, "");
	}
	strcpy(folder, path);
	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(folder, S_IRWXU) != 0 && errno != EEXIST) {
			return problem_cannot(problem, "make the folder", folder, errno, "");
		}
		*slash = '/';
	}
	return 0;
}
