/* SPDX-License-Identifier: MIT */
#include "cli/output/print.h"
#include "cloud/api/login/exchange.h"
#include "cloud/broker/configuration.h"
#include "cloud/commands/cloud.h"
#include "cloud/commands/init.h"
#include "cloud/commands/restore/restore_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY_BYTES 65536

/*
 * A backup becomes a whole cloud in a folder beside what it replaces, and is checked there. Then it
 * takes the place of the old one (cloud/commands/restore/restore_place.h).
 */
struct restore {
	struct cloud cloud;
	struct cloud made; /* in RESTORE_NEW */
	const char *source;
};

/* --- the copy --- */

/* A database that is in use is more than this one file. */
static bool is_alone(const char *path)
{
	static const char *const logs[] = {"-wal", "-journal"};
	char name[PATH_MAX + sizeof("-journal")];
	struct stat status;

	for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++) {
		snprintf(name, sizeof(name), "%s%s", path, logs[i]);
		if (stat(name, &status) == 0 && status.st_size > 0) {
			return false;
		}
	}
	return true;
}

static bool copy_bytes(int from, int to)
{
	char bytes[COPY_BYTES];
	ssize_t length;

	while ((length = read(from, bytes, sizeof(bytes))) > 0) {
		if (write(to, bytes, (size_t)length) != length) {
			return false;
		}
	}
	return length == 0;
}

/* Byte by byte: SQLite would write into the backup, and cannot read where it must not. */
static int copy_registry(const char *source, const char *target)
{
	int result = CLI_FAILED;
	int to = -1;
	int from = open(source, O_RDONLY | O_CLOEXEC);

	if (from < 0) {
		return cloud_fail_file(source, "read", errno);
	}
	if (!is_alone(source)) {
		cli_error("%s is the registry of a cloud, and not all of it: make a backup with "
			  "flagship cloud backup",
			  source);
		goto out;
	}
	to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (to < 0 || !copy_bytes(from, to) || fsync(to) != 0) {
		cloud_fail_file(source, "copied", errno);
		goto out;
	}
	result = OPTIONS_RUN;
out:
	if (to >= 0) {
		close(to);
	}
	close(from);
	return result;
}

/* --- the new cloud --- */

static int refuse(const struct restore *restore, const char *why)
{
	cli_error("%s: %s", restore->source, why);
	return CLI_FAILED;
}

static int check_content(const struct restore *restore)
{
	char text[STORE_TEXT_MAX];

	if (registry_check(restore->made.registry) < 0) {
		return refuse(restore, registry_problem(restore->made.registry));
	}
	const char *missing = kept_files_missing(&restore->made);
	if (missing) {
		snprintf(text, sizeof(text), "it holds no %s, so it is no backup of a cloud",
			 missing);
		return refuse(restore, text);
	}
	return OPTIONS_RUN;
}

static int check_service_key(const struct restore *restore)
{
	char path[PATH_MAX];
	struct exchange *exchange = NULL;

	cloud_path(&restore->made, CLOUD_SERVICE_KEY, path);
	int error = exchange_create(path, &exchange);
	exchange_destroy(exchange);
	return error ? refuse(restore, "its " CLOUD_SERVICE_KEY " is no key") : OPTIONS_RUN;
}

/* With the names that its files are to have. */
static int configure(const struct restore *restore)
{
	struct cloud cloud = restore->cloud;

	cloud.registry = restore->made.registry;
	return cloud_configure_broker(&cloud, NULL, restore->made.dir);
}

static int fill(struct restore *restore)
{
	struct problem problem;
	char path[PATH_MAX];

	cloud_path(&restore->made, CLOUD_REGISTRY, path);
	int result = copy_registry(restore->source, path);
	if (result != OPTIONS_RUN) {
		return result;
	}
	if (registry_open(path, REGISTRY_WRITE, CLOUD_BUSY_MS, &restore->made.registry, &problem)) {
		char *mend = strstr(problem.text, REGISTRY_MEND);

		if (mend) {
			*mend = '\0';
		}
		/* Of the copy, whose name would help nobody. */
		return refuse(restore, problem.text + strlen(path) + strlen(": "));
	}
	result = check_content(restore);
	if (result == OPTIONS_RUN) {
		result = init_files(&restore->made);
	}
	if (result == OPTIONS_RUN) {
		result = configure(restore);
	}
	if (result == OPTIONS_RUN) {
		result = check_service_key(restore);
	}
	cloud_close(&restore->made);
	return result;
}

/* --- taking its place --- */

static int take_place(const struct restore *restore)
{
	int result = restore_check_places(&restore->cloud);

	return result == OPTIONS_RUN ? restore_commit(&restore->cloud) : result;
}

static int restore_all(struct restore *restore)
{
	/* An earlier one may have been broken off. */
	int result = restore_tidy(&restore->cloud);

	if (result != OPTIONS_RUN) {
		return result;
	}
	cloud_path(&restore->cloud, RESTORE_NEW, restore->made.dir);
	if (mkdir(restore->made.dir, S_IRWXU) != 0) {
		return cloud_fail_file(restore->made.dir, "made", errno);
	}
	result = fill(restore);
	if (result == OPTIONS_RUN) {
		result = take_place(restore);
	}
	if (result != OPTIONS_RUN) {
		restore_drop_new(&restore->cloud);
		cli_error("%s was not restored; the cloud is as it was", restore->source);
		return result;
	}
	/* From here on it is: what goes wrong now, a later command goes on with. */
	result = restore_tidy(&restore->cloud);
	if (result == OPTIONS_RUN) {
		print_to(stdout, "restored from %s\n", restore->source);
		result = CLI_DONE;
	}
	return result;
}

static int restore_unless_running(struct restore *restore)
{
	int making = cloud_begin_making(&restore->cloud);
	int result;

	if (making < 0) {
		return CLI_FAILED;
	}
	int lock = cloud_lock(&restore->cloud);
	if (lock < 0 && errno == EWOULDBLOCK) {
		cli_error("the cloud in %s runs: stop it before restoring", restore->cloud.dir);
		result = CLI_FAILED;
	} else if (lock < 0) {
		result = cloud_fail_file(restore->cloud.dir, "locked", errno);
	} else {
		result = restore_all(restore);
		close(lock);
	}
	close(making);
	return result;
}

static int run_restore(const struct cli_command *command, int argc, char **argv)
{
	struct cloud_options options = {0};
	struct restore restore = {0};
	int result = options_parse(command, &argc, argv, (void *[]){&options});

	if (result == OPTIONS_RUN && argc == 0) {
		cli_error("say which file: flagship %s FILE", command->name);
		return CLI_USAGE;
	}
	if (result != OPTIONS_RUN) {
		return result;
	}
	restore.source = argv[0];
	/* What is there is not opened: it may be damaged, and this the way to mend it. */
	result = cloud_choose_folder(&restore.cloud, &options, true);
	return result == OPTIONS_RUN ? restore_unless_running(&restore) : result;
}

const struct cli_command cloud_restore_command = {
	.name = "cloud restore",
	.section = "Copies",
	.summary = "bring back a backup; refused while the cloud runs",
	.arguments = "FILE",
	.arguments_max = 1,
	.description = "Replaces accounts, printers, settings and the CA by those of the backup.",
	.groups = (const struct options_group *const[]){&cloud_options_group, NULL},
	.run = run_restore,
};
