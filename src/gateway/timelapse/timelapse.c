/* SPDX-License-Identifier: MIT */
#include "gateway/timelapse/timelapse.h"

#include "gateway/timelapse/internal.h"

#include <flagship/error.h>

#include <stdio.h>
#include <stdlib.h>

#define BEAT_MS    1000
#define TIDY_MS    60000
#define ALL        REST_ROOT "/timelapses"
#define ONE        ALL "/{timelapse}"
#define OF_PRINTER REST_ROOT "/printers/{printer}"

static const struct http_route routes[] = {
	{.methods = HTTP_GET,
	 .path = ALL,
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = gallery_list},
	{.methods = HTTP_GET, .path = ONE, .rights = WEB_VIEW | WEB_FILTERS, .handle = gallery_get},
	{.methods = HTTP_DELETE,
	 .path = ONE,
	 .rights = WEB_OPERATE | WEB_FILTERS,
	 .handle = gallery_delete},
	{.methods = HTTP_GET,
	 .path = ONE "/film.mp4",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = gallery_get_film},
	{.methods = HTTP_GET,
	 .path = ONE "/poster.jpg",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = posters_get},
	{.methods = HTTP_GET,
	 .path = OF_PRINTER "/timelapses",
	 .rights = WEB_VIEW,
	 .handle = gallery_list_of_printer},
	{.methods = HTTP_GET,
	 .path = OF_PRINTER "/timelapse",
	 .rights = WEB_VIEW,
	 .handle = lapse_settings_get_printer},
	{.methods = HTTP_PATCH,
	 .path = OF_PRINTER "/timelapse",
	 .rights = WEB_OPERATE,
	 .handle = lapse_settings_patch_printer,
	 .body_max = REST_BODY_MAX},
	{.methods = HTTP_GET,
	 .path = REST_ROOT "/timelapse",
	 .rights = WEB_VIEW | WEB_FILTERS,
	 .handle = lapse_settings_get_all},
	{.methods = HTTP_PATCH,
	 .path = REST_ROOT "/timelapse",
	 .rights = WEB_ADMIN,
	 .handle = lapse_settings_patch_all,
	 .body_max = REST_BODY_MAX},
};

void timelapse_fill_api(struct timelapse *timelapse, struct web_api *api)
{
	*api = (struct web_api){
		.routes = routes,
		.route_count = sizeof(routes) / sizeof(routes[0]),
		.context = timelapse,
		.prefixes = REST_ROOT,
		.refuse = rest_refuse,
		.json_only = true,
	};
}

/* --- jobs --- */

static void on_job_changed(void *context, enum history_action action, const struct history_job *job)
{
	if (action == HISTORY_JOB_ENDED) {
		shots_end_job(context, job);
	}
}

/* What became of the job while no gateway ran, or nobody listened. */
struct doubt {
	struct timelapse *timelapse;
	int64_t film;
};

static void on_job_read(void *context, const char *trouble, const struct history_job *jobs,
			size_t count, int64_t total)
{
	struct doubt *doubt = context;
	struct timelapse *timelapse = doubt->timelapse;
	struct lapse_film *film = timelapse->is_stopped ? NULL
							: films_of_id(timelapse, doubt->film);

	(void)total;
	free(doubt);
	if (!film || trouble || (count > 0 && jobs[0].outcome == HISTORY_GOING_ON)) {
		return;
	}
	film->outcome = count > 0 ? jobs[0].outcome : HISTORY_UNKNOWN;
	film->ended_ms = count > 0 ? jobs[0].ended_ms : film->begun_ms;
	films_end(timelapse, film);
}

/* Where it is not answered, the printer's next job tells. */
static void ask_for_jobs(struct timelapse *timelapse)
{
	for (struct list *at = timelapse->films.next; at != &timelapse->films; at = at->next) {
		const struct lapse_film *film = LIST_OF(at, struct lapse_film, place);
		struct doubt *doubt = film->is_done ? NULL : malloc(sizeof(*doubt));

		if (doubt) {
			*doubt = (struct doubt){timelapse, film->id};
			if (history_read_job(timelapse->options.history, film->job, on_job_read,
					     doubt)) {
				free(doubt);
			}
		}
	}
}

static void on_lapse_beat(uv_timer_t *timer)
{
	struct timelapse *timelapse = timer->data;
	uint64_t now_ms = uv_now(timer->loop);

	shots_beat(timelapse);
	posters_beat(timelapse);
	if (now_ms - timelapse->tidied_ms >= TIDY_MS) {
		timelapse->tidied_ms = now_ms;
		films_tidy(timelapse);
	}
}

/* --- life --- */

static bool take_paths(struct timelapse *timelapse, const struct timelapse_options *options)
{
	const size_t size = PATH_MAX;

	return (size_t)snprintf(timelapse->folder, size, "%s/timelapses", options->folder) < size &&
	       (size_t)snprintf(timelapse->settings_path, size, "%s/timelapse.json",
				options->folder) < size &&
	       (size_t)snprintf(timelapse->picture_program, size, "%s", options->picture_program) <
		       size;
}

int timelapse_create(uv_loop_t *loop, const struct timelapse_options *options,
		     struct timelapse **out)
{
	struct timelapse *timelapse = calloc(1, sizeof(*timelapse));

	*out = NULL;
	if (!timelapse || !take_paths(timelapse, options)) {
		free(timelapse);
		return FLAGSHIP_ERROR_MEMORY;
	}
	timelapse->loop = loop;
	timelapse->options = *options;
	list_init(&timelapse->films);
	list_init(&timelapse->watches);
	list_init(&timelapse->poster_askers);
	lapse_settings_read(timelapse);
	films_load(timelapse);
	ask_for_jobs(timelapse);
	timelapse->listener = (struct history_listener){.changed = on_job_changed,
							.context = timelapse};
	history_subscribe(options->history, &timelapse->listener);
	uv_timer_init(loop, &timelapse->timer);
	timelapse->timer.data = timelapse;
	uv_timer_start(&timelapse->timer, on_lapse_beat, BEAT_MS, BEAT_MS);
	timelapse->working = 1;
	*out = timelapse;
	return 0;
}

void timelapse_worked(struct timelapse *timelapse)
{
	timelapse->working--;
	if (timelapse->is_closing && timelapse->working == 0) {
		timelapse->is_closing = false;
		timelapse->options.on_closed(timelapse->options.context);
	}
}

static void on_lapse_timer_closed(uv_handle_t *handle)
{
	timelapse_worked(handle->data);
}

void timelapse_stop(struct timelapse *timelapse)
{
	if (!timelapse || timelapse->is_stopped) {
		return;
	}
	timelapse->is_stopped = true;
	history_unsubscribe(&timelapse->listener);
	shots_stop(timelapse);
	posters_stop(timelapse);
	uv_close((uv_handle_t *)&timelapse->timer, on_lapse_timer_closed);
}

void timelapse_close(struct timelapse *timelapse)
{
	timelapse_stop(timelapse);
	timelapse->is_closing = true;
	timelapse->working++;
	timelapse_worked(timelapse);
}

void timelapse_destroy(struct timelapse *timelapse)
{
	if (timelapse) {
		films_forget(timelapse);
		lapse_settings_forget(&timelapse->settings);
		free(timelapse);
	}
}
