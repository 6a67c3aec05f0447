/* SPDX-License-Identifier: MIT */
#include "base/process/confine.h"
#include "base/process/records.h"
#include "video/parts.h"

#include <curl/curl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/*
 * flagship-webcam, which the gateway starts while somebody looks at a camera that has a URL, and
 * which ends with its input. It reads that URL from standard input, since it may hold a password,
 * and writes JPEGs to standard output, or a sentence that says why none come
 * (base/process/records.h). It ends after one.
 *
 * A URL that answers with one JPEG is asked again each second.
 */

#define URL_MAX      2048
#define SENTENCE_MAX 512
#define PAUSE_MS     1000
#define CONNECT_S    10L
#define SLOW_BYTES_S 1L
#define SLOW_S       15L /* so long may nothing come */
#define MEMORY_MAX   ((size_t)256 << 20)
#define HTTP_OK      200
#define JPEG_TYPE    "image/jp" /* jpeg, jpg */
#define MULTIPART    "multipart/"

enum {
	DONE,
	FAILED,
};

struct fetch {
	CURL *easy;
	CURLM *multi;
	char url[URL_MAX + 1];
	char fault[SENTENCE_MAX]; /* of what came; "": none */
	bool begun;               /* the first bytes of the answer were judged */
	bool is_multipart;
	bool written; /* standard output takes it */
	struct parts_reader parts;
	uint8_t *body; /* of a single picture */
	size_t length;
};

/* --- what is written --- */

static void on_part(void *context, const uint8_t *jpeg, size_t length)
{
	struct fetch *fetch = context;

	fetch->written = fetch->written && records_write(jpeg, length);
}

static __attribute__((format(printf, 2, 3))) void set_fault(struct fetch *fetch, const char *format,
							    ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(fetch->fault, sizeof(fetch->fault), format, arguments);
	va_end(arguments);
}

/* --- what comes --- */

static bool begin_answer(struct fetch *fetch)
{
	const char *type = NULL;
	long status = 0;

	curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(fetch->easy, CURLINFO_CONTENT_TYPE, &type);
	if (status != HTTP_OK) {
		set_fault(fetch, "the camera answers with the status %ld", status);
		return false;
	}
	fetch->is_multipart = type && strncasecmp(type, MULTIPART, sizeof(MULTIPART) - 1) == 0;
	if (fetch->is_multipart) {
		parts_finish(&fetch->parts);
		if (!parts_init(&fetch->parts, type, on_part, fetch)) {
			return true;
		}
	} else if (type && strncasecmp(type, JPEG_TYPE, sizeof(JPEG_TYPE) - 1) == 0) {
		fetch->length = 0;
		return true;
	}
	set_fault(fetch, "what the camera sends is no JPEG and no MJPEG, but %.80s",
		  type ? type : "of no type");
	return false;
}

static bool keep_bytes(struct fetch *fetch, const uint8_t *data, size_t length)
{
	if (length > PARTS_PICTURE_MAX - fetch->length) {
		set_fault(fetch, "the camera sends a picture of more than 8 MiB");
		return false;
	}
	memcpy(fetch->body + fetch->length, data, length);
	fetch->length += length;
	return true;
}

static size_t on_bytes(char *bytes, size_t size, size_t count, void *context)
{
	struct fetch *fetch = context;
	size_t length = size * count;
	const uint8_t *data = (const uint8_t *)bytes;

	if (!fetch->begun && !begin_answer(fetch)) {
		return 0;
	}
	fetch->begun = true;
	if (!fetch->is_multipart) {
		return keep_bytes(fetch, data, length) ? length : 0;
	}
	if (parts_feed(&fetch->parts, data, length)) {
		set_fault(fetch, "what the camera sends is no MJPEG, though it says so");
		return 0;
	}
	return fetch->written ? length : 0;
}

/* A single picture is whole. False: no more are to be asked for. */
static bool end_answer(struct fetch *fetch, CURLcode result)
{
	if (!fetch->fault[0] && !fetch->begun && result == CURLE_OK && begin_answer(fetch)) {
		fetch->begun = true; /* of no bytes */
	}
	if (fetch->fault[0] != '\0') {
		return false;
	}
	if (result != CURLE_OK) {
		/* Whoever may look hears it: it names neither host nor address. */
		set_fault(fetch, "the camera cannot be reached: %s", curl_easy_strerror(result));
		return false;
	}
	if (fetch->is_multipart) {
		set_fault(fetch, "the camera ended its pictures");
		return false;
	}
	if (!parts_is_jpeg(fetch->body, fetch->length)) {
		set_fault(fetch, "what the camera sends is no JPEG, though it says so");
		return false;
	}
	fetch->written = records_write(fetch->body, fetch->length);
	return fetch->written;
}

/* --- waiting --- */

/* Whether the gateway is there still: it writes nothing more, and ends with its end. */
static bool is_wanted(struct fetch *fetch, int timeout_ms)
{
	struct curl_waitfd input = {.fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN};
	char byte;

	if (curl_multi_poll(fetch->multi, &input, 1, timeout_ms, NULL) != CURLM_OK) {
		return false;
	}
	return !input.revents || read(STDIN_FILENO, &byte, 1) > 0;
}

static bool pause_a_while(struct fetch *fetch)
{
	return is_wanted(fetch, PAUSE_MS);
}

/* One answer, to its end. False: the gateway is gone. */
static bool fetch_once(struct fetch *fetch, CURLcode *result)
{
	int running = 1;
	int left;

	fetch->begun = false;
	*result = CURLE_OUT_OF_MEMORY;
	if (curl_multi_add_handle(fetch->multi, fetch->easy) != CURLM_OK) {
		return true;
	}
	bool wanted = true;
	while (running > 0 && wanted && curl_multi_perform(fetch->multi, &running) == CURLM_OK) {
		wanted = running == 0 || is_wanted(fetch, PAUSE_MS);
	}
	const CURLMsg *message = curl_multi_info_read(fetch->multi, &left);
	if (message && message->msg == CURLMSG_DONE) {
		*result = message->data.result;
	}
	curl_multi_remove_handle(fetch->multi, fetch->easy);
	return wanted;
}

/* --- the whole --- */

/* What it may not go without: a URL of whoever set it reaches nothing but a camera. */
static bool set_bounds(CURL *easy)
{
	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)(CURLAUTH_BASIC | CURLAUTH_DIGEST)) ==
		       CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SLOW_S) == CURLE_OK;
}

static bool set_up(struct fetch *fetch)
{
	CURL *easy = fetch->easy;

	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "flagship");
	if (set_bounds(easy) && curl_easy_setopt(easy, CURLOPT_URL, fetch->url) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
	    curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch) == CURLE_OK) {
		return true;
	}
	set_fault(fetch, "libcurl cannot be held to HTTP, or there is no memory");
	return false;
}

static int run(struct fetch *fetch)
{
	CURLcode result;
	bool wanted = true;

	fetch->written = true;
	bool goes_on = set_up(fetch);
	while (wanted && goes_on) {
		wanted = fetch_once(fetch, &result);
		goes_on = wanted && end_answer(fetch, result);
		wanted = wanted && (!goes_on || pause_a_while(fetch));
	}
	if (!wanted) {
		return DONE;
	}
	if (fetch->fault[0] != '\0') {
		(void)!records_write_sentence(fetch->fault);
	}
	return FAILED;
}

int main(void)
{
	struct fetch fetch = {.easy = NULL};
	int status = FAILED;

	confine_process(MEMORY_MAX);
	if (!records_read_text(fetch.url, sizeof(fetch.url)) ||
	    curl_global_init(CURL_GLOBAL_DEFAULT)) {
		return FAILED;
	}
	fetch.easy = curl_easy_init();
	fetch.multi = curl_multi_init();
	fetch.body = malloc(PARTS_PICTURE_MAX);
	if (fetch.easy && fetch.multi && fetch.body) {
		status = run(&fetch);
	}
	parts_finish(&fetch.parts);
	free(fetch.body);
	curl_easy_cleanup(fetch.easy);
	curl_multi_cleanup(fetch.multi);
	curl_global_cleanup();
	return status;
}
