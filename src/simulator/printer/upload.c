/* SPDX-License-Identifier: MIT */
#include "simulator/printer/upload.h"

#include "base/bytes.h"
#include "base/hex.h"

#include <openssl/evp.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CHANNEL_COMMANDS 0
#define CHANNEL_FILE     1
#define MD5_BYTES        16
#define HANDSHAKE_OK     4 /* bytes of the answer_upload: 0 as a number */
#define NUMBER_MAX       INT64_C(10000000)
#define DECIMAL          10

void upload_init(struct upload *upload, const struct fault_plan *plan,
		 const struct upload_output *output)
{
	memset(upload, 0, sizeof(*upload));
	upload->plan = plan;
	upload->output = *output;
	flagship_xzyh_reader_init(&upload->commands, UPLOAD_PIECE_MAX);
	flagship_aabb_reader_init(&upload->frames, UPLOAD_PIECE_MAX);
}

static void drop_file(struct upload *upload)
{
	EVP_MD_CTX_free(upload->md5);
	upload->md5 = NULL;
}

void upload_finish(struct upload *upload)
{
	drop_file(upload);
}

static void answer_upload(struct upload *upload, uint8_t result)
{
	uint8_t frame[FLAGSHIP_AABB_OVERHEAD + 1];
	/* Clients that print on real printers know no other kind than this one. */
	uint8_t kind = FLAGSHIP_AABB_KIND_BEGIN_REPLY;
	if (upload->plan->lan_typed_replies) {
		kind |= upload->frames.header.kind;
	}
	const struct flagship_aabb header = {.kind = kind, .length = 1};
	uint16_t crc = flagship_aabb_write(&header, frame);

	frame[FLAGSHIP_AABB_HEADER_SIZE] = result;
	flagship_aabb_write_crc(flagship_crc16(crc, &result, 1),
				frame + FLAGSHIP_AABB_HEADER_SIZE + 1);
	if (!upload->plan->lan_silent) {
		upload->output.reply(upload->output.context, CHANNEL_FILE, frame, sizeof(frame));
	}
}

/* The text up to the next comma, cut where it is too long; *rest goes behind it. */
static void take_part(const char **rest, char *out, size_t size)
{
	size_t length = strcspn(*rest, ",");

	snprintf(out, size, "%.*s", (int)(length < size ? length : size), *rest);
	*rest += length + ((*rest)[length] == ',' ? 1 : 0);
}

/* `0,<name>,<size>,<md5>,<user name>,<user id>,<machine id>` */
static uint8_t begin_file(struct upload *upload)
{
	const char *rest = (const char *)upload->piece;
	char number[UPLOAD_NAME_MAX];

	drop_file(upload);
	if (upload->output.busy(upload->output.context)) {
		return FLAGSHIP_AABB_RESULT_BUSY;
	}
	take_part(&rest, number, sizeof(number));
	take_part(&rest, upload->name, sizeof(upload->name));
	take_part(&rest, number, sizeof(number));
	take_part(&rest, upload->expected, sizeof(upload->expected));
	upload->size = strtoll(number, NULL, DECIMAL);
	if (upload->name[0] == '\0' || strchr(upload->name, '/') || upload->size <= 0) {
		return FLAGSHIP_AABB_RESULT_FILE_ERROR;
	}
	upload->received = 0;
	upload->head_length = 0;
	upload->md5 = EVP_MD_CTX_new();
	if (!upload->md5 || EVP_DigestInit_ex(upload->md5, EVP_md5(), NULL) != 1) {
		return FLAGSHIP_AABB_RESULT_UNKNOWN_ERROR;
	}
	upload->output.begun(upload->output.context, upload->name);
	return FLAGSHIP_AABB_RESULT_OK;
}

static uint8_t take_piece(struct upload *upload)
{
	int64_t position = upload->frames.header.position;
	size_t room = UPLOAD_HEAD_MAX - upload->head_length;
	size_t kept = upload->piece_length < room ? upload->piece_length : room;

	if (upload->md5 && position + (int64_t)upload->piece_length <= upload->received &&
	    upload->piece_length > 0) {
		return FLAGSHIP_AABB_RESULT_OK; /* it came before, and the answer_upload was lost */
	}
	if (!upload->md5 || position != upload->received ||
	    upload->received + (int64_t)upload->piece_length > upload->size) {
		return FLAGSHIP_AABB_RESULT_FRAME_ERROR;
	}
	memcpy(upload->head + upload->head_length, upload->piece, kept);
	upload->head_length += kept;
	upload->received += (int64_t)upload->piece_length;
	return EVP_DigestUpdate(upload->md5, upload->piece, upload->piece_length) == 1
		       ? FLAGSHIP_AABB_RESULT_OK
		       : FLAGSHIP_AABB_RESULT_UNKNOWN_ERROR;
}

int64_t upload_header_number(const char *text, const char *key)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n' ? 1 : 0;
		if (strncmp(line, key, strlen(key)) == 0) {
			int64_t number = strtoll(line + strlen(key), NULL, DECIMAL);
			return number > 0 && number <= NUMBER_MAX ? number : 0;
		}
	}
	return 0;
}

static uint8_t end_file(struct upload *upload)
{
	uint8_t md5[MD5_BYTES];
	char text[UPLOAD_MD5_MAX];

	if (upload->plan->lan_result != 0) {
		return (uint8_t)upload->plan->lan_result;
	}
	if (!upload->md5 || upload->received != upload->size) {
		return FLAGSHIP_AABB_RESULT_FRAME_ERROR;
	}
	bool hashed = EVP_DigestFinal_ex(upload->md5, md5, NULL) == 1;
	drop_file(upload);
	hex_encode(md5, sizeof(md5), HEX_LOWER, text);
	if (!hashed || strcasecmp(text, upload->expected) != 0) {
		return FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR;
	}
	upload->head[upload->head_length] = '\0';
	const struct uploaded_file file = {
		.name = upload->name,
		.size = upload->size,
		.print_s = upload_header_number(upload->head, ";TIME:"),
		.layers = upload_header_number(upload->head, ";LAYER_COUNT:"),
	};
	return upload->output.uploaded(upload->output.context, &file) ? FLAGSHIP_AABB_RESULT_OK
								      : FLAGSHIP_AABB_RESULT_BUSY;
}

static void take_frame(struct upload *upload)
{
	upload->piece[upload->piece_length] = '\0';
	switch (upload->frames.header.kind) {
	case FLAGSHIP_AABB_KIND_BEGIN:
		answer_upload(upload, begin_file(upload));
		return;
	case FLAGSHIP_AABB_KIND_DATA: {
		uint8_t result = take_piece(upload);
		if (upload->plan->lan_crash && upload->received * 2 >= upload->size) {
			upload->output.crashed(upload->output.context);
			return;
		}
		answer_upload(upload, result);
		return;
	}
	case FLAGSHIP_AABB_KIND_END:
		answer_upload(upload, end_file(upload));
		return;
	case FLAGSHIP_AABB_KIND_ABORT:
		drop_file(upload);
		answer_upload(upload, FLAGSHIP_AABB_RESULT_OK);
		return;
	default:
		answer_upload(upload, FLAGSHIP_AABB_RESULT_FRAME_ERROR);
		return;
	}
}

/* The new form is answered, the old one, 16 characters, is not. */
static void take_command(struct upload *upload)
{
	uint8_t frame[FLAGSHIP_XZYH_HEADER_SIZE + HANDSHAKE_OK] = {0};
	const struct flagship_xzyh header = {.command = FLAGSHIP_XZYH_COMMAND_SEND_FILE,
					     .length = HANDSHAKE_OK};

	if (upload->commands.header.command == FLAGSHIP_XZYH_COMMAND_SEND_FILE &&
	    upload->piece[0] == '{' && !upload->plan->lan_old_handshake &&
	    !upload->plan->lan_silent) {
		flagship_xzyh_write(&header, frame);
		upload->output.reply(upload->output.context, CHANNEL_COMMANDS, frame,
				     sizeof(frame));
	}
}

static void keep_piece(struct upload *upload, const struct flagship_pppp_piece *piece)
{
	size_t room = UPLOAD_PIECE_MAX - upload->piece_length;
	size_t count = piece->length < room ? piece->length : room;

	memcpy(upload->piece + upload->piece_length, piece->data, count);
	upload->piece_length += count;
}

void upload_take(struct upload *upload, uint8_t channel, const uint8_t *data, size_t length)
{
	for (;;) {
		struct flagship_pppp_piece piece;
		enum flagship_pppp_found found =
			channel == CHANNEL_COMMANDS
				? flagship_xzyh_reader_push(&upload->commands, &data, &length,
							    &piece)
				: flagship_aabb_reader_push(&upload->frames, &data, &length,
							    &piece);
		switch (found) {
		case FLAGSHIP_PPPP_FOUND_NOTHING:
			return;
		case FLAGSHIP_PPPP_FOUND_BEGIN:
			upload->piece_length = 0;
			break;
		case FLAGSHIP_PPPP_FOUND_DATA:
			keep_piece(upload, &piece);
			break;
		case FLAGSHIP_PPPP_FOUND_DAMAGE:
			answer_upload(upload, FLAGSHIP_AABB_RESULT_FRAME_ERROR);
			break;
		case FLAGSHIP_PPPP_FOUND_END:
			if (channel == CHANNEL_COMMANDS) {
				take_command(upload);
			} else {
				take_frame(upload);
			}
			break;
		}
	}
}
