/* SPDX-License-Identifier: MIT */
#include "cloud/cloud.h"
#include "cloud/init.h"
#include "cloud/kept_files.h"
#include "cloud/run_lock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Copies of the registry: backup, also of a cloud that runs, and restore, never into one. */

static int backup(const struct cloud *cloud, const char *path)
{
	if (registry_backup(cloud->registry, path) < 0) {
		return cloud_fail(cloud, "the backup failed");
	}
	printf("wrote %s; it holds every key and login: keep it safe\n", path);
	return CLI_DONE;
}

/* What is restored was written by registry_backup, or is refused before anything is touched. */
static int restore(struct cloud *cloud, const struct cloud_options *options, const char *path)
{
	static const char *const side_files[] = {CLOUD_REGISTRY "-wal", CLOUD_REGISTRY "-shm"};
	struct store_problem problem;
	struct registry *source;
	char target[PATH_MAX];
	char copy[PATH_MAX];
	char side[PATH_MAX];

	if (registry_open(path, REGISTRY_READ, CLOUD_BUSY_MS, &source, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	cloud_path(cloud, CLOUD_REGISTRY, target);
	cloud_path(cloud, CLOUD_REGISTRY ".restored", copy);
	unlink(copy);
	if (registry_backup(source, copy) < 0) {
		cli_error("the copy failed: %s", registry_problem(source));
		registry_close(source);
		return CLI_FAILED;
	}
	registry_close(source);
	cloud_close(cloud);
	for (size_t i = 0; i < sizeof(side_files) / sizeof(side_files[0]); i++) {
		cloud_path(cloud, side_files[i], side);
		unlink(side);
	}
	if (rename(copy, target) != 0) {
		cli_error("%s cannot be replaced: %s", target, strerror(errno));
		return CLI_FAILED;
	}
	kept_files_remove(cloud);
	int result = cloud_open(cloud, options, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = init_files(cloud);
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	printf("restored from %s\n", path);
	return CLI_DONE;
}

static int restore_unless_running(struct cloud *cloud, const struct cloud_options *options,
				  const char *path)
{
	int lock = run_lock_take(cloud);
	int result;

	if (lock < 0) {
		cli_error(errno == EWOULDBLOCK ? "the cloud in %s runs: stop it before restoring"
					       : "the cloud in %s cannot be locked",
			  cloud->dir);
		return CLI_FAILED;
	}
	result = restore(cloud, options, path);
	close(lock);
	return result;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
	bool restores = command == &cloud_restore_command;
	struct cloud_options options = {0};
	struct cloud cloud = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("say which file: flagship %s FILE", command->name);
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	result = cloud_open(&cloud, &options, restores ? REGISTRY_CREATE : REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = restores ? restore_unless_running(&cloud, &options, argv[0])
				  : backup(&cloud, argv[0]);
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
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run,
};

const struct cli_command cloud_restore_command = {
	.name = "cloud restore",
	.section = "Copies",
	.summary = "bring back a backup; refused while the cloud runs",
	.arguments = "FILE",
	.arguments_max = 1,
	.description = "Replaces accounts, printers, settings and the CA by those of the backup.",
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run,
};
