/* SPDX-License-Identifier: MIT */
#include "transport/http/http.h"

#include "base/memory/wiping.h"
#include "transport/http/internal.h"

#include <flagship/error.h>

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 10000
#define TIMEOUT_MS         30000
#define WAIT_MAX_MS        60000
#define ANSWER_MAX         ((size_t)4 * 1024 * 1024)

/* One socket of libcurl. */
struct http_socket {
	uv_poll_t poll;
	struct http_client *client;
	curl_socket_t descriptor;
};

struct trust_options http_client_trust(const struct http_client *client)
{
	return (struct trust_options){
		.ca_file = client->ca_file,
		.pin_sha256 = client->pin,
		.web = true,
	};
}

const char *http_client_host(const struct http_client *client)
{
	return client->host;
}

static void http_client_free(struct http_client *client)
{
	free(client->ca_file);
	free(client->pin);
	free(client);
	curl_global_cleanup();
}

void http_client_handle_closed(struct http_client *client)
{
	void (*on_closed)(void *context) = client->on_closed;
	void *context = client->closed_context;

	client->open_handles--;
	if (client->open_handles > 0 || !client->closing) {
		return;
	}
	http_client_free(client);
	if (on_closed) {
		on_closed(context);
	}
}

static struct http_transfer *finished_transfer(struct http_client *client, CURLcode *result)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(client->multi, &left))) {
		if (message->msg == CURLMSG_DONE) {
			struct http_transfer *transfer = NULL;

			*result = message->data.result;
			curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
			return transfer;
		}
	}
	return NULL;
}

static void run_curl(struct http_client *client, curl_socket_t descriptor, int events)
{
	struct http_transfer *transfer;
	CURLcode result;
	int running;

	curl_multi_socket_action(client->multi, descriptor, events, &running);
	while (!client->closing && (transfer = finished_transfer(client, &result))) {
		curl_multi_remove_handle(client->multi, transfer->easy);
		http_transfer_finish_try(transfer, result);
	}
}

static void handle_timer(uv_timer_t *timer)
{
	run_curl(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

static void handle_poll(uv_poll_t *poll, int status, int events)
{
	struct http_socket *socket = poll->data;
	int flags = status < 0 ? CURL_CSELECT_ERR : 0;

	flags |= events & UV_READABLE ? CURL_CSELECT_IN : 0;
	flags |= events & UV_WRITABLE ? CURL_CSELECT_OUT : 0;
	run_curl(socket->client, socket->descriptor, flags);
}

static void handle_poll_closed(uv_handle_t *handle)
{
	struct http_socket *socket = handle->data;
	struct http_client *client = socket->client;

	free(socket);
	http_client_handle_closed(client);
}

static struct http_socket *add_socket(struct http_client *client, curl_socket_t descriptor)
{
	struct http_socket *socket = calloc(1, sizeof(*socket));

	if (!socket || uv_poll_init(client->loop, &socket->poll, descriptor) != 0) {
		free(socket);
		return NULL;
	}
	socket->client = client;
	socket->descriptor = descriptor;
	socket->poll.data = socket;
	client->open_handles++;
	curl_multi_assign(client->multi, descriptor, socket);
	return socket;
}

static void remove_socket(struct http_client *client, curl_socket_t descriptor,
			  struct http_socket *socket)
{
	uv_poll_stop(&socket->poll);
	uv_close((uv_handle_t *)&socket->poll, handle_poll_closed);
	curl_multi_assign(client->multi, descriptor, NULL);
}

static int follow_socket(CURL *easy, curl_socket_t descriptor, int what, void *context,
			 void *socket_context)
{
	struct http_client *client = context;
	struct http_socket *socket = socket_context;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (socket) {
			remove_socket(client, descriptor, socket);
		}
		return 0;
	}
	if (client->closing) {
		return 0;
	}
	if (!socket) {
		socket = add_socket(client, descriptor);
	}
	if (!socket) {
		return -1;
	}
	events |= what & CURL_POLL_IN ? UV_READABLE : 0;
	events |= what & CURL_POLL_OUT ? UV_WRITABLE : 0;
	return uv_poll_start(&socket->poll, events, handle_poll) == 0 ? 0 : -1;
}

static int follow_timer(CURLM *multi, long timeout_ms, void *context)
{
	struct http_client *client = context;

	(void)multi;
	if (client->closing) {
		return 0;
	}
	if (timeout_ms < 0) {
		uv_timer_stop(&client->timer);
		return 0;
	}
	return uv_timer_start(&client->timer, handle_timer, (uint64_t)timeout_ms, 0) == 0 ? 0 : -1;
}

static bool take_part(CURLU *parsed, CURLUPart part, char *out, size_t capacity)
{
	char *text = NULL;
	bool fits = false;

	if (curl_url_get(parsed, part, &text, 0) == CURLUE_OK) {
		fits = snprintf(out, capacity, "%s", text) < (int)capacity;
	}
	curl_free(text);
	return fits;
}

static bool has_part(CURLU *parsed, CURLUPart part)
{
	char *text = NULL;
	bool there = curl_url_get(parsed, part, &text, 0) == CURLUE_OK;

	curl_free(text);
	return there;
}

static bool without_brackets(char *host)
{
	size_t length = strlen(host);

	if (host[0] == '[') {
		if (length < 2 || host[length - 1] != ']') {
			return false;
		}
		memmove(host, host + 1, length - 2);
		host[length - 2] = '\0';
	}
	return host[0] != '\0';
}

static bool parse_url(struct http_client *client, const char *url)
{
	char scheme[sizeof("https")] = "";
	CURLU *parsed = curl_url();
	bool good = parsed && curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
		    take_part(parsed, CURLUPART_SCHEME, scheme, sizeof(scheme)) &&
		    strcmp(scheme, "https") == 0 && !has_part(parsed, CURLUPART_USER) &&
		    !has_part(parsed, CURLUPART_QUERY) && !has_part(parsed, CURLUPART_FRAGMENT) &&
		    take_part(parsed, CURLUPART_HOST, client->host, sizeof(client->host)) &&
		    without_brackets(client->host) &&
		    take_part(parsed, CURLUPART_URL, client->url, sizeof(client->url));

	curl_url_cleanup(parsed);
	size_t length = strlen(client->url);
	while (good && length > 0 && client->url[length - 1] == '/') {
		client->url[--length] = '\0';
	}
	return good;
}

/* Says now what could only be said in the first handshake otherwise. */
static int check_trust(struct http_client *client, char detail[HTTP_DETAIL_MAX])
{
	const curl_version_info_data *version = curl_version_info(CURLVERSION_NOW);
	struct trust_options options = http_client_trust(client);
	int error = trust_init(&client->trust, &options, client->host);

	if (error) {
		snprintf(detail, HTTP_DETAIL_MAX, "%s", client->trust.detail);
	} else if (!version->ssl_version || !strstr(version->ssl_version, "OpenSSL")) {
		snprintf(detail, HTTP_DETAIL_MAX, "this libcurl was built without OpenSSL");
		error = FLAGSHIP_ERROR_CRYPTO;
	}
	trust_finish(&client->trust);
	return error;
}

static bool copy_text(const char *text, char **copy)
{
	*copy = text ? strdup(text) : NULL;
	return !text || *copy;
}

static int set_up_client(struct http_client *client, const struct http_options *options,
			 char detail[HTTP_DETAIL_MAX])
{
	if (!options->url || !parse_url(client, options->url)) {
		snprintf(detail, HTTP_DETAIL_MAX,
			 "'%.200s' is no service: it is written as https://HOST or "
			 "https://HOST:PORT",
			 options->url ? options->url : "");
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	if (!copy_text(options->trust.ca_file, &client->ca_file) ||
	    !copy_text(options->trust.pin_sha256, &client->pin)) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	client->connect_timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms
								 : CONNECT_TIMEOUT_MS;
	client->timeout_ms = options->timeout_ms ? options->timeout_ms : TIMEOUT_MS;
	client->retries = options->retries;
	client->wait_max_ms = options->wait_max_ms ? options->wait_max_ms : WAIT_MAX_MS;
	client->answer_max = options->answer_max ? options->answer_max : ANSWER_MAX;
	return check_trust(client, detail);
}

static int set_up_multi(struct http_client *client)
{
	client->multi = curl_multi_init();
	if (!client->multi) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, follow_socket);
	curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, follow_timer);
	curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
	/* One handshake at a time: they share what `trust` says of the last certificate. */
	curl_multi_setopt(client->multi, CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
	uv_timer_init(client->loop, &client->timer);
	client->timer.data = client;
	client->open_handles = 1;
	return 0;
}

int http_client_create(uv_loop_t *loop, const struct http_options *options,
		       char detail[HTTP_DETAIL_MAX], struct http_client **client)
{
	struct http_client *created;

	snprintf(detail, HTTP_DETAIL_MAX, "%s", flagship_strerror(FLAGSHIP_ERROR_MEMORY));
	/* Its buffers hold passwords and tokens. */
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
				 calloc) != CURLE_OK) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	created = calloc(1, sizeof(*created));
	if (!created) {
		curl_global_cleanup();
		return FLAGSHIP_ERROR_MEMORY;
	}
	created->loop = loop;
	int error = set_up_client(created, options, detail);
	if (!error) {
		error = set_up_multi(created);
	}
	if (error) {
		http_client_free(created);
		return error;
	}
	detail[0] = '\0';
	*client = created;
	return 0;
}

int http_send(struct http_client *client, const struct http_request *request, http_handler *handler,
	      void *context)
{
	struct http_transfer *transfer;
	int error = http_transfer_create(client, request, handler, context, &transfer);

	if (error) {
		return error;
	}
	if (curl_multi_add_handle(client->multi, transfer->easy) != CURLM_OK) {
		http_transfer_destroy(transfer);
		return FLAGSHIP_ERROR_MEMORY;
	}
	return 0;
}

static void handle_timer_closed(uv_handle_t *handle)
{
	http_client_handle_closed(handle->data);
}

void http_client_close(struct http_client *client, void (*on_closed)(void *context), void *context)
{
	if (!client || client->closing) {
		return;
	}
	while (client->transfers) {
		http_transfer_destroy(client->transfers);
	}
	client->closing = true;
	client->on_closed = on_closed;
	client->closed_context = context;
	curl_multi_cleanup(client->multi);
	uv_close((uv_handle_t *)&client->timer, handle_timer_closed);
}
