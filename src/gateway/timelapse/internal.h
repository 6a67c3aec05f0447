/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_TIMELAPSE_INTERNAL_H
#define GATEWAY_TIMELAPSE_INTERNAL_H

#include "base/memory/list.h"
#include "gateway/children/converter.h"
#include "gateway/rest/rest.h"
#include "gateway/timelapse/film_file.h"
#include "gateway/timelapse/timelapse.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define TIMELAPSE_LOG_PART "timelapse"
#define MS_PER_S           INT64_C(1000)

/* --- settings.c --- */

enum lapse_mode {
	LAPSE_OFF,
	LAPSE_LAYER,    /* a picture a layer, and never faster than the interval */
	LAPSE_INTERVAL, /* one each interval */
	LAPSE_MODES,
};

struct lapse_choice {
	enum lapse_mode mode;
	int64_t interval_s;
	bool light; /* on for each picture */
};

/* Of a printer that does not go by what holds for all. */
struct lapse_exception {
	struct list place;
	char serial[HISTORY_SERIAL_SIZE];
	struct lapse_choice choice;
};

struct lapse_settings {
	struct lapse_choice choice;
	int64_t keep_days; /* 0: for ever */
	int64_t keep_mib;  /* of all films; 0: as the disk allows */
	struct list exceptions;
};

/* --- films --- */

struct lapse_film {
	struct list place;
	int64_t id;
	int64_t job;
	char serial[HISTORY_SERIAL_SIZE];
	char printer_name[PRINTER_TEXT_MAX];
	char file[PRINTER_TEXT_MAX];
	int64_t begun_ms; /* when the job did */
	int64_t ended_ms; /* PRINTER_NEVER: it goes on */
	enum history_outcome outcome;
	int64_t missed; /* pictures that could not be had */
	struct film_extent extent;
	bool is_done;       /* the file is whole */
	bool is_ending;     /* no picture follows */
	bool is_working;    /* something of it is on its way to the disk */
	bool is_leaving;    /* it is being deleted, and shown to nobody */
	bool is_in_trouble; /* with its end, which was told */
	uint64_t retry_ms;  /* when its end is tried again */
};

/* One printer whose job is filmed. */
struct lapse_watch {
	struct list place;
	struct timelapse *timelapse;
	struct history_job job;
	struct camera_look look;
	bool is_looking;
	bool is_last; /* the job is over: one picture more */
	bool has_any;
	int64_t missed; /* before there is a film */
	int64_t layer;  /* of the last picture */
	int64_t look_layer;
	uint64_t taken_ms; /* on the loop's clock */
	uint64_t retry_ms;
};

struct timelapse {
	uv_loop_t *loop;
	struct timelapse_options options;
	char folder[PATH_MAX]; /* of films */
	char settings_path[PATH_MAX];
	char picture_program[PATH_MAX];
	struct lapse_settings settings;
	struct list films;   /* struct lapse_film, the oldest first */
	struct list watches; /* struct lapse_watch */
	int64_t last_id;
	uv_timer_t timer;
	struct history_listener listener;
	size_t working; /* on threads, and the timer */
	bool is_stopped;
	bool is_closing;
	bool is_full; /* the disk takes nothing */
	uint64_t full_until_ms;
	uint64_t tidied_ms;

	/* posters.c */
	struct list poster_askers;
	struct converter *painter; /* NULL: none */
	int64_t painted;           /* the film whose picture is made; 0: none */
};

/* --- settings.c --- */

/* From the file; the defaults where there is none. */
void lapse_settings_read(struct timelapse *timelapse);
void lapse_settings_forget(struct lapse_settings *settings);
struct lapse_choice lapse_settings_choice(const struct timelapse *timelapse, const char *serial);
/* Whether any printer is filmed. */
bool lapse_settings_want_any(const struct timelapse *timelapse);

/* GET and PATCH /timelapse, and of one printer */
void lapse_settings_get_all(struct http_request *request, void *context);
void lapse_settings_patch_all(struct http_request *request, void *context);
void lapse_settings_get_printer(struct http_request *request, void *context);
void lapse_settings_patch_printer(struct http_request *request, void *context);

/* --- films.c --- */

/* What is on the disk; may wait for it. */
void films_load(struct timelapse *timelapse);
void films_forget(struct timelapse *timelapse);
struct lapse_film *films_of_id(const struct timelapse *timelapse, int64_t id);
/* The one that grows; NULL where there is none. */
struct lapse_film *films_of_job(const struct timelapse *timelapse, int64_t job);
/* NULL for want of memory. */
struct lapse_film *films_begin(struct timelapse *timelapse, const struct history_job *job);
/* Takes the sample, which is freed. */
void films_append(struct timelapse *timelapse, struct lapse_film *film, uint8_t *sample,
		  size_t length);
/* Nothing is added any more: it becomes a film. Again is fine. */
void films_end(struct timelapse *timelapse, struct lapse_film *film);
/* It is shown no more, at once; done, which may be NULL, comes once that holds on the disk, too, or
 * cannot: then it is there again. */
void films_remove(struct timelapse *timelapse, struct lapse_film *film,
		  void (*done)(void *context, int error), void *context);
/* Where its files are, without an ending. False where that is too long. */
bool films_base(const struct timelapse *timelapse, int64_t id, char out[PATH_MAX]);
/* The first that is too old, or where all are too much the first; NULL: none has to go. */
struct lapse_film *films_next_to_go(const struct timelapse *timelapse);
/* By age and size, and what is left to be ended. */
void films_tidy(struct timelapse *timelapse);
/* Something on a thread is over. */
void timelapse_worked(struct timelapse *timelapse);

/* --- note.c --- */

/* Text of JSON, to be freed; NULL for want of memory. */
char *film_note_write(const struct lapse_film *film);
/* False where it is none, or for want of memory (errno: ENOMEM). */
bool film_note_read(const char *text, size_t length, struct lapse_film *film);

/* --- shots.c --- */

/* Takes the pictures that are due. */
void shots_beat(struct timelapse *timelapse);
/* Its job is over. */
void shots_end_job(struct timelapse *timelapse, const struct history_job *job);
void shots_stop(struct timelapse *timelapse);

/* --- gallery.c --- */

void gallery_list(struct http_request *request, void *context);
void gallery_list_of_printer(struct http_request *request, void *context);
void gallery_get(struct http_request *request, void *context);
void gallery_get_film(struct http_request *request, void *context);
void gallery_delete(struct http_request *request, void *context);
/* The film that the route names; NULL where that was refused. */
struct lapse_film *gallery_find(struct http_request *request, const struct timelapse *timelapse);

/* --- posters.c --- */

void posters_get(struct http_request *request, void *context);
/* A child that takes too long is ended. */
void posters_beat(struct timelapse *timelapse);
void posters_stop(struct timelapse *timelapse);

#endif
