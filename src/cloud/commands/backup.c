/* SPDX-License-Identifier: MIT */
#include "cloud/commands/cloud.h"

#include "cli/output/print.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEEP_MAX      1000
#define SUFFIX_ROOM   32
#define PART_SUFFIX   ".part-"
#define STANDARD_FILE "-"

/* A copy of the registry, which holds the cloud. */

struct backup_options {
	struct cloud_options cloud;
	int64_t keep;
};

static const struct options_option backup_table[] = {
	{.name = "keep",
	 .kind = OPTIONS_INTEGER,
	 .value = "N",
	 .help = "keep so many in all: FILE is the newest, FILE.1 the one before, and so on (1)",
	 .offset = offsetof(struct backup_options, keep),
	 .minimum = 1,
	 .maximum = KEEP_MAX},
};

static const struct options_group backup_group = OPTIONS_GROUP("Options", backup_table);

static bool is_taken(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

/* number 0: the newest. */
static void numbered(const char *path, int64_t number, char out[PATH_MAX])
{
	if (number == 0) {
		snprintf(out, PATH_MAX, "%s", path);
	} else {
		snprintf(out, PATH_MAX, "%s.%lld", path, (long long)number);
	}
}

/* What was not made by a backup is not replaced. */
static int check_targets(const char *path, int64_t keep)
{
	char name[PATH_MAX];

	for (int64_t number = 0; number < keep; number++) {
		struct stat status;

		numbered(path, number, name);
		if (!is_taken(name)) {
			return OPTIONS_RUN;
		}
		if (lstat(name, &status) != 0 || !S_ISREG(status.st_mode) ||
		    !registry_is_one(name)) {
			cli_error("%s is there and is no backup of a cloud: it is left as it is; "
				  "name another file, or remove it",
				  name);
			return CLI_FAILED;
		}
	}
	return OPTIONS_RUN;
}

/* Whether this is the registry itself, by any name. */
static bool is_own(const struct cloud *cloud, const char *path)
{
	struct stat target;
	struct stat own;
	char name[PATH_MAX];

	cloud_path(cloud, CLOUD_REGISTRY, name);
	if (stat(path, &target) != 0 || stat(name, &own) != 0 || target.st_dev != own.st_dev ||
	    target.st_ino != own.st_ino) {
		return false;
	}
	cli_error("%s is the registry itself: a copy of it goes to another file", path);
	return true;
}

static bool sync_path(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	bool synced = file >= 0 && fsync(file) == 0;

	if (file >= 0) {
		close(file);
	}
	return synced;
}

/* FILE stays until the new one takes its place: its second name is FILE.1. */
static int move_up(const char *path, int64_t keep)
{
	char from[PATH_MAX];
	char to[PATH_MAX];

	for (int64_t number = keep - 1; number > 1; number--) {
		numbered(path, number - 1, from);
		numbered(path, number, to);
		if (is_taken(from) && rename(from, to) != 0) {
			return cloud_fail_file(from, "moved", errno);
		}
	}
	numbered(path, 1, to);
	if (keep > 1 && is_taken(path)) {
		if (is_taken(to) && unlink(to) != 0) {
			return cloud_fail_file(to, "replaced", errno);
		}
		if (link(path, to) != 0 && rename(path, to) != 0) {
			return cloud_fail_file(path, "moved", errno);
		}
	}
	return OPTIONS_RUN;
}

/* Of an earlier time when more were kept. */
static void drop_older(const char *path, int64_t keep)
{
	char name[PATH_MAX];

	for (int64_t number = keep; number < KEEP_MAX; number++) {
		numbered(path, number, name);
		if (!is_taken(name) || !registry_is_one(name) || unlink(name) != 0) {
			return;
		}
	}
}

static int put_in_place(const char *part, const char *path, int64_t keep)
{
	int result = sync_path(part) ? move_up(path, keep)
				     : cloud_fail_file(part, "written", errno);

	if (result == OPTIONS_RUN && rename(part, path) != 0) {
		result = cloud_fail_file(path, "replaced", errno);
	}
	if (result == OPTIONS_RUN && keep > 1) {
		drop_older(path, keep);
	}
	return result;
}

/* One after the other: of two that move up at once one would replace the other's new copy. Some
 * file systems neither lock nor sync folders. */
static int put_in_turn(const char *part, const char *path, int64_t keep)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "%s", path);
	char *slash = strrchr(name, '/');
	strcpy(slash ? slash + 1 : name, ".");
	int folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (folder >= 0 && flock(folder, LOCK_EX) != 0 && errno == EINTR) {
	}
	int result = put_in_place(part, path, keep);
	if (folder >= 0) {
		(void)fsync(folder);
		close(folder);
	}
	return result;
}

static int backup(const struct cloud *cloud, const char *path, int64_t keep)
{
	char part[PATH_MAX];
	int result = is_own(cloud, path) ? CLI_USAGE : check_targets(path, keep);

	if (result != OPTIONS_RUN) {
		return result;
	}
	/* Of this process: what a crash left behind is in nobody's way. */
	snprintf(part, sizeof(part), "%s" PART_SUFFIX "%ld", path, (long)getpid());
	if (registry_backup(cloud->registry, part) < 0) {
		return cloud_fail(cloud, "the backup failed");
	}
	result = put_in_turn(part, path, keep);
	if (result != OPTIONS_RUN) {
		unlink(part);
		return result;
	}
	print_to(stdout, "wrote %s; it holds every key and login: keep it safe\n", path);
	return CLI_DONE;
}

static int check_file(const struct cli_command *command, int argc, char **argv)
{
	if (argc == 0) {
		cli_error("say which file: flagship %s FILE", command->name);
		return CLI_USAGE;
	}
	if (strcmp(argv[0], STANDARD_FILE) == 0) {
		cli_error("a backup holds every key and is no text: it goes to a file, not to "
			  "standard output");
		return CLI_USAGE;
	}
	if (argv[0][0] == '\0' || strlen(argv[0]) + SUFFIX_ROOM >= PATH_MAX) {
		cli_error("the name of the file is empty or too long");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

static int run_backup(const struct cli_command *command, int argc, char **argv)
{
	struct backup_options options = {.keep = 1};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options, &options.cloud});

	if (result == OPTIONS_RUN) {
		result = check_file(command, argc, argv);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options.cloud, REGISTRY_READ);
	if (result == OPTIONS_RUN) {
		result = backup(&cloud, argv[0], options.keep);
	}
	cloud_close(&cloud);
	return result;
}

const struct cli_command cloud_backup_command = {
	.name = "cloud backup",
	.section = "Copies",
	.summary = "write a consistent copy of everything, also while the cloud runs",
	.arguments = "FILE",
	.arguments_max = 1,
	.description = "A backup that was made before is replaced as a whole; any other file is "
		       "left as it\nis.",
	.groups = (const struct options_group *const[]){&backup_group, &cloud_options_group, NULL},
	.run = run_backup,
};
