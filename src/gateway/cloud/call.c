/* SPDX-License-Identifier: MIT */
#include "gateway/cloud/internal.h"

#include <flagship/topic.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Commands of flagship cloud as children, each with the request that waits for its end. */

#define REGISTRY_FILE "registry.sqlite" /* there is a cloud where it is */

/* --- words --- */

bool call_finds_cloud(const char *folder)
{
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s/" REGISTRY_FILE, folder);

	return length > 0 && (size_t)length < sizeof(path) && stat(path, &status) == 0;
}

bool call_begin_words(struct gateway_cloud *cloud, struct http_request *request, const char *name,
		      bool makes, struct call_words *words)
{
	char folder[PATH_MAX];

	*words = (struct call_words){0};
	if (!gateway_printers_cloud_folder(cloud->printers, folder)) {
		rest_respond_problem(
			request, REST_CONFLICT,
			"this gateway is told to look for no cloud: see serve.cloud of "
			"its settings, and its option --cloud");
		return false;
	}
	if (!makes && !call_finds_cloud(folder)) {
		rest_respond_problem(request, REST_CONFLICT,
				     "there is no cloud on this machine yet: POST /api/v1/cloud, "
				     "or flagship cloud init, makes one");
		return false;
	}
	snprintf(words->folder, sizeof(words->folder), "--dir=%s", folder);
	call_add_word(words, "cloud");
	call_add_word(words, name);
	call_add_word(words, words->folder);
	return true;
}

void call_add_word(struct call_words *words, const char *word)
{
	if (words->count == CALL_WORDS_MAX) {
		words->too_long = true;
		return;
	}
	words->words[words->count++] = word;
}

void call_add_option(struct call_words *words, const char *name, const char *value)
{
	if (value[0] == '\0') {
		return;
	}
	if (words->text_count == CALL_WORDS_MAX) {
		words->too_long = true;
		return;
	}
	char *text = words->texts[words->text_count++];
	int length = snprintf(text, CALL_WORD_SIZE, "--%s=%s", name, value);
	words->too_long |= length < 0 || length >= CALL_WORD_SIZE;
	call_add_word(words, text);
}

/* --- members of a body, as words --- */

void call_add_member(struct call_words *words, const cJSON *body, const char *member)
{
	call_add_option(words, member, rest_body_text(body, member));
}

bool call_make_line(const char *secret, char out[CALL_SECRET_SIZE])
{
	size_t length = strlen(secret);

	if (length + 2 > CALL_SECRET_SIZE || secret[strcspn(secret, "\r\n")] != '\0') {
		return false;
	}
	/* The next one ends it. NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
	memcpy(out, secret, length);
	memcpy(out + length, "\n", 2);
	return true;
}

bool call_is_serial(const char *text)
{
	return text[0] != '-' && flagship_serial_valid(text);
}

/* --- how it ended --- */

/* What is to be changed may be other than who asks thinks; to look needs no more than that it is
 * there. */
static int status_of_end(const struct call *call, const struct program_end *end)
{
	if (end->status == EXIT_USAGE) {
		return REST_BAD_REQUEST;
	}
	return call->change && (end->status == EXIT_FAILED || end->status == EXIT_NOT_CONFIGURED)
		       ? REST_CONFLICT
		       : REST_FAILED;
}

void call_answer_failure(const struct call *call, const struct program_end *end)
{
	switch (end->ending) {
	case PROGRAM_TIMED_OUT:
		rest_respond_problem(call->request, REST_GATEWAY_TIMEOUT,
				     "it took too long, and was ended: try again");
		return;
	case PROGRAM_TALKED_TOO_MUCH:
	case PROGRAM_CRASHED:
		rest_respond_problem(call->request, REST_FAILED,
				     "the program that does this ended all of a sudden");
		return;
	case PROGRAM_EXITED:
		break;
	}
	rest_respond_problem(call->request, status_of_end(call, end), "%s",
			     end->reason[0] != '\0'
				     ? end->reason
				     : "the program that does this does not say why");
}

static bool is_done(const struct program_end *end)
{
	return end->ending == PROGRAM_EXITED && end->status == 0;
}

void call_answer_done(const struct call *call, const struct program_end *end)
{
	if (is_done(end)) {
		rest_respond_text(call->request, REST_NO_CONTENT, NULL, NULL, 0);
	} else {
		call_answer_failure(call, end);
	}
}

static void drop_call(struct call *call)
{
	list_remove(&call->place);
	call->cloud->call_count--;
	access_identity_free(call->identity);
	free(call);
}

static void audit_end(const struct call *call, const char *outcome)
{
	const char *subject = call->subject[0] != '\0' ? call->subject : NULL;

	if (call->request) {
		access_audit(call->cloud->access, call->request, call->change, subject, outcome);
	} else {
		access_audit_gone(call->cloud->access, call->identity, call->change, subject,
				  outcome);
	}
}

static void on_call_end(void *context, const struct program_end *end)
{
	struct call *call = context;
	struct gateway_cloud *cloud = call->cloud;

	/* A cloud that was made is looked for where it was not before. */
	if (call->change) {
		gateway_printers_reload(cloud->printers);
		audit_end(call, is_done(end) ? "done" : "failed");
	}
	if (call->request) {
		call->answer(call, end);
	}
	drop_call(call);
}

/* --- its beginning --- */

/* What was begun to be changed is changed nevertheless. */
static void on_caller_gone(void *context)
{
	struct call *call = context;

	call->request = NULL;
	if (!call->change) {
		program_kill(call->child);
		drop_call(call);
	}
}

static bool may_call(const struct gateway_cloud *cloud, struct http_request *request,
		     const struct call_words *words)
{
	if (words->too_long) {
		rest_respond_problem(request, REST_BAD_REQUEST,
				     "a member of the body is too long, or there are too many");
		return false;
	}
	if (cloud->stopped || cloud->call_count >= CALLS_MAX) {
		http_request_add_header(request, "retry-after", CALL_WAIT_S);
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "the cloud is worked on already: try again in a moment");
		return false;
	}
	return true;
}

void call_run(struct gateway_cloud *cloud, struct http_request *request,
	      const struct call_words *words, const char *input, const char *change,
	      call_answer *answer)
{
	struct problem problem;

	if (!may_call(cloud, request, words)) {
		return;
	}
	struct call *call = calloc(1, sizeof(*call));
	if (!call) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	*call = (struct call){
		.cloud = cloud, .request = request, .change = change, .answer = answer};
	memcpy(call->subject, words->subject, sizeof(call->subject));
	const struct program_options options = {
		.program = cloud->main_program,
		.arguments = words->words,
		.timeout_ms = cloud->timeout_ms,
		.on_end = on_call_end,
		.context = call,
	};
	if (program_start(cloud->loop, &options, &call->child, &problem)) {
		rest_respond_problem(request, REST_FAILED, "%s", problem.text);
		free(call);
		return;
	}
	list_insert(&cloud->calls, &call->place);
	cloud->call_count++;
	if (change) {
		const struct access_identity *identity = access_identity(request);

		call->identity = identity ? access_identity_copy(identity) : NULL;
		access_audit(cloud->access, request, change,
			     call->subject[0] != '\0' ? call->subject : NULL, "begun");
	}
	http_request_watch(request, on_caller_gone, call);
	if (input) {
		program_write(call->child, input, strlen(input));
	}
	program_end_input(call->child);
}

void call_stop_all(struct gateway_cloud *cloud)
{
	while (!list_is_empty(&cloud->calls)) {
		struct call *call = LIST_OF(cloud->calls.next, struct call, place);
		/* What was dropped is in the list no more.
		 * NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		struct http_request *request = call->request;

		if (call->change) {
			audit_end(call, "broken off");
		}
		program_kill(call->child);
		drop_call(call);
		if (request) {
			rest_respond_problem(request, REST_UNAVAILABLE, "the gateway ends");
		}
	}
}
