/* SPDX-License-Identifier: MIT */
#include "gateway/timelapse/internal.h"
#include "video/mp4.h"

#include <stdlib.h>
#include <string.h>

/* When a picture is due, and what becomes of it. */

#define AGAIN_MS 10000 /* after one that could not be had */

static struct lapse_watch *find_watch(const struct timelapse *timelapse, const char *serial)
{
	for (struct list *at = timelapse->watches.next; at != &timelapse->watches; at = at->next) {
		struct lapse_watch *watch = LIST_OF(at, struct lapse_watch, place);

		if (strcmp(watch->job.serial, serial) == 0) {
			return watch;
		}
	}
	return NULL;
}

static void drop_watch(struct lapse_watch *watch)
{
	cameras_look_away(&watch->look);
	list_remove(&watch->place);
	free(watch);
}

void shots_stop(struct timelapse *timelapse)
{
	while (!list_is_empty(&timelapse->watches)) {
		/* It is in the list no more. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		drop_watch(LIST_OF(timelapse->watches.next, struct lapse_watch, place));
	}
}

/* --- a picture --- */

/* NULL where it is no picture, or for want of memory. */
static uint8_t *make_sample(const struct h264_unit *unit, size_t *length)
{
	size_t capacity = unit->length + MP4_SAMPLE_OVERHEAD;
	uint8_t *sample = malloc(capacity);

	if (sample && mp4_write_sample(unit, sample, capacity, length)) {
		free(sample);
		return NULL;
	}
	return sample;
}

static struct lapse_film *film_of(struct lapse_watch *watch)
{
	struct timelapse *timelapse = watch->timelapse;
	struct lapse_film *film = films_of_job(timelapse, watch->job.id);

	if (!film) {
		film = films_begin(timelapse, &watch->job);
		if (film) {
			film->missed = watch->missed;
		}
	}
	return film;
}

static void take_unit(struct lapse_watch *watch, const struct h264_unit *unit)
{
	struct timelapse *timelapse = watch->timelapse;
	size_t length;
	uint8_t *sample = make_sample(unit, &length);
	struct lapse_film *film = sample ? film_of(watch) : NULL;

	watch->has_any = true;
	watch->taken_ms = uv_now(timelapse->loop);
	watch->layer = watch->look_layer;
	if (!film) {
		free(sample);
		return;
	}
	if (film->extent.width == 0) {
		film->extent.width = unit->parameters->width;
		film->extent.height = unit->parameters->height;
	}
	films_append(timelapse, film, sample, length);
}

static void take_failure(struct lapse_watch *watch, const char *why)
{
	struct timelapse *timelapse = watch->timelapse;
	struct lapse_film *film = films_of_job(timelapse, watch->job.id);

	watch->retry_ms = uv_now(timelapse->loop) + AGAIN_MS;
	if (film) {
		film->missed++;
	} else {
		watch->missed++;
	}
	log_event(timelapse->options.log, LOG_LEVEL_DEBUG, TIMELAPSE_LOG_PART,
		  "a picture is missed", LOG_TEXT("printer", watch->job.serial),
		  LOG_TEXT("why", why));
}

/* The picture that came, or did not, was the last one. */
static void end_watch(struct lapse_watch *watch)
{
	struct timelapse *timelapse = watch->timelapse;
	struct lapse_film *film = films_of_job(timelapse, watch->job.id);

	if (film) {
		film->outcome = watch->job.outcome;
		film->ended_ms = watch->job.ended_ms;
		films_end(timelapse, film);
	}
	drop_watch(watch);
}

static void on_look(void *context, const struct h264_unit *unit, const char *why)
{
	struct lapse_watch *watch = context;

	watch->is_looking = false;
	if (unit) {
		take_unit(watch, unit);
	} else {
		take_failure(watch, why);
	}
	if (watch->is_last) {
		end_watch(watch);
	}
}

static void look(struct lapse_watch *watch, const struct lapse_choice *choice, int64_t layer)
{
	watch->is_looking = true;
	watch->look_layer = layer;
	watch->look = (struct camera_look){
		.on_picture = on_look, .context = watch, .light = choice->light};
	cameras_look(watch->timelapse->options.cameras, watch->job.serial, &watch->look);
}

/* --- when --- */

static bool is_due(const struct lapse_watch *watch, const struct lapse_choice *choice,
		   int64_t layer)
{
	uint64_t now_ms = uv_now(watch->timelapse->loop);

	if (watch->is_looking || watch->is_last || now_ms < watch->retry_ms) {
		return false;
	}
	if (!watch->has_any) {
		return true;
	}
	if (now_ms - watch->taken_ms < (uint64_t)(choice->interval_s * MS_PER_S)) {
		return false;
	}
	return choice->mode == LAPSE_INTERVAL || layer == PRINTER_NEVER || layer > watch->layer;
}

static bool has_place(const struct timelapse *timelapse, const struct lapse_watch *watch)
{
	const struct lapse_film *film = films_of_job(timelapse, watch->job.id);

	return !film || (!film->is_working && film->extent.frames < MP4_SAMPLES_MAX);
}

/* Of a printer whose job before this one ended without a word of it. */
static void end_others(struct timelapse *timelapse, const struct history_job *job)
{
	for (struct list *at = timelapse->films.next; at != &timelapse->films; at = at->next) {
		struct lapse_film *film = LIST_OF(at, struct lapse_film, place);

		if (!film->is_done && !film->is_ending && film->job != job->id &&
		    strcmp(film->serial, job->serial) == 0) {
			film->outcome = HISTORY_UNKNOWN;
			film->ended_ms = job->begun_ms;
			films_end(timelapse, film);
		}
	}
}

/* NULL where the one before is not over, or for want of memory. */
static struct lapse_watch *watch_of(struct timelapse *timelapse, const struct history_job *job)
{
	struct lapse_watch *watch = find_watch(timelapse, job->serial);

	if (watch && watch->job.id != job->id) {
		if (watch->is_last) {
			return NULL;
		}
		drop_watch(watch);
		watch = NULL;
	}
	if (!watch) {
		end_others(timelapse, job);
		watch = calloc(1, sizeof(*watch));
		if (!watch) {
			return NULL;
		}
		watch->timelapse = timelapse;
		watch->layer = PRINTER_NEVER;
		list_insert(&timelapse->watches, &watch->place);
	}
	watch->job = *job;
	return watch;
}

static void look_at_printer(struct timelapse *timelapse, const struct fleet_printer *printer,
			    const struct lapse_choice *choice)
{
	const struct printer_state *state = fleet_printer_state(printer);
	struct history_job job;

	if (state->job.state != PRINTER_JOB_PRINTING ||
	    !history_current_job(timelapse->options.history, fleet_printer_serial(printer), &job)) {
		return;
	}
	struct lapse_watch *watch = watch_of(timelapse, &job);
	if (watch && is_due(watch, choice, state->job.layer) && has_place(timelapse, watch)) {
		look(watch, choice, state->job.layer);
	}
}

void shots_beat(struct timelapse *timelapse)
{
	struct fleet_printer *printer = NULL;

	if (!lapse_settings_want_any(timelapse) ||
	    uv_now(timelapse->loop) < timelapse->full_until_ms) {
		return;
	}
	while ((printer = gateway_printers_next(timelapse->options.printers, printer))) {
		const struct lapse_choice choice = lapse_settings_choice(
			timelapse, fleet_printer_serial(printer));

		if (choice.mode != LAPSE_OFF &&
		    cameras_have_film(timelapse->options.cameras, printer)) {
			look_at_printer(timelapse, printer, &choice);
		}
	}
}

void shots_end_job(struct timelapse *timelapse, const struct history_job *job)
{
	struct lapse_watch *watch = find_watch(timelapse, job->serial);
	const struct lapse_choice choice = lapse_settings_choice(timelapse, job->serial);
	struct lapse_film *film = films_of_job(timelapse, job->id);

	if (watch && watch->job.id == job->id) {
		watch->job = *job;
		watch->is_last = true;
		if (!watch->is_looking && film && choice.mode != LAPSE_OFF &&
		    uv_now(timelapse->loop) >= timelapse->full_until_ms &&
		    has_place(timelapse, watch)) {
			look(watch, &choice, watch->layer);
		} else if (!watch->is_looking) {
			end_watch(watch);
		}
	} else if (film) {
		film->outcome = job->outcome;
		film->ended_ms = job->ended_ms;
		films_end(timelapse, film);
	}
}
