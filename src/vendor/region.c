/* SPDX-License-Identifier: MIT */
#include "vendor/region.h"

#include <assert.h>

#define MS_PER_NS 1000000

struct race;

struct runner {
	struct race *race;
	struct http_client *client;
	const char *url;
};

struct race {
	uv_loop_t loop;
	const struct region_handlers *handlers;
	struct runner runners[REGION_SERVICES_MAX];
	size_t count;
	size_t waiting;
	uint64_t began_ns;
	size_t winner; /* count: none yet */
};

static void give_up(struct race *race)
{
	for (size_t i = 0; i < race->count; i++) {
		http_client_close(race->runners[i].client, NULL, NULL);
		race->runners[i].client = NULL;
	}
}

/* Any answer shows how far away the service is, be it an error. */
static void handle_region(void *context, const struct http_answer *answer)
{
	struct runner *runner = context;
	struct race *race = runner->race;
	uint64_t elapsed_ms = (uv_hrtime() - race->began_ns) / MS_PER_NS;

	race->waiting--;
	if (answer->failure != HTTP_FAILURE_NONE) {
		race->handlers->on_failure(race->handlers->context, answer->detail);
		return;
	}
	if (race->winner == race->count) {
		race->winner = (size_t)(runner - race->runners);
		race->handlers->on_first(race->handlers->context, runner->url, elapsed_ms);
		give_up(race);
	}
}

static enum service_failure start_runner(struct race *race, struct runner *runner,
					 const struct service_settings *settings,
					 struct problem *problem)
{
	static const struct http_request request = {.method = "GET", .path = "/"};
	struct http_options options = {
		.url = runner->url,
		.trust = service_trust(settings),
		.connect_timeout_ms = settings->timeout_ms,
		.timeout_ms = settings->timeout_ms,
	};
	char detail[HTTP_DETAIL_MAX];

	if (http_client_create(&race->loop, &options, detail, &runner->client) != 0) {
		problem_set(problem, "%s", detail);
		return SERVICE_UNUSABLE;
	}
	if (http_send(runner->client, &request, handle_region, runner) != 0) {
		problem_set(problem, "cannot ask %s", runner->url);
		return SERVICE_FAILED;
	}
	race->waiting++;
	return SERVICE_OK;
}

enum service_failure region_measure(const struct region_handlers *handlers, const char *const *urls,
				    size_t count, const struct service_settings *settings,
				    size_t *fastest, struct problem *problem)
{
	struct race race = {
		.handlers = handlers, .count = count, .winner = count, .began_ns = uv_hrtime()};
	enum service_failure failure = SERVICE_OK;

	assert(count <= REGION_SERVICES_MAX);

	if (uv_loop_init(&race.loop) != 0) {
		problem_set(problem, "cannot make an event loop");
		return SERVICE_FAILED;
	}
	for (size_t i = 0; i < count && !failure; i++) {
		race.runners[i] = (struct runner){.race = &race, .url = urls[i]};
		failure = start_runner(&race, &race.runners[i], settings, problem);
	}
	while (!failure && race.waiting > 0 && race.winner == count &&
	       uv_run(&race.loop, UV_RUN_ONCE) != 0) {
	}
	give_up(&race);
	uv_run(&race.loop, UV_RUN_DEFAULT);
	uv_loop_close(&race.loop);
	if (!failure && race.winner == count) {
		problem_set(problem, "no service answers; check the network");
		failure = SERVICE_CANNOT_CONNECT;
	}
	*fastest = race.winner;
	return failure;
}
