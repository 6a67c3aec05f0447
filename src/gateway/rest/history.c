/* SPDX-License-Identifier: MIT */
#include "gateway/history/history.h"
#include "base/clock.h"
#include "gateway/access/access.h"
#include "gateway/history/export.h"
#include "gateway/rest/internal.h"

#include <flagship/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CSV_TYPE     "text/csv; charset=utf-8"
#define JSON_TYPE    "application/json"
#define STEP_MAX     INT64_C(31536000) /* a year */
#define SPAN_DEFAULT INT64_C(3600)     /* of a series, where nothing is said */
#define MS_PER_S     INT64_C(1000)
#define VALUE_SIZE   256
#define LINK_SIZE    1024
#define NUMBER_SIZE  32
#define DECIMAL      10

/* A request that the database answers; its client may go meanwhile. */
struct asked {
	struct list place;
	struct rest *rest;
	struct http_request *request; /* NULL: the client is gone, or was answered */
	bool waits;                   /* until what was recorded before it is on the disk */
	enum {
		ASKS_JOBS,
		ASKS_JOB,
		ASKS_ENTRIES,
	} kind;
	struct history_query query;
	int64_t id;
	bool wants_csv;
	bool is_job; /* one alone */
	size_t limit;
	struct history_series_query series;
	char serial[HISTORY_SERIAL_SIZE];
	char name[PRINTER_TEXT_MAX];
};

/* --- whoever waits --- */

static void on_reader_gone(void *context)
{
	struct asked *asked = context;

	asked->request = NULL;
}

/* To be freed, or awaited. */
static struct asked *make_asked(struct rest *rest, struct http_request *request)
{
	struct asked *asked = calloc(1, sizeof(*asked));

	if (!asked) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return NULL;
	}
	asked->rest = rest;
	asked->request = request;
	return asked;
}

static void await_answer(struct asked *asked)
{
	list_insert(&asked->rest->asked, &asked->place);
	http_request_watch(asked->request, on_reader_gone, asked);
}

static struct asked *begin(struct rest *rest, struct http_request *request)
{
	struct asked *asked = make_asked(rest, request);

	if (asked) {
		await_answer(asked);
	}
	return asked;
}

static void end(struct asked *asked)
{
	list_remove(&asked->place);
	free(asked);
}

/* The request that it was, with which it ends; NULL where it is gone. */
static struct http_request *take_request(struct asked *asked)
{
	struct http_request *request = asked->request;

	asked->request = NULL;
	if (request) {
		http_request_watch(request, NULL, NULL);
	}
	return request;
}

static void refuse(struct asked *asked, int status, const char *detail)
{
	struct http_request *request = take_request(asked);

	if (request) {
		rest_respond_problem(request, status, "%s", detail);
	}
	end(asked);
}

void rest_end_asked(struct rest *rest)
{
	struct list *next;

	for (struct list *at = rest->asked.next; at != &rest->asked; at = next) {
		struct asked *asked = LIST_OF(at, struct asked, place);
		struct http_request *request = take_request(asked);

		next = at->next;
		if (request) {
			rest_respond_problem(request, REST_UNAVAILABLE, "the gateway ends");
		}
		if (asked->waits) {
			history_forget_waiting(rest->history, asked);
			end(asked);
		}
	}
}

static void refuse_for(const struct rest *rest, struct asked *asked, int error)
{
	char detail[PROBLEM_MAX];

	snprintf(detail, sizeof(detail), "there is no history: %.900s",
		 error == FLAGSHIP_ERROR_STORE   ? history_trouble(rest->history)
		 : error == FLAGSHIP_ERROR_RANGE ? "too many are asking for it"
						 : flagship_strerror(error));
	refuse(asked, error == FLAGSHIP_ERROR_MEMORY ? REST_FAILED : REST_UNAVAILABLE, detail);
}

/* --- answers --- */

static bool is_plain(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '>' || text[i] == '<' ||
		    text[i] == '"') {
			return false;
		}
	}
	return true;
}

/* Where the next page is: the same query, before the last one of this page. "" for a query that
 * cannot be said again. */
static void write_link(const struct http_request *request, int64_t last, char out[LINK_SIZE])
{
	const char *at = http_request_query(request);
	size_t length = (size_t)snprintf(out, LINK_SIZE, "<%s?", http_request_target(request));

	while (at && *at != '\0' && length < LINK_SIZE) {
		size_t part = strcspn(at, "&");

		if (strncmp(at, "before=", strlen("before=")) != 0 &&
		    strncmp(at, "offset=", strlen("offset=")) != 0 && is_plain(at, part)) {
			length += (size_t)snprintf(out + length, LINK_SIZE - length, "%.*s&",
						   (int)part, at);
		}
		at += part + (at[part] == '&');
	}
	if (length < LINK_SIZE) {
		length += (size_t)snprintf(out + length, LINK_SIZE - length,
					   "before=%" PRId64 ">; rel=\"next\"", last);
	}
	if (length >= LINK_SIZE) {
		out[0] = '\0';
	}
}

struct page {
	const struct asked *asked;
	const struct history_job *jobs;
	const struct history_entry *entries;
	const struct history_point *points;
	size_t count;
	int64_t step_s;
	int64_t total; /* -1: not counted */
	int64_t last;  /* its id, where there may be more; else 0 */
};

static void respond_page(struct http_request *request, const struct page *page, const char *type,
			 const char *text, size_t length)
{
	char total[NUMBER_SIZE];
	char link[LINK_SIZE] = "";
	struct http_header headers[HTTP_DOCUMENT_HEADERS];
	size_t count = 0;

	if (page->last > 0) {
		write_link(request, page->last, link);
	}
	if (link[0] != '\0') {
		headers[count++] = (struct http_header){"link", link};
	}
	if (page->total >= 0) {
		snprintf(total, sizeof(total), "%" PRId64, page->total);
		headers[count++] = (struct http_header){"x-total-count", total};
	}
	http_respond_document_with(request, type, headers, count, text, length);
}

static void write_points(struct json_writer *writer, const struct page *page)
{
	const struct history_series_query *series = &page->asked->series;
	char text[EXPORT_TIME_SIZE];

	json_object_begin(writer);
	json_member_string(writer, "printer", page->asked->serial);
	json_member_known(writer, "printer_name", page->asked->name);
	json_key(writer, "from");
	export_time(series->from_s * MS_PER_S, text);
	json_string(writer, text);
	json_key(writer, "to");
	export_time(series->to_s * MS_PER_S, text);
	json_string(writer, text);
	json_member_int(writer, "step_s", page->step_s);
	json_key(writer, "points");
	json_array_begin(writer);
	for (size_t i = 0; i < page->count; i++) {
		export_point(writer, &page->points[i]);
	}
	json_array_end(writer);
	json_object_end(writer);
}

static void write_page(struct json_writer *writer, const void *context)
{
	const struct page *page = context;

	if (page->asked->is_job) {
		export_job(writer, page->jobs);
		return;
	}
	if (page->asked->series.serial) {
		write_points(writer, page);
		return;
	}
	json_array_begin(writer);
	for (size_t i = 0; i < page->count; i++) {
		if (page->jobs) {
			export_job(writer, &page->jobs[i]);
		} else {
			export_entry(writer, &page->entries[i]);
		}
	}
	json_array_end(writer);
}

static void respond_rows(struct http_request *request, const struct page *page)
{
	size_t length;
	char *text = json_compose(write_page, page, &length);

	if (text) {
		respond_page(request, page, JSON_TYPE, text, length);
	} else {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	}
	free(text);
}

static size_t write_line(const struct page *page, size_t index, char line[EXPORT_LINE_MAX])
{
	return page->jobs      ? export_job_line(&page->jobs[index], line)
	       : page->entries ? export_entry_line(&page->entries[index], line)
			       : export_point_line(&page->points[index], line);
}

/* Once to count, and once to write. */
static size_t write_lines(const struct page *page, char *out)
{
	const char *head = page->asked->series.serial ? export_points_head
			   : page->jobs               ? export_jobs_head
						      : export_entries_head;
	char line[EXPORT_LINE_MAX];
	size_t length = strlen(head);

	if (out) {
		/* It has a length. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
		memcpy(out, head, length);
	}
	for (size_t i = 0; i < page->count; i++) {
		size_t more = write_line(page, i, line);

		if (out) {
			memcpy(out + length, line, more);
		}
		length += more;
	}
	return length;
}

static void respond_csv(struct http_request *request, const struct page *page)
{
	size_t length = write_lines(page, NULL);
	char *text = malloc(length);

	if (!text) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	respond_page(request, page, CSV_TYPE, text, write_lines(page, text));
	free(text);
}

static void finish(struct asked *asked, const char *trouble, const struct page *page)
{
	if (trouble) {
		refuse(asked, REST_UNAVAILABLE, trouble);
		return;
	}
	struct http_request *request = take_request(asked);
	if (request) {
		(asked->wants_csv ? respond_csv : respond_rows)(request, page);
	}
	end(asked);
}

static void on_jobs(void *context, const char *trouble, const struct history_job *jobs,
		    size_t count, int64_t total)
{
	struct asked *asked = context;

	if (!trouble && asked->is_job &&
	    (count == 0 || (asked->request && !access_may_see(asked->request, jobs[0].serial)))) {
		refuse(asked, REST_NOT_FOUND, "there is no job of this number");
		return;
	}
	finish(asked, trouble,
	       &(struct page){.asked = asked,
			      .jobs = jobs,
			      .count = count,
			      .total = asked->is_job ? -1 : total,
			      .last = count > 0 && count == asked->limit ? jobs[count - 1].id : 0});
}

static void on_entries(void *context, const char *trouble, const struct history_entry *entries,
		       size_t count)
{
	struct asked *asked = context;

	finish(asked, trouble,
	       &(struct page){.asked = asked,
			      .entries = entries,
			      .count = count,
			      .total = -1,
			      .last = count > 0 && count == asked->limit ? entries[count - 1].id
									 : 0});
}

static void on_series(void *context, const char *trouble, const struct history_point *points,
		      size_t count, int64_t step_s)
{
	struct asked *asked = context;

	finish(asked, trouble,
	       &(struct page){.asked = asked,
			      .points = points,
			      .count = count,
			      .step_s = step_s,
			      .total = -1});
}

/* --- the routes --- */

static void on_settled(void *context)
{
	struct asked *asked = context;
	struct history *history = asked->rest->history;
	int error = 0;

	asked->waits = false;
	if (!asked->request) {
		end(asked);
		return;
	}
	switch (asked->kind) {
	case ASKS_JOBS:
		error = history_read_jobs(history, &asked->query, on_jobs, asked);
		break;
	case ASKS_JOB:
		error = history_read_job(history, asked->id, on_jobs, asked);
		break;
	case ASKS_ENTRIES:
		error = history_read_entries(history, &asked->query, on_entries, asked);
		break;
	}
	if (error) {
		refuse_for(asked->rest, asked, error);
	}
}

/* Whoever was told that a job has ended sees that it has. */
static void read_settled(struct asked *asked)
{
	asked->waits = true;
	history_await(asked->rest->history, on_settled, asked);
}

static void get_list(struct http_request *request, struct rest *rest, bool of_jobs)
{
	struct asked *asked = make_asked(rest, request);

	if (!asked) {
		return;
	}
	if (!rest_read_query(request, rest, &asked->query, asked->serial) ||
	    !rest_read_format(request, &asked->wants_csv)) {
		free(asked);
		return;
	}
	await_answer(asked);
	asked->kind = of_jobs ? ASKS_JOBS : ASKS_ENTRIES;
	asked->limit = asked->query.limit;
	read_settled(asked);
}

void rest_get_jobs(struct http_request *request, void *context)
{
	get_list(request, context, true);
}

void rest_get_history(struct http_request *request, void *context)
{
	get_list(request, context, false);
}

void rest_get_job(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const char *word = http_request_parameter(request, "job");
	char *tail;
	long long id = strtoll(word, &tail, DECIMAL);

	if (word[0] < '1' || word[0] > '9' || *tail != '\0') {
		rest_respond_problem(request, REST_NOT_FOUND, "there is no job '%.40s'", word);
		return;
	}
	struct asked *asked = begin(rest, request);
	if (!asked) {
		return;
	}
	asked->is_job = true;
	asked->kind = ASKS_JOB;
	asked->id = id;
	read_settled(asked);
}

static bool read_series(struct http_request *request, struct history_series_query *series)
{
	int64_t now_ms = clock_unix_ms();
	int64_t to_ms = now_ms;
	int64_t from_ms = INT64_MIN;

	if (!rest_read_time(request, "to", &to_ms) || !rest_read_time(request, "from", &from_ms) ||
	    !rest_read_count(request, "step", 1, STEP_MAX, &series->step_s)) {
		return false;
	}
	series->to_s = (to_ms + MS_PER_S - 1) / MS_PER_S;
	series->from_s = from_ms == INT64_MIN ? series->to_s - SPAN_DEFAULT : from_ms / MS_PER_S;
	series->from_s = series->from_s < 0 ? 0 : series->from_s;
	return true;
}

void rest_get_temperatures(struct http_request *request, void *context)
{
	struct rest *rest = context;
	const struct fleet_printer *printer = rest_find_printer(request, rest);
	struct history_series_query series = {0};
	bool wants_csv;

	if (!printer || !read_series(request, &series) || !rest_read_format(request, &wants_csv)) {
		return;
	}
	struct asked *asked = begin(rest, request);
	if (!asked) {
		return;
	}
	asked->wants_csv = wants_csv;
	snprintf(asked->serial, sizeof(asked->serial), "%s", fleet_printer_serial(printer));
	snprintf(asked->name, sizeof(asked->name), "%s", fleet_printer_state(printer)->name);
	asked->series = series;
	asked->series.serial = asked->serial;
	int error = history_read_series(rest->history, &asked->series, on_series, asked);
	if (error) {
		refuse_for(rest, asked, error);
	}
}
