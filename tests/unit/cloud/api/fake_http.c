/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_http.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define WORK_MAX 32

struct work {
	struct database_reading *reading;
	struct database_job *job;
	uv_work_t *request;
	uv_work_cb work;
	uv_after_work_cb done;
};

static struct work works[WORK_MAX];
static size_t work_count;
static struct registry *registry;
static bool refuses;
static bool is_brief;
static bool passwords_are_right;

/* --- what stands for threads --- */

void fake_work_begin(struct registry *of)
{
	registry = of;
	work_count = 0;
	refuses = false;
	is_brief = false;
	passwords_are_right = true;
}

void fake_work_refuse(bool wanted)
{
	refuses = wanted;
}

void fake_work_briefly(bool briefly)
{
	is_brief = briefly;
}

void fake_passwords(bool right)
{
	passwords_are_right = right;
}

static int add_work(struct work work)
{
	if (refuses) {
		return FLAGSHIP_ERROR_RANGE;
	}
	assert_in_range(work_count, 0, WORK_MAX - 1);
	works[work_count++] = work;
	return 0;
}

int __wrap_database_readers_submit(struct database_readers *readers,
				   struct database_reading *reading);
int __wrap_database_readers_submit(struct database_readers *readers,
				   struct database_reading *reading)
{
	(void)readers;
	return add_work((struct work){.reading = reading});
}

int __wrap_database_readers_read(struct database_readers *readers,
				 int (*work)(struct database *database, void *context),
				 void *context);
int __wrap_database_readers_read(struct database_readers *readers,
				 int (*work)(struct database *database, void *context),
				 void *context)
{
	(void)readers;
	return is_brief ? work(registry_database(registry), context) : FLAGSHIP_ERROR_RANGE;
}

int __wrap_database_writer_submit(struct database_writer *writer, struct database_job *job);
int __wrap_database_writer_submit(struct database_writer *writer, struct database_job *job)
{
	(void)writer;
	return add_work((struct work){.job = job});
}

int __wrap_uv_queue_work(uv_loop_t *loop, uv_work_t *request, uv_work_cb work,
			 uv_after_work_cb done);
int __wrap_uv_queue_work(uv_loop_t *loop, uv_work_t *request, uv_work_cb work,
			 uv_after_work_cb done)
{
	(void)loop;
	return add_work((struct work){.request = request, .work = work, .done = done});
}

/* Hashing takes a tenth of a second. */
int __wrap_password_verify(const char *password, const char *hash);
int __wrap_password_verify(const char *password, const char *hash)
{
	(void)password;
	(void)hash;
	return passwords_are_right;
}

bool fake_work_turn(void)
{
	if (work_count == 0) {
		return false;
	}
	const struct work work = works[0];
	memmove(works, works + 1, --work_count * sizeof(works[0]));
	if (work.reading) {
		struct database_reading *reading = work.reading;
		int result = reading->work(registry_database(registry), reading->context);
		reading->done(reading->context, result, "");
	} else if (work.job) {
		struct database_job *job = work.job;
		int result = job->work(registry_database(registry), job->context);
		job->done(job->context, result, "");
	} else {
		work.work(work.request);
		work.done(work.request, 0);
	}
	return true;
}

/* --- what stands for the server --- */

void fake_http_send(struct api *api, struct http_request *request)
{
	snprintf(request->copy, sizeof(request->copy), "%s", request->body ? request->body : "");
	api_routes[1].handle(request, api);
}

void fake_http_leave(struct http_request *request)
{
	void (*gone)(void *) = request->gone;

	request->gone = NULL;
	if (gone) {
		gone(request->context);
	}
}

void http_respond(struct http_request *request, const struct http_response *response)
{
	request->gone = NULL;
	request->answers++;
	request->status = response->status;
	request->has_text = response->body != NULL;
	request->closes = response->close;
	request->retry_after[0] = '\0';
	for (size_t i = 0; i < response->header_count; i++) {
		assert_string_equal(response->headers[i].name, "retry-after");
		snprintf(request->retry_after, sizeof(request->retry_after), "%s",
			 response->headers[i].value);
	}
}

void http_request_watch(struct http_request *request, void (*gone)(void *context), void *context)
{
	request->gone = gone;
	request->context = context;
}

enum http_method http_request_method(const struct http_request *request)
{
	return strcmp(request->method, "POST") == 0 ? HTTP_POST : HTTP_GET;
}

const char *http_request_method_name(const struct http_request *request)
{
	return request->method;
}

const char *http_request_path(const struct http_request *request)
{
	return request->path;
}

const char *http_request_header(const struct http_request *request, const char *name)
{
	return strcmp(name, "x-auth-token") == 0 ? request->token : NULL;
}

char *http_request_body(struct http_request *request, size_t *length)
{
	*length = strlen(request->copy);
	return request->copy;
}

const char *http_request_address(const struct http_request *request)
{
	(void)request;
	return "192.0.2.1";
}

const struct address_key *http_request_network(const struct http_request *request)
{
	static const struct address_key key = {{1, 2, 3}};

	(void)request;
	return &key;
}

bool http_request_trust(struct http_request *request)
{
	(void)request;
	return true;
}

void http_server_trust(struct http_server *server, const struct address_key *address)
{
	(void)server;
	(void)address;
}

void http_server_each_trusted(const struct http_server *server,
			      void (*each)(void *context, const struct address_key *address),
			      void *context)
{
	static const struct address_key key = {{1, 2, 3}};

	(void)server;
	each(context, &key);
}
