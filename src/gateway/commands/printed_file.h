/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_PRINTED_FILE_H
#define GATEWAY_COMMANDS_PRINTED_FILE_H

#include "gateway/history/history.h"

#include <stdbool.h>

/* Which uploaded file a printer means, that names it without its folder: `find_file` of the
 * history, whose context is the struct files. False where none is of that name. */
bool printed_file_find(void *files, const char *name, struct history_file *file);

#endif
