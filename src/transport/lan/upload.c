/* SPDX-License-Identifier: MIT */
#include "transport/lan/upload.h"

#include "base/bytes.h"
#include "base/hex.h"
#include "base/json/writer.h"

#include <flagship/pppp_frame.h>

#include <openssl/rand.h>

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANNEL_COMMANDS 0
#define CHANNEL_FILE     1

/* protocol.md 5: the handshake. */
#define HANDSHAKE_TIMEOUT       40
#define HANDSHAKE_TOTAL_TIMEOUT 120
#define HANDSHAKE_WAIT_MS       2000
#define HANDSHAKE_RESULT_SIZE   4
#define OLD_HANDSHAKE_SIZE      16
#define UUID_BYTES              16
#define UUID_SIZE               (2 * UUID_BYTES + 1)
#define RANDOM_BYTES            8
#define RANDOM_SIZE             (2 * RANDOM_BYTES + 1)
#define JSON_MAX                512
#define INFO_MAX                1024
#define ANSWER_MS               20000
#define REPLY_MAX               4096 /* bytes of one frame of an answer */
#define CANCEL_MS               2000
#define REPEATS_MAX             2
#define FRAME_MAX               (LAN_UPLOAD_PIECE + FLAGSHIP_AABB_OVERHEAD)

#define INTERRUPTED             "interrupted; nothing is printed"

enum upload_stage {
	UPLOAD_CONNECTS,
	UPLOAD_NEW_HANDSHAKE,
	UPLOAD_OLD_HANDSHAKE, /* no answer is waited for */
	UPLOAD_BEGINS,
	UPLOAD_SENDS,
	UPLOAD_LOADED, /* until the caller wants it to be printed */
	UPLOAD_ENDS,
	UPLOAD_CANCELS,
	UPLOAD_CLOSES,
};

struct upload_frame {
	uint8_t bytes[FRAME_MAX];
	size_t length;
};

struct lan_upload {
	struct lan_upload_options options;
	const struct lan_upload_handlers *handlers;
	void *context;
	struct lan_link *link;
	uv_timer_t timer;
	enum upload_stage stage;
	struct lan_upload_report report;
	struct flagship_xzyh_reader commands;
	struct flagship_aabb_reader answers;
	uint8_t answer[HANDSHAKE_RESULT_SIZE]; /* the first bytes of the frame that is being read */
	size_t answer_length;
	char uuid[UUID_SIZE];
	int64_t position;     /* of the piece that is on its way */
	unsigned int repeats; /* of that frame */
	size_t written;       /* of that frame */
	struct upload_frame *frame;
	struct upload_frame *next; /* made while the printer is at the one before */
	bool next_is_made;
	bool next_is_readable;
	struct upload_frame frames[2];
};

static const char *const explanations[] = {
	"the printer says that it is busy: a job runs, it is heating or levelling, or a file that "
	"was "
	"left over lies there; wait, or stop what it does",
	"the printer got other bytes than were sent (its MD5 differs): send it again",
	"the printer did not understand a piece of the file: send it again, more slowly (--rate)",
	"the printer says that something went wrong, without saying what: send it again, and "
	"restart "
	"it where that does not help",
	"the printer cannot write the file: its storage may be full, or a file be left over; "
	"delete "
	"one, or restart it",
};

const char *lan_upload_explain(int result)
{
	switch (result) {
	case FLAGSHIP_AABB_RESULT_OK:
		return "";
	case FLAGSHIP_AABB_RESULT_BUSY:
	case FLAGSHIP_AABB_RESULT_CHECKSUM_ERROR:
	case FLAGSHIP_AABB_RESULT_FRAME_ERROR:
	case FLAGSHIP_AABB_RESULT_UNKNOWN_ERROR:
	case FLAGSHIP_AABB_RESULT_FILE_ERROR:
		return explanations[FLAGSHIP_AABB_RESULT_BUSY - result];
	default:
		return "the printer answered with a number that nobody knows: send it again";
	}
}

void lan_upload_name(const char *path, char name[LAN_UPLOAD_NAME_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *last = slash ? slash + 1 : path;
	size_t length = 0;

	for (; length < LAN_UPLOAD_NAME_MAX - 1 && last[length] != '\0'; length++) {
		char c = last[length];
		bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			    (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
		name[length] = '_';
		if (fits) {
			name[length] = c;
		}
	}
	name[length] = '\0';
}

static void on_upload_timer(uv_timer_t *timer);

static void wait_for(struct lan_upload *upload, uint64_t ms)
{
	uv_update_time(upload->timer.loop);
	uv_timer_start(&upload->timer, on_upload_timer, ms, 0);
}

static void wait_for_answer(struct lan_upload *upload)
{
	wait_for(upload,
		 upload->options.answer_ms > 0 ? (uint64_t)upload->options.answer_ms : ANSWER_MS);
}

/* The end is known; the session is closed in order, and on_end comes with that. */
static void conclude(struct lan_upload *upload, enum lan_upload_outcome outcome, int result,
		     const char *detail)
{
	if (upload->stage == UPLOAD_CLOSES) {
		return;
	}
	upload->stage = UPLOAD_CLOSES;
	upload->report.outcome = outcome;
	upload->report.result = result;
	upload->report.detail = detail;
	upload->report.busy = upload->report.busy || result == FLAGSHIP_AABB_RESULT_BUSY;
	uv_timer_stop(&upload->timer);
	lan_link_close(upload->link);
}

static bool is_written(const struct lan_upload *upload)
{
	return upload->written == upload->frame->length;
}

static void write_frame(struct lan_upload *upload)
{
	while (!is_written(upload)) {
		size_t taken = lan_link_write(upload->link, CHANNEL_FILE,
					      upload->frame->bytes + upload->written,
					      upload->frame->length - upload->written);
		if (taken == 0) {
			return;
		}
		upload->written += taken;
	}
}

/* Its data stands in the frame already. */
static void make_frame(struct upload_frame *frame, uint8_t kind, int64_t position, size_t length)
{
	const struct flagship_aabb header = {
		.kind = kind, .position = (uint32_t)position, .length = (uint32_t)length};
	uint8_t *data = frame->bytes + FLAGSHIP_AABB_HEADER_SIZE;
	uint16_t crc = flagship_aabb_write(&header, frame->bytes);

	flagship_aabb_write_crc(flagship_crc16(crc, data, length), data + length);
	frame->length = length + FLAGSHIP_AABB_OVERHEAD;
}

static void begin_frame(struct lan_upload *upload)
{
	upload->written = 0;
	upload->repeats = 0;
	write_frame(upload);
	wait_for_answer(upload);
}

/* As make_frame. */
static void send_frame(struct lan_upload *upload, uint8_t kind, int64_t position, size_t length)
{
	make_frame(upload->frame, kind, position, length);
	begin_frame(upload);
}

static void send_begin(struct lan_upload *upload)
{
	const struct lan_upload_options *options = &upload->options;
	char *info = (char *)upload->frame->bytes + FLAGSHIP_AABB_HEADER_SIZE;

	upload->stage = UPLOAD_BEGINS;
	snprintf(info, INFO_MAX, "0,%s,%" PRId64 ",%s,%s,%s,%s", options->name, options->size,
		 options->md5, options->user_name, options->user_id, upload->uuid);
	send_frame(upload, FLAGSHIP_AABB_KIND_BEGIN, 0, strlen(info) + 1);
}

/* Reads it, whether it is needed yet or not. */
static void make_piece(struct lan_upload *upload, int64_t position)
{
	int64_t left = upload->options.size - position;
	size_t length = left < LAN_UPLOAD_PIECE ? (size_t)left : LAN_UPLOAD_PIECE;

	upload->next_is_made = true;
	upload->next_is_readable = upload->handlers->read(
		upload->context, position, upload->next->bytes + FLAGSHIP_AABB_HEADER_SIZE, length);
	if (upload->next_is_readable) {
		make_frame(upload->next, FLAGSHIP_AABB_KIND_DATA, position, length);
	}
}

static int64_t piece_length(const struct lan_upload *upload)
{
	return (int64_t)(upload->frame->length - FLAGSHIP_AABB_OVERHEAD);
}

/* Printers answer each piece before they take another one: reading and summing up the next one
 * costs no time meanwhile. */
static void make_next_piece(struct lan_upload *upload)
{
	int64_t position = upload->position + piece_length(upload);

	if (upload->stage == UPLOAD_SENDS && is_written(upload) && !upload->next_is_made &&
	    position < upload->options.size) {
		make_piece(upload, position);
	}
}

static void send_piece(struct lan_upload *upload)
{
	int64_t left = upload->options.size - upload->position;

	if (left == 0 && upload->options.start) {
		upload->stage = UPLOAD_LOADED;
		uv_timer_stop(&upload->timer);
		if (upload->handlers->on_loaded) {
			upload->handlers->on_loaded(upload->context);
		} else {
			lan_upload_finish(upload);
		}
		return;
	}
	if (left == 0) {
		conclude(upload, LAN_UPLOAD_DONE, FLAGSHIP_AABB_RESULT_OK, "");
		return;
	}
	upload->stage = UPLOAD_SENDS;
	if (!upload->next_is_made) {
		make_piece(upload, upload->position);
	}
	if (!upload->next_is_readable) {
		conclude(upload, LAN_UPLOAD_FAILED, -1,
			 "the file cannot be read any more; nothing is printed");
		return;
	}
	struct upload_frame *sent = upload->frame;
	upload->frame = upload->next;
	upload->next = sent;
	upload->next_is_made = false;
	begin_frame(upload);
}

void lan_upload_finish(struct lan_upload *upload)
{
	if (upload->stage == UPLOAD_LOADED) {
		upload->stage = UPLOAD_ENDS;
		send_frame(upload, FLAGSHIP_AABB_KIND_END, 0, 0);
	}
}

static void write_xzyh(struct lan_upload *upload, const uint8_t *data, size_t length)
{
	uint8_t frame[FLAGSHIP_XZYH_HEADER_SIZE + JSON_MAX];
	const struct flagship_xzyh header = {.command = FLAGSHIP_XZYH_COMMAND_SEND_FILE,
					     .length = (uint32_t)length,
					     .channel = CHANNEL_COMMANDS};

	flagship_xzyh_write(&header, frame);
	memcpy(frame + FLAGSHIP_XZYH_HEADER_SIZE, data, length);
	(void)lan_link_write(upload->link, CHANNEL_COMMANDS, frame,
			     FLAGSHIP_XZYH_HEADER_SIZE + length);
}

static void send_new_handshake(struct lan_upload *upload)
{
	char json[JSON_MAX];
	char random[RANDOM_SIZE];
	uint8_t bytes[RANDOM_BYTES];
	struct json_writer writer;
	size_t length;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
		memset(bytes, 1, sizeof(bytes)); /* it only tells one attempt from another */
	}
	hex_encode(bytes, sizeof(bytes), HEX_LOWER, random);
	json_writer_init(&writer, json, sizeof(json));
	json_object_begin(&writer);
	json_member_string(&writer, "uuid", upload->uuid);
	json_member_string(&writer, "device", "flagship");
	json_member_int(&writer, "flag", 0);
	json_member_string(&writer, "random", random);
	json_member_int(&writer, "timeout", HANDSHAKE_TIMEOUT);
	json_member_int(&writer, "total_timeout", HANDSHAKE_TOTAL_TIMEOUT);
	json_object_end(&writer);
	if (json_writer_finish(&writer, &length) == 0) {
		write_xzyh(upload, (const uint8_t *)json, length);
	}
	upload->stage = UPLOAD_NEW_HANDSHAKE;
	wait_for(upload, HANDSHAKE_WAIT_MS);
}

/* Taken without an answer, so that the file begins at once. */
static void send_old_handshake(struct lan_upload *upload)
{
	upload->stage = UPLOAD_OLD_HANDSHAKE;
	write_xzyh(upload, (const uint8_t *)upload->uuid, OLD_HANDSHAKE_SIZE);
	send_begin(upload);
}

static void on_open(void *context)
{
	struct lan_upload *upload = context;

	flagship_pppp_duid_format(flagship_pppp_session_duid(lan_link_session(upload->link)),
				  upload->report.duid);
	send_new_handshake(upload);
}

static void on_upload_timer(uv_timer_t *timer)
{
	struct lan_upload *upload = timer->data;

	switch (upload->stage) {
	case UPLOAD_NEW_HANDSHAKE:
		send_old_handshake(upload);
		return;
	case UPLOAD_BEGINS:
	case UPLOAD_SENDS:
	case UPLOAD_ENDS:
		if (is_written(upload) && upload->repeats < REPEATS_MAX &&
		    upload->stage != UPLOAD_ENDS) {
			upload->repeats++;
			upload->written = 0;
			write_frame(upload);
			wait_for_answer(upload);
			return;
		}
		upload->report.busy = upload->stage == UPLOAD_BEGINS;
		conclude(
			upload, LAN_UPLOAD_UNANSWERED, -1,
			upload->stage == UPLOAD_BEGINS
				? "the printer does not answer the upload: another program may "
				  "have its only session (an app that shows the camera), or have "
				  "closed it less than 20 s ago"
			: upload->stage == UPLOAD_ENDS
				? "the printer did not answer the end of the file; it may print it "
				  "still"
				: "the printer stopped answering in the middle of the file");
		return;
	case UPLOAD_CANCELS:
		conclude(upload, LAN_UPLOAD_FAILED, -1, INTERRUPTED);
		return;
	default:
		return;
	}
}

static void take_handshake(struct lan_upload *upload)
{
	if (upload->stage != UPLOAD_NEW_HANDSHAKE) {
		return;
	}
	if (upload->answer_length == HANDSHAKE_RESULT_SIZE &&
	    bytes_read_u32le(upload->answer) == 0) {
		send_begin(upload);
	} else {
		send_old_handshake(upload);
	}
}

static void progress(struct lan_upload *upload)
{
	upload->report.sent = upload->position;
	if (upload->handlers->on_progress) {
		upload->handlers->on_progress(upload->context, upload->position);
	}
}

static uint8_t awaited(const struct lan_upload *upload)
{
	switch (upload->stage) {
	case UPLOAD_BEGINS:
		return FLAGSHIP_AABB_KIND_BEGIN_REPLY;
	case UPLOAD_SENDS:
		return FLAGSHIP_AABB_KIND_DATA_REPLY;
	case UPLOAD_ENDS:
		return FLAGSHIP_AABB_KIND_END_REPLY;
	default:
		return FLAGSHIP_AABB_KIND_ABORT_REPLY;
	}
}

/* Printers name the kind that they answer, or answer everything as they do the first. */
static bool is_awaited(const struct lan_upload *upload, uint8_t kind)
{
	return kind == awaited(upload) || kind == FLAGSHIP_AABB_KIND_BEGIN_REPLY;
}

static void take_upload_answer(struct lan_upload *upload)
{
	/* What does not answer the frame that waits is late, or means nothing. */
	if (upload->stage == UPLOAD_LOADED || upload->answer_length < 1 ||
	    !is_awaited(upload, upload->answers.header.kind) || !is_written(upload)) {
		return;
	}
	if (upload->stage == UPLOAD_CANCELS) {
		conclude(upload, LAN_UPLOAD_FAILED, -1, INTERRUPTED);
		return;
	}
	if (upload->answer[0] != FLAGSHIP_AABB_RESULT_OK) {
		conclude(upload, LAN_UPLOAD_REFUSED, upload->answer[0],
			 lan_upload_explain(upload->answer[0]));
		return;
	}
	if (upload->stage == UPLOAD_ENDS) {
		conclude(upload, LAN_UPLOAD_DONE, FLAGSHIP_AABB_RESULT_OK, "");
		return;
	}
	if (upload->stage == UPLOAD_SENDS) {
		upload->position += piece_length(upload);
		progress(upload);
	}
	send_piece(upload);
}

/* Only the first bytes of an answer say something. */
static void keep_answer(struct lan_upload *upload, const struct flagship_pppp_piece *piece)
{
	size_t room = sizeof(upload->answer) - upload->answer_length;
	size_t count = piece->length < room ? piece->length : room;

	memcpy(upload->answer + upload->answer_length, piece->data, count);
	upload->answer_length += count;
}

static void on_data(void *context, uint8_t channel, const struct flagship_pppp_piece_in *in)
{
	struct lan_upload *upload = context;
	const uint8_t *data = in->data;
	size_t length = in->length;

	while (upload->stage != UPLOAD_CLOSES) {
		struct flagship_pppp_piece piece;
		enum flagship_pppp_found found =
			channel == CHANNEL_COMMANDS
				? flagship_xzyh_reader_push(&upload->commands, &data, &length,
							    &piece)
				: flagship_aabb_reader_push(&upload->answers, &data, &length,
							    &piece);
		switch (found) {
		case FLAGSHIP_PPPP_FOUND_BEGIN:
			upload->answer_length = 0;
			break;
		case FLAGSHIP_PPPP_FOUND_DATA:
			keep_answer(upload, &piece);
			break;
		case FLAGSHIP_PPPP_FOUND_END:
			if (channel == CHANNEL_COMMANDS) {
				take_handshake(upload);
			} else {
				take_upload_answer(upload);
			}
			break;
		case FLAGSHIP_PPPP_FOUND_DAMAGE:
			break;
		case FLAGSHIP_PPPP_FOUND_NOTHING:
			return;
		}
	}
}

static void on_room(void *context)
{
	struct lan_upload *upload = context;

	if (upload->stage >= UPLOAD_BEGINS && upload->stage < UPLOAD_CLOSES) {
		if (!is_written(upload)) {
			wait_for_answer(upload); /* it goes on, however slowly */
		}
		write_frame(upload);
		make_next_piece(upload);
	}
}

static void on_timer_gone(uv_handle_t *handle)
{
	struct lan_upload *upload = handle->data;
	const struct lan_upload_handlers *handlers = upload->handlers;
	void *context = upload->context;
	struct lan_upload_report report = upload->report;

	free(upload);
	handlers->on_end(context, &report);
}

static void on_link_end(void *context, enum flagship_pppp_end end)
{
	struct lan_upload *upload = context;
	bool begun = upload->stage > UPLOAD_BEGINS;

	if (upload->stage != UPLOAD_CLOSES) {
		upload->report.outcome = begun ? LAN_UPLOAD_UNANSWERED : LAN_UPLOAD_FAILED;
		upload->report.detail = lan_link_explain(end);
		upload->report.busy = end == FLAGSHIP_PPPP_END_REFUSED;
		upload->stage = UPLOAD_CLOSES;
	}
	uv_close((uv_handle_t *)&upload->timer, on_timer_gone);
}

static const struct lan_link_handlers link_handlers = {
	.on_open = on_open,
	.on_data = on_data,
	.on_room = on_room,
	.on_end = on_link_end,
};

int lan_upload_create(uv_loop_t *loop, const struct lan_upload_options *options,
		      const struct lan_upload_handlers *handlers, void *context,
		      struct lan_upload **out)
{
	struct lan_upload *upload = calloc(1, sizeof(*upload));
	uint8_t uuid[UUID_BYTES];

	assert(options->size <= LAN_UPLOAD_SIZE_MAX);
	if (!upload) {
		return UV_ENOMEM;
	}
	upload->options = *options;
	upload->handlers = handlers;
	upload->context = context;
	upload->frame = &upload->frames[0];
	upload->next = &upload->frames[1];
	upload->report.result = -1;
	upload->report.detail = "";
	flagship_xzyh_reader_init(&upload->commands, REPLY_MAX);
	flagship_aabb_reader_init(&upload->answers, REPLY_MAX);
	int error = RAND_bytes(uuid, sizeof(uuid)) == 1 ? 0 : UV_EIO;
	if (!error) {
		hex_encode(uuid, sizeof(uuid), HEX_UPPER, upload->uuid);
		error = lan_link_create(loop, &options->link, &link_handlers, upload,
					&upload->link);
	}
	if (error) {
		free(upload);
		return error;
	}
	uv_timer_init(loop, &upload->timer);
	upload->timer.data = upload;
	uv_update_time(loop);
	*out = upload;
	return 0;
}

void lan_upload_cancel(struct lan_upload *upload)
{
	/* The frame that is on its way is not cut: an abort in its middle is not understood. */
	if (upload->stage >= UPLOAD_BEGINS && upload->stage < UPLOAD_CANCELS &&
	    is_written(upload)) {
		upload->stage = UPLOAD_CANCELS;
		send_frame(upload, FLAGSHIP_AABB_KIND_ABORT, 0, 0);
		wait_for(upload, CANCEL_MS);
		return;
	}
	conclude(upload, LAN_UPLOAD_FAILED, -1, INTERRUPTED);
}
