/* SPDX-License-Identifier: MIT */
#ifndef SIMULATOR_NETWORK_OPEN_FILES_H
#define SIMULATOR_NETWORK_OPEN_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Lets this process have as many connections as there are printers; plain: without TLS. Returns
 * OPTIONS_RUN, or the exit status where the system does not allow it, which is told on stderr. */
int open_files_allow(size_t printers, bool plain);

#endif
