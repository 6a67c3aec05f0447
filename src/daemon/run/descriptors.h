/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_DESCRIPTORS_H
#define DAEMON_RUN_DESCRIPTORS_H

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
