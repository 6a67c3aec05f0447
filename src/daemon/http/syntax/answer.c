/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/answer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_FIRST   1900
#define YEARS        10000
#define STATUS_FIRST 100
#define STATUS_LAST  599

static const struct {
	int status;
	const char *text;
} texts[] = {
	{100, "Continue"},
	{101, "Switching Protocols"},
	{200, "OK"},
	{201, "Created"},
	{202, "Accepted"},
	{204, "No Content"},
	{206, "Partial Content"},
	{301, "Moved Permanently"},
	{302, "Found"},
	{303, "See Other"},
	{304, "Not Modified"},
	{307, "Temporary Redirect"},
	{308, "Permanent Redirect"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{406, "Not Acceptable"},
	{408, "Request Timeout"},
	{409, "Conflict"},
	{411, "Length Required"},
	{412, "Precondition Failed"},
	{413, "Content Too Large"},
	{414, "URI Too Long"},
	{415, "Unsupported Media Type"},
	{416, "Range Not Satisfiable"},
	{417, "Expectation Failed"},
	{422, "Unprocessable Content"},
	{426, "Upgrade Required"},
	{428, "Precondition Required"},
	{429, "Too Many Requests"},
	{431, "Request Header Fields Too Large"},
	{500, "Internal Server Error"},
	{501, "Not Implemented"},
	{502, "Bad Gateway"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
	{505, "HTTP Version Not Supported"},
	{507, "Insufficient Storage"},
};

const char *http_status_text(int status)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (texts[i].status == status) {
			return texts[i].text;
		}
	}
	return "Status";
}

/* Not strftime: its names are of the locale. */
void http_date(int64_t unix_s, char out[HTTP_DATE_SIZE])
{
	static const char days[] = "SunMonTueWedThuFriSat";
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t seconds = (time_t)unix_s;
	struct tm tm = {0};

	if (!gmtime_r(&seconds, &tm)) {
		out[0] = '\0';
		return;
	}
	snprintf(out, HTTP_DATE_SIZE, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT",
		 days + (size_t)tm.tm_wday * 3, tm.tm_mday % 100, months + (size_t)tm.tm_mon * 3,
		 (tm.tm_year + YEAR_FIRST) % YEARS, tm.tm_hour % 100, tm.tm_min % 100,
		 tm.tm_sec % 100);
}

struct writer {
	char *out;
	size_t capacity;
	size_t length;
	bool failed;
};

static void __attribute__((format(printf, 2, 3)))
add(struct writer *writer, const char *format, ...)
{
	va_list arguments;

	if (writer->failed) {
		return;
	}
	va_start(arguments, format);
	int written = vsnprintf(writer->out + writer->length, writer->capacity - writer->length,
				format, arguments);
	va_end(arguments);
	writer->failed = written < 0 || (size_t)written >= writer->capacity - writer->length;
	writer->length += writer->failed ? 0 : (size_t)written;
}

/* What a handler took of a stranger cannot begin another header. */
static bool is_safe(const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if ((byte < ' ' && byte != '\t') || byte == 0x7f) {
			return false;
		}
	}
	return true;
}

static void add_header(struct writer *writer, const char *name, const char *value)
{
	if (!is_safe(name) || strpbrk(name, ": ") || !is_safe(value)) {
		writer->failed = true;
	}
	add(writer, "%s: %s\r\n", name, value);
}

static void add_length(struct writer *writer, int64_t length)
{
	if (length >= 0) {
		add(writer, "content-length: %" PRId64 "\r\n", length);
	} else if (length == HTTP_LENGTH_CHUNKED) {
		add(writer, "transfer-encoding: chunked\r\n");
	}
}

size_t http_answer_write(const struct http_answer *answer, char *out, size_t capacity)
{
	struct writer writer = {.out = out, .capacity = capacity};

	if (answer->status < STATUS_FIRST || answer->status > STATUS_LAST) {
		return 0;
	}
	add(&writer, "HTTP/1.1 %d %s\r\n", answer->status, http_status_text(answer->status));
	if (answer->date) {
		add_header(&writer, "date", answer->date);
	}
	if (answer->content_type) {
		add_header(&writer, "content-type", answer->content_type);
	}
	add_length(&writer, answer->length);
	if (answer->closes || answer->length == HTTP_LENGTH_CLOSE) {
		add(&writer, "connection: close\r\n");
	}
	for (size_t i = 0; i < answer->header_count; i++) {
		add_header(&writer, answer->headers[i].name, answer->headers[i].value);
	}
	add(&writer, "\r\n");
	return writer.failed ? 0 : writer.length;
}
