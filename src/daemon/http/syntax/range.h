/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_RANGE_H
#define DAEMON_HTTP_SYNTAX_RANGE_H

#include <stdint.h>

/* One range of bytes of a Range header (RFC 9110, 14). */
enum http_range_kind {
	HTTP_RANGE_WHOLE, /* none that is meant for us: the whole is sent */
	HTTP_RANGE_PART,
	HTTP_RANGE_NONE, /* beyond the end: 416 */
};

struct http_range {
	enum http_range_kind kind;
	uint64_t first;
	uint64_t length;
};

/*
 * header: may be NULL. size: of the whole. Several ranges are answered with the whole, since
 * multipart/byteranges costs a server more than a client and nobody needs it here.
 */
struct http_range http_range_parse(const char *header, uint64_t size);

#endif
