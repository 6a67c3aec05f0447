/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_MULTIPART_H
#define DAEMON_HTTP_SYNTAX_MULTIPART_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A body of multipart/form-data (RFC 7578), in whatever pieces it arrives and in constant memory:
 * what a part holds is handed on as it comes. No heap, no I/O.
 */
#define HTTP_BOUNDARY_MAX  70
#define HTTP_PART_NAME_MAX 128
#define HTTP_PART_FILE_MAX 512
#define HTTP_PART_TYPE_MAX 128
#define HTTP_PART_HEAD_MAX 4096
#define HTTP_DELIMITER_MAX (HTTP_BOUNDARY_MAX + 4)
#define HTTP_PREAMBLE_MAX  8192 /* bytes before the first part, and after each delimiter */
#define HTTP_PARTS_MAX     1000

enum http_multipart_event {
	HTTP_MULTIPART_MORE,     /* all bytes are taken, the body goes on */
	HTTP_MULTIPART_PART,     /* a part begins: name, file_name and type are set */
	HTTP_MULTIPART_DATA,     /* a piece of the part */
	HTTP_MULTIPART_PART_END, /* the part is complete */
	HTTP_MULTIPART_END,      /* the body is: what follows is ignored */
	HTTP_MULTIPART_BROKEN,   /* no such body */
};

enum http_multipart_state {
	HTTP_MULTIPART_PREAMBLE,
	HTTP_MULTIPART_DELIMITER, /* behind one */
	HTTP_MULTIPART_CLOSING,   /* behind one and a hyphen */
	HTTP_MULTIPART_LINE_END,  /* behind one and a CR */
	HTTP_MULTIPART_HEAD,
	HTTP_MULTIPART_CONTENT,
	HTTP_MULTIPART_DONE,
	HTTP_MULTIPART_FAILED,
};

struct http_multipart {
	enum http_multipart_state state;
	char delimiter[HTTP_DELIMITER_MAX + 1]; /* with CR LF and two hyphens in front */
	size_t delimiter_length;
	size_t matched; /* of the delimiter */
	size_t skipped; /* bytes that are of no part, since the last delimiter */
	size_t parts;
	char head[HTTP_PART_HEAD_MAX];
	size_t head_length;
	char name[HTTP_PART_NAME_MAX];
	char file_name[HTTP_PART_FILE_MAX]; /* as the client says it: to be checked before use */
	char type[HTTP_PART_TYPE_MAX];
	bool is_file; /* it has a file name, maybe an empty one */
};

/* Of a Content-Type header. False where that is not multipart/form-data with a good boundary. */
bool http_multipart_begin(struct http_multipart *multipart, const char *content_type)
	__attribute__((warn_unused_result));

/* Moves *bytes and *length on past what it took. data and data_length: of HTTP_MULTIPART_DATA, in
 * the bytes given or in the parser, until the next call. */
enum http_multipart_event http_multipart_take(struct http_multipart *multipart, const char **bytes,
					      size_t *length, const char **data,
					      size_t *data_length)
	__attribute__((warn_unused_result));

#endif
