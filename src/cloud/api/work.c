/* SPDX-License-Identifier: MIT */
#include "cloud/api/work.h"

#include "base/clock.h"
#include <stdlib.h>

#define HTTP_BUSY    503
#define BUSY_RETRY_S 2

enum work_stage {
	WORK_LOOKS_UP, /* by a reader */
	WORK_HASHES,   /* on a thread, or waits for one */
	WORK_LETS_IN,  /* by the writer */
};

struct api_login_work {
	struct database_reading reading;
	struct login_job hashing;
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

static struct api_login_work *work_of(struct login_job *job)
{
	return (struct api_login_work *)(void *)((char *)job -
						 offsetof(struct api_login_work, hashing));
}

static void verify(struct login_job *job)
{
	api_login_verify(&work_of(job)->login);
}

static void on_verified(struct login_job *job, bool worked)
{
	struct api_login_work *work = work_of(job);
	struct api *api = work->api;
	struct api_answer answer;

	if (!worked || api->stopping || !work->session) {
		abandon(api, work);
	} else if (api_login_judge(&work->login, &api->throttle, &answer)) {
		issue_token(api, work);
	} else {
		end_with(api, work, &answer);
	}
}

void api_work_forget(struct api_login_work *work)
{
	work->session = NULL;
	if (work->stage == WORK_HASHES && login_queue_withdraw(&work->hashing)) {
		/* Not worth a thread's time. */
		abandon(work->api, work);
	}
}

void api_work_init(struct api *api)
{
	static const struct login_queue_limits limits = {
		.running = API_WORK_RUNNING_MAX,
		.strangers = API_WORK_STRANGERS_MAX,
		.waiting = API_WORK_WAITING_MAX,
		.of_same = API_WORK_OF_SAME_MAX,
		.any_case = true,
	};

	login_queue_init(&api->queue, api->loop, &limits);
}

void api_work_stop(struct api *api)
{
	for (struct api_login_work *work = api->works; work; work = work->next) {
		if (work->session) {
			work->session->work = NULL;
			work->session = NULL;
		}
	}
	login_queue_stop(&api->queue);
}

/* --- whose login it is --- */

static int look_up(struct database *database, void *context)
{
	struct api_login_work *work = context;

	return api_login_look_up(&work->login, registry_of(database));
}

static void queue_work(struct api *api, struct api_login_work *work)
{
	work->stage = WORK_HASHES;
	api_login_try(&work->login, &api->throttle);
	login_queue_add(&api->queue, &work->hashing);
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
	} else if (!login_queue_has_room(&api->queue, &work->login.attempt)) {
		refuse_login(api, work);
	} else {
		queue_work(api, work);
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
	work->hashing = (struct login_job){
		.attempt = &work->login.attempt, .work = verify, .done = on_verified};
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
