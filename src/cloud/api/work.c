/* SPDX-License-Identifier: MIT */
#include "cloud/api/work.h"

#include "base/clock.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HTTP_BUSY    503
#define BUSY_RETRY_S 2

enum work_stage {
	WORK_LOOKS_UP, /* by a reader */
	WORK_WAITS,    /* for a thread that hashes */
	WORK_HASHES,
	WORK_LETS_IN, /* by the writer */
};

struct api_login_work {
	struct database_reading reading;
	uv_work_t request;
	struct database_job job;
	struct api *api;
	struct api_session *session; /* NULL where the client went away meanwhile */
	struct api_login login;
	enum work_stage stage;
	int64_t now_s;
	struct api_login_work *previous;
	struct api_login_work *next; /* a later one */
};

static void link_last(struct api *api, struct api_login_work *work)
{
	struct api_login_work **place = &api->works;

	work->previous = NULL;
	work->next = NULL;
	while (*place) {
		work->previous = *place;
		place = &(*place)->next;
	}
	*place = work;
}

static void unlink_work(struct api *api, struct api_login_work *work)
{
	if (work->previous) {
		work->previous->next = work->next;
	} else {
		api->works = work->next;
	}
	if (work->next) {
		work->next->previous = work->previous;
	}
}

static unsigned int count_running(const struct api *api, bool strangers)
{
	unsigned int count = 0;

	for (const struct api_login_work *work = api->works; work; work = work->next) {
		count += work->stage == WORK_HASHES &&
			 (!strangers || work->login.attempt.familiarity != FAMILIAR_PAIR);
	}
	return count;
}

/* Whoever has the best claim, and of those the first. */
static struct api_login_work *choose(const struct api *api)
{
	struct api_login_work *chosen = NULL;
	bool strangers = count_running(api, true) < API_WORK_STRANGERS_MAX;

	for (struct api_login_work *work = api->works; work; work = work->next) {
		if (work->stage == WORK_WAITS &&
		    (strangers || work->login.attempt.familiarity == FAMILIAR_PAIR) &&
		    (!chosen ||
		     work->login.attempt.familiarity < chosen->login.attempt.familiarity)) {
			chosen = work;
		}
	}
	return chosen;
}

static void verify(uv_work_t *request)
{
	struct api_login_work *work = request->data;

	api_login_verify(&work->login);
}

static void on_verified(uv_work_t *request, int status);

static void run_next(struct api *api)
{
	struct api_login_work *work;

	while (!api->stopping && count_running(api, false) < API_WORK_RUNNING_MAX &&
	       (work = choose(api))) {
		work->stage = WORK_HASHES;
		uv_queue_work(api->loop, &work->request, verify, on_verified);
	}
}

static void release_work(struct api *api, struct api_login_work *work)
{
	unlink_work(api, work);
	api_login_forget(&work->login);
	free(work);
}

static void abandon(struct api *api, struct api_login_work *work)
{
	api_login_abandon(&work->login, &api->throttle);
	release_work(api, work);
}

/* The request has its answer, and the work is over. */
static void end_with(struct api *api, struct api_login_work *work, struct api_answer *answer)
{
	struct api_session *session = work->session;

	session->work = NULL;
	release_work(api, work);
	api_session_answer(session, answer);
}

static void refuse_login(struct api *api, struct api_login_work *work)
{
	struct api_answer answer = {0};

	api_answer_fail(&answer, HTTP_BUSY, API_BUSY, "too many logins at once");
	answer.retry_after_s = BUSY_RETRY_S;
	end_with(api, work, &answer);
}

/* --- the last step: a token --- */

static int let_in(struct database *database, void *context)
{
	struct api_login_work *work = context;

	return api_login_let_in(&work->login, registry_of(database), work->now_s);
}

static void on_let_in(void *context, int result, const char *problem)
{
	struct api_login_work *work = context;
	struct api *api = work->api;
	struct api_answer answer;

	(void)problem;
	if (!work->session) {
		release_work(api, work);
		return;
	}
	api_login_end(&work->login, result, exchange_public_hex(api->exchange), api->mqtt_port,
		      &answer);
	end_with(api, work, &answer);
}

static void issue_token(struct api *api, struct api_login_work *work)
{
	work->stage = WORK_LETS_IN;
	work->now_s = clock_unix_s();
	work->job = (struct database_job){.work = let_in, .done = on_let_in, .context = work};
	if (database_writer_submit(api->service->writer, &work->job)) {
		refuse_login(api, work);
	}
}

/* --- the password --- */

static void on_verified(uv_work_t *request, int status)
{
	struct api_login_work *work = request->data;
	struct api *api = work->api;
	struct api_answer answer;

	(void)status;
	if (api->stopping || !work->session) {
		abandon(api, work);
	} else if (api_login_judge(&work->login, &api->throttle, &answer)) {
		issue_token(api, work);
	} else {
		end_with(api, work, &answer);
	}
	run_next(api);
}

void api_work_forget(struct api_login_work *work)
{
	work->session = NULL;
	if (work->stage == WORK_WAITS) {
		/* Not worth a thread's time. */
		abandon(work->api, work);
	}
}

void api_work_stop(struct api *api)
{
	struct api_login_work *work = api->works;

	while (work) {
		struct api_login_work *next = work->next;

		if (work->session) {
			work->session->work = NULL;
			work->session = NULL;
		}
		if (work->stage == WORK_WAITS) {
			abandon(api, work);
		} else if (work->stage == WORK_HASHES) {
			(void)uv_cancel((uv_req_t *)&work->request);
		}
		work = next;
	}
}

/* Of one pair where that was in before, else of one account that was, else of one address. */
static bool is_alike(const struct api_login *login, const struct api_login *other)
{
	bool account = strcasecmp(login->attempt.name, other->attempt.name) == 0;
	bool network = strcmp(login->attempt.network, other->attempt.network) == 0;

	return login->attempt.familiarity == FAMILIAR_PAIR ? account && network
							   : account || network;
}

static bool has_room(const struct api *api, const struct api_login *login)
{
	unsigned int count = 0;
	unsigned int alike = 0;

	for (const struct api_login_work *work = api->works; work; work = work->next) {
		if ((work->stage == WORK_WAITS || work->stage == WORK_HASHES) &&
		    work->login.attempt.familiarity == login->attempt.familiarity) {
			count++;
			alike += is_alike(login, &work->login);
		}
	}
	return count < API_WORK_WAITING_MAX && alike < API_WORK_OF_SAME_MAX;
}

/* --- whose login it is --- */

static int look_up(struct database *database, void *context)
{
	struct api_login_work *work = context;

	return api_login_look_up(&work->login, registry_of(database));
}

static void queue(struct api *api, struct api_login_work *work)
{
	work->stage = WORK_WAITS;
	api_login_try(&work->login, &api->throttle);
	/* Behind those that were looked up before. */
	unlink_work(api, work);
	link_last(api, work);
	run_next(api);
}

static void on_looked_up(void *context, int result, const char *problem)
{
	struct api_login_work *work = context;
	struct api *api = work->api;
	struct api_answer answer;

	(void)problem;
	if (!work->session) {
		release_work(api, work);
	} else if (!api_login_admit(&work->login, result, &api->throttle, &answer)) {
		end_with(api, work, &answer);
	} else if (!has_room(api, &work->login)) {
		refuse_login(api, work);
	} else {
		queue(api, work);
	}
}

void api_work_begin(struct api_session *session, const struct api_request *request)
{
	struct api *api = session->api;
	struct api_login_work *work = calloc(1, sizeof(*work));
	struct api_answer answer = {0};

	if (!work) {
		api_answer_fail(&answer, HTTP_BUSY, API_BUSY, "out of memory: try again later");
		answer.retry_after_s = BUSY_RETRY_S;
		api_session_answer(session, &answer);
		return;
	}
	work->request.data = work;
	work->api = api;
	work->session = session;
	link_last(api, work);
	if (!api_login_read(&work->login, api->exchange, request, session->address,
			    http_request_network(session->request), &answer)) {
		end_with(api, work, &answer);
		return;
	}
	work->reading = (struct database_reading){
		.work = look_up, .done = on_looked_up, .context = work};
	if (database_readers_submit(api->service->readers, &work->reading)) {
		refuse_login(api, work);
		return;
	}
	session->work = work;
}
