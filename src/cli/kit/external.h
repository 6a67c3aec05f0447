/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_EXTERNAL_H
#define CLI_KIT_EXTERNAL_H

#include <limits.h>
#include <stdbool.h>

/*
 * Commands that are programs of their own, since they need libraries that the others should not
 * pay for. `flagship NAME` is the program flagship-NAME in $FLAGSHIP_EXEC_PATH, in the directory of
 * the running program, or in libexec, whichever has it first.
 */
bool external_find(const char *name, char path[PATH_MAX]);

/* A file of any name that comes with the programs, such as a plugin, in the same places. */
bool external_find_file(const char *name, char path[PATH_MAX]);

/* Calls `each` once for every command found, in the order above; names may come twice. */
void external_list(void (*each)(void *context, const char *name), void *context);

/* Becomes the program at path, which is also its argv[0]. Returns an enum cli_exit only where that
 * failed. */
int external_execute(char *path, char **argv);

#endif
