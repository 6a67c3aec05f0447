/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_HEAD_H
#define DAEMON_HTTP_SYNTAX_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The head of a request: its line and its headers (RFC 9112). Strict, since whatever two programs
 * read differently is a way to smuggle one request inside another: lines end with CR LF, no header
 * goes on in a second line, nothing stands before a colon, and the end of the body is told once or
 * the request is refused.
 */
#define HTTP_HEADERS_MAX 64

enum http_method {
	HTTP_GET = 1 << 0,
	HTTP_HEAD = 1 << 1,
	HTTP_POST = 1 << 2,
	HTTP_PUT = 1 << 3,
	HTTP_PATCH = 1 << 4,
	HTTP_DELETE = 1 << 5,
	HTTP_OPTIONS = 1 << 6,
	HTTP_OTHER = 1 << 7,
};

enum http_framing {
	HTTP_FRAMING_NONE, /* there is no body */
	HTTP_FRAMING_LENGTH,
	HTTP_FRAMING_CHUNKED,
};

struct http_field {
	const char *name; /* in small letters */
	const char *value;
};

/* Everything points into the bytes that were parsed. */
struct http_head {
	enum http_method method;
	const char *method_name;
	const char *target; /* the path as it came, escaped, without the query */
	const char *query;  /* without the question mark; "" where there is none */
	int minor;          /* of HTTP/1 */
	struct http_field fields[HTTP_HEADERS_MAX];
	size_t field_count;
	enum http_framing framing;
	uint64_t length; /* of the body, with HTTP_FRAMING_LENGTH */
	bool keeps_alive;
	bool awaits_continue; /* Expect: 100-continue */
	bool upgrades;        /* to a WebSocket */
};

/* How many bytes the head has, with the empty line at its end; 0: that is not there yet. `from`:
 * bytes that were looked at before. */
size_t http_head_find_end(const char *bytes, size_t length, size_t from);

/*
 * Reads a head of that length, which it changes: texts are ended with NUL, names become small
 * letters. Returns 0, or the status to refuse it with: 400, 417, 431, 505.
 */
int http_head_parse(char *bytes, size_t length, struct http_head *head)
	__attribute__((warn_unused_result));

/* Name in small letters; NULL where there is none. The first one counts. */
const char *http_head_field(const struct http_head *head, const char *name);

/* Whether a list of words with commas between them has this one, in letters of either case. */
bool http_list_has(const char *list, const char *word);

const char *http_method_name(enum http_method method);

#endif
