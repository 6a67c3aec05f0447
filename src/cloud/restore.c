/* SPDX-License-Identifier: MIT */
#include "cloud/restore.h"

#include "cloud/init.h"
#include "cloud/kept_files.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COPY       CLOUD_REGISTRY ".restored"
#define ASIDE      CLOUD_REGISTRY ".before"
#define CHUNK_SIZE 16384

static void remove_file(const struct cloud *cloud, const char *name)
{
	static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
	char path[PATH_MAX];
	char side[PATH_MAX + sizeof("-journal")];

	cloud_path(cloud, name, path);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(side, sizeof(side), "%s%s", path, ends[i]);
		unlink(side);
	}
}

static bool move_file(const struct cloud *cloud, const char *from, const char *to)
{
	char old[PATH_MAX];
	char new[PATH_MAX];

	cloud_path(cloud, from, old);
	cloud_path(cloud, to, new);
	return rename(old, new) == 0;
}

static bool copy_bytes(int from, int to)
{
	char chunk[CHUNK_SIZE];
	ssize_t got;
	bool written = true;

	while (written && (got = read(from, chunk, sizeof(chunk))) > 0) {
		written = write(to, chunk, (size_t)got) == got;
	}
	OPENSSL_cleanse(chunk, sizeof(chunk));
	return written && got == 0 && fsync(to) == 0;
}

/* Byte by byte, since SQLite would write to what it opens. */
static int copy_file(const struct cloud *cloud, const char *path)
{
	char copy[PATH_MAX];
	int from = open(path, O_RDONLY | O_CLOEXEC);

	if (from < 0) {
		cli_error("%s cannot be read: %s", path, strerror(errno));
		return CLI_FAILED;
	}
	remove_file(cloud, COPY);
	cloud_path(cloud, COPY, copy);
	int to = open(copy, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	bool copied = to >= 0 && copy_bytes(from, to);
	if (!copied) {
		cli_error("%s cannot be copied to %s: %s", path, copy, strerror(errno));
	}
	close(from);
	if (to >= 0) {
		close(to);
	}
	return copied ? OPTIONS_RUN : CLI_FAILED;
}

static int check_copy(const struct cloud *cloud, const char *path)
{
	struct store_problem problem;
	struct registry *registry;
	char copy[PATH_MAX];
	int result = OPTIONS_RUN;

	cloud_path(cloud, COPY, copy);
	if (registry_open(copy, REGISTRY_WRITE, CLOUD_BUSY_MS, &registry, &problem)) {
		cli_error("%s is no backup of a cloud: %s", path, problem.text);
		return CLI_FAILED;
	}
	if (!registry_is_whole(registry)) {
		cli_error("%s is no backup of a cloud: %s", path, registry_problem(registry));
		result = CLI_FAILED;
	} else if (!kept_files_are_in(registry)) {
		cli_error("%s is no backup of a cloud: the CA or a key is missing in it", path);
		result = CLI_FAILED;
	}
	registry_close(registry);
	return result;
}

static int open_and_make(struct cloud *cloud, const struct cloud_options *options)
{
	int result = cloud_open(cloud, options, REGISTRY_WRITE);

	return result == OPTIONS_RUN ? init_files(cloud) : result;
}

/* The old registry and files stay aside until everything of the new is in its place. */
static int replace(struct cloud *cloud, const struct cloud_options *options)
{
	cloud_close(cloud);
	remove_file(cloud, ASIDE);
	if (!move_file(cloud, CLOUD_REGISTRY, ASIDE)) {
		cli_error("%s cannot be replaced: %s", cloud->dir, strerror(errno));
		return CLI_FAILED;
	}
	kept_files_put_aside(cloud);
	int result = move_file(cloud, COPY, CLOUD_REGISTRY) ? open_and_make(cloud, options)
							    : CLI_FAILED;
	if (result == OPTIONS_RUN) {
		remove_file(cloud, ASIDE);
		kept_files_drop_aside(cloud);
		return result;
	}
	cli_error("the backup cannot be put in place: all stays as it was");
	cloud_close(cloud);
	remove_file(cloud, CLOUD_REGISTRY);
	move_file(cloud, ASIDE, CLOUD_REGISTRY);
	kept_files_take_back(cloud);
	(void)open_and_make(cloud, options);
	return CLI_FAILED;
}

int restore_from(struct cloud *cloud, const struct cloud_options *options, const char *path)
{
	int result = copy_file(cloud, path);

	if (result == OPTIONS_RUN) {
		result = check_copy(cloud, path);
	}
	if (result == OPTIONS_RUN) {
		result = replace(cloud, options);
	}
	remove_file(cloud, COPY);
	if (result != OPTIONS_RUN) {
		return result;
	}
	printf("restored from %s\n", path);
	return CLI_DONE;
}
