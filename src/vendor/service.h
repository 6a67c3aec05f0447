/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_SERVICE_H
#define VENDOR_SERVICE_H

#include "base/problem.h"
#include "store/accounts/accounts.h"
#include "vendor/api/api.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * The vendor's service, or a local cloud, asked one thing after another: each call waits for its
 * answer on a loop of its own, so that a server calls from a thread and not from its loop. Nothing
 * is printed; what went wrong comes as a problem.
 */

/* Why something came to nothing. */
enum service_failure {
	SERVICE_OK,
	SERVICE_UNUSABLE,       /* what was given cannot be used: an address, a key, a file */
	SERVICE_FAILED,         /* on this machine, or for an answer that is not understood */
	SERVICE_CANNOT_CONNECT, /* no answer */
	SERVICE_NOT_ALLOWED,    /* the service refuses, or wants more than was given */
	SERVICE_EXPIRED,        /* it does not take the token any more */
	SERVICE_GIVEN_UP,       /* the caller's own handler wanted no more */
};

/* How a service is reached. */
struct service_settings {
	char ca_file[STORE_TEXT_MAX]; /* absolute, or "" */
	char pin[STORE_TEXT_MAX];
	bool own_api;        /* CA and pin are of the service too, and not of the broker alone */
	uint32_t timeout_ms; /* to connect */
	uint32_t answer_timeout_ms; /* of one try, all of it */
	unsigned int retries;
	enum vendor_session_use session;
};

/* What the certificate of the service is checked against; borrows from settings. */
struct trust_options service_trust(const struct service_settings *settings);

struct service {
	uv_loop_t loop;
	struct vendor_api *api;
	char url[STORE_TEXT_MAX];
};

/* login may be NULL. service_close is due after SERVICE_OK only. */
enum service_failure service_open(struct service *service, const char *url,
				  const struct service_settings *settings,
				  const struct flagship_account *login, struct problem *problem);
void service_close(struct service *service);

/* What came of a call, kept until service_answer_finish wipes it. */
struct service_answer {
	enum vendor_outcome outcome;
	enum http_failure failure;
	int64_t code;
	char detail[HTTP_DETAIL_MAX];
	char *text; /* behind data */
	struct flagship_json data;
};

/* Waits for the answer; a failure means that nothing could be sent. service_answer_finish is due
 * either way. */
enum service_failure service_call(struct service *service, enum vendor_call call,
				  const struct vendor_parameters *parameters,
				  struct service_answer *answer, struct problem *problem);
void service_answer_finish(struct service_answer *answer);

/* Of an answer: SERVICE_OK, or why it is none that helps, with what to do. */
enum service_failure service_answer_check(const struct service_answer *answer,
					  struct problem *problem);

struct fetch {
	/* What is missing, though printers work without it. */
	void (*warn)(void *context, const struct problem *problem);
	void *context;
};

/*
 * Asks for the printers of the account that the service was opened for, with their keys, and for
 * what is not known yet of the account itself. After a failure the account may hold a part.
 */
enum service_failure fetch_printers(const struct fetch *fetch, struct service *service,
				    struct store_account *account, struct problem *problem);

#endif
