/* SPDX-License-Identifier: MIT */
#include "cloud/commands/cloud.h"

#include "base/clock.h"
#include "cli/kit/external.h"
#include "cli/kit/prompt.h"
#include "cloud/broker/configuration.h"
#include "cloud/broker/status.h"
#include "cloud/commands/restore/restore_place.h"
#include "store/file/folder.h"
#include "store/file/paths.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PLUGIN_FILE "flagship_broker.so"
#define DIR_OPTION  ((size_t)offsetof(struct cloud_options, dir))

static const struct options_option cloud_table[] = {
	{.name = "dir",
	 .kind = OPTIONS_FILE,
	 .value = "FOLDER",
	 .help = "where the cloud is kept (~/.local/state/flagship/cloud)",
	 .offset = DIR_OPTION},
};

const struct options_group cloud_options_group = OPTIONS_GROUP("Cloud", cloud_table);

static int choose_folder(struct cloud *cloud, const struct cloud_options *options)
{
	const size_t room = 80; /* for a slash and a file name */
	char state[PATH_MAX];
	int length;

	if (options->dir) {
		length = snprintf(cloud->dir, sizeof(cloud->dir), "%s", options->dir);
	} else if (store_state_folder(state)) {
		length = snprintf(cloud->dir, sizeof(cloud->dir), "%.4000s/cloud", state);
	} else {
		cli_error("there is no home folder: say with --dir where the cloud is kept");
		return CLI_NOT_CONFIGURED;
	}
	if (length <= 0 || (size_t)length + room > sizeof(cloud->dir)) {
		cli_error("the name of the folder is empty or too long");
		return CLI_USAGE;
	}
	return OPTIONS_RUN;
}

/* The folders above it too, as mkdir -p does. */
static int make_folder(const char *path)
{
	char parent[PATH_MAX];

	snprintf(parent, sizeof(parent), "%s", path);
	for (char *slash = strchr(parent + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(parent, S_IRWXU) != 0 && errno != EEXIST) {
			return errno;
		}
		*slash = '/';
	}
	return mkdir(path, S_IRWXU) != 0 && errno != EEXIST ? errno : 0;
}

int cloud_choose_folder(struct cloud *cloud, const struct cloud_options *options, bool make)
{
	struct problem problem;
	char path[PATH_MAX];

	*cloud = (struct cloud){0};
	int result = choose_folder(cloud, options);
	if (result != OPTIONS_RUN) {
		return result;
	}
	int error = make ? make_folder(cloud->dir) : 0;
	if (error) {
		cli_error("the folder %s cannot be made: %s", cloud->dir, strerror(error));
		return CLI_FAILED;
	}
	/* The broker and its plugin get these names too, wherever they run. */
	if (realpath(cloud->dir, path)) {
		memcpy(cloud->dir, path, sizeof(cloud->dir));
	}
	if (store_folder_check(cloud->dir, &problem)) {
		cli_error("%s", problem.text);
		return CLI_NOT_ALLOWED;
	}
	return OPTIONS_RUN;
}

int cloud_open(struct cloud *cloud, const struct cloud_options *options, enum registry_mode mode)
{
	struct problem problem;
	char path[PATH_MAX];
	struct stat status;
	int result = cloud_choose_folder(cloud, options, mode == REGISTRY_CREATE);

	if (result != OPTIONS_RUN) {
		return result;
	}
	result = restore_mend(cloud);
	if (result != OPTIONS_RUN) {
		return result;
	}
	cloud_path(cloud, CLOUD_REGISTRY, path);
	if (mode != REGISTRY_CREATE && stat(path, &status) != 0) {
		cli_error("there is no cloud in %s: make one with flagship cloud init%s%s",
			  cloud->dir, options->dir ? " --dir " : "",
			  options->dir ? options->dir : "");
		return CLI_NOT_CONFIGURED;
	}
	if (registry_open(path, mode, CLOUD_BUSY_MS, &cloud->registry, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

void cloud_close(struct cloud *cloud)
{
	registry_close(cloud->registry);
	cloud->registry = NULL;
}

int cloud_fail(const struct cloud *cloud, const char *what)
{
	cli_error("%s: %s", what, registry_problem(cloud->registry));
	return CLI_FAILED;
}

int cloud_fail_file(const char *path, const char *what, int error)
{
	cli_error("%s cannot be %s: %s", path, what, strerror(error));
	return CLI_FAILED;
}

int cloud_find_account(const struct cloud *cloud, const char *email,
		       struct registry_account *account)
{
	int found = registry_find_account(cloud->registry, email, account);

	if (found < 0) {
		return cloud_fail(cloud, "the account cannot be looked up");
	}
	if (found == 0) {
		cli_error("there is no account %s; flagship cloud list shows them", email);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int cloud_find_printer(const struct cloud *cloud, const char *serial,
		       struct registry_printer *printer)
{
	int found = registry_find_printer(cloud->registry, serial, printer);

	if (found < 0) {
		return cloud_fail(cloud, "the printer cannot be looked up");
	}
	if (found == 0) {
		cli_error("there is no printer %s; flagship cloud list shows them", serial);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int cloud_find_bind(const struct cloud *cloud, struct bind *bind)
{
	struct problem problem;

	if (!cloud_read_bind(cloud, bind, &problem)) {
		cli_error("%s", problem.text);
		return CLI_NOT_CONFIGURED;
	}
	return OPTIONS_RUN;
}

int cloud_find_plugin(char path[PATH_MAX])
{
	if (!external_find_file(PLUGIN_FILE, path)) {
		cli_error("the broker's plugin " PLUGIN_FILE " is not installed beside flagship");
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int cloud_configure_broker(const struct cloud *cloud, const struct broker_bounds *bounds,
			   const char *folder)
{
	struct problem problem;
	char plugin[PATH_MAX];
	int result = cloud_find_plugin(plugin);

	if (result != OPTIONS_RUN) {
		return result;
	}
	if (!broker_write_configuration(cloud, plugin, bounds, folder, &problem)) {
		cli_error("%s", problem.text);
		return CLI_FAILED;
	}
	return OPTIONS_RUN;
}

int cloud_begin_making(const struct cloud *cloud)
{
	int file = cloud_lock_making(cloud);

	if (file < 0 && errno == EWOULDBLOCK) {
		cli_error("another flagship cloud init or restore is at work in %s: nothing was "
			  "changed by this one",
			  cloud->dir);
	} else if (file < 0) {
		cli_error("%s cannot be locked: %s", cloud->dir, strerror(errno));
	}
	return file;
}

const struct broker_status *cloud_running_status(const struct cloud *cloud)
{
	char path[PATH_MAX];

	cloud_path(cloud, CLOUD_STATUS, path);
	return cloud_is_locked(cloud) ? broker_status_open(path) : NULL;
}

int64_t cloud_now_s(void)
{
	return clock_unix_s();
}
