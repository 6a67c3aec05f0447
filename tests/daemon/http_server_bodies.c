/* SPDX-License-Identifier: MIT */
#include "http_server.h"

#include "daemon/http/syntax/multipart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Bodies of any size, in and out. */

#define LINE_SIZE 512

/* --- later --- */

struct later {
	uv_timer_t timer;
	struct http_request *request;
};

static void free_later(uv_handle_t *handle)
{
	free(handle->data);
}

static void on_gone(void *context)
{
	struct later *later = context;

	program.gone++;
	later->request = NULL;
	uv_close((uv_handle_t *)&later->timer, free_later);
}

static void on_later(uv_timer_t *timer)
{
	struct later *later = timer->data;

	say(later->request, 200, "later");
	uv_close((uv_handle_t *)timer, free_later);
}

void answer_later(struct http_request *request, void *context)
{
	struct later *later = calloc(1, sizeof(*later));
	char text[32];

	(void)context;
	if (!later) {
		abort();
	}
	later->request = request;
	later->timer.data = later;
	uv_timer_init(&program.loop, &later->timer);
	(void)http_request_query_value(request, "ms", text, sizeof(text));
	uv_timer_start(&later->timer, on_later, strtoul(text, NULL, 10), 0);
	http_request_watch(request, on_gone, later);
}

/* --- uploads --- */

struct upload {
	struct http_request *request;
	struct http_multipart multipart;
	uv_timer_t timer;
	char report[LINE_SIZE];
	size_t used;
	size_t bytes;
	size_t pieces;
	bool slow;
};

static void free_upload(uv_handle_t *handle)
{
	free(handle->data);
}

static void end_upload(struct upload *upload)
{
	upload->request = NULL;
	uv_close((uv_handle_t *)&upload->timer, free_upload);
}

static void upload_gone(void *context)
{
	program.gone++;
	end_upload(context);
}

static void note(struct upload *upload, const char *format, const char *text, size_t number)
{
	upload->used += (size_t)snprintf(upload->report + upload->used,
					 sizeof(upload->report) - upload->used, format, text,
					 number);
	upload->used = upload->used < sizeof(upload->report) ? upload->used
							     : sizeof(upload->report) - 1;
}

static enum http_flow on_part_bytes(void *context, const char *bytes, size_t length)
{
	struct upload *upload = context;
	enum http_multipart_event event;
	const char *data;
	size_t data_length;

	while ((event = http_multipart_take(&upload->multipart, &bytes, &length, &data,
					    &data_length)) != HTTP_MULTIPART_MORE &&
	       event != HTTP_MULTIPART_END) {
		if (event == HTTP_MULTIPART_BROKEN) {
			struct http_request *request = upload->request;

			end_upload(upload);
			say(request, 400, "no such body");
			return HTTP_GO_ON;
		}
		if (event == HTTP_MULTIPART_PART) {
			note(upload, "%s=", upload->multipart.name, 0);
			note(upload, "%s:", upload->multipart.file_name, 0);
			upload->bytes = 0;
		} else if (event == HTTP_MULTIPART_DATA) {
			upload->bytes += data_length;
		} else {
			note(upload, "%s%zu ", "", upload->bytes);
		}
	}
	return HTTP_GO_ON;
}

static void on_multipart_end(void *context)
{
	struct upload *upload = context;
	struct http_request *request = upload->request;
	bool whole = upload->multipart.state == HTTP_MULTIPART_DONE;

	say(request, whole ? 200 : 400, whole ? upload->report : "half a body");
	end_upload(upload);
}

static void on_resume(uv_timer_t *timer)
{
	http_request_resume(((struct upload *)timer->data)->request);
}

static enum http_flow on_bytes(void *context, const char *bytes, size_t length)
{
	struct upload *upload = context;

	(void)bytes;
	upload->bytes += length;
	upload->pieces++;
	if (!upload->slow) {
		return HTTP_GO_ON;
	}
	uv_timer_start(&upload->timer, on_resume, 1, 0);
	return HTTP_PAUSE;
}

static void on_end(void *context)
{
	struct upload *upload = context;
	char line[LINE_SIZE];

	snprintf(line, sizeof(line), "%zu", upload->bytes);
	say(upload->request, 200, line);
	end_upload(upload);
}

static struct upload *make_upload(struct http_request *request)
{
	struct upload *upload = calloc(1, sizeof(*upload));

	if (!upload) {
		abort();
	}
	upload->request = request;
	upload->timer.data = upload;
	uv_timer_init(&program.loop, &upload->timer);
	http_request_watch(request, upload_gone, upload);
	return upload;
}

void take_upload(struct http_request *request, void *context)
{
	static const struct http_sink sink = {.data = on_part_bytes, .end = on_multipart_end};
	struct upload *upload = make_upload(request);

	(void)context;
	if (!http_multipart_begin(&upload->multipart,
				  http_request_header(request, "content-type"))) {
		say(request, 415, "multipart/form-data is taken here");
		end_upload(upload);
		return;
	}
	http_request_receive(request, &sink, upload);
}

void take_bytes(struct http_request *request, void *context)
{
	static const struct http_sink sink = {.data = on_bytes, .end = on_end};
	struct upload *upload = make_upload(request);

	(void)context;
	upload->slow = strstr(http_request_query(request), "slow") != NULL;
	http_request_receive(request, &sink, upload);
}

/* --- streams out --- */

struct pattern {
	size_t left;
};

static ssize_t read_pattern(void *context, char *out, size_t capacity)
{
	struct pattern *pattern = context;
	size_t count = pattern->left < capacity ? pattern->left : capacity;

	memset(out, 'x', count);
	pattern->left -= count;
	return (ssize_t)count;
}

static void free_pattern(void *context)
{
	program.closed++;
	free(context);
}

void send_pattern(struct http_request *request, void *context)
{
	static const struct http_source source = {.read = read_pattern, .release = free_pattern};
	static const struct http_response response = {.status = 200, .content_type = TEXT_TYPE};
	struct pattern *pattern = calloc(1, sizeof(*pattern));
	char text[32];

	(void)context;
	if (!pattern) {
		abort();
	}
	(void)http_request_query_value(request, "bytes", text, sizeof(text));
	pattern->left = strtoul(text, NULL, 10);
	bool known = strstr(http_request_query(request), "unknown") == NULL;

	http_respond_stream(request, &response, known ? (int64_t)pattern->left : -1, &source,
			    pattern);
}

void send_file(struct http_request *request, void *context)
{
	const char *name = http_request_parameter(request, "name");
	char path[LINE_SIZE];
	char download[64];
	struct http_file file = {.packed = true};

	(void)context;
	if (http_request_query_value(request, "as", download, sizeof(download))) {
		file.download_name = download;
	}
	snprintf(path, sizeof(path), "%s/%s", program.dir, name);
	if (!http_respond_file(request, path, &file)) {
		say(request, 404, "no such file");
	}
}

void send_asset(struct http_request *request, void *context)
{
	static const struct http_asset asset = {
		.content_type = TEXT_TYPE,
		.etag = "\"v1\"",
		.cache_control = "max-age=60",
		.bytes = "0123456789",
		.length = 10,
		.gzip = "GZIP",
		.gzip_length = 4,
		.brotli = "BR",
		.brotli_length = 2,
	};

	(void)context;
	http_respond_asset(request, &asset);
}
