/* SPDX-License-Identifier: MIT */
#include "cloud/api/calling.h"

#include "cloud/api/internal.h"
#include "cloud/rules/cluster.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HTTP_BUSY      503
#define HTTP_NOT_FOUND 404
#define BUSY_RETRY_S   2

/* With copies of what it needs, since the client may go away meanwhile, and its session with it. */
struct api_calling {
	struct database_reading reading;
	struct database_job job;
	struct api *api;
	struct api_session *session; /* NULL where the client went away */
	char method[API_METHOD_MAX];
	char path[API_PATH_MAX];
	char token[API_TOKEN_MAX];
	char gtoken[API_TOKEN_MAX];
	char *body;
	size_t length;
	int64_t now_s;
	bool writes; /* a call of a cluster that has to be the writer's */
	struct api_answer answer;
	struct cluster_answer cluster;
};

static void release_calling(struct api_calling *calling)
{
	if (calling->body) {
		OPENSSL_cleanse(calling->body, calling->length);
		free(calling->body);
	}
	api_answer_finish(&calling->answer);
	OPENSSL_cleanse(calling, sizeof(*calling));
	free(calling);
}

void api_calling_forget(struct api_calling *calling)
{
	calling->session = NULL;
}

static struct api_calling *begin(struct api_session *session)
{
	struct api_calling *calling = calloc(1, sizeof(*calling));

	if (!calling) {
		return NULL;
	}
	calling->api = session->api;
	calling->session = session;
	snprintf(calling->path, sizeof(calling->path), "%s", session->path);
	calling->body = session->body;
	calling->length = session->length;
	session->body = NULL;
	session->length = 0;
	session->calling = calling;
	return calling;
}

/* Its session, which is to be answered now; NULL where it went away, and the calling is over. */
static struct api_session *end(struct api_calling *calling)
{
	struct api_session *session = calling->session;

	if (!session) {
		release_calling(calling);
		return NULL;
	}
	session->calling = NULL;
	return session;
}

/* --- that a token was used, now and then --- */

struct token_note {
	struct database_job job;
	char token[API_TOKEN_MAX];
	int64_t now_s;
};

static int note_token(struct database *database, void *context)
{
	const struct token_note *note = context;

	return registry_note_token(registry_of(database), note->token, note->now_s);
}

/* Where it cannot be noted, the next use tries again. */
static void on_noted(void *context, int result, const char *problem)
{
	(void)result;
	(void)problem;
	OPENSSL_cleanse(context, sizeof(struct token_note));
	free(context);
}

static void note_use(const struct api *api, const char *token, int64_t now_s)
{
	struct token_note *note = calloc(1, sizeof(*note));

	if (!note) {
		return;
	}
	snprintf(note->token, sizeof(note->token), "%s", token);
	note->now_s = now_s;
	note->job = (struct database_job){.work = note_token, .done = on_noted, .context = note};
	if (database_writer_submit(api->service->writer, &note->job)) {
		on_noted(note, 0, "");
	}
}

/* --- a call --- */

static int call(struct database *database, void *context)
{
	struct api_calling *calling = context;
	const struct api_request request = {
		.method = calling->method,
		.path = calling->path,
		.token = calling->token,
		.gtoken = calling->gtoken,
		.body = calling->body ? calling->body : "",
		.length = calling->length,
		.now_s = calling->now_s,
	};

	api_call(registry_of(database), exchange_public_hex(calling->api->exchange),
		 calling->api->mqtt_port, &request, &calling->answer);
	return 0;
}

static void answer_busy(struct api_answer *answer, const char *why)
{
	api_answer_fail(answer, HTTP_BUSY, API_BUSY, why);
	answer->retry_after_s = BUSY_RETRY_S;
}

static void on_called(void *context, int result, const char *problem)
{
	struct api_calling *calling = context;
	struct api *api = calling->api;
	struct api_session *session = end(calling);

	(void)problem;
	if (!session) {
		return;
	}
	if (result < 0) {
		answer_busy(&calling->answer, "the registry cannot be read: try again later");
	}
	if (calling->answer.note_due && !api->stopping) {
		note_use(api, calling->token, calling->now_s);
	}
	api_session_answer(session, &calling->answer);
	release_calling(calling);
}

struct brief_call {
	const struct api *api;
	struct api_request request;
	struct api_answer answer;
};

static int call_briefly(struct database *database, void *context)
{
	struct brief_call *brief = context;

	api_call(registry_of(database), exchange_public_hex(brief->api->exchange),
		 brief->api->mqtt_port, &brief->request, &brief->answer);
	return 0;
}

/*
 * Most calls look at a handful of rows, for which the way to a thread and back would be most of the
 * cost. What would have to wait, or is long, or fails, is a reader's.
 */
static bool answer_briefly(struct api_session *session, const struct api_request *request)
{
	struct api *api = session->api;
	struct brief_call brief = {.api = api, .request = *request};

	brief.request.brief = true;
	if (request->length > API_BRIEF_BODY_MAX ||
	    database_readers_read(api->service->readers, call_briefly, &brief) ||
	    brief.answer.postponed || brief.answer.code == API_BROKEN) {
		api_answer_finish(&brief.answer);
		return false;
	}
	if (brief.answer.note_due && !api->stopping) {
		note_use(api, request->token, request->now_s);
	}
	api_session_answer(session, &brief.answer);
	return true;
}

void api_calling_begin(struct api_session *session, const struct api_request *request)
{
	struct api *api = session->api;
	struct api_answer answer = {0};

	if (answer_briefly(session, request)) {
		return;
	}
	struct api_calling *calling = begin(session);

	if (!calling) {
		answer_busy(&answer, "out of memory: try again later");
		api_session_answer(session, &answer);
		return;
	}
	snprintf(calling->method, sizeof(calling->method), "%s", request->method);
	snprintf(calling->token, sizeof(calling->token), "%s", request->token);
	snprintf(calling->gtoken, sizeof(calling->gtoken), "%s", request->gtoken);
	calling->now_s = request->now_s;
	calling->reading = (struct database_reading){
		.work = call, .done = on_called, .context = calling};
	if (database_readers_submit(api->service->readers, &calling->reading)) {
		session->calling = NULL;
		release_calling(calling);
		answer_busy(&answer, "too many calls at once");
		api_session_answer(session, &answer);
	}
}

/* --- a call of a cluster --- */

static int call_cluster(struct database *database, void *context)
{
	struct api_calling *calling = context;

	cluster_call(registry_of(database), calling->path, calling->body ? calling->body : "",
		     calling->length, &calling->cluster);
	return 0;
}

static int read_cluster(struct database *database, void *context)
{
	struct api_calling *calling = context;

	calling->writes = cluster_writes(registry_of(database), calling->path);
	return calling->writes ? 0 : call_cluster(database, context);
}

static void answer_cluster(struct api_calling *calling, int result)
{
	struct api *api = calling->api;
	struct api_session *session = end(calling);

	if (!session) {
		return;
	}
	struct cluster_answer answer = calling->cluster;
	release_calling(calling);
	if (result < 0) {
		/* Nobody is let in by what was not noted. */
		answer = (struct cluster_answer){.status = HTTP_BUSY, .content_type = "text/plain"};
	} else if (answer.status != HTTP_NOT_FOUND) {
		api_clusters_prove(api, session->request);
	}
	api_session_answer_cluster(session, &answer);
}

static void on_cluster_written(void *context, int result, const char *problem)
{
	(void)problem;
	answer_cluster(context, result);
}

static void on_cluster_read(void *context, int result, const char *problem)
{
	struct api_calling *calling = context;

	(void)problem;
	if (result < 0 || !calling->writes || !calling->session) {
		answer_cluster(calling, result);
		return;
	}
	calling->job = (struct database_job){
		.work = call_cluster, .done = on_cluster_written, .context = calling};
	int error = database_writer_submit(calling->api->service->writer, &calling->job);
	if (error) {
		answer_cluster(calling, error);
	}
}

void api_calling_begin_cluster(struct api_session *session)
{
	struct api_calling *calling = begin(session);

	if (!calling) {
		const struct cluster_answer answer = {.status = HTTP_BUSY,
						      .content_type = "text/plain"};

		api_session_answer_cluster(session, &answer);
		return;
	}
	calling->reading = (struct database_reading){
		.work = read_cluster, .done = on_cluster_read, .context = calling};
	int error = database_readers_submit(calling->api->service->readers, &calling->reading);
	if (error) {
		answer_cluster(calling, error);
	}
}
