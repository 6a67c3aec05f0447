/* SPDX-License-Identifier: MIT */
#ifndef FLEET_ATTACH_FRAME_H
#define FLEET_ATTACH_FRAME_H

#include "base/memory/list.h"
#include "printer/command/command.h"
#include "printer/command/gcode_reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a program and a gateway of the same machine say to each other on a unix socket: frames of a
 * length (32 bits, of what follows it), a kind (8 bits) and values, in the order of bytes of the
 * machine. A text is its length (32 bits) and its bytes. Both begin with HELLO, which is the same
 * in all versions; who says another version goes away again.
 *
 * Printers are called by their place in the order in which they were asked for by FOLLOW, 0 first.
 */
#define ATTACH_FRAME_MAX    ((size_t)2 * 1024 * 1024) /* of one, with its kind */
#define ATTACH_HEADER_SIZE  5
#define ATTACH_PRINTERS_MAX 65536
#define ATTACH_SOCKET_NAME  "attach.sock" /* in the folder of the gateway */
#define ATTACH_VERSION_MAX  64

enum attach_kind {
	ATTACH_HELLO = 1, /* both: text, the version */

	/* To the gateway. */
	ATTACH_FOLLOW,  /* serial, host and port of the broker, whether a live state is wanted */
	ATTACH_ASK,     /* printer, whether a live state will do for an answer */
	ATTACH_COMMAND, /* printer, id of the one who asks, request */
	ATTACH_CANCEL,  /* id */

	/* From it. */
	ATTACH_FOLLOWED,     /* printer, whether it is, its rights; then STATE, if it is to come */
	ATTACH_STATE,        /* printer, whether it answers an ASK, image (printer/state/image.h) */
	ATTACH_PAYLOAD,      /* printer, kind of topic, model, states that were asked for
			      * (job_await_states), plaintext */
	ATTACH_REFUSED,      /* printer, error, bytes: a message of it that could not be read */
	ATTACH_LOST,         /* the broker was lost: detail, milliseconds to the next try */
	ATTACH_READY,        /* printer: it is there again */
	ATTACH_REPLY,        /* printer, id, one object */
	ATTACH_DONE,         /* printer, id, messages that the broker has not taken, report */
	ATTACH_ACKNOWLEDGED, /* printer: the broker has taken all messages to it */

	/* Of programs that ask the gateway for a key: to it, */
	ATTACH_KEYS,   /* nothing: which they are */
	ATTACH_DECIDE, /* id of a request, whether it is granted, role, whether that is for all
			* printers, these printers; "" for the one that was asked */
	/* and from it. */
	ATTACH_ASKED_KEYS, /* how many; of each id, name of the program, serial, address */
	ATTACH_DECIDED,    /* why not; "" where it was done */

	/* Of programs that speak with a printer in the local network, where it has one session: to
	 * it, */
	ATTACH_CLAIM, /* serial: nobody else is to have it while this connection lasts */
	/* and from it, once the gateway has left it. */
	ATTACH_CLAIMED, /* who has it, for people; "" where it may be had */
};

/* "0.1.0/1f3c…": programs that say the same understand each other. */
void attach_version(char out[ATTACH_VERSION_MAX]);

/* --- writing --- */

/* Grows; what did not fit into the memory or into a frame is noticed by attach_finish. */
struct attach_writer {
	uint8_t *bytes;
	size_t length;
	size_t capacity;
	bool failed;
};

void attach_begin(struct attach_writer *writer, enum attach_kind kind);
void attach_put_byte(struct attach_writer *writer, uint8_t value);
void attach_put_number(struct attach_writer *writer, uint64_t value);
void attach_put_bytes(struct attach_writer *writer, const void *bytes, size_t length);
void attach_put_text(struct attach_writer *writer, const char *text); /* NULL counts as "" */
void attach_put_request(struct attach_writer *writer, const struct command_request *request);
void attach_put_report(struct attach_writer *writer, const struct command_report *report);

/* Whether bytes and length are one whole frame now. */
bool attach_finish(struct attach_writer *writer) __attribute__((warn_unused_result));
void attach_writer_free(struct attach_writer *writer);

/* --- reading --- */

/* What is missing reads as 0 or "", and is noticed by attach_end. */
struct attach_reader {
	const uint8_t *at;
	size_t left;
	bool failed;
};

/*
 * The frame at the front: 1, with its kind, its values and how long it is; 0 where it is not there
 * in full; or -1 where no frame begins so.
 */
int attach_next(const uint8_t *bytes, size_t length, uint8_t *kind, struct attach_reader *values,
		size_t *size);

uint8_t attach_take_byte(struct attach_reader *reader);
bool attach_take_flag(struct attach_reader *reader);
uint64_t attach_take_number(struct attach_reader *reader);
/* Bytes of the frame itself; never NULL. */
const uint8_t *attach_take_bytes(struct attach_reader *reader, size_t *length);
/* Copied, with its NUL; fails where it does not fit or holds a NUL. */
void attach_take_text(struct attach_reader *reader, char *out, size_t capacity);

/* *text is its text, which the caller frees; NULL where it has none. */
void attach_take_request(struct attach_reader *reader, struct command_request *request,
			 char **text);

/* What a report points at, beside the frame itself. */
struct attach_report {
	struct command_report report;
	char detail[COMMAND_DETAIL_MAX];
	struct gcode_reply gcode; /* its text is no string, and not to be freed */
};

void attach_take_report(struct attach_reader *reader, struct attach_report *report);

/* Whether all that was taken was there, and nothing else. */
bool attach_end(const struct attach_reader *reader) __attribute__((warn_unused_result));

/* --- hello: the first frame of both --- */

void attach_put_hello(struct attach_writer *writer);
/* Of what follows the kind: whether both understand each other. */
bool attach_take_hello(struct attach_reader *reader);

#endif
