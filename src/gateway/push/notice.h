/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_PUSH_NOTICE_H
#define GATEWAY_PUSH_NOTICE_H

#include "gateway/push/book.h"
#include "gateway/push/burst.h"
#include "printer/state/event.h"

#include <flagship/flagship.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a browser is told: a small object, of which the page's service worker makes words in the
 * device's language, so that none are kept here. Pure.
 */
enum push_type {
	PUSH_TYPE_FILAMENT, /* of several that come at once the first here is told */
	PUSH_TYPE_ERROR,
	PUSH_TYPE_STOPPED,
	PUSH_TYPE_PLATE,
	PUSH_TYPE_FINISHED,
	PUSH_TYPE_PAUSED,
	PUSH_TYPE_OFFLINE,
	PUSH_TYPE_EVENTS,
	PUSH_TYPE_SEVERAL = PUSH_TYPE_EVENTS, /* of many printers */
	PUSH_TYPE_TEST,
	PUSH_TYPES,
};

#define PUSH_NOTICE_TEXT 192              /* bytes of a name, with the NUL; longer ones are cut */
#define PUSH_NOTICE_MAX  WEBPUSH_TEXT_MAX /* bytes of an object */
#define PUSH_TOPIC_SIZE  (32 + 1)
#define PUSH_CODE_SIZE   (PRINTER_ERROR_CODE_MAX + 32)

/* Of a printer, as it was when it happened. */
struct push_notice {
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char printer[PUSH_NOTICE_TEXT];   /* its name, or serial number */
	char job[PUSH_NOTICE_TEXT];       /* "": none */
	char reason[PUSH_NOTICE_TEXT];    /* of an error: its code and text */
	char reason_code[PUSH_CODE_SIZE]; /* "error_0xFF01030001", "printer_7" or "ai_2" */
	unsigned int types;               /* bits of enum push_type */
};

/* PUSH_TYPES: nobody is told of such an event. */
enum push_type push_type_of(const struct printer_event *event);
/* What is to be wished for to be told of it. */
enum push_kind push_type_kind(enum push_type type);
/* The first of `types` that somebody who wishes for these kinds is told; PUSH_TYPES: none. */
enum push_type push_type_for(unsigned int types, unsigned int kinds);

/* How a push service is to treat it. */
struct push_treatment {
	const char *urgency; /* RFC 8030, 5.3 */
	int64_t ttl_s;
	char topic[PUSH_TOPIC_SIZE]; /* a later one of the same printer replaces it */
};
void push_treatment_of(enum push_type type, const char *serial, struct push_treatment *treatment);

/* {"type", "printer", "job", "reason", "reason_code" where it has one, "url", "tag", "language"}.
 * Errors: BUFFER. */
int push_notice_write(const struct push_notice *notice, enum push_type type, const char *language,
		      char out[PUSH_NOTICE_MAX], size_t *length)
	__attribute__((warn_unused_result));
/* {"type":"several", "printers", "counts":{KIND:…}, "url", "tag", "language"}. Errors: BUFFER. */
int push_notice_write_several(const struct push_burst *burst, const char *language,
			      char out[PUSH_NOTICE_MAX], size_t *length)
	__attribute__((warn_unused_result));

#endif
