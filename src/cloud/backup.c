/* SPDX-License-Identifier: MIT */
#include "cloud/cloud.h"

#include <stdio.h>

/* A copy of the registry, which holds the cloud. */

static int backup(const struct cloud *cloud, const char *path)
{
	if (registry_backup(cloud->registry, path) < 0) {
		return cloud_fail(cloud, "the backup failed");
	}
	printf("wrote %s; it holds every key and login: keep it safe\n", path);
	return CLI_DONE;
}

static int run(const struct cli_command *command, int argc, char **argv)
{
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
	result = cloud_open(&cloud, &options, REGISTRY_WRITE);
	if (result == OPTIONS_RUN) {
		result = backup(&cloud, argv[0]);
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
