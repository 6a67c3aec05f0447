/* SPDX-License-Identifier: MIT */
#include "cloud/commands/init.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_MAX 8192

struct kept_file {
	const char *name;
	mode_t mode;
};

static const struct kept_file kept[] = {
	/* Given to every client, so that others may read it here too. */
	{CLOUD_CA, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH},
	{CLOUD_CA_KEY, S_IRUSR | S_IWUSR},
	{CLOUD_SERVICE_KEY, S_IRUSR | S_IWUSR},
};

#define KEPT_COUNT (sizeof(kept) / sizeof(kept[0]))

static int write_file(const char *path, const char *content, mode_t mode)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	size_t length = strlen(content);

	if (file < 0) {
		return cloud_fail_file(path, "made", errno);
	}
	/* Whatever umask says. */
	bool written = fchmod(file, mode) == 0 && write(file, content, length) == (ssize_t)length &&
		       fsync(file) == 0;
	if (close(file) != 0 || !written) {
		unlink(path);
		return cloud_fail_file(path, "written", errno);
	}
	return OPTIONS_RUN;
}

static int bring_back(const struct cloud *cloud, const struct kept_file *wanted)
{
	char content[CONTENT_MAX];
	char path[PATH_MAX];
	struct stat status;
	int result = OPTIONS_RUN;

	cloud_path(cloud, wanted->name, path);
	if (stat(path, &status) == 0) {
		return OPTIONS_RUN;
	}
	int found = registry_get_file(cloud->registry, wanted->name, content, sizeof(content));
	if (found < 0) {
		result = cloud_fail(cloud, "the registry cannot be read");
	} else if (found > 0) {
		result = write_file(path, content, wanted->mode);
	}
	OPENSSL_cleanse(content, sizeof(content));
	return result;
}

static int copy_kept(const struct cloud *cloud, const char *name)
{
	char content[CONTENT_MAX];
	char path[PATH_MAX];
	int result = OPTIONS_RUN;
	FILE *file;

	cloud_path(cloud, name, path);
	file = fopen(path, "r");
	if (!file) {
		return cloud_fail_file(path, "read", errno);
	}
	/* Unbuffered, so that no copy of a key stays behind in stdio. */
	setvbuf(file, NULL, _IONBF, 0);
	size_t length = fread(content, 1, sizeof(content) - 1, file);
	fclose(file);
	content[length] = '\0';
	if (registry_put_file(cloud->registry, name, content) < 0) {
		result = cloud_fail(cloud, "the registry cannot be written");
	}
	OPENSSL_cleanse(content, sizeof(content));
	return result;
}

int kept_files_bring_back(const struct cloud *cloud)
{
	int result = OPTIONS_RUN;

	for (size_t i = 0; result == OPTIONS_RUN && i < KEPT_COUNT; i++) {
		result = bring_back(cloud, &kept[i]);
	}
	return result;
}

int kept_files_copy(const struct cloud *cloud)
{
	int result = OPTIONS_RUN;

	for (size_t i = 0; result == OPTIONS_RUN && i < KEPT_COUNT; i++) {
		result = copy_kept(cloud, kept[i].name);
	}
	return result;
}

const char *kept_files_missing(const struct cloud *cloud)
{
	char content[CONTENT_MAX];
	const char *missing = NULL;

	for (size_t i = 0; !missing && i < KEPT_COUNT; i++) {
		int found = registry_get_file(cloud->registry, kept[i].name, content,
					      sizeof(content));

		if (found <= 0 || content[0] == '\0') {
			missing = kept[i].name;
		}
	}
	OPENSSL_cleanse(content, sizeof(content));
	return missing;
}
