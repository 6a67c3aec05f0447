/* SPDX-License-Identifier: MIT */
#include "base/base64.h"
#include "base/json/reader.h"
#include "base/json/writer.h"
#include "base/process/confine.h"
#include "webpush/endpoint.h"
#include "webpush/seal.h"
#include "webpush/vapid.h"

#include <curl/curl.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * flagship-webpush [--loopback] [--ca FILE], which the gateway starts for messages that are due. It
 * reads them from standard input, since their URLs are secrets: a line of JSON each, {"id", "url",
 * "authorization", "topic", "urgency", "ttl", "body"}, of which the body is sealed already. Each is
 * posted as RFC 8030 has it, and answered with a line: {"id", "status", "retry_after", "refused",
 * "detail"}, status 0 where there was no answer. It ends after the last one.
 *
 * The URLs were named by browsers, or by whoever passes for one. So nothing is asked but by https,
 * with a certificate that holds, and nowhere but in the net of all: what a name leads to is looked
 * at when it is connected to. No redirect is followed and no proxy is asked. None waits for
 * another: one whose service is slow has a connection to itself.
 */

#define INPUT_MAX     (1 << 20)
#define DELIVERIES    64
#define DEPTH_MAX     2
#define SEALED_MAX    (WEBPUSH_TEXT_MAX + WEBPUSH_OVERHEAD)
#define HEADER_SIZE   (VAPID_HEADER_MAX + 64)
#define WORD_SIZE     64
#define DETAIL_SIZE   256
#define LINE_MAX_SIZE 2048
#define BODY_MAX      65536 /* of an answer */
#define CONNECT_S     10L
#define WHOLE_S       30L
#define POLL_MS       1000
#define MEMORY_MAX    ((size_t)512 << 20)
#define RETRY_MAX_S   ((curl_off_t)7 * 86400) /* of what a service asks for */

enum {
	DONE,
	FAILED,
};

struct options {
	bool loopback;
	const char *ca;
};

struct delivery {
	const struct options *options;
	CURL *easy;
	struct curl_slist *headers;
	int64_t id;
	char url[WEBPUSH_ENDPOINT_MAX + 1];
	uint8_t body[SEALED_MAX];
	size_t length;
	bool was_refused; /* by us: one of its addresses */
	size_t answered;
	char detail[DETAIL_SIZE]; /* how the answer begins */
};

/* --- what is to be sent --- */

static bool find_text(struct flagship_json line, const char *name, char *out, size_t capacity)
{
	struct json_value value;

	return json_object_find(line, name, &value) && value.kind == JSON_STRING &&
	       flagship_text_copy(value.text, out, capacity) < capacity;
}

static bool find_number(struct flagship_json line, const char *name, int64_t *out)
{
	struct json_value value;

	return json_object_find(line, name, &value) && value.kind == JSON_NUMBER &&
	       json_number_to_int(&value.number, out);
}

static bool add_header(struct delivery *delivery, const char *name, const char *value)
{
	char line[HEADER_SIZE];
	int length = snprintf(line, sizeof(line), "%s: %s", name, value);
	struct curl_slist *longer = length > 0 && (size_t)length < sizeof(line)
					    ? curl_slist_append(delivery->headers, line)
					    : NULL;

	delivery->headers = longer ? longer : delivery->headers;
	return longer != NULL;
}

static bool read_headers(struct delivery *delivery, struct flagship_json line)
{
	char authorization[VAPID_HEADER_MAX];
	char topic[WORD_SIZE];
	char urgency[WORD_SIZE];
	char ttl[WORD_SIZE];
	int64_t ttl_s;

	if (!find_text(line, "authorization", authorization, sizeof(authorization)) ||
	    !find_text(line, "topic", topic, sizeof(topic)) ||
	    !find_text(line, "urgency", urgency, sizeof(urgency)) ||
	    !find_number(line, "ttl", &ttl_s)) {
		return false;
	}
	snprintf(ttl, sizeof(ttl), "%lld", (long long)ttl_s);
	return add_header(delivery, "Authorization", authorization) &&
	       add_header(delivery, "Topic", topic) && add_header(delivery, "Urgency", urgency) &&
	       add_header(delivery, "TTL", ttl) &&
	       add_header(delivery, "Content-Encoding", "aes128gcm") &&
	       add_header(delivery, "Content-Type", "application/octet-stream");
}

static bool read_body(struct delivery *delivery, struct flagship_json line)
{
	char text[BASE64_URL_LENGTH(SEALED_MAX) + 1];

	if (!find_text(line, "body", text, sizeof(text))) {
		return false;
	}
	/* Of the other lengths of text no bytes come. */
	delivery->length = strlen(text) * 3 / 4;
	return base64_url_decode(text, delivery->body, delivery->length);
}

static bool read_delivery(struct delivery *delivery, const char *text, size_t length)
{
	struct json_value value;
	struct webpush_endpoint endpoint;

	return !json_read_document(text, length, DEPTH_MAX, &value) && value.kind == JSON_OBJECT &&
	       find_number(value.json, "id", &delivery->id) &&
	       find_text(value.json, "url", delivery->url, sizeof(delivery->url)) &&
	       !webpush_endpoint_read(delivery->url, &endpoint) &&
	       read_body(delivery, value.json) && read_headers(delivery, value.json);
}

/* --- what comes back --- */

static size_t on_answer(char *bytes, size_t size, size_t count, void *context)
{
	struct delivery *delivery = context;
	size_t length = size * count;
	size_t used = strlen(delivery->detail);

	for (size_t i = 0; i < length && used + 1 < sizeof(delivery->detail); i++) {
		bool is_blank = bytes[i] <= ' ' || bytes[i] >= 0x7F;

		if (!is_blank || (used > 0 && delivery->detail[used - 1] != ' ')) {
			delivery->detail[used++] = is_blank ? ' ' : bytes[i];
		}
	}
	delivery->answered += length;
	return delivery->answered <= BODY_MAX ? length : 0;
}

struct result {
	int64_t status; /* 0: there was no answer */
	int64_t retry_after_s;
	bool refused;
	const char *detail;
};

static void print_result(const struct delivery *delivery, const struct result *result)
{
	char line[LINE_MAX_SIZE];
	struct json_writer writer;
	size_t length;

	json_writer_init(&writer, line, sizeof(line) - 1);
	json_object_begin(&writer);
	json_member_int(&writer, "id", delivery->id);
	json_member_int(&writer, "status", result->status);
	json_member_int(&writer, "retry_after", result->retry_after_s);
	json_member_bool(&writer, "refused", result->refused);
	json_member_string(&writer, "detail", result->detail);
	json_object_end(&writer);
	if (!json_writer_finish(&writer, &length)) {
		line[length++] = '\n';
		fwrite(line, 1, length, stdout);
		fflush(stdout);
	}
}

/* A name may lead to several addresses, of which another one answered than the refused one: what
 * counts is the answer, whatever became of the rest of it. */
static void end_delivery(const struct delivery *delivery, CURLcode code)
{
	long status = 0;
	curl_off_t retry_after_s = 0;
	struct result result = {.detail = curl_easy_strerror(code)};

	curl_easy_getinfo(delivery->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(delivery->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
	if (status > 0) {
		result.status = status;
		result.retry_after_s = retry_after_s < RETRY_MAX_S ? retry_after_s : RETRY_MAX_S;
		result.detail = delivery->detail;
	} else if (delivery->was_refused) {
		result.refused = true;
		result.detail = "the push service's address is one of this machine or of a private "
				"network, where none is asked";
	}
	print_result(delivery, &result);
}

/* --- sending --- */

/* Here a name has become an address, and nothing looks it up again. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct delivery *delivery = context;
	enum webpush_reach reach = webpush_reach_of(&address->addr);

	(void)purpose;
	if (reach != WEBPUSH_PUBLIC &&
	    (reach != WEBPUSH_LOOPBACK || !delivery->options->loopback)) {
		delivery->was_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype, address->protocol);
}

/* What it may not go without: the URL of whoever subscribed reaches nothing but a push service. */
static bool set_bounds(struct delivery *delivery)
{
	CURL *easy = delivery->easy;

	return curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, CONNECT_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TIMEOUT, WHOLE_S) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, delivery) == CURLE_OK;
}

static bool set_message(struct delivery *delivery)
{
	CURL *easy = delivery->easy;

	return curl_easy_setopt(easy, CURLOPT_PRIVATE, delivery) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_URL, delivery->url) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_HTTPHEADER, delivery->headers) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDS, delivery->body) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)delivery->length) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_WRITEDATA, delivery) == CURLE_OK;
}

static bool set_up(struct delivery *delivery)
{
	CURL *easy = curl_easy_init();

	delivery->easy = easy;
	if (!easy || !set_bounds(delivery) || !set_message(delivery)) {
		return false;
	}
	(void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	(void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "flagship");
	return !delivery->options->ca ||
	       curl_easy_setopt(easy, CURLOPT_CAINFO, delivery->options->ca) == CURLE_OK;
}

static void tear_down(struct delivery *delivery)
{
	curl_easy_cleanup(delivery->easy);
	curl_slist_free_all(delivery->headers);
	delivery->easy = NULL;
	delivery->headers = NULL;
}

static void take_ended(CURLM *multi)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi, &left))) {
		struct delivery *delivery = NULL;
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &delivery);
		end_delivery(delivery, result);
		curl_multi_remove_handle(multi, easy);
	}
}

static int send_all(CURLM *multi)
{
	int running = 1;

	while (running > 0) {
		if (curl_multi_perform(multi, &running) != CURLM_OK) {
			return FAILED;
		}
		take_ended(multi);
		if (running > 0 && curl_multi_poll(multi, NULL, 0, POLL_MS, NULL) != CURLM_OK) {
			return FAILED;
		}
	}
	return DONE;
}

/* --- the whole --- */

static void give_up_rights(void)
{
	confine_process(MEMORY_MAX);
#ifdef __GLIBC__
	/* A name is looked up by a thread, and 64 MiB of addresses for each would be too many. */
	(void)mallopt(M_ARENA_MAX, 1);
#endif
}

static bool read_options(int argc, char **argv, struct options *options)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--loopback") == 0) {
			options->loopback = true;
		} else if (strcmp(argv[i], "--ca") == 0 && i + 1 < argc) {
			options->ca = argv[++i];
		} else {
			return false;
		}
	}
	return true;
}

static int run_lines(CURLM *multi, const struct options *options, struct delivery *deliveries,
		     const char *input, size_t length)
{
	const char *end = input + length;
	size_t count = 0;

	while (input < end) {
		const char *newline = memchr(input, '\n', (size_t)(end - input));
		struct delivery *delivery = &deliveries[count];

		delivery->options = options;
		if (!newline || count == DELIVERIES ||
		    !read_delivery(delivery, input, (size_t)(newline - input)) ||
		    !set_up(delivery) || curl_multi_add_handle(multi, delivery->easy) != CURLM_OK) {
			fputs("flagship: the gateway said what is no message\n", stderr);
			return FAILED;
		}
		input = newline + 1;
		count++;
	}
	return send_all(multi);
}

static int run(const struct options *options)
{
	struct delivery *deliveries = calloc(DELIVERIES + 1, sizeof(*deliveries));
	char *input = malloc(INPUT_MAX);
	CURLM *multi = curl_multi_init();
	int status = FAILED;

	if (deliveries && input && multi) {
		size_t length = fread(input, 1, INPUT_MAX, stdin);

		status = run_lines(multi, options, deliveries, input, length);
	}
	for (size_t i = 0; deliveries && i <= DELIVERIES; i++) {
		if (deliveries[i].easy) {
			curl_multi_remove_handle(multi, deliveries[i].easy);
		}
		tear_down(&deliveries[i]);
	}
	curl_multi_cleanup(multi);
	free(input);
	free(deliveries);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = {.ca = NULL};

	give_up_rights();
	if (!read_options(argc, argv, &options)) {
		fputs("flagship: it is flagship-webpush [--loopback] [--ca FILE]\n", stderr);
		return FAILED;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		return FAILED;
	}
	int status = run(&options);
	curl_global_cleanup();
	return status;
}
