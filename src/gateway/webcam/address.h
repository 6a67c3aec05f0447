/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_WEBCAM_ADDRESS_H
#define GATEWAY_WEBCAM_ADDRESS_H

#include "gateway/access/access.h"
#include "gateway/printers/printers.h"
#include "gateway/webcam/book.h"

#include <stdbool.h>

/*
 * Which printers have a camera, and where other programs find its pictures: at the addresses of
 * mjpg-streamer, which OctoPrint and Moonraker name to their clients (docs/camera.md).
 * gateway/camera serves them.
 */
#define WEBCAM_PATH        "/webcam/"   /* on a printer's port */
#define WEBCAM_PATH_BELOW  "/octoprint" /* /SERIAL/webcam/, on the gateway's */
#define WEBCAM_STREAM      "stream"
#define WEBCAM_SNAPSHOT    "snapshot"
#define WEBCAM_ORIGIN_SIZE 288
#define WEBCAM_URL_SIZE    512

/* One of its own, or by a URL. */
bool webcam_exists(const struct webcam_book *book, const struct fleet_printer *printer);

/* Where a client asks. */
struct webcam_place {
	char origin[WEBCAM_ORIGIN_SIZE]; /* "http://HOST:PORT", as the client called it */
	bool own_port;                   /* of the printer */
};
void webcam_place_of(const struct access *access, const struct http_request *request,
		     struct webcam_place *place);

/*
 * action: WEBCAM_STREAM or WEBCAM_SNAPSHOT. The URL is whole, or as it is an absolute path where
 * `whole` is false. It holds a pass of `identity` (may be NULL) where that needs one, since images
 * are loaded without keys: it is as secret as one.
 */
void webcam_write_url(const struct webcam_place *place, bool whole, const char *serial,
		      const char *action, const struct access_identity *identity,
		      char out[WEBCAM_URL_SIZE]);

#endif
