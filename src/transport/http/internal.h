/* SPDX-License-Identifier: MIT */
#ifndef TRANSPORT_HTTP_INTERNAL_H
#define TRANSPORT_HTTP_INTERNAL_H

/* For http.c and transfer.c only. */

#include "transport/backoff.h"
#include "transport/http/http.h"

#include <curl/curl.h>
#include <stdbool.h>

#define HTTP_URL_MAX 1024

/* One request, from its first try to its end. */
struct http_transfer {
	struct http_client *client;
	struct http_transfer *next; /* in the client's list */
	CURL *easy;
	struct curl_slist *headers;
	char *request_body; /* wiped */
	size_t request_length;
	http_handler *handler;
	int (*renew)(void *context, const char *const **headers, size_t *count); /* or NULL */
	void *context;
	uv_timer_t pause; /* before the next try */
	struct backoff backoff;
	unsigned int tries;
	uint64_t began_ms; /* the try; clock of the loop */

	/* Of the try. */
	char *body; /* NUL-terminated where not NULL; wiped */
	size_t length;
	size_t capacity;
	size_t head_length; /* of headers and trailers */
	bool head_too_large;
	bool too_large;
	bool has_retry_after;
	int64_t retry_after_s;
	char curl_detail[CURL_ERROR_SIZE];
};

struct http_client {
	uv_loop_t *loop;
	CURLM *multi;
	uv_timer_t timer; /* libcurl's */
	struct http_transfer *transfers;
	size_t open_handles; /* of libuv: the client goes with the last one */
	bool closing;
	void (*on_closed)(void *context);
	void *closed_context;

	struct trust trust;
	char *ca_file;
	char *pin;
	char url[HTTP_URL_MAX]; /* without a slash at its end */
	char host[TRUST_HOST_MAX];
	uint32_t connect_timeout_ms;
	uint32_t timeout_ms;
	unsigned int retries;
	uint32_t wait_max_ms;
	size_t answer_max;
};

/* What the certificate is checked against. */
struct trust_options http_client_trust(const struct http_client *client);

/* A handle of libuv that belongs to the client is gone. */
void http_client_handle_closed(struct http_client *client);

/* Errors: ARGUMENT, MEMORY. The transfer is in the client's list after success. */
int http_transfer_create(struct http_client *client, const struct http_request *request,
			 http_handler *handler, void *context, struct http_transfer **transfer);

/* libcurl is done with this try: ends the transfer, or starts another try. */
void http_transfer_finish_try(struct http_transfer *transfer, CURLcode result);

enum http_failure http_outcome_classify(const struct http_transfer *transfer, CURLcode result);

/* "" for NONE. */
void http_outcome_describe(const struct http_transfer *transfer, CURLcode result,
			   enum http_failure failure, char detail[HTTP_DETAIL_MAX]);

/* Takes it out of the client and frees it; no handler is called. */
void http_transfer_destroy(struct http_transfer *transfer);

#endif
