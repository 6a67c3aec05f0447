/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_NEGOTIATE_H
#define DAEMON_HTTP_SYNTAX_NEGOTIATE_H

#include <stdbool.h>

/* What a client takes and what it has already (RFC 9110, 12.5.3 and 13). Headers may be NULL. */
enum http_coding {
	HTTP_IDENTITY = 1 << 0,
	HTTP_GZIP = 1 << 1,
	HTTP_BROTLI = 1 << 2,
};

/* The best of what there is (`offered`, a set): brotli before gzip where the client weighs them
 * alike. HTTP_IDENTITY where nothing else goes. */
enum http_coding http_coding_choose(const char *accept_encoding, unsigned int offered);

/* "" for HTTP_IDENTITY. */
const char *http_coding_name(enum http_coding coding);

/* If-None-Match, compared weakly: whether the client has it, so that 304 is due. */
bool http_etag_matches(const char *if_none_match, const char *etag);

/* If-Range, compared strongly: whether a range is of what the client has a part of. True without
 * the header. A date is never taken for the same. */
bool http_etag_in_range(const char *if_range, const char *etag);

#endif
