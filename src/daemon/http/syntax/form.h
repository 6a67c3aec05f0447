/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_FORM_H
#define DAEMON_HTTP_SYNTAX_FORM_H

#include <stdbool.h>
#include <stddef.h>

/* A value of an application/x-www-form-urlencoded body, decoded and NUL-terminated. False, with out
 * "", where it is absent, does not fit, is badly escaped, or holds a NUL. The first one counts. */
bool form_get(const char *body, size_t length, const char *name, char *out, size_t capacity);

#endif
