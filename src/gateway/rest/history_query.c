/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "base/time/time_text.h"
#include "gateway/access/access.h"
#include "gateway/history/history.h"
#include "gateway/rest/internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a request wants to know of the history. */

#define LIMIT_DEFAULT 100
#define VALUE_SIZE    256
#define NUMBER_SIZE   32
#define DECIMAL       10

bool rest_read_time(struct http_request *request, const char *name, int64_t *unix_ms)
{
	char text[VALUE_SIZE];

	if (!http_request_query_value(request, name, text, sizeof(text)) ||
	    time_text_read(text, clock_unix_ms(), false, unix_ms)) {
		return true;
	}
	rest_respond_problem(request, REST_BAD_REQUEST,
			     "'%s' is a time as 2026-11-28T15:04:00Z, Unix seconds, or 2h (so long "
			     "ago)",
			     name);
	return false;
}

bool rest_read_count(struct http_request *request, const char *name, int64_t least, int64_t most,
		     int64_t *number)
{
	char text[NUMBER_SIZE];
	char *tail;

	if (!http_request_query_value(request, name, text, sizeof(text))) {
		return true;
	}
	long long value = strtoll(text, &tail, DECIMAL);
	if (text[0] < '0' || text[0] > '9' || *tail != '\0' || value < least || value > most) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "'%s' is a number from %" PRId64 " to %" PRId64, name, least,
				     most);
		return false;
	}
	*number = value;
	return true;
}

bool rest_read_format(struct http_request *request, bool *wants_csv)
{
	const char *accept = http_request_header(request, "accept");
	char text[VALUE_SIZE];

	if (!http_request_query_value(request, "format", text, sizeof(text))) {
		*wants_csv = accept && strncmp(accept, "text/csv", strlen("text/csv")) == 0;
		return true;
	}
	*wants_csv = strcmp(text, "csv") == 0;
	if (!*wants_csv && strcmp(text, "json") != 0) {
		rest_respond_problem(request, REST_BAD_REQUEST, "'format' is json or csv");
		return false;
	}
	return true;
}

static bool may_see_all(struct http_request *request)
{
	const struct access_identity *identity = access_identity(request);

	if (!identity || identity->grant.printers) {
		rest_respond_problem(request, REST_FORBIDDEN,
				     "who may see some printers only names one of them: ?printer=");
		return false;
	}
	return true;
}

/* By serial number, also of one that is no more; or by the name of one that is there. */
static bool read_printer(struct http_request *request, const struct rest *rest,
			 char serial[HISTORY_SERIAL_SIZE])
{
	char word[VALUE_SIZE];
	bool several;

	serial[0] = '\0';
	if (!http_request_query_value(request, "printer", word, sizeof(word))) {
		return may_see_all(request);
	}
	const struct fleet_printer *printer = gateway_printers_find(rest->printers, word, &several);
	if (several) {
		rest_respond_problem(request, REST_CONFLICT,
				     "several printers are called '%.200s': ask by serial number",
				     word);
		return false;
	}
	const char *wanted = printer ? fleet_printer_serial(printer) : word;
	int length = snprintf(serial, HISTORY_SERIAL_SIZE, "%.*s", HISTORY_SERIAL_SIZE - 1, wanted);
	if (strlen(wanted) != (size_t)length || !access_may_see(request, serial)) {
		rest_respond_problem(request, REST_NOT_FOUND, "there is no printer '%.200s'", word);
		return false;
	}
	return true;
}

static bool read_type(struct http_request *request, enum history_entry_type *type)
{
	char text[VALUE_SIZE];

	*type = HISTORY_ENTRY_TYPES;
	if (!http_request_query_value(request, "type", text, sizeof(text))) {
		return true;
	}
	*type = history_entry_type_of(text);
	if (*type == HISTORY_ENTRY_TYPES) {
		rest_respond_problem(request, REST_BAD_REQUEST, "'type' is event or command");
		return false;
	}
	return true;
}

bool rest_read_query(struct http_request *request, const struct rest *rest,
		     struct history_query *query, char serial[HISTORY_SERIAL_SIZE])
{
	int64_t limit = LIMIT_DEFAULT;
	int64_t offset = 0;

	*query = (struct history_query){0};
	if (!read_printer(request, rest, serial) ||
	    !rest_read_time(request, "since", &query->since_ms) ||
	    !rest_read_time(request, "until", &query->until_ms) ||
	    !rest_read_count(request, "limit", 1, HISTORY_LIMIT_MAX, &limit) ||
	    !rest_read_count(request, "offset", 0, INT32_MAX, &offset) ||
	    !rest_read_count(request, "before", 1, INT64_MAX, &query->before_id) ||
	    !read_type(request, &query->type)) {
		return false;
	}
	query->serial = serial[0] != '\0' ? serial : NULL;
	query->limit = (size_t)limit;
	query->offset = (size_t)offset;
	return true;
}
