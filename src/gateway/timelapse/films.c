/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "gateway/timelapse/internal.h"
#include "store/file/file.h"
#include "store/file/replace_file.h"
#include "video/mp4.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Films in memory, and on their way to the disk: of each one piece of work at a time. */

#define NOTE_MODE   0600
#define FOLDER_MODE 0700
#define RETRY_MS    60000
#define DECIMAL     10
#define MS_PER_DAY  INT64_C(86400000)
#define MIB_SHIFT   20

enum film_work_kind {
	WORK_APPEND,
	WORK_END,
	WORK_REMOVE,
};

struct film_work {
	uv_work_t request;
	struct timelapse *timelapse;
	enum film_work_kind kind;
	struct lapse_film film; /* as it was then, and as it becomes */
	char base[PATH_MAX];
	uint8_t *sample;
	size_t length;
	int error;
	void (*done)(void *context, int error);
	void *context;
};

bool films_base(const struct timelapse *timelapse, int64_t id, char out[PATH_MAX])
{
	int length = snprintf(out, PATH_MAX, "%s/%" PRId64, timelapse->folder, id);

	return length > 0 && length < PATH_MAX;
}

struct lapse_film *films_of_id(const struct timelapse *timelapse, int64_t id)
{
	for (struct list *at = timelapse->films.next; at != &timelapse->films; at = at->next) {
		struct lapse_film *film = LIST_OF(at, struct lapse_film, place);

		if (film->id == id) {
			return film;
		}
	}
	return NULL;
}

struct lapse_film *films_of_job(const struct timelapse *timelapse, int64_t job)
{
	for (struct list *at = timelapse->films.next; at != &timelapse->films; at = at->next) {
		struct lapse_film *film = LIST_OF(at, struct lapse_film, place);

		if (film->job == job && !film->is_done && !film->is_ending) {
			return film;
		}
	}
	return NULL;
}

static void forget_film(struct lapse_film *film)
{
	list_remove(&film->place);
	free(film);
}

void films_forget(struct timelapse *timelapse)
{
	while (!list_is_empty(&timelapse->films)) {
		/* It is in the list no more. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
		forget_film(LIST_OF(timelapse->films.next, struct lapse_film, place));
	}
}

/* --- trouble of the disk, which is told once --- */

static void take_trouble(struct timelapse *timelapse, int error)
{
	timelapse->full_until_ms = uv_now(timelapse->loop) + RETRY_MS;
	if (!timelapse->is_full) {
		timelapse->is_full = true;
		log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
			  "the disk takes no more pictures: time-lapses stop until it does, and "
			  "nothing else",
			  LOG_TEXT("why", strerror(error)));
	}
}

static void take_recovery(struct timelapse *timelapse)
{
	timelapse->full_until_ms = 0;
	if (timelapse->is_full) {
		timelapse->is_full = false;
		log_event(timelapse->options.log, LOG_LEVEL_INFO, TIMELAPSE_LOG_PART,
			  "the disk takes pictures again");
	}
}

/* --- on a thread --- */

static int put_note(const struct film_work *work)
{
	char path[PATH_MAX];
	char *text = film_note_write(&work->film);
	int error = !text ? ENOMEM
		    : film_path(work->base, ".json", path)
			    ? replace_file(path, text, strlen(text), NOTE_MODE)
			    : ENAMETOOLONG;

	cJSON_free(text);
	return error;
}

static int append_to_film(struct film_work *work)
{
	int error = work->film.extent.frames == 0 ? put_note(work) : 0;

	if (!error) {
		error = film_append(work->base, &work->film.extent, work->sample, work->length);
	}
	if (!error) {
		work->film.extent.frames++;
		work->film.extent.bytes += (int64_t)work->length;
	}
	return error;
}

static int end_film(struct film_work *work)
{
	int error = film_complete(work->base, &work->film.extent);

	if (error == ENODATA || error == ENOENT) {
		(void)film_remove(work->base);
		return ENODATA;
	}
	if (!error) {
		work->film.is_done = true;
		error = put_note(work);
	}
	return error;
}

static void run_film_work(uv_work_t *request)
{
	struct film_work *work = request->data;

	switch (work->kind) {
	case WORK_APPEND:
		work->error = append_to_film(work);
		break;
	case WORK_END:
		work->error = end_film(work);
		break;
	case WORK_REMOVE:
		work->error = film_remove(work->base);
		break;
	}
}

/* --- back on the loop --- */

/* Of this film alone, unless the disk is full: pictures of others may find their place. */
static void take_trouble_of_end(struct timelapse *timelapse, struct lapse_film *film, int error)
{
	film->retry_ms = uv_now(timelapse->loop) + RETRY_MS;
	if (error == ENOSPC) {
		take_trouble(timelapse, error);
	}
	if (!film->is_in_trouble) {
		film->is_in_trouble = true;
		log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
			  "a time-lapse cannot be finished now: it is kept as it is, and tried "
			  "again",
			  LOG_TEXT("printer", film->serial), LOG_NUMBER("timelapse", film->id),
			  LOG_TEXT("why", strerror(error)));
	}
}

static void take_end(struct timelapse *timelapse, struct lapse_film *film,
		     const struct film_work *work)
{
	if (work->error == ENODATA) {
		forget_film(film);
		return;
	}
	if (work->error) {
		take_trouble_of_end(timelapse, film, work->error);
		return;
	}
	film->extent = work->film.extent;
	film->is_done = true;
	log_event(timelapse->options.log, LOG_LEVEL_INFO, TIMELAPSE_LOG_PART,
		  "a time-lapse is there", LOG_TEXT("printer", film->serial),
		  LOG_NUMBER("timelapse", film->id), LOG_NUMBER("frames", film->extent.frames));
	films_tidy(timelapse);
}

static void take_appended(struct timelapse *timelapse, struct lapse_film *film,
			  const struct film_work *work)
{
	if (work->error) {
		film->missed++;
		take_trouble(timelapse, work->error);
	} else {
		film->extent = work->film.extent;
		take_recovery(timelapse);
	}
	if (film->is_ending) {
		films_end(timelapse, film);
	}
}

static void take_removal(struct timelapse *timelapse, struct lapse_film *film,
			 const struct film_work *work)
{
	if (!work->error) {
		forget_film(film);
		return;
	}
	film->is_leaving = false;
	log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
		  "a time-lapse cannot be deleted", LOG_TEXT("printer", film->serial),
		  LOG_NUMBER("timelapse", film->id), LOG_TEXT("why", strerror(work->error)));
}

static void on_film_work_done(uv_work_t *request, int status)
{
	struct film_work *work = request->data;
	struct timelapse *timelapse = work->timelapse;
	struct lapse_film *film = films_of_id(timelapse, work->film.id);

	if (status) {
		work->error = ECANCELED;
	}
	if (film) {
		film->is_working = false;
	}
	if (film && work->kind == WORK_APPEND) {
		take_appended(timelapse, film, work);
	} else if (film && work->kind == WORK_END) {
		take_end(timelapse, film, work);
	} else if (film) {
		take_removal(timelapse, film, work);
	}
	if (work->done) {
		work->done(work->context, work->error);
	}
	free(work->sample);
	free(work);
	timelapse_worked(timelapse);
}

/* NULL for want of memory. */
static struct film_work *make_film_work(struct timelapse *timelapse, enum film_work_kind kind,
					const struct lapse_film *film)
{
	struct film_work *work = calloc(1, sizeof(*work));

	if (work && !films_base(timelapse, film->id, work->base)) {
		free(work);
		return NULL;
	}
	if (work) {
		work->request.data = work;
		work->timelapse = timelapse;
		work->kind = kind;
		work->film = *film;
	}
	return work;
}

static void start_film_work(struct film_work *work)
{
	work->timelapse->working++;
	uv_queue_work(work->timelapse->loop, &work->request, run_film_work, on_film_work_done);
}

/* --- what is done with films --- */

struct lapse_film *films_begin(struct timelapse *timelapse, const struct history_job *job)
{
	struct lapse_film *film = calloc(1, sizeof(*film));

	if (!film) {
		return NULL;
	}
	film->id = ++timelapse->last_id;
	film->job = job->id;
	film->begun_ms = job->begun_ms;
	film->ended_ms = PRINTER_NEVER;
	film->outcome = HISTORY_GOING_ON;
	memcpy(film->serial, job->serial, sizeof(film->serial));
	memcpy(film->printer_name, job->printer_name, sizeof(film->printer_name));
	memcpy(film->file, job->file, sizeof(film->file));
	list_insert(&timelapse->films, &film->place);
	return film;
}

void films_append(struct timelapse *timelapse, struct lapse_film *film, uint8_t *sample,
		  size_t length)
{
	struct film_work *work = film->is_working ? NULL
						  : make_film_work(timelapse, WORK_APPEND, film);

	if (!work) {
		film->missed++; /* the disk is slower than the pictures */
		free(sample);
		return;
	}
	film->is_working = true;
	work->sample = sample;
	work->length = length;
	start_film_work(work);
}

void films_end(struct timelapse *timelapse, struct lapse_film *film)
{
	film->is_ending = true;
	if (film->is_working || film->is_done || timelapse->is_stopped) {
		return; /* later, or when the gateway runs again */
	}
	struct film_work *work = make_film_work(timelapse, WORK_END, film);
	if (work) {
		film->is_working = true;
		start_film_work(work);
	}
}

void films_remove(struct timelapse *timelapse, struct lapse_film *film,
		  void (*done)(void *context, int error), void *context)
{
	struct film_work *work = make_film_work(timelapse, WORK_REMOVE, film);

	if (!work) {
		if (done) {
			done(context, ENOMEM);
		}
		return;
	}
	work->done = done;
	work->context = context;
	film->is_leaving = true;
	start_film_work(work);
}

/* --- how long they are kept --- */

static bool is_too_old(const struct timelapse *timelapse, const struct lapse_film *film)
{
	int64_t days = timelapse->settings.keep_days;

	return days > 0 && film->ended_ms != PRINTER_NEVER &&
	       clock_unix_ms() - film->ended_ms > days * MS_PER_DAY;
}

static int64_t bytes_of_all(const struct timelapse *timelapse)
{
	int64_t bytes = 0;

	for (struct list *at = timelapse->films.next; at != &timelapse->films; at = at->next) {
		const struct lapse_film *film = LIST_OF(at, struct lapse_film, place);

		bytes += film->is_leaving
				 ? 0
				 : MP4_FRONT_SIZE + film->extent.bytes + film->extent.beside;
	}
	return bytes;
}

struct lapse_film *films_next_to_go(const struct timelapse *timelapse)
{
	int64_t most = timelapse->settings.keep_mib << MIB_SHIFT;
	bool too_much = most > 0 && bytes_of_all(timelapse) > most;

	for (struct list *at = timelapse->films.next; at != &timelapse->films; at = at->next) {
		struct lapse_film *film = LIST_OF(at, struct lapse_film, place);

		if (film->is_done && !film->is_leaving &&
		    (too_much || is_too_old(timelapse, film))) {
			return film;
		}
	}
	return NULL;
}

static void end_rest(struct timelapse *timelapse)
{
	for (struct list *at = timelapse->films.next; at != &timelapse->films; at = at->next) {
		struct lapse_film *film = LIST_OF(at, struct lapse_film, place);

		if (film->is_ending && !film->is_done && !film->is_working &&
		    uv_now(timelapse->loop) >= film->retry_ms) {
			films_end(timelapse, film);
		}
	}
}

void films_tidy(struct timelapse *timelapse)
{
	struct lapse_film *oldest = films_next_to_go(timelapse);

	while (oldest && !timelapse->is_stopped) {
		int64_t id = oldest->id;

		log_event(timelapse->options.log, LOG_LEVEL_INFO, TIMELAPSE_LOG_PART,
			  "an old time-lapse makes room", LOG_TEXT("printer", oldest->serial),
			  LOG_NUMBER("timelapse", id));
		films_remove(timelapse, oldest, NULL, NULL);
		oldest = films_next_to_go(timelapse);
		if (oldest && oldest->id == id) {
			return; /* out of memory */
		}
	}
	end_rest(timelapse);
}

/* --- at the start --- */

static bool is_note(const char *name, int64_t *id)
{
	char *end;
	long long number = strtoll(name, &end, DECIMAL);

	*id = number;
	return name[0] > '0' && name[0] <= '9' && strcmp(end, ".json") == 0 && number > 0;
}

/* 0 or an errno; ENOENT: the note is good, and the film is not there. */
static int load_film(const char *base, int64_t id, struct lapse_film *film)
{
	char path[PATH_MAX];
	struct store_file file;
	struct problem problem;

	if (!film_path(base, ".json", path) || store_file_read(path, &file, &problem)) {
		return EIO;
	}
	bool good = file.text && film_note_read(file.text, file.length, film);
	int error = !good && errno == ENOMEM ? ENOMEM : EINVAL;
	store_file_release(&file);
	return good && film->id == id ? film_measure(base, &film->extent) : error;
}

/* What it began with, or what is left of it where its removal was broken off. */
static void take_rest(struct timelapse *timelapse, const char *base, int64_t id)
{
	int error = film_remove(base);

	log_event(timelapse->options.log, error ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO,
		  TIMELAPSE_LOG_PART, "what is left of a time-lapse without pictures is removed",
		  LOG_NUMBER("timelapse", id), LOG_TEXT("how", error ? strerror(error) : "done"));
}

/* They are read in the order of the folder. */
static void place_film(struct timelapse *timelapse, struct lapse_film *film)
{
	struct list *at = timelapse->films.previous;

	while (at != &timelapse->films && LIST_OF(at, struct lapse_film, place)->id > film->id) {
		at = at->previous;
	}
	list_insert(at->next, &film->place);
}

static void take_note(struct timelapse *timelapse, const char *name)
{
	char base[PATH_MAX];
	int64_t id;

	if (!is_note(name, &id) || !films_base(timelapse, id, base)) {
		return;
	}
	timelapse->last_id = id > timelapse->last_id ? id : timelapse->last_id;
	struct lapse_film *film = calloc(1, sizeof(*film));
	int error = film ? load_film(base, id, film) : ENOMEM;
	if (!error) {
		place_film(timelapse, film);
		return;
	}
	free(film);
	if (error == ENOENT && !film_has_pictures(base)) {
		take_rest(timelapse, base, id);
	} else {
		log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
			  "a time-lapse cannot be read, and is left alone",
			  LOG_NUMBER("timelapse", id), LOG_TEXT("why", strerror(error)));
	}
}

void films_load(struct timelapse *timelapse)
{
	(void)mkdir(timelapse->folder, FOLDER_MODE);
	DIR *folder = opendir(timelapse->folder);
	if (!folder) {
		log_event(timelapse->options.log, LOG_LEVEL_WARNING, TIMELAPSE_LOG_PART,
			  "there is no folder for time-lapses", LOG_TEXT("why", strerror(errno)));
		return;
	}
	const struct dirent *entry;
	while ((entry = readdir(folder))) {
		take_note(timelapse, entry->d_name);
	}
	closedir(folder);
}
