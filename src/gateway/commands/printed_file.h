/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_COMMANDS_PRINTED_FILE_H
#define GATEWAY_COMMANDS_PRINTED_FILE_H

#include "gateway/history/history.h"

#include <stdbool.h>

/* Which uploaded file a printer means, that names it without its folder: the one that the queue
 * sent to it, else one of that name in the file area. `find_file` of the history, whose context is
 * the struct serving. False where there is none. */
bool printed_file_find(void *serving, const char *serial, const char *name,
		       struct history_file *file);

#endif
