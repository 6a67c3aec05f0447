/* SPDX-License-Identifier: MIT */
#include "gateway/rest/internal.h"
#include "gateway/rest/queue_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DECIMAL      10
#define JSON_TYPE    "application/json"
#define FORM_TYPE    "multipart/form-data"
#define BODY_MEMBERS "path copies hold force front not_before material model"

/* --- to the queue --- */

/* The printer of the route, where it names one; false where that was answered already. */
static bool find_target(struct http_request *request, const struct rest *rest, const char **serial)
{
	const struct fleet_printer *printer;

	*serial = NULL;
	if (!http_request_parameter(request, "printer")) {
		return true;
	}
	printer = rest_find_printer(request, rest);
	if (!printer) {
		return false;
	}
	if (fleet_printer_state(printer)->model == FLAGSHIP_MODEL_E1) {
		rest_respond_problem(request, REST_CONFLICT, "an E1 prints no G-code");
		return false;
	}
	*serial = fleet_printer_serial(printer);
	return true;
}

static void submit_entry(struct rest *rest, struct http_request *request, struct queue_body *body,
			 int status_missing)
{
	struct rest_queue_wait *pending = rest_await_queue(rest, request, REST_CREATED);
	char asker[SERVICE_ASKER_MAX + 1];

	if (pending) {
		pending->status_missing = status_missing;
		rest_name_asker(request, asker);
		body->request.asker = asker;
		queue_add(rest->queue, &body->request, rest_on_queue_done, pending);
	}
}

static enum files_result place_queued(void *context, const struct files_form *form,
				      char path[FILES_PATH_SIZE], bool *overwrite,
				      struct problem *problem)
{
	struct queue_body body;
	const char *name = files_form_file_name(form);

	(void)context;
	*overwrite = true;
	/* Before the file takes the place of another one. */
	if (!queue_body_of_form(form, &body, problem)) {
		return FILES_MALFORMED;
	}
	snprintf(path, FILES_PATH_SIZE, "%s", body.request.path ? body.path : name);
	return files_check_path(path, problem);
}

static void on_file_received(void *context, struct http_request *request,
			     const struct files_form *form, enum files_result result,
			     const struct files_entry *entry, const struct problem *problem)
{
	struct rest *rest = context;
	struct problem fault = {""};
	struct queue_body body;

	if (result != FILES_DONE) {
		rest_respond_problem(request, files_status(result), "%s", problem->text);
	} else if (!entry) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "the form has no file: a part called 'file' is to hold it");
	} else if (!queue_body_of_form(form, &body, &fault)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "%s", fault.text);
	} else if (find_target(request, rest, &body.request.serial)) {
		body.request.path = entry->path;
		body.request.hash = entry->hash;
		submit_entry(rest, request, &body, REST_NOT_FOUND);
	}
}

/* A body of JSON on a route whose bodies come in a stream. */
struct gathered {
	struct rest *rest;
	struct http_request *request; /* NULL: gone, or answered */
	size_t length;
	char text[REST_BODY_MAX + 1];
};

static void on_sender_gone(void *context)
{
	struct gathered *gathered = context;

	gathered->request = NULL;
	free(gathered);
}

static enum http_flow gather(void *context, const char *bytes, size_t length)
{
	struct gathered *gathered = context;

	if (length > REST_BODY_MAX - gathered->length) {
		struct http_request *request = gathered->request;

		http_request_watch(request, NULL, NULL);
		free(gathered);
		rest_respond_problem(request, REST_TOO_LARGE, "the body is too large");
		return HTTP_GO_ON;
	}
	memcpy(gathered->text + gathered->length, bytes, length);
	gathered->length += length;
	return HTTP_GO_ON;
}

static void take_gathered(void *context)
{
	struct gathered *gathered = context;
	struct http_request *request = gathered->request;
	struct rest *rest = gathered->rest;
	struct queue_body body;
	struct problem problem = {""};

	http_request_watch(request, NULL, NULL);
	cJSON *json = rest_parse_body(request, gathered->text, gathered->length, BODY_MEMBERS);

	free(gathered);
	if (!json) {
		return;
	}
	if (!queue_body_of_json(json, &body, &problem)) {
		rest_respond_problem(request, REST_BAD_REQUEST, "%s", problem.text);
	} else if (find_target(request, rest, &body.request.serial)) {
		submit_entry(rest, request, &body, REST_NOT_FOUND);
	}
	cJSON_Delete(json);
}

static void receive_json(struct rest *rest, struct http_request *request)
{
	static const struct http_sink sink = {.data = gather, .end = take_gathered};
	struct gathered *gathered = NULL;

	if (http_request_length(request) > REST_BODY_MAX) {
		rest_respond_problem(request, REST_TOO_LARGE, "the body is too large");
		return;
	}
	gathered = calloc(1, sizeof(*gathered));
	if (!gathered) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	gathered->rest = rest;
	gathered->request = request;
	http_request_watch(request, on_sender_gone, gathered);
	http_request_receive(request, &sink, gathered);
}

static bool is_type(const struct http_request *request, const char *type)
{
	const char *sent = http_request_header(request, "content-type");
	size_t length = strlen(type);

	return sent && strncasecmp(sent, type, length) == 0 &&
	       (sent[length] == '\0' || sent[length] == ';' || sent[length] == ' ');
}

void rest_post_queue(struct http_request *request, void *context)
{
	static const struct files_receiver receiver = {.place = place_queued,
						       .done = on_file_received};
	struct rest *rest = context;
	const char *serial;

	if (!find_target(request, rest, &serial)) {
		return;
	}
	if (is_type(request, FORM_TYPE)) {
		files_receive_form(rest->files, request, &receiver, rest);
	} else if (is_type(request, JSON_TYPE)) {
		receive_json(rest, request);
	} else {
		rest_respond_problem(request, REST_UNSUPPORTED,
				     "the file comes as " FORM_TYPE " with a part 'file', or as "
				     "{\"path\": …} of the file area as " JSON_TYPE);
	}
}

/* --- once more --- */

struct reprint {
	struct rest *rest;
	struct http_request *request; /* NULL: gone */
};

static void on_reprinter_gone(void *context)
{
	struct reprint *reprint = context;

	reprint->request = NULL;
}

static void submit_reprint(struct rest *rest, struct http_request *request,
			   const struct history_job *job)
{
	struct queue_body body = {
		.request = {
			.copies = 1, .serial = job->serial, .path = job->path, .hash = job->hash}};

	if (job->hash[0] == '\0') {
		rest_respond_problem(request, REST_CONFLICT,
				     "'%.200s' was not printed from a file that is kept here",
				     job->file);
		return;
	}
	submit_entry(rest, request, &body, REST_CONFLICT);
}

static void on_job_read(void *context, const char *trouble, const struct history_job *jobs,
			size_t count, int64_t total)
{
	struct reprint reprint = *(struct reprint *)context;

	(void)total;
	free(context);
	if (!reprint.request) {
		return;
	}
	http_request_watch(reprint.request, NULL, NULL);
	if (trouble) {
		rest_respond_problem(reprint.request, REST_UNAVAILABLE, "%s", trouble);
	} else if (count == 0 || !access_may_see(reprint.request, jobs[0].serial)) {
		rest_respond_problem(reprint.request, REST_NOT_FOUND,
				     "there is no job of this number");
	} else {
		submit_reprint(reprint.rest, reprint.request, jobs);
	}
}

void rest_reprint_job(struct http_request *request, void *context)
{
	struct rest *rest = context;
	struct reprint *reprint = calloc(1, sizeof(*reprint));
	char *tail;
	int64_t id = strtoll(http_request_parameter(request, "job"), &tail, DECIMAL);

	if (!reprint) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	*reprint = (struct reprint){rest, request};
	http_request_watch(request, on_reprinter_gone, reprint);
	if (history_read_job(rest->history, *tail == '\0' ? id : 0, on_job_read, reprint)) {
		http_request_watch(request, NULL, NULL);
		free(reprint);
		rest_respond_problem(request, REST_UNAVAILABLE, "%s",
				     history_trouble(rest->history)[0] != '\0'
					     ? history_trouble(rest->history)
					     : "too many ask at once: try again");
	}
}
