/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_API_H
#define VENDOR_API_API_H

#include "transport/http/http.h"
#include "vendor/api/answer.h"
#include "vendor/api/call.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * The HTTPS API of the vendor, or of a local cloud that speaks as it does (protocol.md 4), on a
 * libuv loop. Where a service does not know the path of a call (404, 405, 410), the newer one is
 * tried, and kept to from then on.
 */
struct vendor_api;

enum vendor_outcome {
	VENDOR_DONE,
	VENDOR_UNREACHABLE,   /* no answer, for the reason of `failure` */
	VENDOR_BUSY,          /* 429, also after the last try */
	VENDOR_BROKEN,        /* 5xx, another status, or an answer that cannot be read */
	VENDOR_REFUSED,       /* code is not 0 */
	VENDOR_EXPIRED,       /* the token is not taken any more */
	VENDOR_CAPTCHA,       /* data holds a picture to be read: vendor_captcha_read */
	VENDOR_SECOND_FACTOR, /* the login wants a code that was sent to its owner */
};

/*
 * The signed session (protocol.md 4): the vendor's programs use it, and the plain calls may be
 * closed one day. AUTO: where a call is refused in a way that speaks of the form and not of who
 * asks, the keys are exchanged, and it and all later ones are signed.
 */
enum vendor_session_use {
	VENDOR_SESSION_AUTO,
	VENDOR_SESSION_PLAIN,  /* never */
	VENDOR_SESSION_SIGNED, /* from the beginning */
};

/* Valid during the call. */
struct vendor_answer {
	enum vendor_outcome outcome;
	enum http_failure failure; /* of UNREACHABLE */
	long status;               /* of HTTP; 0 where none came */
	int64_t code;
	const char *message; /* the service's own, "" where it has none */
	const char *detail;  /* one line for people, with the host; "" after DONE */
	struct flagship_json data;
	int64_t wait_s; /* of BUSY: what the service asks to wait, 0 where it does not say */
	unsigned int tries;
	uint64_t elapsed_ms;
};

typedef void vendor_handler(void *context, const struct vendor_answer *answer);

/* Copied. */
struct vendor_api_options {
	struct http_options http;
	const char *token;   /* NULL: none yet */
	const char *user_id; /* NULL: none yet */
	const char *country; /* "DE", or NULL */
	enum vendor_session_use session;
};

/* Errors: those of http_client_create, with detail. */
int vendor_api_create(uv_loop_t *loop, const struct vendor_api_options *options,
		      char detail[HTTP_DETAIL_MAX], struct vendor_api **api);

/* Whom the calls from now on are for. Errors: ARGUMENT (control characters, or too long). */
int vendor_api_set_login(struct vendor_api *api, const char *token, const char *user_id);

/*
 * The handler is called once, later, unless the API is closed before. A call that needs a token is
 * sent without one where there is none, for the service to refuse. Errors: those of
 * vendor_call_body, MEMORY.
 */
int vendor_api_call(struct vendor_api *api, enum vendor_call call,
		    const struct vendor_parameters *parameters, vendor_handler *handler,
		    void *context);

/* Whether calls are signed by now. */
bool vendor_api_is_signed(const struct vendor_api *api);

/* What the service sealed for the last login, such as the e-mail address in its answer; as
 * login_secret_open, and ARGUMENT where there was no login. */
int vendor_api_open_secret(const struct vendor_api *api, const char *sealed,
			   const char *service_public_hex, char *out, size_t capacity);

/* Of its URL. */
const char *vendor_api_host(const struct vendor_api *api);

/* As http_client_close. Wipes the token. */
void vendor_api_close(struct vendor_api *api, void (*on_closed)(void *context), void *context);

#endif
