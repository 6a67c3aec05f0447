/* SPDX-License-Identifier: MIT */
#include "base/base64.h"
#include "base/json/reader.h"
#include "base/json/writer.h"
#include "base/process/confine.h"
#include "webpush/endpoint.h"
#include "webpush/seal.h"
#include "webpush/vapid.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>

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
 * posted as RFC 8030 has it, as soon as it came, and answered with a line: {"id", "status",
 * "retry_after", "refused", "detail"}, status 0 where there was no answer. It ends after the last
 * one, once standard input has ended.
 *
 * The URLs were named by browsers, or by whoever passes for one. So nothing is asked but by https,
 * with a certificate that holds, and nowhere but in the net of all: what a name leads to is looked
 * at when it is connected to. No redirect is followed and no proxy is asked. None waits for
 * another: one whose service is slow has a connection to itself.
 */

#define INPUT_SIZE    (1 << 15) /* holds a line */
#define DELIVERIES    64        /* at once; the gateway has fewer */
#define IDLE_MAX      16L       /* connections that are kept for the next one */
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

/* --- all of them --- */

struct sender {
	const struct options *options;
	CURLM *multi;
	struct delivery deliveries[DELIVERIES]; /* one that has an easy handle is on its way */
	size_t running;
	char input[INPUT_SIZE];
	size_t length;
	bool ended; /* standard input has */
};

static void take_ended(struct sender *sender)
{
	const CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(sender->multi, &left))) {
		struct delivery *delivery = NULL;
		CURL *easy = message->easy_handle;
		CURLcode result = message->data.result;

		curl_easy_getinfo(easy, CURLINFO_PRIVATE, &delivery);
		end_delivery(delivery, result);
		curl_multi_remove_handle(sender->multi, easy);
		tear_down(delivery);
		sender->running--;
	}
}

static struct delivery *find_free(struct sender *sender)
{
	for (size_t i = 0; i < DELIVERIES; i++) {
		if (!sender->deliveries[i].easy) {
			return &sender->deliveries[i];
		}
	}
	return NULL;
}

/* What could not be begun for want of memory may go better later, as what was not answered. */
static void begin_delivery(struct sender *sender, struct delivery *delivery)
{
	if (set_up(delivery) && curl_multi_add_handle(sender->multi, delivery->easy) == CURLM_OK) {
		sender->running++;
		return;
	}
	print_result(delivery, &(struct result){.detail = "out of memory"});
	tear_down(delivery);
}

/* False: it is no message, and the rest of what is said is not believed either. */
static bool take_line(struct sender *sender, struct delivery *delivery, const char *line,
		      size_t length)
{
	memset(delivery, 0, sizeof(*delivery));
	delivery->options = sender->options;
	if (!read_delivery(delivery, line, length)) {
		tear_down(delivery);
		return false;
	}
	begin_delivery(sender, delivery);
	return true;
}

static bool take_lines(struct sender *sender)
{
	char *line = sender->input;
	size_t rest = sender->length;
	const char *newline;
	struct delivery *delivery;
	bool good = true;

	while (good && (newline = memchr(line, '\n', rest)) && (delivery = find_free(sender))) {
		size_t length = (size_t)(newline - line);

		good = take_line(sender, delivery, line, length);
		line += length + 1;
		rest -= length + 1;
	}
	memmove(sender->input, line, rest);
	sender->length = rest;
	/* A line that finds no room is none, nor what is left of one. */
	return good && (sender->ended ? rest == 0 || sender->running > 0
				      : rest < INPUT_SIZE || sender->running > 0);
}

/* Nothing is awaited here: what comes wakes curl_multi_poll. */
static void read_input(struct sender *sender)
{
	while (!sender->ended && sender->length < INPUT_SIZE) {
		ssize_t length = read(STDIN_FILENO, sender->input + sender->length,
				      INPUT_SIZE - sender->length);

		if (length < 0) {
			sender->ended = errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR;
			return;
		}
		sender->ended = length == 0;
		sender->length += (size_t)length;
	}
}

static bool await_more(struct sender *sender)
{
	struct curl_waitfd input = {.fd = STDIN_FILENO, .events = CURL_WAIT_POLLIN};
	bool reads = !sender->ended && sender->length < INPUT_SIZE;

	return curl_multi_poll(sender->multi, &input, reads ? 1 : 0, POLL_MS, NULL) == CURLM_OK;
}

static int send_all(struct sender *sender)
{
	int running;

	for (;;) {
		read_input(sender);
		if (!take_lines(sender)) {
			fputs("flagship: the gateway said what is no message\n", stderr);
			return FAILED;
		}
		if (curl_multi_perform(sender->multi, &running) != CURLM_OK) {
			return FAILED;
		}
		take_ended(sender);
		if (sender->ended && sender->length == 0 && sender->running == 0) {
			return DONE;
		}
		if (!await_more(sender)) {
			return FAILED;
		}
	}
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

static void finish(struct sender *sender)
{
	for (size_t i = 0; i < DELIVERIES; i++) {
		if (sender->deliveries[i].easy) {
			curl_multi_remove_handle(sender->multi, sender->deliveries[i].easy);
		}
		tear_down(&sender->deliveries[i]);
	}
	curl_multi_cleanup(sender->multi);
	free(sender);
}

static int run(const struct options *options)
{
	struct sender *sender = calloc(1, sizeof(*sender));
	int flags = fcntl(STDIN_FILENO, F_GETFL);
	int status = FAILED;

	if (!sender) {
		return FAILED;
	}
	sender->options = options;
	sender->multi = curl_multi_init();
	if (sender->multi && flags >= 0 && fcntl(STDIN_FILENO, F_SETFL, flags | O_NONBLOCK) == 0 &&
	    curl_multi_setopt(sender->multi, CURLMOPT_MAXCONNECTS, IDLE_MAX) == CURLM_OK) {
		status = send_all(sender);
	}
	finish(sender);
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
