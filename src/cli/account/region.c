/* SPDX-License-Identifier: MIT */
#include "cli/account/region.h"

#include "cli/kit/cli.h"
#include "cli/output/print.h"

#include <inttypes.h>
#include <stdio.h>

#define MS_PER_NS 1000000

struct race;

struct runner {
	struct race *race;
	struct http_client *client;
	const char *url;
};

struct race {
	uv_loop_t loop;
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
static void handle_answer(void *context, const struct http_answer *answer)
{
	struct runner *runner = context;
	struct race *race = runner->race;
	uint64_t elapsed_ms = (uv_hrtime() - race->began_ns) / MS_PER_NS;

	race->waiting--;
	if (answer->failure != HTTP_FAILURE_NONE) {
		cli_warn("%s", answer->detail);
		return;
	}
	if (race->winner == race->count) {
		race->winner = (size_t)(runner - race->runners);
		print_to(stderr, "flagship: %s answers first, after %" PRIu64 " ms\n", runner->url,
			 elapsed_ms);
		give_up(race);
	}
}

static int start(struct race *race, struct runner *runner, const struct service_settings *settings)
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
		cli_error("%s", detail);
		return CLI_USAGE;
	}
	if (http_send(runner->client, &request, handle_answer, runner) != 0) {
		cli_error("cannot ask %s", runner->url);
		return CLI_FAILED;
	}
	race->waiting++;
	return OPTIONS_RUN;
}

int region_measure(const char *const *urls, size_t count, const struct service_settings *settings,
		   size_t *fastest)
{
	struct race race = {.count = count, .winner = count, .began_ns = uv_hrtime()};
	int result = OPTIONS_RUN;

	if (uv_loop_init(&race.loop) != 0) {
		cli_error("cannot make an event loop");
		return CLI_FAILED;
	}
	for (size_t i = 0; i < count && result == OPTIONS_RUN; i++) {
		race.runners[i] = (struct runner){.race = &race, .url = urls[i]};
		result = start(&race, &race.runners[i], settings);
	}
	while (result == OPTIONS_RUN && race.waiting > 0 && race.winner == count &&
	       uv_run(&race.loop, UV_RUN_ONCE) != 0) {
	}
	give_up(&race);
	uv_run(&race.loop, UV_RUN_DEFAULT);
	uv_loop_close(&race.loop);
	if (result == OPTIONS_RUN && race.winner == count) {
		cli_error("no service answers; check the network");
		result = CLI_CANNOT_CONNECT;
	}
	*fastest = race.winner;
	return result;
}
