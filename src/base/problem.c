/* SPDX-License-Identifier: MIT */
#include "base/problem.h"

#include <flagship/error.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_SIZE 64

void problem_set(struct problem *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	/* cppcheck-suppress ctuuninitvar; it is filled here */
	vsnprintf(problem->text, sizeof(problem->text), format, arguments);
	va_end(arguments);
	/* A name of a file may hold anything. */
	for (char *c = problem->text; *c; c++) {
		if (*c == '\n' || *c == '\r') {
			*c = ' ';
		}
	}
}

static const char *name_of_user(uid_t id, char out[NAME_SIZE])
{
	const struct passwd *user = getpwuid(id);

	if (user) {
		snprintf(out, NAME_SIZE, "%.*s", NAME_SIZE - 1, user->pw_name);
	} else {
		snprintf(out, NAME_SIZE, "number %lu", (unsigned long)id);
	}
	return out;
}

/* Of the first thing on the way that can be looked at, from its end on. */
static bool find_owner(const char *path, char place[PATH_MAX], uid_t *owner)
{
	struct stat status;

	if (snprintf(place, PATH_MAX, "%s", path) >= PATH_MAX) {
		return false;
	}
	for (;;) {
		if (stat(place, &status) == 0) {
			*owner = status.st_uid;
			return true;
		}
		char *slash = strrchr(place, '/');
		if (!slash || slash == place) {
			return false;
		}
		*slash = '\0';
	}
}

int problem_cannot(struct problem *problem, const char *verb, const char *path, int error,
		   const char *after)
{
	char place[PATH_MAX];
	char own[NAME_SIZE];
	char other[NAME_SIZE];
	uid_t owner;

	if ((error != EACCES && error != EPERM) || !find_owner(path, place, &owner)) {
		problem_set(problem, "cannot %s %s: %s%s", verb, path, strerror(error), after);
	} else if (owner != geteuid()) {
		problem_set(problem,
			    "cannot %s %s: %s%s; %s belongs to user %s and this runs as %s: "
			    "run it as that user, or set HOME to a folder of your own",
			    verb, path, strerror(error), after, place, name_of_user(owner, other),
			    name_of_user(geteuid(), own));
	} else {
		problem_set(problem, "cannot %s %s: %s%s; give yourself the right: chmod u+rwX %s",
			    verb, path, strerror(error), after, place);
	}
	return FLAGSHIP_ERROR_STORE;
}

int problem_memory(struct problem *problem)
{
	problem_set(problem, "out of memory");
	return FLAGSHIP_ERROR_MEMORY;
}
