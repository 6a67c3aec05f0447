/* SPDX-License-Identifier: MIT */
#include "daemon/http/syntax/head.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define BAD_REQUEST       400
#define EXPECTATION       417
#define HEADERS_TOO_LARGE 431
#define BAD_VERSION       505
#define LENGTH_DIGITS_MAX 18
#define END               "\r\n\r\n"
#define END_LENGTH        (sizeof(END) - 1)
#define VERSION           "HTTP/1."
#define DECIMAL           10

static const struct {
	enum http_method method;
	const char *name;
} methods[] = {
	{HTTP_GET, "GET"},         {HTTP_HEAD, "HEAD"},   {HTTP_POST, "POST"},
	{HTTP_PUT, "PUT"},         {HTTP_PATCH, "PATCH"}, {HTTP_DELETE, "DELETE"},
	{HTTP_OPTIONS, "OPTIONS"},
};

const char *http_method_name(enum http_method method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (methods[i].method == method) {
			return methods[i].name;
		}
	}
	return "OTHER";
}

static enum http_method method_of(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		if (strcmp(methods[i].name, name) == 0) {
			return methods[i].method;
		}
	}
	return HTTP_OTHER;
}

size_t http_head_find_end(const char *bytes, size_t length, size_t from)
{
	/* The end may have begun in what was looked at. */
	size_t start = from > END_LENGTH ? from - END_LENGTH : 0;

	while (length - start >= END_LENGTH) {
		const char *found = memchr(bytes + start, '\r', length - start - END_LENGTH + 1);

		if (!found) {
			return 0;
		}
		start = (size_t)(found - bytes);
		if (memcmp(found, END, END_LENGTH) == 0) {
			return start + END_LENGTH;
		}
		start++;
	}
	return 0;
}

static bool is_token_character(char character)
{
	return character != '\0' &&
	       (isalnum((unsigned char)character) || strchr("!#$%&'*+-.^_`|~", character));
}

static bool is_text_character(char character)
{
	unsigned char byte = (unsigned char)character;

	return byte == '\t' || (byte >= ' ' && byte != 0x7f);
}

/* The next line, ended with NUL; NULL where it holds what no line may. */
static char *take_line(char **rest, const char *end)
{
	char *line = *rest;
	char *cursor = line;

	while (cursor < end && is_text_character(*cursor)) {
		cursor++;
	}
	if (end - cursor < 2 || cursor[0] != '\r' || cursor[1] != '\n') {
		return NULL;
	}
	*cursor = '\0';
	*rest = cursor + 2;
	return line;
}

/* Of "http://host/path" the path counts (RFC 9112, 3.2.2). */
static const char *skip_authority(const char *target)
{
	const char *authority = strncasecmp(target, "http://", strlen("http://")) == 0
					? target + strlen("http://")
				: strncasecmp(target, "https://", strlen("https://")) == 0
					? target + strlen("https://")
					: NULL;

	return authority ? strchr(authority, '/') : target;
}

static int split_target(char *target, struct http_head *head)
{
	const char *path = skip_authority(target);

	for (const char *at = target; *at; at++) {
		if (*at == ' ' || *at == '\t' || *at == '#' || (unsigned char)*at >= 0x80) {
			return BAD_REQUEST;
		}
	}
	if (!path || path[0] != '/') {
		return BAD_REQUEST;
	}
	head->target = path;
	char *mark = strchr(target + (path - target), '?');
	head->query = "";
	if (mark) {
		*mark = '\0';
		head->query = mark + 1;
	}
	return 0;
}

static int read_request_line(char *line, struct http_head *head)
{
	char *target = strchr(line, ' ');
	char *version = target ? strchr(target + 1, ' ') : NULL;

	if (!version || target == line) {
		return BAD_REQUEST;
	}
	*target++ = '\0';
	*version++ = '\0';
	for (const char *at = line; *at; at++) {
		if (!is_token_character(*at)) {
			return BAD_REQUEST;
		}
	}
	head->method_name = line;
	head->method = method_of(line);
	int error = split_target(target, head);

	if (error) {
		return error;
	}
	if (strncmp(version, VERSION, strlen(VERSION)) != 0 ||
	    !isdigit((unsigned char)version[strlen(VERSION)]) ||
	    version[strlen(VERSION) + 1] != '\0') {
		return BAD_VERSION;
	}
	head->minor = version[strlen(VERSION)] > '0';
	return 0;
}

static int read_field(char *line, struct http_field *field)
{
	char *colon = line;

	for (; is_token_character(*colon); colon++) {
		*colon = (char)tolower((unsigned char)*colon);
	}
	if (colon == line || *colon != ':') {
		return BAD_REQUEST;
	}
	*colon = '\0';
	char *value = colon + 1 + strspn(colon + 1, " \t");
	char *end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
		*--end = '\0';
	}
	*field = (struct http_field){.name = line, .value = value};
	return 0;
}

const char *http_head_field(const struct http_head *head, const char *name)
{
	for (size_t i = 0; i < head->field_count; i++) {
		if (strcmp(head->fields[i].name, name) == 0) {
			return head->fields[i].value;
		}
	}
	return NULL;
}

static size_t count_fields(const struct http_head *head, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; i < head->field_count; i++) {
		count += strcmp(head->fields[i].name, name) == 0;
	}
	return count;
}

bool http_list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (list && *list) {
		list += strspn(list, " \t,");
		size_t item = strcspn(list, ",");
		while (item > 0 && (list[item - 1] == ' ' || list[item - 1] == '\t')) {
			item--;
		}
		if (item == length && strncasecmp(list, word, length) == 0) {
			return true;
		}
		list += strcspn(list, ",");
	}
	return false;
}

static int read_length(const char *text, uint64_t *length)
{
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > LENGTH_DIGITS_MAX || text[digits] != '\0') {
		return BAD_REQUEST;
	}
	*length = 0;
	for (; *text; text++) {
		*length = *length * DECIMAL + (uint64_t)(*text - '0');
	}
	return 0;
}

/* Where the end of the body cannot be told for sure, the request is refused. */
static int read_framing(struct http_head *head)
{
	const char *length = http_head_field(head, "content-length");
	const char *coding = http_head_field(head, "transfer-encoding");

	if (count_fields(head, "content-length") + count_fields(head, "transfer-encoding") > 1) {
		return BAD_REQUEST;
	}
	if (coding) {
		head->framing = HTTP_FRAMING_CHUNKED;
		return strcasecmp(coding, "chunked") == 0 && head->minor > 0 ? 0 : BAD_REQUEST;
	}
	if (!length) {
		return 0;
	}
	int error = read_length(length, &head->length);

	if (!error && head->length > 0) {
		head->framing = HTTP_FRAMING_LENGTH;
	}
	return error;
}

static int read_meaning(struct http_head *head)
{
	const char *connection = http_head_field(head, "connection");
	const char *expect = http_head_field(head, "expect");
	size_t hosts = count_fields(head, "host");

	if (hosts > 1 || (hosts == 0 && head->minor > 0)) {
		return BAD_REQUEST;
	}
	head->keeps_alive = head->minor > 0 ? !http_list_has(connection, "close")
					    : http_list_has(connection, "keep-alive");
	if (expect && head->minor > 0) {
		if (strcasecmp(expect, "100-continue") != 0) {
			return EXPECTATION;
		}
		head->awaits_continue = true;
	}
	head->upgrades = head->method == HTTP_GET && head->minor > 0 &&
			 http_list_has(http_head_field(head, "upgrade"), "websocket") &&
			 http_list_has(connection, "upgrade");
	return read_framing(head);
}

int http_head_parse(char *bytes, size_t length, struct http_head *head)
{
	const char *end = bytes + length;
	char *rest = bytes;

	memset(head, 0, sizeof(*head));
	head->method_name = "";
	head->target = "";
	head->query = "";
	char *line = take_line(&rest, end);
	int error = line ? read_request_line(line, head) : BAD_REQUEST;

	while (!error && (line = take_line(&rest, end)) && *line) {
		if (head->field_count == HTTP_HEADERS_MAX) {
			return HEADERS_TOO_LARGE;
		}
		error = read_field(line, &head->fields[head->field_count]);
		head->field_count += !error;
	}
	if (error) {
		return error;
	}
	return line && rest == end ? read_meaning(head) : BAD_REQUEST;
}
