/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_API_H
#define VENDOR_API_H

#include "transport/http/http.h"
#include "vendor/answer.h"
#include "vendor/call.h"

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

/*
 * The HTTPS API of the vendor, or of a local cloud that speaks as it does (protocol.md 4), on a
 * libuv loop. Where a service does not know the path of a call (404, 405, 410), the newer one is
 * tried, and kept to from then on.
 */
struct cloud_api;

enum cloud_outcome {
	CLOUD_DONE,
	CLOUD_UNREACHABLE,   /* no answer, for the reason of `failure` */
	CLOUD_BUSY,          /* 429, also after the last try */
	CLOUD_BROKEN,        /* 5xx, another status, or an answer that cannot be read */
	CLOUD_REFUSED,       /* code is not 0 */
	CLOUD_EXPIRED,       /* the token is not taken any more */
	CLOUD_CAPTCHA,       /* data holds a picture to be read: cloud_captcha_read */
	CLOUD_SECOND_FACTOR, /* the login wants a code that was sent to its owner */
};

/*
 * The signed session (protocol.md 4): the vendor's programs use it, and the plain calls may be
 * closed one day. AUTO: where a call is refused in a way that speaks of the form and not of who
 * asks, the keys are exchanged, and it and all later ones are signed.
 */
enum cloud_session_use {
	CLOUD_SESSION_AUTO,
	CLOUD_SESSION_PLAIN,  /* never */
	CLOUD_SESSION_SIGNED, /* from the beginning */
};

/* Valid during the call. */
struct cloud_answer {
	enum cloud_outcome outcome;
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

typedef void cloud_handler(void *context, const struct cloud_answer *answer);

/* Copied. */
struct cloud_api_options {
	struct http_options http;
	const char *token;   /* NULL: none yet */
	const char *user_id; /* NULL: none yet */
	const char *country; /* "DE", or NULL */
	enum cloud_session_use session;
};

/* Errors: those of http_client_create, with detail. */
int cloud_api_create(uv_loop_t *loop, const struct cloud_api_options *options,
		     char detail[HTTP_DETAIL_MAX], struct cloud_api **api);

/* Whom the calls from now on are for. Errors: ARGUMENT (control characters, or too long). */
int cloud_api_set_login(struct cloud_api *api, const char *token, const char *user_id);

/*
 * The handler is called once, later, unless the API is closed before. A call that needs a token is
 * sent without one where there is none, for the service to refuse. Errors: those of
 * cloud_call_body, MEMORY.
 */
int cloud_api_call(struct cloud_api *api, enum cloud_call call,
		   const struct cloud_parameters *parameters, cloud_handler *handler,
		   void *context);

/* Whether calls are signed by now. */
bool cloud_api_is_signed(const struct cloud_api *api);

/* What the service sealed for the last login, such as the e-mail address in its answer; as
 * login_secret_open, and ARGUMENT where there was no login. */
int cloud_api_open_secret(const struct cloud_api *api, const char *sealed,
			  const char *service_public_hex, char *out, size_t capacity);

/* Of its URL. */
const char *cloud_api_host(const struct cloud_api *api);

/* As http_client_close. Wipes the token. */
void cloud_api_close(struct cloud_api *api, void (*on_closed)(void *context), void *context);

#endif
