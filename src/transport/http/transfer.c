/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "transport/http/internal.h"
#include "transport/http/retry.h"

#include <flagship/error.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_FIRST  4096
#define RETRY_AFTER "Retry-After:"
#define STATUS_LINE "HTTP/"
#define MS_PER_S    1000
#define AGENT_MAX   64
#define HEAD_MAX    ((size_t)64 * 1024) /* of a try: headers, interim answers, trailers */

static void discard_body(struct http_transfer *transfer)
{
	if (transfer->body) {
		OPENSSL_cleanse(transfer->body, transfer->capacity);
	}
	free(transfer->body);
	transfer->body = NULL;
	transfer->length = 0;
	transfer->capacity = 0;
}

/* realloc would leave the old copy of a secret behind. */
static bool grow_body(struct http_transfer *transfer, size_t needed)
{
	size_t capacity = transfer->capacity ? transfer->capacity : BODY_FIRST;

	while (capacity < needed) {
		capacity *= 2;
	}
	char *larger = malloc(capacity);
	if (!larger) {
		return false;
	}
	if (transfer->body) {
		memcpy(larger, transfer->body, transfer->length);
		OPENSSL_cleanse(transfer->body, transfer->capacity);
		free(transfer->body);
	}
	transfer->body = larger;
	transfer->capacity = capacity;
	return true;
}

static size_t take_body(char *data, size_t unit, size_t count, void *context)
{
	struct http_transfer *transfer = context;
	size_t size = unit * count;

	if (size > transfer->client->answer_max - transfer->length) {
		transfer->too_large = true;
		return 0;
	}
	if (transfer->length + size + 1 > transfer->capacity &&
	    !grow_body(transfer, transfer->length + size + 1)) {
		return 0;
	}
	memcpy(transfer->body + transfer->length, data, size);
	transfer->length += size;
	transfer->body[transfer->length] = '\0';
	return size;
}

static bool begins(const char *text, size_t length, const char *prefix)
{
	return length >= strlen(prefix) && strncasecmp(text, prefix, strlen(prefix)) == 0;
}

static size_t take_header(char *data, size_t unit, size_t count, void *context)
{
	struct http_transfer *transfer = context;
	size_t size = unit * count;
	size_t name = strlen(RETRY_AFTER);

	/* libcurl keeps each of them, however many trailers there are. */
	if (size > HEAD_MAX - transfer->head_length) {
		transfer->head_too_large = true;
		return 0;
	}
	transfer->head_length += size;
	if (begins(data, size, STATUS_LINE)) {
		transfer->has_retry_after = false;
	} else if (begins(data, size, RETRY_AFTER)) {
		transfer->has_retry_after = http_retry_after_parse(
			data + name, size - name, clock_unix_s(), &transfer->retry_after_s);
	}
	return size;
}

static CURLcode set_up_tls(CURL *easy, void *context, void *client_context)
{
	struct http_client *client = client_context;
	struct trust_options options = http_client_trust(client);

	(void)easy;
	return trust_attach(&client->trust, &options, client->host, context) == 0
		       ? CURLE_OK
		       : CURLE_SSL_CERTPROBLEM;
}

/* A line break would begin another header, or end them. */
static bool is_clean(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == '\x7f') {
			return false;
		}
	}
	return true;
}

static int set_headers(struct http_transfer *transfer, const char *const *headers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_clean(headers[i])) {
			return FLAGSHIP_ERROR_ARGUMENT;
		}
		struct curl_slist *longer = curl_slist_append(transfer->headers, headers[i]);
		if (!longer) {
			return FLAGSHIP_ERROR_MEMORY;
		}
		transfer->headers = longer;
	}
	return 0;
}

static int set_body(struct http_transfer *transfer, const struct http_request *request)
{
	if (!request->body) {
		return 0;
	}
	transfer->request_body = malloc(request->length + 1);
	if (!transfer->request_body) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	memcpy(transfer->request_body, request->body, request->length);
	transfer->request_length = request->length;
	curl_easy_setopt(transfer->easy, CURLOPT_POST, 1L);
	curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDS, transfer->request_body);
	curl_easy_setopt(transfer->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->length);
	return 0;
}

static int set_target(struct http_transfer *transfer, const struct http_request *request)
{
	char url[HTTP_URL_MAX];

	if (snprintf(url, sizeof(url), "%s%s", transfer->client->url, request->path) >=
		    (int)sizeof(url) ||
	    request->path[0] != '/' || !is_clean(request->path) || strchr(request->path, ' ')) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	return curl_easy_setopt(transfer->easy, CURLOPT_URL, url) == CURLE_OK &&
			       curl_easy_setopt(transfer->easy, CURLOPT_CUSTOMREQUEST,
						request->method) == CURLE_OK
		       ? 0
		       : FLAGSHIP_ERROR_MEMORY;
}

/* The certificate is checked by our callback, which set_up_tls puts in; without CA files libcurl
 * reads none of its own. */
static int set_security(struct http_transfer *transfer)
{
	CURL *easy = transfer->easy;
	bool done = curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST,
				     transfer->client->pin ? 0L : 2L) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
			    CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_up_tls) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer->client) == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
		    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;

	curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
	return done ? 0 : FLAGSHIP_ERROR_CRYPTO;
}

static void set_limits(struct http_transfer *transfer)
{
	CURL *easy = transfer->easy;
	char agent[AGENT_MAX];

	snprintf(agent, sizeof(agent), "flagship/%s", flagship_version());
	curl_easy_setopt(easy, CURLOPT_USERAGENT, agent);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)transfer->client->connect_timeout_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)transfer->client->timeout_ms);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* One request at a time has no use for streams, and for what a service can do with them. */
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
}

static void set_callbacks(struct http_transfer *transfer)
{
	CURL *easy = transfer->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->curl_detail);
}

static int set_up_transfer(struct http_transfer *transfer, const struct http_request *request)
{
	transfer->easy = curl_easy_init();
	if (!transfer->easy) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	int error = set_target(transfer, request);
	if (!error) {
		error = set_headers(transfer, request->headers, request->header_count);
	}
	if (!error) {
		error = set_body(transfer, request);
	}
	if (!error) {
		error = set_security(transfer);
	}
	set_limits(transfer);
	set_callbacks(transfer);
	return error;
}

static void discard_headers(struct http_transfer *transfer)
{
	for (struct curl_slist *header = transfer->headers; header; header = header->next) {
		OPENSSL_cleanse(header->data, strlen(header->data));
	}
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
}

static void release(struct http_transfer *transfer)
{
	if (transfer->request_body) {
		OPENSSL_cleanse(transfer->request_body, transfer->request_length);
	}
	curl_easy_cleanup(transfer->easy);
	discard_headers(transfer);
	free(transfer->request_body);
	discard_body(transfer);
	free(transfer);
}

int http_transfer_create(struct http_client *client, const struct http_request *request,
			 http_handler *handler, void *context, struct http_transfer **transfer)
{
	struct http_transfer *created = calloc(1, sizeof(*created));
	uint64_t seed = 0;

	if (!created) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	created->client = client;
	created->handler = handler;
	created->renew = request->renew;
	created->context = context;
	created->tries = 1;
	created->began_ms = uv_now(client->loop);
	/* Without it the pauses are the same each time, which harms nobody. */
	(void)RAND_bytes((unsigned char *)&seed, sizeof(seed));
	backoff_init(&created->backoff, seed);
	int error = set_up_transfer(created, request);
	if (error) {
		release(created);
		return error;
	}
	uv_timer_init(client->loop, &created->pause);
	created->pause.data = created;
	client->open_handles++;
	created->next = client->transfers;
	client->transfers = created;
	*transfer = created;
	return 0;
}

static void handle_pause_closed(uv_handle_t *handle)
{
	struct http_transfer *transfer = handle->data;
	struct http_client *client = transfer->client;

	release(transfer);
	http_client_handle_closed(client);
}

void http_transfer_destroy(struct http_transfer *transfer)
{
	struct http_transfer **place = &transfer->client->transfers;

	while (*place != transfer) {
		place = &(*place)->next;
	}
	*place = transfer->next;
	/* Accepted where it is not in: then nothing happens. */
	curl_multi_remove_handle(transfer->client->multi, transfer->easy);
	uv_close((uv_handle_t *)&transfer->pause, handle_pause_closed);
}

static void end(struct http_transfer *transfer, CURLcode result)
{
	char detail[HTTP_DETAIL_MAX];
	struct http_answer answer = {
		.failure = http_outcome_classify(transfer, result),
		.body = transfer->body ? transfer->body : "",
		.length = transfer->length,
		.detail = detail,
		.tries = transfer->tries,
		.wait_s = transfer->has_retry_after ? transfer->retry_after_s : 0,
		.elapsed_ms = uv_now(transfer->client->loop) - transfer->began_ms,
	};

	http_outcome_describe(transfer, result, answer.failure, detail);
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &answer.status);
	/* The handler may close the client, which frees what is still in its list. */
	http_handler *handler = transfer->handler;
	void *context = transfer->context;
	char *body = transfer->body;
	size_t capacity = transfer->capacity;
	transfer->body = NULL;
	http_transfer_destroy(transfer);
	handler(context, &answer);
	if (body) {
		OPENSSL_cleanse(body, capacity);
	}
	free(body);
}

static bool may_retry(const struct http_transfer *transfer, CURLcode result)
{
	long status = 0;

	if (transfer->tries > transfer->client->retries) {
		return false;
	}
	if (result != CURLE_OK) {
		return http_outcome_classify(transfer, result) == HTTP_FAILURE_LOST;
	}
	curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return http_retry_status(status);
}

static bool renew_headers(struct http_transfer *transfer)
{
	const char *const *headers;
	size_t count;

	if (!transfer->renew) {
		return true;
	}
	if (transfer->renew(transfer->context, &headers, &count) != 0) {
		return false;
	}
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, NULL);
	discard_headers(transfer);
	bool done = set_headers(transfer, headers, count) == 0;
	curl_easy_setopt(transfer->easy, CURLOPT_HTTPHEADER, transfer->headers);
	return done;
}

static void start_again(uv_timer_t *timer)
{
	struct http_transfer *transfer = timer->data;

	discard_body(transfer);
	transfer->head_length = 0;
	transfer->has_retry_after = false;
	transfer->curl_detail[0] = '\0';
	transfer->tries++;
	transfer->began_ms = uv_now(transfer->client->loop);
	if (!renew_headers(transfer) ||
	    curl_multi_add_handle(transfer->client->multi, transfer->easy) != CURLM_OK) {
		end(transfer, CURLE_OUT_OF_MEMORY);
	}
}

void http_transfer_finish_try(struct http_transfer *transfer, CURLcode result)
{
	uv_update_time(transfer->client->loop);
	if (!may_retry(transfer, result)) {
		end(transfer, result);
		return;
	}
	uint64_t pause_ms = backoff_next_ms(&transfer->backoff);
	if (transfer->has_retry_after) {
		pause_ms = (uint64_t)transfer->retry_after_s * MS_PER_S;
	}
	if (pause_ms > transfer->client->wait_max_ms) {
		end(transfer, result);
		return;
	}
	uv_timer_start(&transfer->pause, start_again, pause_ms, 0);
}
