/* SPDX-License-Identifier: MIT */
#ifndef CLI_KIT_DESKTOP_H
#define CLI_KIT_DESKTOP_H

#include <stdbool.h>

/* Opens a file, or a URL, with what this desktop has for it (xdg-open). False where there is no
 * desktop, or it has nothing. Whether anybody saw it is not known. */
bool desktop_open(const char *target) __attribute__((warn_unused_result));

/* The same, which is not waited for: a browser may be what runs in its place. */
bool desktop_begin(const char *target) __attribute__((warn_unused_result));

#endif
