/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_CHUNKED_H
#define DAEMON_HTTP_SYNTAX_CHUNKED_H

#include <stddef.h>

/*
 * Takes the frames off a body that comes in chunks (RFC 9112, 7.1), in whatever pieces it arrives.
 * Strict where leniency would let another program see another end of the body.
 */
enum chunked_result {
	CHUNKED_DATA,   /* a piece of the body; there may be more in the bytes given */
	CHUNKED_MORE,   /* all bytes are taken, the body goes on */
	CHUNKED_END,    /* the body is complete */
	CHUNKED_BROKEN, /* no such body */
};

enum chunked_state {
	CHUNKED_SIZE, /* before the first digit of a size */
	CHUNKED_SIZE_DIGITS,
	CHUNKED_EXTENSION, /* behind the size: skipped up to the end of the line */
	CHUNKED_BYTES,
	CHUNKED_BYTES_END,     /* the end of line that follows a chunk */
	CHUNKED_TRAILER,       /* at the start of a line */
	CHUNKED_TRAILER_FIELD, /* in a line that is skipped */
	CHUNKED_DONE,
};

/* All zero at the start of a body. */
struct chunked {
	enum chunked_state state;
	size_t left;   /* of the chunk */
	size_t framed; /* bytes that are no body, since the last one that is: bounded */
};

/* Moves *bytes and *length on past what it took. data and data_length: of CHUNKED_DATA, in the
 * bytes given. */
enum chunked_result chunked_take(struct chunked *chunked, const char **bytes, size_t *length,
				 const char **data, size_t *data_length);

#endif
