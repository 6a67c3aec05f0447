/* SPDX-License-Identifier: MIT */
#include "fleet/service.h"
#include "gateway/rest/command_body.h"
#include "gateway/rest/internal.h"
#include "gateway/sentences/sentences.h"

#include <errno.h>
#include <flagship/error.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBLEM_TYPE  "application/problem+json"
#define JSON_TYPE     "application/json"
#define LOCATION_SIZE 64
#define DECIMAL       10

/* A request that the end of its command answers. */
struct waiting {
	struct list place;
	struct rest *rest;
	struct http_request *request;
	uint64_t command;
	bool is_over;  /* and is being written to the history */
	bool is_asked; /* about a command that was asked for before */
};

/* --- what a command is shown as --- */

static int status_of(const struct service_command *command)
{
	if (!service_command_is_settled(command)) {
		return REST_ACCEPTED;
	}
	switch (command->report.outcome) {
	case COMMAND_CONFIRMED:
	case COMMAND_ACCEPTED:
		return REST_OK;
	case COMMAND_REFUSED:
		return REST_CONFLICT;
	case COMMAND_UNANSWERED:
		return REST_GATEWAY_TIMEOUT;
	default:
		return REST_UNAVAILABLE;
	}
}

static void write_report(struct json_writer *writer, const struct service_command *command)
{
	const struct command_report *report = &command->report;

	sentence_member(writer, "detail", report->detail);
	sentence_member_known(writer, "warning", command->warning);
	json_member_string(writer, "effect",
			   report->outcome == COMMAND_CONFIRMED  ? "seen"
			   : report->outcome != COMMAND_ACCEPTED ? NULL
			   : report->effect_expected             ? "not_seen"
								 : "none");
	json_member_bool(writer, "forceable", report->guarded && !report->never);
	json_key(writer, "reply");
	if (report->has_reply) {
		json_int(writer, report->reply);
	} else {
		json_null(writer);
	}
	json_member_int(writer, "attempts", report->attempts);
	json_member_int(writer, "elapsed_ms", report->elapsed_ms);
	if (report->text_length > 0) {
		json_key(writer, "text");
		json_string_n(writer, report->text, report->text_length);
		json_member_bool(writer, "complete", report->text_whole);
	}
}

static void write_members(struct json_writer *writer, const struct service_command *command)
{
	json_member_int(writer, "id", (int64_t)command->id);
	json_member_string(writer, "serial", command->serial);
	json_member_known(writer, "name", command->name);
	json_member_string(writer, "command", command_kind_name(command->kind));
	json_member_string(writer, "asker", command->asker);
	bool is_settled = service_command_is_settled(command);

	json_member_string(writer, "outcome",
			   is_settled ? command_outcome_name(command->report.outcome) : NULL);
	if (is_settled) {
		write_report(writer, command);
	}
}

static void write_command(struct json_writer *writer, const void *context)
{
	json_object_begin(writer);
	write_members(writer, context);
	json_object_end(writer);
}

/* What did not become true is a problem of RFC 9457, with the same members. */
static void write_problem(struct json_writer *writer, const void *context)
{
	const struct service_command *command = context;

	json_object_begin(writer);
	json_member_string(writer, "type", "about:blank");
	json_member_string(writer, "title", http_status_text(status_of(command)));
	json_member_int(writer, "status", status_of(command));
	write_members(writer, command);
	json_object_end(writer);
}

static void answer(struct http_request *request, const struct service_command *command, int status)
{
	const bool is_problem = status >= REST_BAD_REQUEST;
	char location[LOCATION_SIZE];
	size_t length;
	char *text = json_compose(is_problem ? write_problem : write_command, command, &length);

	if (!text) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	snprintf(location, sizeof(location), REST_ROOT "/commands/%" PRIu64, command->id);
	const struct http_header headers[] = {{"cache-control", "no-store"},
					      {"location", location}};
	const struct http_response response = {
		.status = status,
		.content_type = is_problem ? PROBLEM_TYPE : JSON_TYPE,
		.headers = headers,
		.header_count = sizeof(headers) / sizeof(headers[0]),
		.body = text,
		.length = length,
	};
	http_respond(request, &response);
	free(text);
}

void rest_respond_command(struct http_request *request, const struct service_command *command)
{
	answer(request, command, status_of(command));
}

/* --- whoever waits --- */

static void drop_waiting(struct waiting *waiting)
{
	list_remove(&waiting->place);
	free(waiting);
}

static void on_client_gone(void *context)
{
	struct waiting *waiting = context;

	history_forget_waiting(waiting->rest->history, waiting);
	drop_waiting(waiting);
}

/* What was answered is never missing in the history. */
static void on_kept(void *context)
{
	struct waiting *waiting = context;
	struct http_request *request = waiting->request;
	bool is_asked = waiting->is_asked;
	const struct service_command *command = service_find(
		gateway_printers_commands(waiting->rest->printers), waiting->command);

	drop_waiting(waiting);
	if (command && is_asked) {
		rest_respond(request, REST_OK, write_command, command);
	} else if (command) {
		answer(request, command, status_of(command));
	} else {
		rest_respond_problem(request, REST_NOT_FOUND,
				     "the command ended, and many others since: the history has "
				     "what came of it");
	}
}

static void end_waiting(struct waiting *waiting)
{
	waiting->is_over = true;
	history_await(waiting->rest->history, on_kept, waiting);
}

static void wait_for(struct rest *rest, struct http_request *request,
		     const struct service_command *command, bool is_asked)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	waiting->rest = rest;
	waiting->request = request;
	waiting->command = command->id;
	waiting->is_asked = is_asked;
	list_insert(&rest->waiting, &waiting->place);
	http_request_watch(request, on_client_gone, waiting);
	if (service_command_is_settled(command)) {
		end_waiting(waiting);
	}
}

static void end_all_waiting(struct rest *rest, uint64_t command)
{
	struct list *next;

	for (struct list *at = rest->waiting.next; at != &rest->waiting; at = next) {
		struct waiting *waiting = LIST_OF(at, struct waiting, place);

		next = at->next;
		if (waiting->command == command && !waiting->is_over) {
			end_waiting(waiting);
		}
	}
}

void rest_on_settled(struct rest *rest, uint64_t command)
{
	if (rest) {
		end_all_waiting(rest, command);
	}
}

void rest_on_done(void *context, struct fleet_printer *printer, const struct command_report *report)
{
	struct rest *rest = context;
	const struct service_command *command = service_find(
		gateway_printers_commands(rest->printers), report->id);

	(void)printer;
	if (command) {
		rest_end_listing(rest, command);
		rest_go_on_with_bed(rest, command);
	}
	if (!command || service_command_is_settled(command)) {
		end_all_waiting(rest, report->id);
	}
}

void rest_end_waiting(struct rest *rest)
{
	struct list *next;

	rest_end_listings(rest);
	rest_end_bed_maps(rest);
	for (struct list *at = rest->waiting.next; at != &rest->waiting; at = next) {
		struct waiting *waiting = LIST_OF(at, struct waiting, place);
		struct http_request *request = waiting->request;

		next = at->next;
		history_forget_waiting(rest->history, waiting);
		drop_waiting(waiting);
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "the gateway ends; what became of the command is not known");
	}
}

/* --- the routes --- */

static bool wants_no_wait(const struct http_request *request)
{
	const char *prefer = http_request_header(request, "prefer");

	return prefer && http_list_has(prefer, "respond-async");
}

void rest_name_asker(const struct http_request *request, char out[SERVICE_ASKER_MAX + 1])
{
	const char *name = http_request_is_unix(request) ? "unix socket"
							 : http_request_user(request);

	snprintf(out, SERVICE_ASKER_MAX + 1, "api%s%s", name[0] != '\0' ? ": " : "", name);
}

void rest_post_command(struct http_request *request, void *context)
{
	struct rest *rest = context;
	struct service *service = gateway_printers_commands(rest->printers);
	struct fleet_printer *printer = rest_find_printer(request, rest);
	struct command_body body = {0};
	char asker[SERVICE_ASKER_MAX + 1];
	struct problem problem;
	size_t length;
	uint64_t id;

	if (!printer) {
		return;
	}
	const char *text = http_request_body(request, &length);
	if (!command_body_read(&body, text, length, &problem)) {
		rest_respond_problem(request, body.lacks_memory ? REST_FAILED : REST_BAD_REQUEST,
				     "%s", problem.text);
		goto out;
	}
	gateway_printers_fill_request(printer, &body.request);
	rest_name_asker(request, asker);
	const struct service_request own = {
		.printer = printer,
		.command = &body.request,
		.asker = asker,
		.key = http_request_header(request, "idempotency-key"),
	};
	int error = service_submit(service, &own, &id);
	if (error == FLAGSHIP_ERROR_ARGUMENT) {
		rest_respond_problem(request, REST_CONFLICT,
				     "this idempotency key is another request's, or too long");
		goto out;
	}
	const struct service_command *command = error ? NULL : service_find(service, id);
	if (!command) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
	} else if (wants_no_wait(request) && !service_command_is_settled(command)) {
		answer(request, command, status_of(command));
	} else {
		wait_for(rest, request, command, false);
	}
out:
	command_body_finish(&body);
}

static const struct service_command *find_command(struct http_request *request,
						  const struct rest *rest)
{
	const char *word = http_request_parameter(request, "command");
	char *end;

	errno = 0;
	uint64_t id = strtoull(word, &end, DECIMAL);
	const struct service_command *command =
		*end == '\0' && errno == 0 && word[0] >= '0' && word[0] <= '9'
			? service_find(gateway_printers_commands(rest->printers), id)
			: NULL;
	if (command && !access_may_see(request, command->serial)) {
		command = NULL;
	}
	if (!command) {
		rest_respond_problem(request, REST_NOT_FOUND,
				     "there is no command '%.40s', or it ended long ago", word);
	}
	return command;
}

void rest_get_command(struct http_request *request, void *context)
{
	const struct service_command *command = find_command(request, context);

	if (command && service_command_is_settled(command)) {
		wait_for(context, request, command, true);
	} else if (command) {
		rest_respond(request, REST_OK, write_command, command);
	}
}

void rest_delete_command(struct http_request *request, void *context)
{
	struct rest *rest = context;
	struct service *service = gateway_printers_commands(rest->printers);
	const struct service_command *command = find_command(request, rest);

	if (!command) {
		return;
	}
	uint64_t id = command->id;
	if (!service_cancel(service, id)) {
		rest_respond_problem(request, REST_CONFLICT, "the command is over");
		return;
	}
	command = service_find(service, id);
	if (command) {
		rest_respond(request, REST_OK, write_command, command);
	} else {
		rest_respond_problem(request, REST_NOT_FOUND, "the command ended long ago");
	}
}

struct shown_commands {
	const struct service *service;
	const struct fleet_printer *printer;
};

static void write_commands(struct json_writer *writer, const void *context)
{
	const struct shown_commands *shown = context;
	const struct service_command *command = NULL;

	json_array_begin(writer);
	while ((command = service_next(shown->service, command))) {
		if (command->printer == shown->printer) {
			write_command(writer, command);
		}
	}
	json_array_end(writer);
}

void rest_get_commands(struct http_request *request, void *context)
{
	const struct rest *rest = context;
	struct shown_commands shown = {.service = gateway_printers_commands(rest->printers)};

	shown.printer = rest_find_printer(request, rest);
	if (shown.printer) {
		rest_respond(request, REST_OK, write_commands, &shown);
	}
}
