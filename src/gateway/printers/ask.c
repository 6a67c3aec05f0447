/* SPDX-License-Identifier: MIT */
#include "gateway/printers/internal.h"

#define LOOK_MS 1000

/* An M5 that sits idle says nothing by itself, and one that is switched off never will. */
static bool is_silent(const struct gateway_printers *printers, const struct printer_state *state)
{
	return state->seen_ms == PRINTER_NEVER ||
	       fleet_silence_ms(printers->fleet, state->seen_ms) >= GATEWAY_ASK_AFTER_MS;
}

/* One that tells its temperatures may have told the end of its job in a message that was lost, or
 * that an older one overtook: it does not say so twice. */
static bool is_job_silent(const struct gateway_printers *printers,
			  const struct printer_state *state)
{
	const struct printer_job *job = &state->job;

	return job->state_received && job_is_under_way(job->state) &&
	       fleet_silence_ms(printers->fleet, job->received_ms) >= GATEWAY_ASK_JOB_AFTER_MS;
}

static void look_at(struct gateway_printers *printers, struct held_printer *held, int64_t now_ms)
{
	const struct printer_state *state = fleet_printer_state(held->printer);

	if (!fleet_printer_ready(held->printer) || now_ms - held->asked_ms < held->pause_ms ||
	    (!is_silent(printers, state) && !is_job_silent(printers, state))) {
		return;
	}
	held->asked_ms = now_ms;
	if (!state->online && held->pause_ms < GATEWAY_ASK_MAX_MS) {
		held->pause_ms *= 2;
	}
	(void)fleet_ask_status(held->printer);
}

static void look(uv_timer_t *timer)
{
	struct gateway_printers *printers = timer->data;
	int64_t now_ms = fleet_now_ms(printers->fleet);

	for (struct list *at = printers->printers.next; at != &printers->printers; at = at->next) {
		look_at(printers, LIST_OF(at, struct held_printer, place), now_ms);
	}
}

void ask_reset(struct held_printer *held)
{
	held->pause_ms = GATEWAY_ASK_AFTER_MS;
}

void ask_start(struct gateway_printers *printers)
{
	uv_timer_init(printers->loop, &printers->ask_timer);
	printers->ask_timer.data = printers;
	printers->ask_timer_runs = true;
	uv_timer_start(&printers->ask_timer, look, LOOK_MS, LOOK_MS);
}
