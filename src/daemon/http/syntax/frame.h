/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_HTTP_SYNTAX_FRAME_H
#define DAEMON_HTTP_SYNTAX_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Frames of a WebSocket (RFC 6455), as a server reads and writes them. No heap, no I/O. */
#define HTTP_FRAME_HEAD_MAX  14
#define HTTP_FRAME_OWN_MAX   10 /* of one that a server sends */
#define HTTP_CONTROL_MAX     125
#define HTTP_ACCEPT_KEY_SIZE 29 /* with the NUL */

enum http_opcode {
	HTTP_OPCODE_CONTINUATION = 0x0,
	HTTP_OPCODE_TEXT = 0x1,
	HTTP_OPCODE_BINARY = 0x2,
	HTTP_OPCODE_CLOSE = 0x8,
	HTTP_OPCODE_PING = 0x9,
	HTTP_OPCODE_PONG = 0xa,
};

/* Why a connection is closed. */
enum http_close {
	HTTP_CLOSE_NORMAL = 1000,
	HTTP_CLOSE_GOING_AWAY = 1001,
	HTTP_CLOSE_PROTOCOL = 1002,
	HTTP_CLOSE_NONE = 1005,     /* without a word of why; never sent */
	HTTP_CLOSE_ABNORMAL = 1006, /* without a close frame; never sent */
	HTTP_CLOSE_NOT_TEXT = 1007,
	HTTP_CLOSE_POLICY = 1008,
	HTTP_CLOSE_TOO_LARGE = 1009,
	HTTP_CLOSE_BROKEN = 1011,
	HTTP_CLOSE_TOO_SLOW = 1013, /* "try again later" */
};

enum http_frame_event {
	HTTP_FRAME_MORE,    /* all bytes are taken */
	HTTP_FRAME_DATA,    /* a piece of a message; may be empty */
	HTTP_FRAME_CONTROL, /* a whole close, ping or pong */
	HTTP_FRAME_BROKEN,  /* ->code says why */
};

struct http_frame_piece {
	enum http_opcode opcode; /* text or binary, also of what goes on; or of the control frame */
	const char *bytes;
	size_t length;
	bool ends; /* the message */
};

/* All zero at the start, but for message_max. */
struct http_frame_reader {
	size_t message_max;
	uint8_t head[HTTP_FRAME_HEAD_MAX];
	size_t head_length;
	bool in_payload;
	enum http_opcode opcode; /* of the frame */
	bool final;
	enum http_opcode message; /* of the message that is open; 0: none is */
	uint64_t left;            /* of the frame */
	uint64_t taken;           /* of the message */
	size_t mask_at;
	char control[HTTP_CONTROL_MAX];
	size_t control_length;
	enum http_close code;
};

/* Moves *bytes and *length on past what it took; unmasks in place. */
enum http_frame_event http_frame_take(struct http_frame_reader *reader, char **bytes,
				      size_t *length, struct http_frame_piece *piece)
	__attribute__((warn_unused_result));

/* Returns the length of the head of a frame that holds a whole message. */
size_t http_frame_head(uint8_t out[HTTP_FRAME_OWN_MAX], enum http_opcode opcode, size_t length);

/* The code of a close frame's payload, HTTP_CLOSE_NONE where it has none; 0 where it is malformed.
 */
int http_close_code(const char *payload, size_t length);

/* Sec-WebSocket-Accept. False where the key is none of 16 bytes. */
bool http_accept_key(const char *key, char out[HTTP_ACCEPT_KEY_SIZE])
	__attribute__((warn_unused_result));

#endif
