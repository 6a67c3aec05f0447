/* SPDX-License-Identifier: MIT */
#include "cloud/cloud.h"
#include "cloud/restore.h"
#include "cloud/run_lock.h"

#include <errno.h>
#include <stdio.h>
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
	result = restore_from(cloud, options, path);
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
