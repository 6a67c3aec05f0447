/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_CAMERA_CAMERAS_H
#define GATEWAY_CAMERA_CAMERAS_H

#include "base/memory/list.h"
#include "gateway/access/access.h"
#include "gateway/printers/printers.h"
#include "gateway/web/web.h"
#include "gateway/webcam/book.h"
#include "video/h264.h"

#include <stdbool.h>
#include <uv.h>

/*
 * The cameras of printers over HTTP. The session with a printer begins with the first who looks,
 * is shared by all, and ends 10 s after the last; until then a camera costs nothing. A printer has
 * one session: whoever sends a file claims it, and the camera comes back after that.
 */
struct cameras;

struct cameras_options {
	const struct gateway_printers *printers; /* outlives it, as all here */
	struct access *access;
	struct log *log;
	struct webcam_book *book;
	const char *picture_program; /* flagship-picture; "": not found. Copied */
	const char *webcam_program;  /* flagship-webcam; likewise */
	const char *rtsp_program;    /* flagship-rtsp; likewise */
	/* The printers are left in order, after cameras_close; the last call. */
	void (*on_closed)(void *context);
	void *context;
};

/* Errors: MEMORY. */
int cameras_create(uv_loop_t *loop, const struct cameras_options *options, struct cameras **cameras)
	__attribute__((warn_unused_result));

/* Whether the printer has a camera, of its own or by a URL, and films can be made of it. */
bool cameras_have_film(const struct cameras *cameras, const struct fleet_printer *printer);

void cameras_fill_api(struct cameras *cameras, struct web_api *api);
/* For other programs, at the addresses of gateway/webcam: below paths that name the printer, or on
 * the ports of printers. */
void cameras_fill_webcam_api(struct cameras *cameras, bool own_port, struct web_api *api);

/* --- precedence of others --- */

/* Somebody who wants the printer's only session; his memory. The first four are set before. */
struct camera_claim {
	void (*on_free)(void *context);
	void *context;
	const char *holder; /* who that is, for people */
	const char *why;    /* nothing is shown, to those who look */
	struct list place;
	struct camera *camera; /* NULL: claims nothing */
	bool waits;
};

enum camera_claimed {
	CAMERA_FREE,   /* the session may be had at once */
	CAMERA_LEAVES, /* once on_free is called */
	CAMERA_FAILED, /* no memory; nothing is claimed */
};

/* Nobody is shown this camera until the claim is released. */
enum camera_claimed cameras_claim(struct cameras *cameras, const char *serial,
				  struct camera_claim *claim);
/* on_free is not called any more. A zeroed one is accepted. */
void cameras_release(struct camera_claim *claim);

/* The claim that was first of those that hold; NULL: none. */
const struct camera_claim *cameras_claimed_by(const struct cameras *cameras, const char *serial);

/* Who of the gateway has the printer's session, in words; NULL: nobody. */
const char *cameras_holder(const struct cameras *cameras, const char *serial);

/* --- single pictures --- */

/* Somebody who wants one key picture, and holds the session for it alone; his memory, zeroed but
 * for the first three. */
struct camera_look {
	/* Once, and the look is over then: why is NULL, or unit is, since none came. The unit is
	 * valid during the call. May come from inside of cameras_look. */
	void (*on_picture)(void *context, const struct h264_unit *unit, const char *why);
	void *context;
	bool light;            /* on for it, and off after it where nobody has it on */
	struct camera *camera; /* NULL: waits for nothing */
	struct list place;
	uint64_t due_ms;
	uint64_t shows_ms; /* since when the light is seen; 0: not known */
};

void cameras_look(struct cameras *cameras, const char *serial, struct camera_look *look);
/* on_picture is not called any more. A zeroed one is accepted. */
void cameras_look_away(struct camera_look *look);

/* --- life --- */

/* Whoever waits is told that the gateway ends, and sessions are left. Before the HTTP server stops;
 * NULL is accepted. */
void cameras_stop(struct cameras *cameras);
/* on_closed follows once nothing goes on, at once where nothing does. */
void cameras_close(struct cameras *cameras);
/* Once the HTTP server is gone, and the loop has run dry. NULL is accepted. */
void cameras_destroy(struct cameras *cameras);

#endif
