/* SPDX-License-Identifier: MIT */
/* Runs the tests of several files, each in a process of its own, as if each were a program: `bundle
 * [FILE [ARGUMENTS…]]`, where FILE is one's name without folder and ending. A program is compiled,
 * linked and, above all, started under valgrind once for all of them. tests/unit/run makes one
 * report of what they print. */
#include "bundle.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#undef main /* of the bundle itself */

#define NAME_SIZE   128
#define LOAD_CONFIG UINT64_C(0x40)

/* OpenSSL's, where a file or what it tests is linked with it. */
__attribute__((weak)) int OPENSSL_init_crypto(uint64_t options, const void *settings);

static struct bundle_file *files; /* in the order of their paths */

void bundle_add(struct bundle_file *file)
{
	struct bundle_file **place = &files;

	while (*place && strcmp((*place)->path, file->path) < 0) {
		place = &(*place)->next;
	}
	file->next = *place;
	*place = file;
}

static void name_of(const struct bundle_file *file, char name[NAME_SIZE])
{
	const char *slash = strrchr(file->path, '/');

	snprintf(name, NAME_SIZE, "%s", slash ? slash + 1 : file->path);
	name[strcspn(name, ".")] = '\0';
}

/* The exit status of a program with this main alone. */
static int run_file(const struct bundle_file *file, int argc, char **argv)
{
	return file->run ? file->run() : file->run_with(argc, argv);
}

/* Whether all of the file's tests passed, and nothing was found at the end of its process. */
static bool run_apart(const struct bundle_file *file, const char *name)
{
	char *argv[] = {(char *)name, NULL};
	int status = 0;

	printf("# bundle: file %s\n", name);
	fflush(stdout);
	pid_t child = fork();
	if (child == 0) {
		exit(run_file(file, 1, argv));
	}
	if (child < 0) {
		printf("Bail out! no process for %s: %s\n", name, strerror(errno));
		return false;
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (WIFSIGNALED(status)) {
		printf("# bundle: end by signal %d\n", WTERMSIG(status));
	} else {
		printf("# bundle: end with %d\n", WEXITSTATUS(status));
	}
	fflush(stdout);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int run_named(int argc, char **argv)
{
	char name[NAME_SIZE];

	for (const struct bundle_file *file = files; file; file = file->next) {
		name_of(file, name);
		if (strcmp(name, argv[0]) == 0) {
			return run_file(file, argc, argv);
		}
	}
	fprintf(stderr, "there is no file %s\n", argv[0]);
	return 2;
}

int main(int argc, char **argv)
{
	char name[NAME_SIZE];
	bool passed = true;

	/* Once for all: under valgrind it takes as long as most of the tests. */
	if (OPENSSL_init_crypto) {
		OPENSSL_init_crypto(LOAD_CONFIG, NULL);
	}
	if (argc > 1) {
		return run_named(argc - 1, argv + 1);
	}
	for (const struct bundle_file *file = files; file; file = file->next) {
		name_of(file, name);
		passed = run_apart(file, name) && passed;
	}
	return passed ? 0 : 1;
}
