/* SPDX-License-Identifier: MIT */
#include "cli/kit/external.h"

#include "cli/kit/cli.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#define EXTERNAL_PREFIX "flagship-"
#define EXTERNAL_PLACES 3
#define ACCOUNT_PROGRAM "account"
#define RECORDS_PROGRAM "records"

/* Anything else in a name could lead out of the directory. */
static bool external_name_valid(const char *name)
{
	return name[0] != '\0' && name[0] != '-' &&
	       name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static bool external_own_path(char path[PATH_MAX])
{
#ifdef __APPLE__
	char given[PATH_MAX];
	uint32_t size = sizeof(given);

	return _NSGetExecutablePath(given, &size) == 0 && realpath(given, path);
#else
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);

	if (length <= 0) {
		return false;
	}
	path[length] = '\0';
	return true;
#endif
}

/* "" where there is no such place. */
static void external_place(size_t index, char directory[PATH_MAX])
{
	const char *given;
	char *slash;

	directory[0] = '\0';
	switch (index) {
	case 0:
		given = getenv("FLAGSHIP_EXEC_PATH");
		snprintf(directory, PATH_MAX, "%s", given ? given : "");
		break;
	case 1:
		if (external_own_path(directory)) {
			slash = strrchr(directory, '/');
			*(slash ? slash : directory) = '\0';
		}
		break;
	default:
		snprintf(directory, PATH_MAX, "%s", FLAGSHIP_LIBEXECDIR);
	}
}

static bool external_can_run(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

static bool external_is_program(const char *directory, const char *name, char path[PATH_MAX])
{
	int length = snprintf(path, PATH_MAX, "%s/" EXTERNAL_PREFIX "%s", directory, name);

	return length > 0 && length < PATH_MAX && external_can_run(path);
}

bool external_find(const char *name, char path[PATH_MAX])
{
	char directory[PATH_MAX];

	if (!external_name_valid(name)) {
		return false;
	}
	for (size_t i = 0; i < EXTERNAL_PLACES; i++) {
		external_place(i, directory);
		if (directory[0] != '\0' && external_is_program(directory, name, path)) {
			return true;
		}
	}
	return false;
}

/* Of a folder with the programs: beside them, or in bin where they are in libexec. */
bool external_find_main(char path[PATH_MAX])
{
	static const char *const names[] = {"/flagship", "/../../bin/flagship"};
	char directory[PATH_MAX];

	for (size_t i = 0; i < EXTERNAL_PLACES; i++) {
		external_place(i, directory);
		for (size_t j = 0; directory[0] != '\0' && j < sizeof(names) / sizeof(names[0]);
		     j++) {
			int length = snprintf(path, PATH_MAX, "%s%s", directory, names[j]);

			if (length < PATH_MAX && external_can_run(path)) {
				return true;
			}
		}
	}
	return false;
}

bool external_find_file(const char *name, char path[PATH_MAX])
{
	char directory[PATH_MAX];

	for (size_t i = 0; i < EXTERNAL_PLACES; i++) {
		external_place(i, directory);
		if (directory[0] != '\0' &&
		    snprintf(path, PATH_MAX, "%.4000s/%.64s", directory, name) < PATH_MAX &&
		    access(path, R_OK) == 0) {
			return true;
		}
	}
	return false;
}

static void external_list_directory(const char *directory, void (*each)(void *, const char *),
				    void *context)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *stream = opendir(directory);

	if (!stream) {
		return;
	}
	while ((entry = readdir(stream))) {
		const char *name = entry->d_name + strlen(EXTERNAL_PREFIX);

		if (strncmp(entry->d_name, EXTERNAL_PREFIX, strlen(EXTERNAL_PREFIX)) == 0 &&
		    external_name_valid(name) && external_is_program(directory, name, path)) {
			each(context, name);
		}
	}
	closedir(stream);
}

void external_list(void (*each)(void *context, const char *name), void *context)
{
	char directory[PATH_MAX];

	for (size_t i = 0; i < EXTERNAL_PLACES; i++) {
		external_place(i, directory);
		if (directory[0] != '\0') {
			external_list_directory(directory, each, context);
		}
	}
}

/* Becomes the program at path, which is also its argv[0]. Returns an enum cli_exit only where that
 * failed. */
static int external_execute(char *path, char **argv)
{
	argv[0] = path;
	execv(path, argv);
	cli_error("cannot run %s: %s", path, strerror(errno));
	return CLI_FAILED;
}

/* Programs that others of flagship run: JPEGs of cameras, pictures and films of cameras at a URL,
 * messages to push services. */
static const char *const helpers[] = {"picture", "webcam", "rtsp", "webpush"};

static const struct companion table[] = {
	{"import", ACCOUNT_PROGRAM, "Accounts",
	 "take over a login and its printers from another program"},
	{"login", ACCOUNT_PROGRAM, "Accounts", "log in to the vendor's service, or to another"},
	{"refresh", ACCOUNT_PROGRAM, "Accounts", "fetch the printers of the accounts again"},
	{"top", NULL, "Printers", "watch all printers on the whole terminal, and control them"},
	{"serve", NULL, "Printers", "hold every printer, for browsers and programs"},
	{"history", RECORDS_PROGRAM, "Printers", "what happened to the printers of a gateway"},
	{"jobs", RECORDS_PROGRAM, "Printers", "what the printers of a gateway have printed"},
	{"queue", NULL, "Printers", "what is to be printed by the printers of a gateway"},
	{"push", NULL, "Printers", "browsers that a gateway tells what happens to printers"},
	{"timelapse", NULL, "Printers", "films of what the printers of a gateway have printed"},
	{"api", NULL, "Printers", "whatever the API of a gateway has, from the shell"},
	{"camera", NULL, "Printing",
	 "the picture of a printer's camera, its light and its quality"},
	{"cloud", NULL, "Without the vendor", "broker, accounts, keys and API on your own machine"},
	{"demo", NULL, "Trying things out",
	 "everything at work, with a cloud and printers of its own"},
	{"simulate", NULL, "Trying things out",
	 "a printer that is not there, for trying things out"},
};

const struct companion *companions(size_t *count)
{
	*count = sizeof(table) / sizeof(table[0]);
	return table;
}

const struct companion *companion_find(const char *name)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (strcmp(table[i].name, name) == 0) {
			return &table[i];
		}
	}
	return NULL;
}

bool companion_is_server(const char *name)
{
	for (size_t i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++) {
		if (strcmp(helpers[i], name) == 0) {
			return true;
		}
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].program && strcmp(table[i].program, name) == 0) {
			return true;
		}
	}
	return false;
}

bool companion_locate(const char *name, char path[PATH_MAX], const char **first)
{
	const struct companion *companion = companion_find(name);

	*first = NULL;
	if (!companion || !companion->program) {
		return !companion_is_server(name) && external_find(name, path);
	}
	*first = name;
	return external_find(companion->program, path);
}

int companion_execute(char *path, const char *first, char *const *arguments)
{
	size_t count = 0;
	size_t used = 1; /* external_execute sets argv[0] */

	while (arguments[count]) {
		count++;
	}
	char **argv = calloc(count + 3, sizeof(*argv));
	if (!argv) {
		cli_error("there is no memory to run %s", path);
		return CLI_FAILED;
	}
	if (first) {
		argv[used++] = (char *)first;
	}
	memcpy(argv + used, arguments, count * sizeof(*argv));
	int result = external_execute(path, argv);
	free(argv);
	return result;
}
