/* SPDX-License-Identifier: MIT */
#include "cli/account/web_view_copy.h"

#include "cli/kit/cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES_MAX   ((size_t)128 * 1024 * 1024)
#define FILES_MAX   2000
#define BUFFER_SIZE ((size_t)64 * 1024)
#define NAME        "flagship-import-XXXXXX"

static const char *temporary_folder(void)
{
	static const char *const variables[] = {"XDG_RUNTIME_DIR", "TMPDIR"};

	for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value && value[0] == '/' && access(value, W_OK) == 0) {
			return value;
		}
	}
	return "/tmp";
}

bool web_view_copy_begin(struct web_view_copy *copy)
{
	*copy = (struct web_view_copy){0};
	if (snprintf(copy->folder, sizeof(copy->folder), "%s/" NAME, temporary_folder()) >=
		    (int)sizeof(copy->folder) ||
	    !mkdtemp(copy->folder)) {
		cli_error("cannot make the folder %s: %s", copy->folder, strerror(errno));
		copy->folder[0] = '\0';
		return false;
	}
	return true;
}

/* 0 or an errno. */
static int copy_bytes(struct web_view_copy *copy, int from, int to)
{
	char buffer[BUFFER_SIZE];
	ssize_t got;

	while ((got = read(from, buffer, sizeof(buffer))) != 0) {
		if (got < 0 && errno == EINTR) {
			continue;
		}
		if (got < 0) {
			return errno;
		}
		copy->bytes += (size_t)got;
		if (copy->bytes > BYTES_MAX) {
			return EFBIG;
		}
		for (ssize_t done = 0; done < got;) {
			ssize_t written = write(to, buffer + done, (size_t)(got - done));

			if (written < 0 && errno != EINTR) {
				return errno;
			}
			done += written > 0 ? written : 0;
		}
	}
	return 0;
}

/* 0 or an errno. A pipe would be waited for for ever. */
static int open_regular(const char *path, int *descriptor)
{
	struct stat status;

	*descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (*descriptor < 0) {
		return errno;
	}
	if (fstat(*descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
		close(*descriptor);
		return EINVAL;
	}
	return 0;
}

bool web_view_copy_file(struct web_view_copy *copy, const char *path, const char *name)
{
	char target[PATH_MAX];
	int from = -1;
	int error = open_regular(path, &from);

	if (!error &&
	    snprintf(target, sizeof(target), "%s/%s", copy->folder, name) >= (int)sizeof(target)) {
		close(from);
		error = ENAMETOOLONG;
	}
	if (!error) {
		int to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);

		error = to < 0 ? errno : copy_bytes(copy, from, to);
		close(from);
		if (to >= 0 && close(to) != 0 && !error) {
			error = errno;
		}
	}
	if (error) {
		cli_error("cannot copy %s: %s", path, strerror(error));
	}
	return error == 0;
}

static bool is_part(const char *name)
{
	const char *end = strrchr(name, '.');

	return strcmp(name, "CURRENT") == 0 ||
	       strncmp(name, "MANIFEST-", strlen("MANIFEST-")) == 0 ||
	       (end &&
		(strcmp(end, ".ldb") == 0 || strcmp(end, ".sst") == 0 || strcmp(end, ".log") == 0));
}

bool web_view_copy_folder(struct web_view_copy *copy, const char *folder)
{
	DIR *directory = opendir(folder);
	const struct dirent *entry;
	char path[PATH_MAX];
	size_t count = 0;
	bool done = directory != NULL;

	if (!directory) {
		cli_error("cannot read %s: %s", folder, strerror(errno));
		return false;
	}
	while (done && (entry = readdir(directory)) != NULL) {
		if (!is_part(entry->d_name)) {
			continue;
		}
		if (++count > FILES_MAX || snprintf(path, sizeof(path), "%s/%s", folder,
						    entry->d_name) >= (int)sizeof(path)) {
			cli_error("%s holds more files than a local storage does", folder);
			done = false;
		} else if (access(path, F_OK) == 0) { /* It may be gone by now. */
			done = web_view_copy_file(copy, path, entry->d_name);
		}
	}
	closedir(directory);
	return done;
}

void web_view_copy_end(struct web_view_copy *copy)
{
	DIR *directory = copy->folder[0] ? opendir(copy->folder) : NULL;
	const struct dirent *entry;

	/* LevelDB moves what it mends into a folder of its own there. */
	while (directory && (entry = readdir(directory)) != NULL) {
		char path[PATH_MAX];

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    snprintf(path, sizeof(path), "%s/%s", copy->folder, entry->d_name) >=
			    (int)sizeof(path)) {
			continue;
		}
		if (unlink(path) != 0) {
			struct web_view_copy inner = {0};

			memcpy(inner.folder, path, sizeof(path));
			web_view_copy_end(&inner);
		}
	}
	if (directory) {
		closedir(directory);
		rmdir(copy->folder);
	}
	copy->folder[0] = '\0';
}
