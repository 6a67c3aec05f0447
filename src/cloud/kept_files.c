/* SPDX-License-Identifier: MIT */
#include "cloud/kept_files.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTENT_MAX  8192
#define ASIDE        ".before"
#define PRIVATE_BITS (S_IRUSR | S_IWUSR)
#define PUBLIC_BITS  (PRIVATE_BITS | S_IRGRP | S_IROTH)

static const struct {
	const char *name;
	mode_t bits;
} kept[] = {
	{CLOUD_CA, PUBLIC_BITS},
	{CLOUD_CA_KEY, PRIVATE_BITS},
	{CLOUD_SERVICE_KEY, PRIVATE_BITS},
};

#define KEPT_COUNT (sizeof(kept) / sizeof(kept[0]))

static int tell(const char *path, const char *verb)
{
	cli_error("%s cannot be %s: %s", path, verb, strerror(errno));
	return CLI_FAILED;
}

static int write_file(const char *path, mode_t bits, const char *content)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, bits);
	size_t length = strlen(content);

	if (file < 0) {
		return tell(path, "made");
	}
	bool written = write(file, content, length) == (ssize_t)length && fsync(file) == 0;
	if (close(file) != 0 || !written) {
		unlink(path);
		return tell(path, "written");
	}
	return OPTIONS_RUN;
}

static int bring_back(const struct cloud *cloud, const char *name, mode_t bits)
{
	char content[CONTENT_MAX];
	char path[PATH_MAX];
	struct stat status;
	int result = OPTIONS_RUN;

	cloud_path(cloud, name, path);
	if (stat(path, &status) == 0) {
		return OPTIONS_RUN;
	}
	int found = registry_get_file(cloud->registry, name, content, sizeof(content));
	if (found < 0) {
		result = cloud_fail(cloud, "the registry cannot be read");
	} else if (found > 0) {
		result = write_file(path, bits, content);
	}
	OPENSSL_cleanse(content, sizeof(content));
	return result;
}

static int copy(const struct cloud *cloud, const char *name)
{
	char content[CONTENT_MAX];
	char path[PATH_MAX];
	int result = OPTIONS_RUN;
	FILE *file;

	cloud_path(cloud, name, path);
	file = fopen(path, "r");
	if (!file) {
		return tell(path, "read");
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
		result = bring_back(cloud, kept[i].name, kept[i].bits);
	}
	return result;
}

int kept_files_copy(const struct cloud *cloud)
{
	int result = OPTIONS_RUN;

	for (size_t i = 0; result == OPTIONS_RUN && i < KEPT_COUNT; i++) {
		result = copy(cloud, kept[i].name);
	}
	return result;
}

bool kept_files_are_in(struct registry *registry)
{
	char content[CONTENT_MAX];
	bool all = true;

	for (size_t i = 0; i < KEPT_COUNT; i++) {
		all = all &&
		      registry_get_file(registry, kept[i].name, content, sizeof(content)) == 1 &&
		      content[0] != '\0';
	}
	OPENSSL_cleanse(content, sizeof(content));
	return all;
}

static void path_aside(const struct cloud *cloud, const char *name, char path[PATH_MAX])
{
	cloud_path(cloud, name, path);
	strcat(path, ASIDE); /* cloud_path leaves room */
}

void kept_files_put_aside(const struct cloud *cloud)
{
	char path[PATH_MAX];
	char aside[PATH_MAX];

	for (size_t i = 0; i < KEPT_COUNT; i++) {
		cloud_path(cloud, kept[i].name, path);
		path_aside(cloud, kept[i].name, aside);
		rename(path, aside);
	}
}

void kept_files_drop_aside(const struct cloud *cloud)
{
	char aside[PATH_MAX];

	for (size_t i = 0; i < KEPT_COUNT; i++) {
		path_aside(cloud, kept[i].name, aside);
		unlink(aside);
	}
}

void kept_files_take_back(const struct cloud *cloud)
{
	char path[PATH_MAX];
	char aside[PATH_MAX];

	for (size_t i = 0; i < KEPT_COUNT; i++) {
		cloud_path(cloud, kept[i].name, path);
		path_aside(cloud, kept[i].name, aside);
		unlink(path);
		rename(aside, path);
	}
}
