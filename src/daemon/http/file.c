/* SPDX-License-Identifier: MIT */
#include "daemon/http/internal.h"
#include "daemon/http/syntax/negotiate.h"
#include "daemon/http/syntax/range.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define OK              200
#define PARTIAL         206
#define NOT_MODIFIED    304
#define NOT_SATISFIABLE 416
#define HEADERS         8
#define ETAG_MAX        96
#define RANGE_MAX       80
#define DISPOSITION_MAX 300
#define BUFFER_SIZE     (4 * HTTP_PIECE)

/* What stands in files, or in the program: the same headers, ranges and codings for both. */

/* The head of an answer that is under way; the texts are its own. */
struct shape {
	struct http_response response;
	struct http_header headers[HEADERS];
	char etag[ETAG_MAX];
	char range_text[RANGE_MAX];
	char disposition[DISPOSITION_MAX];
	struct http_range range;
};

static void add_header(struct shape *shape, const char *name, const char *value)
{
	shape->headers[shape->response.header_count++] = (struct http_header){name, value};
}

/* Another coding is another thing: its ETag says so. */
static void set_etag(struct shape *shape, const char *etag, enum http_coding coding)
{
	size_t length = strlen(etag);

	if (coding == HTTP_IDENTITY || length < 2) {
		snprintf(shape->etag, sizeof(shape->etag), "%s", etag);
	} else {
		snprintf(shape->etag, sizeof(shape->etag), "%.*s-%s\"", (int)(length - 1), etag,
			 http_coding_name(coding));
	}
}

/* The status, and the range that goes with it. */
static void choose_range(struct shape *shape, const struct http_request *request, uint64_t size)
{
	const char *header = http_request_header(request, "range");

	if (request->head.method == HTTP_HEAD ||
	    !http_etag_in_range(http_request_header(request, "if-range"), shape->etag)) {
		header = NULL;
	}
	shape->range = http_range_parse(header, size);
	if (shape->range.kind == HTTP_RANGE_PART) {
		shape->response.status = PARTIAL;
		snprintf(shape->range_text, sizeof(shape->range_text),
			 "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, shape->range.first,
			 shape->range.first + shape->range.length - 1, size);
		add_header(shape, "content-range", shape->range_text);
	} else if (shape->range.kind == HTTP_RANGE_NONE) {
		shape->response.status = NOT_SATISFIABLE;
		snprintf(shape->range_text, sizeof(shape->range_text), "bytes */%" PRIu64, size);
		add_header(shape, "content-range", shape->range_text);
	}
}

static void make_shape(struct shape *shape, const struct http_request *request,
		       const char *content_type, const char *cache_control, bool varies,
		       enum http_coding coding, uint64_t size)
{
	shape->response = (struct http_response){
		.status = OK,
		.content_type = content_type,
		.headers = shape->headers,
	};
	add_header(shape, "etag", shape->etag);
	add_header(shape, "cache-control", cache_control ? cache_control : "no-cache");
	if (varies) {
		add_header(shape, "vary", "accept-encoding");
	}
	if (http_etag_matches(http_request_header(request, "if-none-match"), shape->etag)) {
		shape->response.status = NOT_MODIFIED;
		shape->response.content_type = NULL;
		return;
	}
	add_header(shape, "accept-ranges", "bytes");
	if (coding != HTTP_IDENTITY) {
		add_header(shape, "content-encoding", http_coding_name(coding));
	}
	choose_range(shape, request, size);
}

/* Without a body of its own: what is refused looks like all that the server refuses. */
static void respond_bare(struct http_request *request, const struct shape *shape)
{
	if (shape->response.status != NOT_SATISFIABLE) {
		http_respond(request, &shape->response);
		return;
	}
	http_request_add_header(request, "content-range", shape->range_text);
	http_request_refuse(request, NOT_SATISFIABLE);
}

/* --- in memory --- */

void http_respond_asset(struct http_request *request, const struct http_asset *asset)
{
	enum http_coding coding = http_coding_choose(
		http_request_header(request, "accept-encoding"),
		(asset->gzip ? HTTP_GZIP : 0U) | (asset->brotli ? HTTP_BROTLI : 0U));
	const char *bytes = coding == HTTP_BROTLI ? asset->brotli
			    : coding == HTTP_GZIP ? asset->gzip
						  : asset->bytes;
	size_t length = coding == HTTP_BROTLI ? asset->brotli_length
			: coding == HTTP_GZIP ? asset->gzip_length
					      : asset->length;
	struct shape shape = {0};

	set_etag(&shape, asset->etag, coding);
	make_shape(&shape, request, asset->content_type, asset->cache_control,
		   asset->gzip || asset->brotli, coding, length);
	if (shape.response.status != OK && shape.response.status != PARTIAL) {
		respond_bare(request, &shape);
		return;
	}
	shape.response.body = bytes + shape.range.first;
	shape.response.length = (size_t)shape.range.length;
	http_respond(request, &shape.response);
}

/* --- on disk --- */

/* Read ahead on a thread by one buffer: while it reads, nothing is sent, and the other way around.
 */
struct file_source {
	struct http_request *request; /* NULL: gone */
	uv_loop_t *loop;
	uv_fs_t read;
	int descriptor;
	uint64_t at;
	uint64_t left;
	size_t filled;
	size_t taken;
	bool reading;
	bool failed;
	char buffer[BUFFER_SIZE];
};

static void free_source(struct file_source *source)
{
	close(source->descriptor);
	free(source);
}

static void on_read(uv_fs_t *read)
{
	struct file_source *source = read->data;
	ssize_t result = read->result;

	uv_fs_req_cleanup(read);
	source->reading = false;
	if (!source->request) {
		free_source(source);
		return;
	}
	source->failed = result <= 0;
	source->filled = result > 0 ? (size_t)result : 0;
	source->taken = 0;
	source->at += source->filled;
	source->left -= source->filled;
	http_respond_resume(source->request);
}

static bool read_ahead(struct file_source *source)
{
	size_t length = source->left < BUFFER_SIZE ? (size_t)source->left : BUFFER_SIZE;
	uv_buf_t buffer = uv_buf_init(source->buffer, (unsigned int)length);

	source->read.data = source;
	source->reading = uv_fs_read(source->loop, &source->read, source->descriptor, &buffer, 1,
				     (int64_t)source->at, on_read) == 0;
	return source->reading;
}

static ssize_t read_source(void *context, char *out, size_t capacity)
{
	struct file_source *source = context;
	size_t count = source->filled - source->taken;

	if (source->failed) {
		return HTTP_SOURCE_BROKEN;
	}
	if (count == 0) {
		if (source->left == 0) {
			return 0;
		}
		return source->reading || read_ahead(source) ? HTTP_SOURCE_WAIT
							     : HTTP_SOURCE_BROKEN;
	}
	count = count < capacity ? count : capacity;
	memcpy(out, source->buffer + source->taken, count);
	source->taken += count;
	return (ssize_t)count;
}

static void release_source(void *context)
{
	struct file_source *source = context;

	source->request = NULL;
	if (!source->reading) {
		free_source(source);
	}
}

static const char *type_of(const char *path)
{
	static const struct {
		const char *ending;
		const char *type;
	} types[] = {
		{".html", "text/html; charset=utf-8"},
		{".js", "text/javascript; charset=utf-8"},
		{".css", "text/css; charset=utf-8"},
		{".json", "application/json"},
		{".svg", "image/svg+xml"},
		{".png", "image/png"},
		{".jpg", "image/jpeg"},
		{".webp", "image/webp"},
		{".ico", "image/x-icon"},
		{".woff2", "font/woff2"},
		{".webmanifest", "application/manifest+json"},
		{".mp4", "video/mp4"},
		{".gcode", "text/x.gcode; charset=utf-8"},
		{".txt", "text/plain; charset=utf-8"},
	};
	size_t length = strlen(path);

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t ending = strlen(types[i].ending);

		if (length > ending && strcasecmp(path + length - ending, types[i].ending) == 0) {
			return types[i].type;
		}
	}
	return "application/octet-stream";
}

static int open_regular(const char *path, struct stat *status)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (descriptor >= 0 && (fstat(descriptor, status) != 0 || !S_ISREG(status->st_mode))) {
		close(descriptor);
		return -1;
	}
	return descriptor;
}

/* The file, or the packed one beside it that the client likes best. */
static int open_best(const struct http_request *request, const char *path, bool packed,
		     struct stat *status, enum http_coding *coding)
{
	const char *accepted = http_request_header(request, "accept-encoding");
	unsigned int offered = HTTP_GZIP | HTTP_BROTLI;

	while (packed && (*coding = http_coding_choose(accepted, offered)) != HTTP_IDENTITY) {
		char other[PATH_MAX];
		int length = snprintf(other, sizeof(other), "%s.%s", path,
				      *coding == HTTP_BROTLI ? "br" : "gz");
		int descriptor = (size_t)length < sizeof(other) ? open_regular(other, status) : -1;

		if (descriptor >= 0) {
			return descriptor;
		}
		offered &= ~(unsigned int)*coding;
	}
	*coding = HTTP_IDENTITY;
	return open_regular(path, status);
}

static void set_file_etag(struct shape *shape, const struct stat *status, enum http_coding coding)
{
	char etag[ETAG_MAX];

	snprintf(etag, sizeof(etag), "\"%jx-%jx-%jx.%lx\"", (uintmax_t)status->st_ino,
		 (uintmax_t)status->st_size, (uintmax_t)status->st_mtime,
		 (unsigned long)status->st_mtim.tv_nsec);
	set_etag(shape, etag, coding);
}

/* Quotes and what begins another header cannot stand in the plain form, nor can UTF-8. */
static void set_disposition(struct shape *shape, const char *name)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	char *out = shape->disposition;
	size_t used = (size_t)snprintf(out, DISPOSITION_MAX, "attachment; filename*=UTF-8''");

	for (; *name && used + 4 < DISPOSITION_MAX; name++) {
		used += (size_t)snprintf(out + used, DISPOSITION_MAX - used,
					 strchr(plain, *name) ? "%c" : "%%%02X",
					 (unsigned char)*name);
	}
	add_header(shape, "content-disposition", out);
}

static void send_file(struct http_request *request, struct shape *shape, int descriptor)
{
	static const struct http_source reader = {.read = read_source, .release = release_source};
	struct file_source *source = calloc(1, sizeof(*source));

	if (!source) {
		close(descriptor);
		http_request_refuse(request, 503);
		return;
	}
	source->request = request;
	source->loop = request->connection->server->loop;
	source->descriptor = descriptor;
	source->at = shape->range.first;
	source->left = shape->range.length;
	http_respond_stream(request, &shape->response, (int64_t)shape->range.length, &reader,
			    source);
}

bool http_respond_file(struct http_request *request, const char *path, const struct http_file *file)
{
	struct stat status;
	struct shape shape = {0};
	enum http_coding coding;
	int descriptor = open_best(request, path, file->packed, &status, &coding);

	if (descriptor < 0) {
		return false;
	}
	set_file_etag(&shape, &status, coding);
	make_shape(&shape, request, file->content_type ? file->content_type : type_of(path),
		   file->cache_control, file->packed, coding, (uint64_t)status.st_size);
	if (shape.response.status != OK && shape.response.status != PARTIAL) {
		close(descriptor);
		respond_bare(request, &shape);
		return true;
	}
	if (file->download_name) {
		set_disposition(&shape, file->download_name);
	}
	send_file(request, &shape, descriptor);
	return true;
}
