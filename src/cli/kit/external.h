/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_EXTERNAL_H
#define CLI_KIT_EXTERNAL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Commands that are programs of their own, since they need libraries that the others should not
 * pay for. `flagship NAME` is the program flagship-NAME in $FLAGSHIP_EXEC_PATH, in the directory of
 * the running program, or in libexec, whichever has it first.
 */
bool external_find(const char *name, char path[PATH_MAX]);

/* The program `flagship` itself, in the same places or, once installed, in bin. */
bool external_find_main(char path[PATH_MAX]);

/* A file of any name that comes with the programs, such as a plugin, in the same places. */
bool external_find_file(const char *name, char path[PATH_MAX]);

/* Calls `each` once for every command found, in the order above; names may come twice. */
void external_list(void (*each)(void *context, const char *name), void *context);

/* A command that is served by a program of its own (cli/kit/external.h), and comes with flagship.
 */
struct companion {
	const char *name;
	const char *program; /* flagship-PROGRAM is told the name first; NULL: flagship-NAME */
	const char *section; /* as in struct cli_command */
	const char *summary;
};

const struct companion *companions(size_t *count);

/* NULL where there is none of this name. */
const struct companion *companion_find(const char *name);

/* Whether flagship-NAME only serves commands of other names. */
bool companion_is_server(const char *name);

/*
 * The program that serves this command, of flagship or found beside it. *first: the command's name
 * where the program must be told it, else NULL.
 */
bool companion_locate(const char *name, char path[PATH_MAX], const char **first);

/* Becomes the program: `arguments` are those after the command's name, NULL-terminated. Returns an
 * enum cli_exit only where that failed. */
int companion_execute(char *path, const char *first, char *const *arguments);

#endif
