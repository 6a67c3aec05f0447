/* SPDX-License-Identifier: MIT */
#include "cloud/commands/upkeep.h"

#define PAIRING_KEPT_S INT64_C(604800) /* of a claim that waits */
#define MS_PER_S       1000

/* Whether the wall clock was left alone since the look before. */
static bool upkeep_clock_held(struct clock_watch *watch, const struct clock_times *now)
{
	struct clock_change change;

	return !clock_watch_look(watch, now, &change) ||
	       (change.stepped_ms <= UPKEEP_STEP_MS && change.stepped_ms >= -UPKEEP_STEP_MS);
}

static int forget(struct database *database, void *context)
{
	const struct upkeep *upkeep = context;
	struct registry *registry = registry_of(database);
	int result = registry_drop_expired_tokens(registry, upkeep->now_s);

	return result < 0 ? result
			  : registry_drop_old_pairings(registry, upkeep->now_s - PAIRING_KEPT_S);
}

/* What could not be forgotten will be in an hour. */
static void on_forgotten(void *context, int result, const char *problem)
{
	(void)result;
	(void)problem;
	((struct upkeep *)context)->under_way = false;
}

static void on_timer(uv_timer_t *timer)
{
	struct upkeep *upkeep = timer->data;
	struct clock_times now;

	clock_read_times(&now);
	if (!upkeep_clock_held(&upkeep->watch, &now) || upkeep->under_way) {
		return;
	}
	upkeep->now_s = now.unix_ms / MS_PER_S;
	upkeep->job = (struct database_job){
		.work = forget, .done = on_forgotten, .context = upkeep};
	upkeep->under_way = database_writer_submit(upkeep->service->writer, &upkeep->job) == 0;
}

void upkeep_start(struct upkeep *upkeep, uv_loop_t *loop, struct registry_service *service)
{
	struct clock_times now;

	*upkeep = (struct upkeep){.service = service};
	clock_read_times(&now);
	clock_watch_init(&upkeep->watch, &now);
	uv_timer_init(loop, &upkeep->timer);
	upkeep->timer.data = upkeep;
	uv_timer_start(&upkeep->timer, on_timer, UPKEEP_EVERY_MS, UPKEEP_EVERY_MS);
	uv_unref((uv_handle_t *)&upkeep->timer);
}

void upkeep_stop(struct upkeep *upkeep)
{
	uv_close((uv_handle_t *)&upkeep->timer, NULL);
}
