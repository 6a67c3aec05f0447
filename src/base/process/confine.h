/* SPDX-License-Identifier: MIT */
#ifndef BASE_PROCESS_CONFINE_H
#define BASE_PROCESS_CONFINE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a program gives up that takes what strangers send (flagship-picture, -webcam, -rtsp,
 * -webpush):
 * rights by other programs, a core file, and more memory than it needs. The system may refuse any
 * of it, and it goes on.
 */
void confine_process(size_t memory_max); /* bytes of addresses */

/* The sanitizers map terabytes that they never use, and read files at the end: what would end them
 * is not bounded. */
bool confine_is_sanitized(void);

#endif
