/* SPDX-License-Identifier: MIT */
#include "gateway/history/export.h"
#include "gateway/timelapse/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Films over HTTP: lists, one, itself, and away with it. */

#define FILM_TYPE      "video/mp4"
#define LIMIT_DEFAULT  100
#define LIMIT_MAX      1000
#define DECIMAL        10
#define VALUE_SIZE     256
#define NAME_SIZE      320
#define MILLI_DECIMALS 3

/* --- as JSON --- */

static void put_when(struct json_writer *writer, const char *key, int64_t unix_ms)
{
	char text[EXPORT_TIME_SIZE];

	export_time(unix_ms, text);
	json_member_known(writer, key, text);
}

static void put_film(struct json_writer *writer, const struct lapse_film *film)
{
	json_object_begin(writer);
	json_member_int(writer, "id", film->id);
	json_member_string(writer, "printer", film->serial);
	json_member_known(writer, "printer_name", film->printer_name);
	json_member_int(writer, "job", film->job);
	json_member_known(writer, "file", film->file);
	json_member_string(writer, "outcome", history_outcome_name(film->outcome));
	json_member_bool(writer, "done", film->is_done);
	put_when(writer, "begun_at", film->begun_ms);
	put_when(writer, "ended_at", film->ended_ms);
	json_member_int(writer, "frames", film->extent.frames);
	json_member_int(writer, "missed", film->missed);
	json_key(writer, "duration_s");
	json_scaled(writer, film->extent.frames * MS_PER_S / FILM_RATE, MILLI_DECIMALS);
	json_member_int(writer, "bytes", film->extent.bytes);
	json_member_int(writer, "width", film->extent.width);
	json_member_int(writer, "height", film->extent.height);
	json_object_end(writer);
}

static void write_film(struct json_writer *writer, const void *context)
{
	put_film(writer, context);
}

/* --- lists --- */

struct listing {
	const struct timelapse *timelapse;
	const struct http_request *request;
	char serial[HISTORY_SERIAL_SIZE]; /* "": of all that may be seen */
	int64_t job;                      /* 0: of any */
	int64_t before;                   /* 0: from the newest on */
	int64_t limit;
};

static bool is_listed(const struct listing *listing, const struct lapse_film *film)
{
	return !film->is_leaving && access_may_see(listing->request, film->serial) &&
	       (listing->serial[0] == '\0' || strcmp(listing->serial, film->serial) == 0) &&
	       (listing->job == 0 || listing->job == film->job) &&
	       (listing->before == 0 || film->id < listing->before);
}

static void write_films(struct json_writer *writer, const void *context)
{
	const struct listing *listing = context;
	const struct list *films = &listing->timelapse->films;
	int64_t left = listing->limit;

	json_array_begin(writer);
	for (struct list *at = films->previous; at != films && left > 0; at = at->previous) {
		const struct lapse_film *film = LIST_OF(at, struct lapse_film, place);

		if (is_listed(listing, film)) {
			put_film(writer, film);
			left--;
		}
	}
	json_array_end(writer);
}

static bool read_number(const char *text, int64_t most, int64_t *number)
{
	char *end;

	errno = 0;
	long long value = strtoll(text, &end, DECIMAL);
	*number = value;
	return text[0] > '0' && text[0] <= '9' && *end == '\0' && errno == 0 && value <= most;
}

/* False where it was refused. */
static bool read_value(struct http_request *request, const char *name, int64_t most,
		       int64_t *number)
{
	char text[VALUE_SIZE];

	if (!http_request_query_value(request, name, text, sizeof(text)) ||
	    read_number(text, most, number)) {
		return true;
	}
	rest_respond_problem(request, REST_BAD_REQUEST, "'%s' is a number from 1 to %" PRId64, name,
			     most);
	return false;
}

static void list_films(struct listing *listing, struct http_request *request)
{
	listing->request = request;
	listing->limit = LIMIT_DEFAULT;
	if (read_value(request, "limit", LIMIT_MAX, &listing->limit) &&
	    read_value(request, "job", INT64_MAX, &listing->job) &&
	    read_value(request, "before", INT64_MAX, &listing->before)) {
		rest_respond(request, REST_OK, write_films, listing);
	}
}

/* By serial number, also of one that is no more; or by the name of one that is there. */
static bool read_lapse_printer(struct http_request *request, struct listing *listing)
{
	char word[VALUE_SIZE];
	bool several;

	if (!http_request_query_value(request, "printer", word, sizeof(word))) {
		return true;
	}
	const struct fleet_printer *printer = gateway_printers_find(
		listing->timelapse->options.printers, word, &several);
	const char *serial = printer ? fleet_printer_serial(printer) : word;
	if (several) {
		rest_respond_problem(request, REST_CONFLICT,
				     "several printers are called '%.200s': ask by serial number",
				     word);
		return false;
	}
	if (strlen(serial) >= sizeof(listing->serial) || !access_may_see(request, serial)) {
		rest_respond_problem(request, REST_NOT_FOUND, "there is no printer '%.200s'", word);
		return false;
	}
	memcpy(listing->serial, serial, strlen(serial) + 1);
	return true;
}

void gallery_list(struct http_request *request, void *context)
{
	struct listing listing = {.timelapse = context};

	if (read_lapse_printer(request, &listing)) {
		list_films(&listing, request);
	}
}

void gallery_list_of_printer(struct http_request *request, void *context)
{
	struct listing listing = {.timelapse = context};
	const struct fleet_printer *printer = web_find_printer(listing.timelapse->options.printers,
							       request, rest_refuse);

	if (printer) {
		snprintf(listing.serial, sizeof(listing.serial), "%s",
			 fleet_printer_serial(printer));
		list_films(&listing, request);
	}
}

/* --- one --- */

struct lapse_film *gallery_find(struct http_request *request, const struct timelapse *timelapse)
{
	const char *text = http_request_parameter(request, "timelapse");
	struct lapse_film *film = NULL;
	int64_t id;

	if (read_number(text, INT64_MAX, &id)) {
		film = films_of_id(timelapse, id);
	}
	if (!film || film->is_leaving || !access_may_see(request, film->serial)) {
		rest_respond_problem(request, REST_NOT_FOUND, "there is no time-lapse '%.40s'",
				     text);
		return NULL;
	}
	return film;
}

void gallery_get(struct http_request *request, void *context)
{
	const struct lapse_film *film = gallery_find(request, context);

	if (film) {
		rest_respond(request, REST_OK, write_film, film);
	}
}

/* "cube 2026-11-29.mp4": of the file that was printed, without what would not do in a name. */
static void name_download(const struct lapse_film *film, char out[NAME_SIZE])
{
	char day[EXPORT_TIME_SIZE];
	const int day_length = 10;
	const char *slash = strrchr(film->file, '/');
	const char *file = slash ? slash + 1 : film->file;
	const char *dot = strrchr(file, '.');
	size_t length = dot ? (size_t)(dot - file) : strlen(file);

	export_time(film->begun_ms, day);
	snprintf(out, NAME_SIZE, "%.*s %.*s.mp4", length > 0 ? (int)length : (int)strlen("print"),
		 length > 0 ? file : "print", day_length, day);
	for (char *at = out; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || strchr("\"\\/:*?<>|", *at)) {
			*at = '_';
		}
	}
}

void gallery_get_film(struct http_request *request, void *context)
{
	struct timelapse *timelapse = context;
	const struct lapse_film *film = gallery_find(request, timelapse);
	char base[PATH_MAX];
	char path[PATH_MAX];
	char name[NAME_SIZE];
	char value[VALUE_SIZE];

	if (!film) {
		return;
	}
	if (!film->is_done) {
		rest_respond_problem(request, REST_CONFLICT,
				     "this time-lapse is being recorded: its film is there once "
				     "the job has ended");
		return;
	}
	name_download(film, name);
	const struct http_file file = {
		.content_type = FILM_TYPE,
		.cache_control = "private, no-cache",
		.download_name = http_request_query_value(request, "download", value, sizeof(value))
					 ? name
					 : NULL,
	};
	if (!films_base(timelapse, film->id, base) || !film_path(base, ".mp4", path) ||
	    !http_respond_file(request, path, &file)) {
		rest_respond_problem(request, REST_NOT_FOUND, "the film is gone");
	}
}

/* --- away with it --- */

#define REMOVAL "delete time-lapse"

/* Who waits until it is gone. */
struct removal {
	struct access *access;
	struct http_request *request; /* NULL: gone */
	char subject[VALUE_SIZE];
};

static void on_removal_gone(void *context)
{
	struct removal *removal = context;

	removal->request = NULL;
}

static void on_removed(void *context, int error)
{
	struct removal *removal = context;
	struct http_request *request = removal->request;

	if (request) {
		access_audit(removal->access, request, REMOVAL, removal->subject,
			     error ? "failed" : "done");
		http_request_watch(request, NULL, NULL);
	}
	free(removal);
	if (!request) {
		return;
	}
	if (error) {
		rest_respond_problem(request, REST_FAILED, "the time-lapse cannot be deleted: %s",
				     strerror(error));
	} else {
		http_respond(request, &(struct http_response){.status = REST_NO_CONTENT});
	}
}

void gallery_delete(struct http_request *request, void *context)
{
	struct timelapse *timelapse = context;
	struct lapse_film *film = gallery_find(request, timelapse);

	if (!film) {
		return;
	}
	if (!film->is_done) {
		rest_respond_problem(request, REST_CONFLICT,
				     "this time-lapse is being recorded: it can be deleted once "
				     "the job has ended");
		return;
	}
	struct removal *removal = malloc(sizeof(*removal));
	if (!removal) {
		rest_respond_problem(request, REST_FAILED, "out of memory");
		return;
	}
	removal->access = timelapse->options.access;
	removal->request = request;
	snprintf(removal->subject, sizeof(removal->subject), "%s %" PRId64, film->serial, film->id);
	/* Whoever goes away before its end is in the log nevertheless. */
	access_audit(removal->access, request, REMOVAL, removal->subject, "begun");
	http_request_watch(request, on_removal_gone, removal);
	films_remove(timelapse, film, on_removed, removal);
}
