/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_LAN_UPLOAD_H
#define TRANSPORT_LAN_UPLOAD_H

#include "base/problem.h"
#include "transport/lan/link.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * Sends a file to a printer (protocol.md 5, Upload): a session of its own, the handshake in its new
 * form or else in the old one, the file in pieces of 32 KiB, and the end, which starts the print.
 * Bytes are asked for as they are needed, so that memory does not grow with the file.
 */
struct lan_upload;

#define LAN_UPLOAD_NAME_MAX 128
#define LAN_UPLOAD_PIECE    32768
#define LAN_UPLOAD_SIZE_MAX INT64_C(4294967295) /* a position has 32 bits */

struct lan_upload_options {
	struct lan_link_options link;
	const char *name;      /* on the printer; lan_upload_name makes one that it takes */
	int64_t size;          /* bytes, up to LAN_UPLOAD_SIZE_MAX */
	const char *md5;       /* 32 hex digits */
	const char *user_name; /* "" where it is not known: a printer does not check them */
	const char *user_id;
	bool start; /* print it: without, the end is left out, which some firmware takes amiss */
	int64_t answer_ms; /* how long an answer may take; 0 for 20 s */
};

enum lan_upload_outcome {
	LAN_UPLOAD_DONE,       /* the printer took the whole file */
	LAN_UPLOAD_REFUSED,    /* it answered with a result that is an error */
	LAN_UPLOAD_UNANSWERED, /* the session or the printer fell silent; it may have it still */
	LAN_UPLOAD_FAILED,     /* nothing was begun: no session; or the file could not be read */
};

struct lan_upload_report {
	enum lan_upload_outcome outcome;
	int result;   /* enum flagship_aabb_result; -1 where there was none */
	bool busy;    /* somebody else has the session, or the printer is at something */
	int64_t sent; /* bytes that the printer has acknowledged */
	const char
		*detail; /* what went wrong and what to do, without a full stop; "" where nothing */
	char duid[FLAGSHIP_PPPP_DUID_TEXT_SIZE]; /* "" where it was not found */
};

struct lan_upload_handlers {
	/* Bytes of the file from `position` on; false where they cannot be read. Asked for a piece
	 * ahead, in their order, each once. */
	bool (*read)(void *context, int64_t position, uint8_t *data, size_t length);
	/* So many bytes are acknowledged. May be NULL. */
	void (*on_progress)(void *context, int64_t sent);
	/* All of them are, and nothing is printed before lan_upload_finish. NULL: it is not waited
	 * for. Of options.start alone. */
	void (*on_loaded)(void *context);
	/* The upload is gone after this call. */
	void (*on_end)(void *context, const struct lan_upload_report *report);
};

/* What is borrowed of the options has to stay until on_end. Errors: those of lan_link_create. */
int lan_upload_create(uv_loop_t *loop, const struct lan_upload_options *options,
		      const struct lan_upload_handlers *handlers, void *context,
		      struct lan_upload **upload);

/* After on_loaded: the end of the file, which starts the print. */
void lan_upload_finish(struct lan_upload *upload);

/* Tells the printer to drop it, and ends; on_end follows. */
void lan_upload_cancel(struct lan_upload *upload);

/* A result of the printer in words, with what to do; never NULL. */
const char *lan_upload_explain(int result);

/* The last part of a path as a printer takes it: letters, digits, ". _ -", other bytes become "_".
 */
void lan_upload_name(const char *path, char name[LAN_UPLOAD_NAME_MAX]);

#endif
