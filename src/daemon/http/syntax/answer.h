/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_ANSWER_H
#define DAEMON_HTTP_SYNTAX_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The head of a response. */
#define HTTP_LENGTH_CHUNKED INT64_C(-1) /* in chunks, since the length is not known */
#define HTTP_LENGTH_CLOSE   INT64_C(-2) /* up to the end of the connection */
#define HTTP_LENGTH_NONE    INT64_C(-3) /* such a response has no body: 204, 304, 101 */
#define HTTP_DATE_SIZE      40          /* more than it takes */

struct http_header {
	const char *name;
	const char *value;
};

struct http_answer {
	int status;
	const char *date;         /* NULL: without */
	const char *content_type; /* NULL: without */
	int64_t length;
	bool closes; /* the connection ends with it */
	const struct http_header *headers;
	size_t header_count;
};

/* Writes it with the empty line, without a NUL. Returns its length; 0 where it does not fit, or
 * where a header holds what would begin another one. */
size_t http_answer_write(const struct http_answer *answer, char *out, size_t capacity)
	__attribute__((warn_unused_result));

const char *http_status_text(int status);

/* Of Unix seconds: "Sat, 28 Nov 2026 21:17:31 GMT". */
void http_date(int64_t unix_s, char out[HTTP_DATE_SIZE]);

#endif
