/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_QUEUE_SENDER_H
#define GATEWAY_QUEUE_SENDER_H

#include "print/file.h"

#include <stdint.h>

/*
 * What brings a file to a printer, as the queue needs it. Two steps, so that what was told to print
 * is known to have been even where the gateway dies in between: all bytes go over first, after
 * which nothing is printed; then, once that is on the disk here, the printer is told to.
 */
struct queue_transfer;

enum queue_sent {
	QUEUE_SENT,         /* it has the file, and said yes to printing it */
	QUEUE_SENT_NOT,     /* nothing of it is printed: refused, or failed before */
	QUEUE_SENT_BUSY,    /* nor is it, and it may be later: somebody else has the session */
	QUEUE_SENT_PERHAPS, /* it was told to print, and nobody knows whether it heard that */
};

struct queue_sending {
	const char *serial;
	const char *name;        /* of the job */
	struct print_file *file; /* at its front; the sender's until the end */
	/* None of these is called from inside of begin, start or cancel. */
	void (*on_progress)(void *context, int64_t sent, int64_t total);
	void (*on_loaded)(void *context); /* all bytes are there: `start` may be called */
	/* Once, the last call; the transfer is gone then. words: for people, "" of SENT. */
	void (*on_end)(void *context, enum queue_sent outcome, const char *words);
	void *context;
};

struct queue_sender {
	/* NULL where it could send to this printer, else what it lacks, for people: "its address in
	 * the network is not known". */
	const char *(*lacks)(void *context, const char *serial);
	/* Copies what it is given, but for the file. Errors: MEMORY. */
	int (*begin)(void *context, const struct queue_sending *sending,
		     struct queue_transfer **transfer);
	void (*start)(struct queue_transfer *transfer);
	/* Nothing is called any more, and the file is not touched any more; before `start` nothing
	 * is printed either. */
	void (*cancel)(struct queue_transfer *transfer);
	void *context;
};

#endif
