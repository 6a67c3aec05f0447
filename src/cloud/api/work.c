/* SPDX-License-Identifier: MIT */
#include "cloud/api/work.h"

#include "cloud/api/guard.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#define HTTP_BUSY    503
#define BUSY_RETRY_S 2

struct api_login_work {
	uv_work_t request;
	struct api *api;
	struct api_session *session; /* NULL where the client went away meanwhile */
	struct lws *wsi;
	struct api_login login;
	bool runs;
	struct api_login_work *previous;
	struct api_login_work *next; /* a later one */
};

static void link_last(struct api *api, struct api_login_work *work)
{
	struct api_login_work **place = &api->works;

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
		count += work->runs && (!strangers || work->login.familiarity != FAMILIAR_PAIR);
	}
	return count;
}

/* Whoever has the best claim, and of those the first. */
static struct api_login_work *choose(const struct api *api)
{
	struct api_login_work *chosen = NULL;
	bool strangers = count_running(api, true) < API_WORK_STRANGERS_MAX;

	for (struct api_login_work *work = api->works; work; work = work->next) {
		if (!work->runs && (strangers || work->login.familiarity == FAMILIAR_PAIR) &&
		    (!chosen || work->login.familiarity < chosen->login.familiarity)) {
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
	       (work = choose(api)) != NULL) {
		work->runs = true;
		uv_queue_work(api->loop, &work->request, verify, on_verified);
	}
}

static void abandon(struct api *api, struct api_login_work *work)
{
	unlink_work(api, work);
	api_login_abandon(&work->login, &api->throttle);
	free(work);
}

static void on_verified(uv_work_t *request, int status)
{
	struct api_login_work *work = request->data;
	struct api *api = work->api;
	struct api_answer answer;

	(void)status;
	if (api->stopping || !work->session) {
		abandon(api, work);
	} else {
		unlink_work(api, work);
		work->session->work = NULL;
		api_login_end(&work->login, api->registry, &api->throttle,
			      exchange_public_hex(api->exchange), api->mqtt_port, time(NULL),
			      &answer);
		api_session_answer(api, work->wsi, work->session, &answer);
		free(work);
	}
	run_next(api);
}

void api_work_forget(struct api_login_work *work)
{
	work->session = NULL;
	if (!work->runs) {
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
		if (!work->runs) {
			abandon(api, work);
		} else {
			(void)uv_cancel((uv_req_t *)&work->request);
		}
		work = next;
	}
}

/* Of one pair where that was in before, else of one account that was, else of one address. */
static bool is_alike(const struct api_login *login, const struct api_login *other)
{
	bool account = strcasecmp(login->email, other->email) == 0;
	bool network = strcmp(login->network, other->network) == 0;

	return login->familiarity == FAMILIAR_PAIR ? account && network : account || network;
}

static bool has_room(const struct api *api, const struct api_login *login)
{
	unsigned int count = 0;
	unsigned int alike = 0;

	for (const struct api_login_work *work = api->works; work; work = work->next) {
		if (work->login.familiarity == login->familiarity) {
			count++;
			alike += is_alike(login, &work->login);
		}
	}
	return count < API_WORK_WAITING_MAX && alike < API_WORK_OF_SAME_MAX;
}

static void refuse(struct api *api, struct lws *wsi, struct api_session *session, bool memory)
{
	struct api_answer answer = {0};

	if (memory) {
		api_answer_fail(&answer, HTTP_BUSY, API_BUSY, "out of memory: try again later");
	} else {
		api_answer_fail(&answer, HTTP_BUSY, API_BUSY, "too many logins at once");
	}
	answer.retry_after_s = BUSY_RETRY_S;
	api_session_answer(api, wsi, session, &answer);
}

static void queue(struct api *api, struct api_login_work *work)
{
	api_login_try(&work->login, &api->throttle);
	work->session->work = work;
	link_last(api, work);
	api_guard_step(work->session->connection, CONNECTION_WORK);
	run_next(api);
}

void api_work_begin(struct api *api, struct lws *wsi, struct api_session *session,
		    const struct api_request *request)
{
	struct api_login_work *work = calloc(1, sizeof(*work));
	struct api_answer answer = {0};

	if (!work) {
		refuse(api, wsi, session, true);
		return;
	}
	work->request.data = work;
	work->api = api;
	work->session = session;
	work->wsi = wsi;
	if (!api_login_read(&work->login, api->registry, api->exchange, &api->throttle, request,
			    session->address, &session->connection->address, &answer)) {
		api_session_answer(api, wsi, session, &answer);
		free(work);
		return;
	}
	if (!has_room(api, &work->login)) {
		api_login_forget(&work->login);
		free(work);
		refuse(api, wsi, session, false);
		return;
	}
	queue(api, work);
}
