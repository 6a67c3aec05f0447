/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/frame.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#define FINAL        0x80
#define RESERVED     0x70
#define OPCODE       0x0f
#define MASKED       0x80
#define LENGTH       0x7f
#define LENGTH_16    126
#define LENGTH_64    127
#define MASK_SIZE    4
#define BYTE_BITS    8
#define CONTROL      0x8
#define CODE_FIRST   1000
#define CODE_PRIVATE 3000
#define CODE_LAST    4999
#define GUID         "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
#define KEY_LENGTH   24

static enum http_frame_event fail_frame(struct http_frame_reader *reader, enum http_close code)
{
	reader->code = code;
	return HTTP_FRAME_BROKEN;
}

static size_t size_of_length(uint8_t second)
{
	size_t length = second & LENGTH;

	return length == LENGTH_16 ? sizeof(uint16_t) : length == LENGTH_64 ? sizeof(uint64_t) : 0;
}

static size_t head_size(const struct http_frame_reader *reader)
{
	return reader->head_length < 2 ? 2 : 2 + size_of_length(reader->head[1]) + MASK_SIZE;
}

static uint64_t length_of(const struct http_frame_reader *reader)
{
	size_t size = size_of_length(reader->head[1]);
	uint64_t length = 0;

	if (size == 0) {
		return reader->head[1] & LENGTH;
	}
	for (size_t i = 0; i < size; i++) {
		length = length << BYTE_BITS | reader->head[2 + i];
	}
	return length;
}

static bool opcode_fits(const struct http_frame_reader *reader)
{
	switch (reader->opcode) {
	case HTTP_OPCODE_TEXT:
	case HTTP_OPCODE_BINARY:
		return reader->message == 0;
	case HTTP_OPCODE_CONTINUATION:
		return reader->message != 0;
	case HTTP_OPCODE_CLOSE:
	case HTTP_OPCODE_PING:
	case HTTP_OPCODE_PONG:
		return reader->final && reader->left <= HTTP_CONTROL_MAX;
	default:
		return false;
	}
}

static enum http_frame_event begin_payload(struct http_frame_reader *reader)
{
	reader->final = reader->head[0] & FINAL;
	reader->opcode = (enum http_opcode)(reader->head[0] & OPCODE);
	reader->left = length_of(reader);
	reader->mask_at = 0;
	reader->control_length = 0;
	reader->in_payload = true;
	if (reader->head[0] & RESERVED || !opcode_fits(reader)) {
		return fail_frame(reader, HTTP_CLOSE_PROTOCOL);
	}
	if (reader->opcode & CONTROL) {
		return HTTP_FRAME_MORE;
	}
	if (reader->opcode != HTTP_OPCODE_CONTINUATION) {
		reader->message = reader->opcode;
		reader->taken = 0;
	}
	if (reader->left > reader->message_max ||
	    reader->taken + reader->left > reader->message_max) {
		return fail_frame(reader, HTTP_CLOSE_TOO_LARGE);
	}
	reader->taken += reader->left;
	return HTTP_FRAME_MORE;
}

static enum http_frame_event take_head(struct http_frame_reader *reader, char **bytes,
				       size_t *length)
{
	while (*length > 0) {
		reader->head[reader->head_length++] = (uint8_t) * *bytes;
		++*bytes;
		--*length;
		if (reader->head_length == 2 && !(reader->head[1] & MASKED)) {
			return fail_frame(reader, HTTP_CLOSE_PROTOCOL);
		}
		if (reader->head_length > 2 && reader->head_length == head_size(reader)) {
			return begin_payload(reader);
		}
	}
	return HTTP_FRAME_MORE;
}

static void unmask(struct http_frame_reader *reader, char *bytes, size_t length)
{
	const uint8_t *mask = reader->head + head_size(reader) - MASK_SIZE;

	for (size_t i = 0; i < length; i++) {
		bytes[i] = (char)((uint8_t)bytes[i] ^ mask[reader->mask_at++ % MASK_SIZE]);
	}
}

static void end_frame(struct http_frame_reader *reader)
{
	reader->in_payload = false;
	reader->head_length = 0;
}

static enum http_frame_event take_payload(struct http_frame_reader *reader, char **bytes,
					  size_t *length, struct http_frame_piece *piece)
{
	size_t count = *length < reader->left ? *length : (size_t)reader->left;
	char *start = *bytes;

	unmask(reader, start, count);
	*bytes += count;
	*length -= count;
	reader->left -= count;
	if (reader->opcode & CONTROL) {
		memcpy(reader->control + reader->control_length, start, count);
		reader->control_length += count;
		*piece = (struct http_frame_piece){
			.opcode = reader->opcode,
			.bytes = reader->control,
			.length = reader->control_length,
			.ends = true,
		};
	} else {
		*piece = (struct http_frame_piece){
			.opcode = reader->message,
			.bytes = start,
			.length = count,
			.ends = reader->final && reader->left == 0,
		};
	}
	if (reader->left > 0) {
		return reader->opcode & CONTROL ? HTTP_FRAME_MORE : HTTP_FRAME_DATA;
	}
	end_frame(reader);
	if (reader->opcode & CONTROL) {
		return HTTP_FRAME_CONTROL;
	}
	if (piece->ends) {
		reader->message = HTTP_OPCODE_CONTINUATION;
	}
	return HTTP_FRAME_DATA;
}

enum http_frame_event http_frame_take(struct http_frame_reader *reader, char **bytes,
				      size_t *length, struct http_frame_piece *piece)
{
	enum http_frame_event event = HTTP_FRAME_MORE;

	if (reader->code) {
		return HTTP_FRAME_BROKEN;
	}
	while (event == HTTP_FRAME_MORE &&
	       (*length > 0 || (reader->in_payload && reader->left == 0))) {
		event = reader->in_payload ? take_payload(reader, bytes, length, piece)
					   : take_head(reader, bytes, length);
	}
	return event;
}

size_t http_frame_head(uint8_t out[HTTP_FRAME_OWN_MAX], enum http_opcode opcode, size_t length)
{
	size_t size = length < LENGTH_16     ? 0
		      : length <= UINT16_MAX ? sizeof(uint16_t)
					     : sizeof(uint64_t);

	out[0] = (uint8_t)(FINAL | (unsigned int)opcode);
	out[1] = (uint8_t)(size == 0 ? length : size == sizeof(uint16_t) ? LENGTH_16 : LENGTH_64);
	for (size_t i = 0; i < size; i++) {
		out[2 + i] = (uint8_t)((uint64_t)length >> (BYTE_BITS * (size - 1 - i)));
	}
	return 2 + size;
}

int http_close_code(const char *payload, size_t length)
{
	if (length == 0) {
		return HTTP_CLOSE_NONE;
	}
	if (length < 2) {
		return 0;
	}
	int code = (uint8_t)payload[0] << BYTE_BITS | (uint8_t)payload[1];
	if (code < CODE_FIRST || code > CODE_LAST || code == HTTP_CLOSE_NONE ||
	    code == HTTP_CLOSE_ABNORMAL || code == 1004 || (code >= 1015 && code < CODE_PRIVATE)) {
		return 0;
	}
	return code;
}

bool http_accept_key(const char *key, char out[HTTP_ACCEPT_KEY_SIZE])
{
	uint8_t digest[SHA_DIGEST_LENGTH];
	char text[KEY_LENGTH + sizeof(GUID)];

	out[0] = '\0';
	if (!key || strlen(key) != KEY_LENGTH || strcspn(key, "=") != KEY_LENGTH - 2) {
		return false;
	}
	memcpy(text, key, KEY_LENGTH);
	memcpy(text + KEY_LENGTH, GUID, sizeof(GUID));
	if (!EVP_Digest(text, strlen(text), digest, NULL, EVP_sha1(), NULL)) {
		return false;
	}
	EVP_EncodeBlock((unsigned char *)out, digest, sizeof(digest));
	return true;
}
