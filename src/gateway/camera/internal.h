/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CAMERA_INTERNAL_H
#define GATEWAY_CAMERA_INTERNAL_H

#include "daemon/http/stream.h"
#include "gateway/camera/cameras.h"
#include "gateway/children/converter.h"
#include "gateway/rest/rest.h"
#include "gateway/webcam/address.h"
#include "transport/lan/camera.h"
#include "video/h264.h"
#include "video/pace.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#define CAMERAS_LOG_PART  "camera"
#define CAMERA_FAULT_SIZE 512
#define CAMERA_OWED_MAX   2 /* pictures that the painter is asked for at once */

/* For the addresses of other programs: whose routes these are shows by it. */
struct mjpg_streamer {
	struct cameras *cameras;
};

struct cameras {
	uv_loop_t *loop;
	const struct gateway_printers *printers;
	struct access *access;
	struct log *log;
	struct webcam_book *book;
	char picture_program[PATH_MAX];
	char webcam_program[PATH_MAX];
	char rtsp_program[PATH_MAX]; /* "": none */
	void (*on_closed)(void *context);
	void *context;
	struct list all;    /* struct camera: those somebody looks at, or claims */
	struct list small;  /* struct small_camera */
	struct list lights; /* of looks.c */
	bool stopped;       /* nobody may look any more */
	bool closing;
	struct mjpg_streamer mjpg_streamer;
};

/* A JPEG, made once for all who look. Counted; on one thread. */
struct camera_jpeg {
	size_t references;
	uint64_t at_ms; /* when what it shows came, on the loop's clock */
	size_t length;
	uint8_t data[];
};

/* Bytes that are kept. */
struct camera_picture {
	uint8_t *data;
	size_t length; /* 0: none */
	size_t capacity;
	uint64_t at_ms; /* on the loop's clock */
};

/* Of one printer, from the first who looks to the end of its session. */
struct camera {
	struct list place;
	struct cameras *cameras;
	char serial[FLAGSHIP_SERIAL_LENGTH_MAX + 1];
	char duid[STORE_TEXT_MAX];
	char address[STORE_TEXT_MAX];
	uv_timer_t timer; /* beats as long as it exists */
	bool is_going;    /* its timer is closing */

	/* session.c */
	struct lan_camera *session; /* NULL: none */
	bool is_leaving;            /* the session is being closed */
	bool was_looked_at;         /* by a person; who looks for a moment does not count */
	uint64_t looked_at_ms;      /* when one looked last */
	struct h264_reader reader;
	struct list claims;
	struct list looks;      /* struct camera_look */
	uint64_t dark_until_ms; /* the light goes out: the session stays until that is heard, and
				 * not beyond; 0: it does not */

	/* remote.c */
	struct converter *remote; /* fetches pictures or units of a URL; NULL: none */
	unsigned int failures;    /* of it, since something came */
	char remote_fault[CAMERA_FAULT_SIZE];

	/* encoding.c */
	struct converter *encoder; /* NULL: none */
	struct h264_reader encoded;

	uint64_t retry_at_ms; /* when who follows the film is given a session again */

	/* film.c */
	struct list viewers; /* struct film_viewer */
	uint32_t head;       /* a number of it: parameters changed so often */
	uint32_t fragments;  /* that were made */
	struct pace pace;    /* of the film that is watched */

	/* pictures.c */
	struct list askers; /* struct asker: requests that a picture answers */

	/* painting.c */
	struct camera_picture key;         /* the last key picture, with its parameter sets */
	struct camera_jpeg *jpeg;          /* the last that was made; NULL: none */
	struct converter *painter;         /* NULL: none */
	uint64_t came_ms[CAMERA_OWED_MAX]; /* when what it paints came: a ring */
	size_t painted;                    /* pictures that were asked of it */
	uint64_t paint_at_ms;              /* when the next picture is due that moving ones need */
	bool flows;                        /* the painter has all units since a key picture */

	/* mjpeg.c */
	struct list watchers; /* struct mjpeg_watcher */
};

/* What a printer is told of its camera. */
enum camera_order {
	CAMERA_LIGHT_OFF,
	CAMERA_LIGHT_ON,
	CAMERA_SD,
	CAMERA_HD,
};

/* A request that the next picture answers, or that the printer heard an order. */
struct asker {
	struct list place;
	struct camera *camera;
	struct http_request *request;
	uint64_t due_ms; /* when it is answered without one */
	enum {
		ASKER_SNAPSHOT,
		ASKER_MJPEG,
		ASKER_ORDER,
	} kind;
	unsigned int fps;        /* of ASKER_MJPEG */
	enum camera_order order; /* of ASKER_ORDER */
};

/* --- cameras.c --- */

/* NULL for want of memory. */
struct camera *cameras_of(struct cameras *cameras, const char *serial);
/* It is another one from now on. */
void cameras_change_source(struct cameras *cameras, const struct fleet_printer *printer);
/* Whether it is to show small pictures, from now on; the session is not told. False for want of
 * memory. */
bool cameras_set_small(struct cameras *cameras, const char *serial, bool is_small);
bool cameras_is_small(const struct cameras *cameras, const char *serial);
/* Whether what it sends is a film: units of H.264, no JPEGs. */
bool cameras_have_stream(const struct cameras *cameras, const struct fleet_printer *printer);
/* It is needed no more: nobody looks, nothing goes on. */
void camera_forget(struct camera *camera);

/* --- session.c --- */

void camera_init_session(struct camera *camera);
/* The session that who looks needs, unless there is one. False where there can be none: *status and
 * *why tell. */
bool camera_open(struct camera *camera, int *status, const char **why);
/* The same for a moment: it is left at once where nobody else looks. */
bool camera_begin(struct camera *camera, int *status, const char **why);
/* In order; nothing where there is no session. */
void camera_leave(struct camera *camera);
/* NULL: nobody claims its session. */
const struct camera_claim *camera_first_claim(const struct camera *camera);
/* And what it shows comes by that. */
bool camera_is_claimed(const struct camera *camera);
/* Whether the session that there is stays. */
bool camera_is_open(const struct camera *camera);
/* Leaves, or is forgotten, where nobody looks. */
void camera_tidy(struct camera *camera);

/* An access unit that came whole by a URL; it may be the last, since who looked may go. */
void camera_take_unit(struct camera *camera, const uint8_t *data, size_t length);
/* What came before is of another film. */
void camera_begin_film(struct camera *camera);

/* Why nothing is shown, to all who look. */
void camera_report(struct camera *camera, int status, const char *why);

/* --- looks.c --- */

void looks_opened(struct camera *camera);
void looks_take(struct camera *camera, const struct h264_unit *unit);
void looks_fail(struct camera *camera, const char *why);
void looks_beat(struct camera *camera);
/* Somebody switched it on or off. */
void looks_note_light(struct cameras *cameras, const char *serial, bool on);
void looks_forget_lights(struct cameras *cameras);

/* --- remote.c --- */

/* As camera_open. */
bool remote_open(struct camera *camera, const char *url, int *status, const char **why);
/* It has just failed: whoever asks, however often, is told so, and nothing is started for him. */
bool remote_rests(const struct camera *camera);
/* At once; nothing where there is none. */
void remote_close(struct camera *camera);
/* GET and PUT …/camera */
void camera_get_source(struct http_request *request, void *context);
void camera_put_source(struct http_request *request, void *context);

/* --- encoding.c --- */

/* One of a camera's JPEGs, where somebody looks for a picture of a film. */
void encoding_take(struct camera *camera, const uint8_t *jpeg, size_t length);
void encoding_beat(struct camera *camera);
/* At once; nothing where there is none. Not from inside of looks_take. */
void encoding_end(struct camera *camera);

/* --- followers.c --- */

#define FOLLOWERS_MAX    16 /* of a camera, of films and of moving JPEGs each */
#define FOLLOWERS_OF_ONE 8  /* of them of one user, key or address */

/* Who follows a camera for longer; of what stands in a list of them the first member. */
struct follower {
	struct list place;
	struct access_identity *identity; /* NULL: of nobody */
};

/* Puts him into the list; where that is refused, or there is no memory, it is answered. */
bool followers_admit(struct list *all, struct http_request *request, struct follower *follower);
/* Takes him out of it. */
void followers_drop(struct follower *follower);

/* --- film.c --- */

/* GET …/camera/stream */
void camera_get_film(struct http_request *request, void *context);
void film_take(struct camera *camera, const struct h264_unit *unit);
/* Those who follow are told so, and let go: there is no film any more. */
void film_end(struct camera *camera, const char *why);
/* Where the printer is removed. */
void film_beat(struct camera *camera);
/* Those who follow are told so, and stay. */
void film_tell(struct camera *camera, int status, const char *why);

/* --- pictures.c --- */

/* The camera that the route names, which has a film, with its session on its way; NULL where that
 * was refused. */
struct camera *pictures_open_film(struct http_request *request, struct cameras *cameras);

/* GET …/camera/snapshot.jpg and stream.mjpg, POST …/camera/light and quality */
void camera_get_snapshot(struct http_request *request, void *context);
void camera_get_mjpeg(struct http_request *request, void *context);
void camera_post_light(struct http_request *request, void *context);
void camera_post_quality(struct http_request *request, void *context);

/* The session is made: what those who wait want is told the printer. */
void pictures_opened(struct camera *camera);
/* Answers orders once the printer has acknowledged them. */
void pictures_heard(struct camera *camera);
/* Whether somebody waits for a JPEG. */
bool pictures_are_awaited(const struct camera *camera);
/* There is a newer JPEG; or none can be made, and the words say why. */
void pictures_show(struct camera *camera);
void pictures_fail(struct camera *camera, const char *why);
/* Those who wait are answered with this. */
void pictures_refuse(struct camera *camera, int status, const char *why);
/* Who waited too long. */
void pictures_beat(struct camera *camera);

/* --- painting.c: JPEGs, as many as are wanted --- */

/* Whether it is one that may be shown to who comes. */
bool painting_is_fresh(const struct camera *camera);
/* Makes one of the last key picture, where that is new enough. */
void painting_begin(struct camera *camera);
void painting_take(struct camera *camera, const struct h264_unit *unit);
/* A JPEG that came as it is. */
void painting_show(struct camera *camera, const uint8_t *data, size_t length);
/* A child that takes too long is ended. */
void painting_beat(struct camera *camera);
/* The session is over: what it showed is old. */
void painting_end(struct camera *camera);

/* NULL is accepted. */
struct camera_jpeg *camera_jpeg_hold(struct camera_jpeg *jpeg);
void camera_jpeg_release(struct camera_jpeg *jpeg);

/* --- mjpeg.c: JPEGs one after the other in one answer --- */

#define MJPEG_FPS_DEFAULT 10
#define MJPEG_FPS_MAX     25

/* Of the query; false where it names none that is possible. */
bool mjpeg_read_fps(const struct http_request *request, unsigned int *fps);
/* Answers the request with what there is, and what comes. */
void mjpeg_begin(struct camera *camera, struct http_request *request, unsigned int fps);
/* How long it takes from one picture to the next of the fastest; 0: nobody watches. */
uint64_t mjpeg_pause_ms(const struct camera *camera);
/* There is a newer JPEG. */
void mjpeg_show(struct camera *camera);
/* Who may not watch any more. */
void mjpeg_beat(struct camera *camera);
void mjpeg_end(struct camera *camera);

#endif
