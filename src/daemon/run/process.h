/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_PROCESS_H
#define DAEMON_RUN_PROCESS_H

#include <stdbool.h>

/*
 * A lock of the open file: held until the descriptor is closed, also by a child that inherits it.
 * The file is made where it is missing (0600), and stays. Returns a descriptor to be closed, or -1
 * with errno: EWOULDBLOCK where another process holds it.
 */
int lock_take(const char *path);

/* Whether a process holds it now. Makes no file: the folder may be one that can only be read. */
bool lock_is_held(const char *path);

/*
 * Raises the limit of open files and sockets to what this user may have, for this program and its
 * children: shells and systemd give 1,024, which a thousand connections use up. No more than
 * DESCRIPTORS_MAX, since some systems allow a thousand million and libraries make a table of them.
 * Returns how many there may be.
 */
#define DESCRIPTORS_MAX 65536u

/* Of a cloud with a few printers. */
#define DESCRIPTORS_MIN 128u

unsigned int descriptors_raise(void);

#endif
