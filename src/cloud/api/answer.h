/* SPDX-License-Identifier: MIT */
#ifndef CLOUD_API_ANSWER_H
#define CLOUD_API_ANSWER_H

#include "base/json/writer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the API answers: a status of HTTP, and {"code":…,"msg":…,"data":…}. */

/* `code` of an answer. The vendor's own numbers are not known, but for 0. */
enum api_code {
	API_OK = 0,
	API_BAD_REQUEST = 400,
	API_NOT_LOGGED_IN = 401,
	API_NOT_SIGNED = 403,
	API_TOO_MANY = 429,
	API_BROKEN = 500,
	API_BUSY = 503,
	API_WRONG_LOGIN = 26006,
	API_WRONG_CODE = 26008,
	API_OTHER_SERVICE_KEY = 26010,
};

/* JSON that grows piece by piece. It holds keys and tokens, and is wiped when it is released. */
struct api_data {
	char *text; /* NULL: none */
	size_t length;
	size_t capacity;
	bool failed; /* for want of memory */
};

/* Adds what `write` writes, which is called twice where there is too little room, and has to write
 * the same both times. */
void api_data_add(struct api_data *data,
		  void (*write)(struct json_writer *writer, const void *context),
		  const void *context);
void api_data_release(struct api_data *data);

struct api_answer {
	int status; /* of HTTP */
	enum api_code code;
	const char *message;
	struct api_data data;
	int64_t retry_after_s; /* 0: no such header */
	bool note_due;         /* registry_note_token of the request's token */
	bool postponed;        /* was to be brief, and is not: nothing is answered */
};

/* Takes the data over, which an error has none of. */
void api_answer_succeed(struct api_answer *answer, struct api_data *data);
void api_answer_fail(struct api_answer *answer, int status, enum api_code code,
		     const char *message);

/* Programs look into "data" where it is there, so that an error is without it. The caller wipes and
 * frees it. NULL where there is no memory. */
char *api_answer_text(const struct api_answer *answer);
void api_answer_finish(struct api_answer *answer);

#endif
