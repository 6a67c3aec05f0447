/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_LOCK_H
#define DAEMON_RUN_LOCK_H

#include <stdbool.h>

/*
 * A lock of the open file: held until the descriptor is closed, also by a child that inherits it.
 * The file is made where it is missing (0600), and stays. Returns a descriptor to be closed, or -1
 * with errno: EWOULDBLOCK where another process holds it.
 */
int lock_take(const char *path);

/* Whether a process holds it now. Makes no file: the folder may be one that can only be read. */
bool lock_is_held(const char *path);

#endif
