/* SPDX-License-Identifier: MIT */
#include "gateway/page/page.h"

#include "base/json/compose.h"
#include "base/json/writer.h"
#include "gateway/page/assets.h"
#include "gateway/rest/rest.h"
#include "gateway/users/users.h"

#include <flagship/error.h>
#include <flagship/flagship.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#define START_SIZE 65536 /* of what the document begins with, beside the printers */
/* By which web/push/device.js names the service worker, the one script that it may. */
#define WORKER_POLICY "flagship-worker"
#define WORKER_NAME   "push-worker.js"
#define ESCAPED       "\\u003c"
#define ESCAPED_LEN   (sizeof(ESCAPED) - 1)

/* Scripts and styles of our own alone, none within the document; and no script may write HTML. */
static const char policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
	"media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; "
	"worker-src 'self'; "
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
	"require-trusted-types-for 'script'; trusted-types " WORKER_POLICY;

/* It runs nothing but itself, and asks the gateway alone. */
static const char worker_policy[] = "default-src 'none'; connect-src 'self'";

struct page {
	struct access *access;
	struct gateway_events *events;
	const struct queue *queue;
	const struct preferences *preferences;
};

/* --- the document --- */

static void write_text(struct json_writer *writer, const char *key, const char *text, size_t length)
{
	json_key(writer, key);
	if (text) {
		json_raw(writer, text, length);
	} else {
		json_null(writer);
	}
}

static bool may_see(const void *context, const char *serial)
{
	return access_may_see(context, serial);
}

struct coming {
	const struct queue *queue;
	const struct http_request *request;
};

static void write_coming(struct json_writer *writer, const void *context)
{
	const struct coming *coming = context;

	queue_write_coming(coming->queue, writer, may_see, coming->request);
}

/* Who asks, the printers that he sees, what they print next, and how he wants the page: {"version",
 * "session", "setup", "snapshot", "next", "page"}. */
static char *write_start(const struct page *page, const struct http_request *request,
			 size_t *length)
{
	const struct access_identity *identity = access_identity(request);
	struct json_writer writer;
	size_t snapshot_length = 0;
	char *snapshot = identity ? gateway_events_snapshot(page->events, &identity->grant,
							    &snapshot_length)
				  : NULL;
	size_t settings_length = 0;
	char *settings = preferences_text(page->preferences, request, &settings_length);
	const struct coming coming = {.queue = page->queue, .request = request};
	size_t next_length = 0;
	char *next = identity ? json_compose(write_coming, &coming, &next_length) : NULL;
	size_t capacity = START_SIZE + snapshot_length + next_length + settings_length;
	char *out = malloc(capacity);

	if (!out) {
		free(snapshot);
		free(next);
		free(settings);
		return NULL;
	}
	json_writer_init(&writer, out, capacity);
	json_object_begin(&writer);
	json_key(&writer, "version");
	json_string(&writer, flagship_version());
	json_key(&writer, "session");
	users_write_session(&writer, page->access, request);
	json_key(&writer, "setup");
	json_bool(&writer, access_setup_is_offered(page->access));
	write_text(&writer, "snapshot", snapshot, snapshot_length);
	write_text(&writer, "next", next, next_length);
	write_text(&writer, "page", settings, settings_length);
	json_object_end(&writer);
	free(snapshot);
	free(next);
	free(settings);
	if (json_writer_finish(&writer, length)) {
		free(out);
		return NULL;
	}
	return out;
}

/* With no "<" in it, which could end the element that it stands in: it is in strings alone. */
static char *append_escaped(char *out, const char *json, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (json[i] == '<') {
			memcpy(out, ESCAPED, ESCAPED_LEN);
			out += ESCAPED_LEN;
		} else {
			*out++ = json[i];
		}
	}
	return out;
}

static size_t escaped_length(const char *json, size_t length)
{
	size_t escaped = length;

	for (size_t i = 0; i < length; i++) {
		escaped += json[i] == '<' ? ESCAPED_LEN - 1 : 0;
	}
	return escaped;
}

/* NULL for want of memory. */
static char *write_document(const char *start, size_t start_length, size_t *length)
{
	*length = page_head_length + escaped_length(start, start_length) + page_tail_length;
	char *document = malloc(*length);
	char *out = document;

	if (document) {
		memcpy(out, page_head, page_head_length);
		out = append_escaped(out + page_head_length, start, start_length);
		memcpy(out, page_tail, page_tail_length);
	}
	return document;
}

static void get_page(struct http_request *request, void *context)
{
	const struct page *page = context;
	size_t start_length = 0;
	size_t length = 0;

	(void)access_recognise(page->access, request);
	char *start = write_start(page, request, &start_length);
	char *document = start ? write_document(start, start_length, &length) : NULL;

	if (!document) {
		rest_refuse(request, REST_FAILED, "out of memory");
	} else {
		http_request_add_header(request, "content-security-policy", policy);
		http_respond_document(request, "text/html; charset=utf-8", document, length);
		OPENSSL_cleanse(document, length); /* the token of a session is in it */
		OPENSSL_cleanse(start, start_length);
	}
	free(document);
	free(start);
}

/* --- what it names --- */

static void answer_asset(struct http_request *request, const char *name)
{
	for (size_t i = 0; i < page_asset_count; i++) {
		if (strcmp(page_assets[i].name, name) == 0) {
			http_respond_asset(request, &page_assets[i].asset);
			return;
		}
	}
	rest_refuse(request, REST_NOT_FOUND, "the page has no such part: load it anew");
}

static void get_asset(struct http_request *request, void *context)
{
	(void)context;
	answer_asset(request, http_request_parameter(request, "name"));
}

/* At the root, whose pages it is for. */
static void get_worker(struct http_request *request, void *context)
{
	(void)context;
	http_request_add_header(request, "content-security-policy", worker_policy);
	answer_asset(request, WORKER_NAME);
}

/* --- routes --- */

#define PAGE(address)                                                      \
	{                                                                  \
		.methods = HTTP_GET, .path = (address), .handle = get_page \
	}

/* Each address of web/routes.js. Nothing is secret in it for whoever has no session. */
static const struct http_route routes[] = {
	PAGE("/"),
	PAGE("/setup"),
	PAGE("/login"),
	PAGE("/wall"),
	PAGE("/cameras"),
	PAGE("/p/{path...}"),
	PAGE("/files"),
	PAGE("/files/{path...}"),
	PAGE("/queue"),
	PAGE("/history"),
	PAGE("/history/{path...}"),
	PAGE("/timelapses"),
	PAGE("/settings"),
	PAGE("/settings/{path...}"),
	PAGE("/cloud"),
	PAGE("/cloud/{path...}"),
	PAGE("/doctor"),
	PAGE("/doctor/{path...}"),
	{.methods = HTTP_GET, .path = "/assets/{name}", .handle = get_asset},
	{.methods = HTTP_GET, .path = "/" WORKER_NAME, .handle = get_worker},
};

int page_create(struct access *access, struct gateway_events *events, const struct queue *queue,
		const struct preferences *preferences, struct page **out)
{
	struct page *page = calloc(1, sizeof(*page));

	*out = page;
	if (!page) {
		return FLAGSHIP_ERROR_MEMORY;
	}
	page->access = access;
	page->events = events;
	page->queue = queue;
	page->preferences = preferences;
	return 0;
}

void page_fill_api(struct page *page, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = page,
		.prefixes = "/assets",
		.refuse = rest_refuse,
	};
}

void page_destroy(struct page *page)
{
	free(page);
}
