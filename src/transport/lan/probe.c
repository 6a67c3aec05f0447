/* SPDX-License-Identifier: MIT */
#include "transport/lan/probe.h"

#include "base/clock.h"
#include "transport/lan/link.h"
#include "transport/lan/search.h"

#include <stdio.h>
#include <string.h>

#define EVERYBODY     "255.255.255.255"
#define LOOK_EVERY_MS 20
#define US_IN_MS      1000

/* --- search --- */

struct probing_search {
	struct lan_search *search; /* NULL once it is over */
	const struct flagship_pppp_duid *duid;
	const char *address;
	bool asks_one; /* nobody else could answer */
	struct lan_probe_search *found;
};

static bool is_wanted(const struct probing_search *probing, const struct lan_probe_answer *answer)
{
	return probing->duid ? flagship_pppp_duid_equal(probing->duid, &answer->duid)
			     : strcmp(probing->address, answer->address) == 0;
}

static void on_answer(void *context, const struct flagship_pppp_duid *duid,
		      const struct flagship_pppp_host *host)
{
	struct probing_search *probing = context;
	struct lan_probe_search *found = probing->found;
	struct lan_probe_answer answer = {.duid = *duid};

	udp_host_format(host, answer.address);
	bool wanted = is_wanted(probing, &answer);
	if (found->wanted || (found->count == LAN_PROBE_ANSWERS_MAX && !wanted)) {
		return;
	}
	if (found->count == LAN_PROBE_ANSWERS_MAX) {
		found->count--;
	}
	struct lan_probe_answer *place = &found->answers[found->count++];
	*place = answer;
	if (wanted) {
		found->wanted = place;
	}
	if (wanted || probing->asks_one) {
		lan_search_stop(probing->search);
	}
}

static void on_search_over(void *context)
{
	struct probing_search *probing = context;

	probing->search = NULL;
}

int lan_probe_search(const char *address, const struct flagship_pppp_duid *duid, int64_t timeout_ms,
		     struct lan_probe_search *found)
{
	static const struct lan_search_handlers handlers = {.on_found = on_answer,
							    .on_end = on_search_over};
	const char *asked[2];
	size_t count = 0;
	struct flagship_pppp_host host;
	uv_loop_t loop;
	struct probing_search probing = {.duid = duid, .address = address, .found = found};

	*found = (struct lan_probe_search){0};
	if (address[0] != '\0') {
		if (!udp_host_parse(address, FLAGSHIP_PPPP_PORT, &host)) {
			return UV_EINVAL;
		}
		asked[count++] = address;
		probing.asks_one = udp_host_is_loopback(&host);
	}
	if (!probing.asks_one) {
		asked[count++] = EVERYBODY;
	}
	int error = uv_loop_init(&loop);
	if (error) {
		return error;
	}
	error = lan_search_create(&loop, asked, count, timeout_ms, &handlers, &probing,
				  &probing.search);
	if (!error) {
		uv_run(&loop, UV_RUN_DEFAULT);
	}
	uv_loop_close(&loop);
	return error;
}

/* --- session --- */

struct probing_session {
	uv_timer_t timer;
	struct lan_link *link; /* NULL once it is gone */
	int64_t begun_ms;
	int64_t timeout_ms;
	uint64_t heard; /* by when it was open */
	struct lan_probe_session *result;
};

static uint64_t count_heard(struct lan_link *link)
{
	const struct flagship_pppp_counts *counts = flagship_pppp_session_counts(
		lan_link_session(link));

	return counts->received - counts->malformed - counts->strangers - counts->unexpected;
}

static void on_session_open(void *context)
{
	struct probing_session *probing = context;

	probing->result->opened = true;
	probing->result->opened_after_ms = clock_steady_ms() - probing->begun_ms;
	probing->heard = count_heard(probing->link);
}

static void on_session_data(void *context, uint8_t channel,
			    const struct flagship_pppp_piece_in *piece)
{
	(void)context;
	(void)channel;
	(void)piece;
}

static void on_session_end(void *context, enum flagship_pppp_end end)
{
	struct probing_session *probing = context;

	probing->link = NULL;
	probing->result->end = end;
	uv_close((uv_handle_t *)&probing->timer, NULL);
}

static void look(uv_timer_t *timer)
{
	struct probing_session *probing = timer->data;
	struct lan_probe_session *result = probing->result;

	if (result->opened && count_heard(probing->link) > probing->heard) {
		result->stayed = true;
	}
	/* Before it is open, the link's own limit ends it. */
	if (result->stayed ||
	    (result->opened && clock_steady_ms() - probing->begun_ms >= probing->timeout_ms)) {
		lan_link_close(probing->link);
		uv_timer_stop(timer);
	}
}

static int run_session(uv_loop_t *loop, const struct lan_link_options *options,
		       struct probing_session *probing)
{
	static const struct lan_link_handlers handlers = {
		.on_open = on_session_open, .on_data = on_session_data, .on_end = on_session_end};
	int error = lan_link_create(loop, options, &handlers, probing, &probing->link);

	if (error) {
		return error;
	}
	uv_timer_init(loop, &probing->timer);
	probing->timer.data = probing;
	uv_timer_start(&probing->timer, look, LOOK_EVERY_MS, LOOK_EVERY_MS);
	uv_run(loop, UV_RUN_DEFAULT);
	return 0;
}

int lan_probe_session(const struct lan_probe_answer *printer, int64_t timeout_ms,
		      struct lan_probe_session *session)
{
	char duid[FLAGSHIP_PPPP_DUID_TEXT_SIZE];
	const struct lan_link_options options = {.duid = duid,
						 .address = printer->address,
						 .search_us = timeout_ms * US_IN_MS,
						 .connect_us = timeout_ms * US_IN_MS};
	struct probing_session probing = {
		.begun_ms = clock_steady_ms(), .timeout_ms = timeout_ms, .result = session};
	uv_loop_t loop;

	*session = (struct lan_probe_session){0};
	flagship_pppp_duid_format(&printer->duid, duid);
	int error = uv_loop_init(&loop);
	if (error) {
		return error;
	}
	error = run_session(&loop, &options, &probing);
	uv_loop_close(&loop);
	return error;
}
