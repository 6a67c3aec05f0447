/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_PATH_H
#define DAEMON_HTTP_SYNTAX_PATH_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Paths of requests and patterns of routes: "/api/v1/printers/{printer}/commands" and
 * "/files/{path...}", whose last part takes all that follows, with at least one character. A path
 * is split before it is unescaped, so that a name may hold a slash (%2F).
 */
#define HTTP_PARAMETERS_MAX 8
#define HTTP_PATH_MAX       1024 /* unescaped, with the NUL */

struct http_parameter {
	const char *name; /* in the pattern, up to the closing brace */
	size_t name_length;
	const char *value; /* in the buffer of the match */
};

struct http_match {
	struct http_parameter items[HTTP_PARAMETERS_MAX];
	size_t count;
	char values[HTTP_PATH_MAX];
};

/*
 * Unescapes a whole path. False where it is badly escaped, too long, holds a NUL or another control
 * character, or a part that is "." or ".." in any spelling: nobody who asks so means well.
 */
bool http_path_decode(const char *target, char out[HTTP_PATH_MAX])
	__attribute__((warn_unused_result));

/* Whether an escaped path, which http_path_decode takes, is of this pattern. */
bool http_path_match(const char *pattern, const char *target, struct http_match *match)
	__attribute__((warn_unused_result));

/* NULL where the pattern has none of this name. */
const char *http_match_value(const struct http_match *match, const char *name);

/* A value of an application/x-www-form-urlencoded body, decoded and NUL-terminated. False, with out
 * "", where it is absent, does not fit, is badly escaped, or holds a NUL. The first one counts. */
bool form_get(const char *body, size_t length, const char *name, char *out, size_t capacity);

#endif
