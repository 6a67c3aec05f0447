/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_HTTP_HTTP_H
#define TRANSPORT_HTTP_HTTP_H

#include "transport/tls/trust.h"

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/*
 * HTTPS requests to one service, on a libuv loop. TLS 1.2 or newer, the certificate always checked;
 * redirections are not followed, answers are never unpacked, headers and trailers are 64 KiB at
 * most. HTTP/1.1 alone. What the service has no time for (429, 5xx) and what broke off in
 * the middle is tried again, as late as the service asks, else after growing pauses.
 */
struct http_client;

#define HTTP_DETAIL_MAX 1280

enum http_failure {
	HTTP_FAILURE_NONE,        /* an answer came, of whatever status */
	HTTP_FAILURE_RESOLVE,     /* the name */
	HTTP_FAILURE_CONNECT,     /* TCP */
	HTTP_FAILURE_CERTIFICATE, /* not trusted: pin, issuer, name or date */
	HTTP_FAILURE_TLS,         /* anything else of TLS */
	HTTP_FAILURE_TIMEOUT,
	HTTP_FAILURE_LOST,      /* broke off before the answer was whole */
	HTTP_FAILURE_TOO_LARGE, /* the answer */
	HTTP_FAILURE_MACHINE,   /* no memory, or the like */
};

/* Strings are copied. Zero means the default of each but retries. */
struct http_options {
	const char
		*url; /* https://HOST, https://HOST:PORT, and a path before that of the requests */
	struct trust_options trust;  /* web is implied */
	uint32_t connect_timeout_ms; /* 0: 10000 */
	uint32_t timeout_ms;         /* of one try, all of it; 0: 30000 */
	unsigned int retries;        /* further tries */
	uint32_t wait_max_ms;        /* what a service may ask to wait before the next; 0: 60000 */
	size_t answer_max;           /* bytes; 0: 4 MiB */
};

struct http_request {
	const char *method;         /* "GET" or "POST" */
	const char *path;           /* "/v1/…" */
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const char *body; /* NULL: none; the copy is wiped */
	size_t length;
	/* For headers that may not be sent twice: called with the handler's context before each
	 * further try; *headers are valid until it returns to the loop. NULL: they stay. Errors end
	 * the request. */
	int (*renew)(void *context, const char *const **headers, size_t *count);
};

/* Valid during the call. */
struct http_answer {
	enum http_failure failure;
	long status;        /* 0 where none came */
	const char *body;   /* NUL-terminated, never NULL; wiped afterwards */
	size_t length;      /* bytes without the NUL */
	const char *detail; /* one line for people, "" where there was no failure */
	unsigned int tries;
	int64_t wait_s;      /* what the service asks to wait before a further try, else 0 */
	uint64_t elapsed_ms; /* of the last try */
};

typedef void http_handler(void *context, const struct http_answer *answer);

/*
 * Errors, with detail: ARGUMENT (url or trust), CRYPTO (CA file, or a libcurl without OpenSSL),
 * MEMORY. Nothing is sent before http_send.
 */
int http_client_create(uv_loop_t *loop, const struct http_options *options,
		       char detail[HTTP_DETAIL_MAX], struct http_client **client);

/*
 * The handler is called once, later, unless the client is closed before. Errors: ARGUMENT (control
 * characters in headers or path), MEMORY.
 */
int http_send(struct http_client *client, const struct http_request *request, http_handler *handler,
	      void *context);

/* Of its URL, for people. */
const char *http_client_host(const struct http_client *client);

/* Gives up what is under way, releases everything, then calls on_closed, which may be NULL. May be
 * called from inside a handler. NULL is accepted, and then nothing is called. */
void http_client_close(struct http_client *client, void (*on_closed)(void *context), void *context);

#endif
