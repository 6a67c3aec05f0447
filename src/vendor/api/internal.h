/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_INTERNAL_H
#define VENDOR_API_INTERNAL_H

/* For api.c and outcome.c only. */

#include "vendor/api/api.h"
#include "vendor/api/headers.h"
#include "vendor/api/session.h"

#define VENDOR_COUNTRY_MAX      8
#define VENDOR_STATUS_OK        200
#define VENDOR_STATUS_FORBIDDEN 403
#define VENDOR_STATUS_UPGRADE   426
#define VENDOR_STATUS_TOO_MANY  429

struct vendor_api {
	struct http_client *http;
	size_t version[VENDOR_CALLS]; /* of the path that the service knows */
	char host[TRUST_HOST_MAX];    /* for people */
	char token[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char user_id[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char country[VENDOR_COUNTRY_MAX];
	enum vendor_session_use use;
	struct vendor_session session;
	bool exchanging;
	bool exchange_failed;
	struct vendor_request *requests;
	void (*on_closed)(void *context);
	void *closed_context;
};

/* A call that is under way. */
struct vendor_request {
	struct vendor_api *api;
	struct vendor_request *next; /* in the list of the API */
	enum vendor_call call;
	size_t version;
	char body[VENDOR_BODY_MAX]; /* wiped */
	size_t length;
	char signed_body[VENDOR_BODY_MAX]; /* what is sealed in its place; wiped */
	size_t signed_length;
	bool exchanging; /* the keys, before it goes on */
	bool sealed;
	bool with_code; /* a login that has a token already */
	char *text;     /* as it is sent over the signed session */
	char *opened;   /* the data of the answer; wiped */
	size_t opened_length;
	struct vendor_headers headers; /* wiped */
	char refusal[HTTP_DETAIL_MAX]; /* of the plain call; "" for none */
	enum vendor_outcome refused;
	vendor_handler *handler;
	void *context;
};

bool vendor_path_is_unknown(long status);

/* What came of the request: fills answer and envelope, which lead into the body of `http` and, over
 * a signed session, to request->opened. */
void vendor_outcome_judge(struct vendor_request *request, const struct http_answer *http,
			  struct vendor_envelope *envelope, struct vendor_answer *answer);

/* The same for people. */
void vendor_outcome_describe(const struct vendor_request *request, const struct http_answer *http,
			     const struct vendor_answer *answer, char detail[HTTP_DETAIL_MAX]);

#endif
