/* SPDX-License-Identifier: MIT */
#include "gateway/printing/lan_sender.h"

#include "transport/lan/upload.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LACKS_DUID                                                                         \
	"it is not known in the local network (its DUID): import or log in again, or run " \
	"'flagship lan search --save'"
#define LACKS_ACCOUNT "its account is gone"
#define LACKS_SESSION                                                                       \
	"a command of flagship on the gateway's machine has its only session in the local " \
	"network"

/* One upload; after `cancel` it ends by itself, and tells nobody. */
struct queue_transfer {
	const struct lan_sender *sender;
	struct queue_sending sending;
	struct camera_claim claim;
	struct lan_upload *upload; /* NULL: the camera has the session still */
	bool is_started;
	bool is_cancelled;
	int64_t size;
	int64_t position; /* up to which the file was read */
	char duid[STORE_TEXT_MAX];
	char address[STORE_TEXT_MAX];
	char name[LAN_UPLOAD_NAME_MAX];
	char md5[PRINT_FILE_MD5_SIZE];
	char user_id[STORE_TEXT_MAX];
	char user_name[STORE_TEXT_MAX];
};

static void on_session_free(void *context);

/* The session is with somebody who sends nothing of the queue. */
static bool is_held(const struct lan_sender *sender, const char *serial)
{
	const struct camera_claim *claim = cameras_claimed_by(sender->cameras, serial);

	return claim && claim->on_free != on_session_free;
}

static const char *lacks(void *context, const char *serial)
{
	const struct lan_sender *sender = context;
	const struct store_printer *stored = gateway_printers_stored(sender->printers, serial);

	if (!stored) {
		return LACKS_ACCOUNT;
	}
	if (stored->p2p_did[0] == '\0') {
		return LACKS_DUID;
	}
	return is_held(sender, serial) ? LACKS_SESSION : NULL;
}

static void free_transfer(struct queue_transfer *transfer)
{
	cameras_release(&transfer->claim);
	free(transfer);
}

/* --- what the upload reports --- */

static bool read_file(void *context, int64_t position, uint8_t *data, size_t length)
{
	struct queue_transfer *transfer = context;
	struct problem problem;

	/* Pieces follow each other: what is sent again is the sender's. */
	if (transfer->is_cancelled || position != transfer->position) {
		return false;
	}
	while (length > 0) {
		size_t count;

		if (print_file_read(transfer->sending.file, data, length, &count, &problem) ||
		    count == 0) {
			return false;
		}
		data += count;
		length -= count;
		transfer->position += (int64_t)count;
	}
	return true;
}

static void on_progress(void *context, int64_t sent)
{
	struct queue_transfer *transfer = context;

	if (!transfer->is_cancelled) {
		transfer->sending.on_progress(transfer->sending.context, sent, transfer->size);
	}
}

static void on_loaded(void *context)
{
	struct queue_transfer *transfer = context;

	if (!transfer->is_cancelled) {
		transfer->sending.on_loaded(transfer->sending.context);
	}
}

static enum queue_sent outcome_of(const struct queue_transfer *transfer,
				  const struct lan_upload_report *report)
{
	if (report->outcome == LAN_UPLOAD_DONE) {
		return QUEUE_SENT;
	}
	if (transfer->is_started && report->outcome != LAN_UPLOAD_REFUSED) {
		return QUEUE_SENT_PERHAPS;
	}
	return report->busy ? QUEUE_SENT_BUSY : QUEUE_SENT_NOT;
}

static void on_end(void *context, const struct lan_upload_report *report)
{
	struct queue_transfer *transfer = context;

	if (!transfer->is_cancelled) {
		transfer->sending.on_end(transfer->sending.context, outcome_of(transfer, report),
					 report->detail);
	}
	free_transfer(transfer);
}

static const struct lan_upload_handlers handlers = {
	.read = read_file,
	.on_progress = on_progress,
	.on_loaded = on_loaded,
	.on_end = on_end,
};

/* --- what the queue asks for --- */

static void fill_transfer(struct queue_transfer *transfer, const struct lan_sender *sender,
			  const struct queue_sending *sending, const struct store_printer *stored)
{
	bool several;
	const struct fleet_printer *printer = gateway_printers_find(sender->printers,
								    sending->serial, &several);
	struct command_request request = {0};

	transfer->sender = sender;
	transfer->sending = *sending;
	transfer->sending.serial = NULL;
	transfer->sending.name = NULL;
	transfer->size = print_file_size(sending->file);
	snprintf(transfer->duid, sizeof(transfer->duid), "%s", stored->p2p_did);
	snprintf(transfer->address, sizeof(transfer->address), "%s", stored->address);
	snprintf(transfer->name, sizeof(transfer->name), "%s", sending->name);
	snprintf(transfer->md5, sizeof(transfer->md5), "%s", print_file_md5(sending->file));
	gateway_printers_fill_request(printer, &request);
	snprintf(transfer->user_id, sizeof(transfer->user_id), "%s",
		 request.user_id ? request.user_id : "");
	snprintf(transfer->user_name, sizeof(transfer->user_name), "%s",
		 request.user_name ? request.user_name : "");
}

/* Each upload by the setting as it is then. */
static struct settings_rate rate_of(const struct lan_sender *sender)
{
	const struct settings *settings = gateway_printers_settings(sender->printers);

	return settings_rate(settings ? settings_get(settings, "print", "rate") : "");
}

/* An address that is none is as if it were not known: the DUID is searched for. */
static int open_upload(struct queue_transfer *transfer)
{
	uv_loop_t *loop = transfer->sender->loop;
	const struct settings_rate rate = rate_of(transfer->sender);
	struct lan_upload_options options = {
		.link = {.duid = transfer->duid,
			 .address = transfer->address,
			 .rate = rate.bytes_per_s,
			 .adaptive = rate.adaptive},
		.name = transfer->name,
		.size = transfer->size,
		.md5 = transfer->md5,
		.user_name = transfer->user_name,
		.user_id = transfer->user_id,
		.start = true,
	};
	int error = lan_upload_create(loop, &options, &handlers, transfer, &transfer->upload);

	if (error == UV_EINVAL) {
		options.link.address = "";
		error = lan_upload_create(loop, &options, &handlers, transfer, &transfer->upload);
	}
	if (error) {
		transfer->upload = NULL;
	}
	return error;
}

/* The camera has left. */
static void on_session_free(void *context)
{
	struct queue_transfer *transfer = context;
	const struct queue_sending sending = transfer->sending;
	int error = open_upload(transfer);

	if (error) {
		free_transfer(transfer);
		sending.on_end(sending.context, QUEUE_SENT_NOT, uv_strerror(error));
	}
}

static int claim_session(struct queue_transfer *transfer, const char *serial)
{
	transfer->claim = (struct camera_claim){
		.on_free = on_session_free,
		.context = transfer,
		.holder = "this gateway, which sends it a file",
		.why = "a file is being sent to the printer",
	};
	switch (cameras_claim(transfer->sender->cameras, serial, &transfer->claim)) {
	case CAMERA_FREE:
		return open_upload(transfer);
	case CAMERA_LEAVES:
		return 0;
	case CAMERA_FAILED:
		break;
	}
	return FLAGSHIP_ERROR_MEMORY;
}

static int begin(void *context, const struct queue_sending *sending, struct queue_transfer **out)
{
	const struct lan_sender *sender = context;
	const struct store_printer *stored = gateway_printers_stored(sender->printers,
								     sending->serial);
	struct queue_transfer *transfer = stored ? calloc(1, sizeof(*transfer)) : NULL;

	*out = NULL;
	if (!transfer) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	fill_transfer(transfer, sender, sending, stored);
	if (claim_session(transfer, sending->serial)) {
		free_transfer(transfer);
		return FLAGSHIP_ERROR_MEMORY;
	}
	*out = transfer;
	return 0;
}

static void start(struct queue_transfer *transfer)
{
	transfer->is_started = true;
	lan_upload_finish(transfer->upload);
}

static void cancel(struct queue_transfer *transfer)
{
	transfer->is_cancelled = true;
	if (transfer->upload) {
		lan_upload_cancel(transfer->upload);
	} else {
		free_transfer(transfer);
	}
}

void lan_sender_init(struct lan_sender *sender, uv_loop_t *loop,
		     const struct gateway_printers *printers, struct cameras *cameras)
{
	*sender = (struct lan_sender){
		.sender = {.lacks = lacks,
			   .begin = begin,
			   .start = start,
			   .cancel = cancel,
			   .context = sender},
		.loop = loop,
		.printers = printers,
		.cameras = cameras,
	};
}
