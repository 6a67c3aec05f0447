/* SPDX-License-Identifier: MIT */
#include "gateway/timelapse/internal.h"
#include "store/file/replace_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * The last picture of a film as a JPEG, made by flagship-picture when it is asked for first, and
 * kept beside the film once that is whole. One at a time.
 */

#define JPEG_TYPE   "image/jpeg"
#define POSTER_MODE 0600
#define NO_POSTER   "no picture could be made of this time-lapse"

struct poster_asker {
	struct list place;
	struct http_request *request;
	int64_t film;
};

static void next_poster(struct timelapse *timelapse);

/* --- who waits --- */

static void on_poster_asker_gone(void *context)
{
	struct poster_asker *asker = context;

	list_remove(&asker->place);
	free(asker);
}

static void respond_poster(struct http_request *request, const uint8_t *jpeg, size_t length)
{
	static const struct http_header headers[] = {{"cache-control", "no-store"}};

	http_respond(request, &(struct http_response){.status = REST_OK,
						      .content_type = JPEG_TYPE,
						      .headers = headers,
						      .header_count = 1,
						      .body = jpeg,
						      .length = length});
}

/* Those who wait for this film; 0: for any. jpeg NULL: there is none. */
static void answer_askers(struct timelapse *timelapse, int64_t film, const uint8_t *jpeg,
			  size_t length, const char *why)
{
	struct list *next;

	for (struct list *at = timelapse->poster_askers.next; at != &timelapse->poster_askers;
	     at = next) {
		struct poster_asker *asker = LIST_OF(at, struct poster_asker, place);
		struct http_request *request = asker->request;

		next = at->next;
		if (film != 0 && asker->film != film) {
			continue;
		}
		http_request_watch(request, NULL, NULL);
		on_poster_asker_gone(asker);
		if (jpeg) {
			respond_poster(request, jpeg, length);
		} else {
			rest_respond_problem(request, REST_UNAVAILABLE, "%s", why);
		}
	}
}

/* --- on a thread --- */

struct poster_work {
	uv_work_t request;
	struct timelapse *timelapse;
	int64_t film;
	char base[PATH_MAX];
	int64_t beside;
	uint8_t *bytes; /* of the unit that was read, or of the JPEG that is kept */
	size_t length;
	int error;
};

static struct poster_work *make_poster_work(struct timelapse *timelapse, int64_t film)
{
	struct poster_work *work = calloc(1, sizeof(*work));

	if (work && !films_base(timelapse, film, work->base)) {
		free(work);
		return NULL;
	}
	if (work) {
		work->request.data = work;
		work->timelapse = timelapse;
		work->film = film;
	}
	return work;
}

static void keep_poster(uv_work_t *request)
{
	struct poster_work *work = request->data;
	char path[PATH_MAX];

	/* It is made again where it cannot be kept. */
	if (film_path(work->base, ".jpg", path)) {
		work->error = replace_file(path, (const char *)work->bytes, work->length,
					   POSTER_MODE);
	}
	work->beside = film_measure_beside(work->base);
}

static void on_poster_kept(uv_work_t *request, int status)
{
	struct poster_work *work = request->data;
	struct timelapse *timelapse = work->timelapse;
	struct lapse_film *film = films_of_id(timelapse, work->film);

	if (film && !status) {
		film->extent.beside = work->beside;
	}
	free(work->bytes);
	free(work);
	timelapse_worked(timelapse);
}

static void start_keeping(struct timelapse *timelapse, int64_t film, const uint8_t *jpeg,
			  size_t length)
{
	struct poster_work *work = make_poster_work(timelapse, film);

	if (work) {
		work->bytes = malloc(length);
		work->length = length;
	}
	if (!work || !work->bytes) {
		free(work);
		return;
	}
	memcpy(work->bytes, jpeg, length);
	timelapse->working++;
	uv_queue_work(timelapse->loop, &work->request, keep_poster, on_poster_kept);
}

/* --- the child --- */

static void on_poster(void *context, const uint8_t *jpeg, size_t length)
{
	struct timelapse *timelapse = context;
	const struct lapse_film *film = films_of_id(timelapse, timelapse->painted);

	if (length > 0 && film && film->is_done && !film->is_leaving) {
		start_keeping(timelapse, film->id, jpeg, length);
	}
	answer_askers(timelapse, timelapse->painted, length > 0 ? jpeg : NULL, length, NO_POSTER);
	timelapse->painted = 0;
	next_poster(timelapse);
}

static void give_up_poster(struct timelapse *timelapse, const char *why)
{
	timelapse->painter = NULL;
	answer_askers(timelapse, timelapse->painted, NULL, 0, why);
	timelapse->painted = 0;
	next_poster(timelapse);
}

static void on_poster_child_gone(void *context)
{
	give_up_poster(context, NO_POSTER);
}

void posters_beat(struct timelapse *timelapse)
{
	if (!converter_is_stuck(timelapse->painter)) {
		return;
	}
	log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
		  "flagship-picture does not answer: it is ended",
		  LOG_NUMBER("timelapse", timelapse->painted));
	converter_stop(timelapse->painter);
	give_up_poster(timelapse, NO_POSTER ": it took too long");
}

/* Without one nobody is answered. */
static void paint_poster(struct timelapse *timelapse, const struct poster_work *work)
{
	static const struct converter_handlers handlers = {.on_picture = on_poster,
							   .on_end = on_poster_child_gone};
	struct problem problem;

	problem_set(&problem, NO_POSTER);
	if (!work->error &&
	    (timelapse->painter ||
	     converter_start(timelapse->loop, timelapse->picture_program, NULL, &handlers,
			     timelapse, &timelapse->painter, &problem) == 0)) {
		converter_feed(timelapse->painter, work->bytes, work->length, true);
		if (converter_owed(timelapse->painter) > 0) {
			return;
		}
	}
	answer_askers(timelapse, timelapse->painted, NULL, 0, problem.text);
	timelapse->painted = 0;
	next_poster(timelapse);
}

static void read_poster(uv_work_t *request)
{
	struct poster_work *work = request->data;

	work->error = film_read_last(work->base, &work->bytes, &work->length);
}

static void on_poster_read(uv_work_t *request, int status)
{
	struct poster_work *work = request->data;
	struct timelapse *timelapse = work->timelapse;

	if (status) {
		work->error = ECANCELED;
	}
	if (!timelapse->is_stopped) {
		paint_poster(timelapse, work);
	}
	free(work->bytes);
	free(work);
	timelapse_worked(timelapse);
}

/* What waits first; where nothing does, the child ends. */
static void next_poster(struct timelapse *timelapse)
{
	if (timelapse->painted != 0 || timelapse->is_stopped) {
		return;
	}
	if (list_is_empty(&timelapse->poster_askers)) {
		converter_stop(timelapse->painter);
		timelapse->painter = NULL;
		return;
	}
	int64_t film = LIST_OF(timelapse->poster_askers.next, struct poster_asker, place)->film;
	struct poster_work *work = make_poster_work(timelapse, film);
	if (!work) {
		answer_askers(timelapse, 0, NULL, 0, "out of memory");
		return;
	}
	timelapse->painted = film;
	timelapse->working++;
	uv_queue_work(timelapse->loop, &work->request, read_poster, on_poster_read);
}

void posters_stop(struct timelapse *timelapse)
{
	converter_stop(timelapse->painter);
	timelapse->painter = NULL;
	answer_askers(timelapse, 0, NULL, 0, "the gateway ends");
}

void posters_get(struct http_request *request, void *context)
{
	static const struct http_file kept = {.content_type = JPEG_TYPE,
					      .cache_control = "private, no-cache"};
	struct timelapse *timelapse = context;
	const struct lapse_film *film = gallery_find(request, timelapse);
	char base[PATH_MAX];
	char path[PATH_MAX];

	if (!film || (film->is_done && films_base(timelapse, film->id, base) &&
		      film_path(base, ".jpg", path) && http_respond_file(request, path, &kept))) {
		return;
	}
	struct poster_asker *asker = timelapse->is_stopped ? NULL : calloc(1, sizeof(*asker));
	if (!asker) {
		rest_respond_problem(request, REST_UNAVAILABLE,
				     "the gateway ends, or is out of memory");
		return;
	}
	asker->request = request;
	asker->film = film->id;
	list_insert(&timelapse->poster_askers, &asker->place);
	http_request_watch(request, on_poster_asker_gone, asker);
	next_poster(timelapse);
}
