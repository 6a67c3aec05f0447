/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_INTERNAL_H
#define VENDOR_API_INTERNAL_H

/* For cloud_api.c and cloud_outcome.c only. */

#include "vendor/api.h"
#include "vendor/headers.h"
#include "vendor/session.h"

#define CLOUD_COUNTRY_MAX      8
#define CLOUD_STATUS_OK        200
#define CLOUD_STATUS_FORBIDDEN 403
#define CLOUD_STATUS_UPGRADE   426
#define CLOUD_STATUS_TOO_MANY  429

struct cloud_api {
	struct http_client *http;
	size_t version[CLOUD_CALLS]; /* of the path that the service knows */
	char host[TRUST_HOST_MAX];   /* for people */
	char token[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char user_id[FLAGSHIP_ACCOUNT_FIELD_MAX];
	char country[CLOUD_COUNTRY_MAX];
	enum cloud_session_use use;
	struct cloud_session session;
	bool exchanging;
	bool exchange_failed;
	struct cloud_request *requests;
	void (*on_closed)(void *context);
	void *closed_context;
};

/* A call that is under way. */
struct cloud_request {
	struct cloud_api *api;
	struct cloud_request *next; /* in the list of the API */
	enum cloud_call call;
	size_t version;
	char body[CLOUD_BODY_MAX]; /* wiped */
	size_t length;
	char signed_body[CLOUD_BODY_MAX]; /* what is sealed in its place; wiped */
	size_t signed_length;
	bool exchanging; /* the keys, before it goes on */
	bool sealed;
	char *text;   /* as it is sent over the signed session */
	char *opened; /* the data of the answer; wiped */
	size_t opened_length;
	struct cloud_headers headers;  /* wiped */
	char refusal[HTTP_DETAIL_MAX]; /* of the plain call; "" for none */
	enum cloud_outcome refused;
	cloud_handler *handler;
	void *context;
};

bool cloud_path_is_unknown(long status);

/* What came of the request: fills answer and envelope, which lead into the body of `http` and, over
 * a signed session, to request->opened. */
void cloud_outcome_judge(struct cloud_request *request, const struct http_answer *http,
			 struct cloud_envelope *envelope, struct cloud_answer *answer);

/* The same for people. */
void cloud_outcome_describe(const struct cloud_request *request, const struct http_answer *http,
			    const struct cloud_answer *answer, char detail[HTTP_DETAIL_MAX]);

#endif
