/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_HTTP_H
#define TESTS_FAKE_HTTP_H

#include "cloud/api/internal.h"

/*
 * Requests without a server, and work without threads: what a session hands to readers, writer and
 * libuv's threads waits until the test has it done. Linked before the libraries'.
 */
#define FAKE_HTTP_TEXT 4096

struct http_request {
	const char *method;
	const char *path;
	const char *token; /* NULL: no such header */
	const char *body;
	char copy[FAKE_HTTP_TEXT]; /* of the body: the handler's to change */
	void (*gone)(void *context);
	void *context;
	unsigned int answers;
	int status; /* of the answer */
	bool has_text;
	bool closes;
	char retry_after[24]; /* "": no such header */
};

/* The registry that is worked on. */
void fake_work_begin(struct registry *registry);

/* Does the next of what waits; false where nothing does. */
bool fake_work_turn(void);

/* What is handed over from now on is refused, as where too much waits. */
void fake_work_refuse(bool refuses);

/* Whether calls are looked up at once, on the loop. */
void fake_work_briefly(bool briefly);

/* Whether passwords are right. */
void fake_passwords(bool right);

void fake_http_send(struct api *api, struct http_request *request);

/* The client hangs up before it has an answer. */
void fake_http_leave(struct http_request *request);

#endif
