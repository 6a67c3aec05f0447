/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_WEBCAM_BOOK_H
#define GATEWAY_WEBCAM_BOOK_H

#include "base/memory/list.h"
#include "base/problem.h"

#include <stdbool.h>

/*
 * Which printers have a camera of somebody else, by its URL: kept in cameras.json of the gateway's
 * folder (0600, since URLs may hold passwords), by serial number.
 */
struct webcam_book;

#define WEBCAM_REMOTE_MAX 1024 /* bytes of a URL */
#define WEBCAM_BOOK_MAX   1024 /* printers */

/* An absent file is an empty book. Errors: STORE (with problem), ARGUMENT (the path is too long;
 * with problem), MEMORY. */
int webcam_book_open(const char *folder, struct webcam_book **book, struct problem *problem)
	__attribute__((warn_unused_result));
/* The same of this file. */
int webcam_book_read(const char *path, struct webcam_book **book, struct problem *problem)
	__attribute__((warn_unused_result));
/* NULL is accepted. */
void webcam_book_close(struct webcam_book *book);

/* NULL: it has none. Valid until it is changed. */
const char *webcam_book_url(const struct webcam_book *book, const char *serial);

/* Memory of its own, with these two set. */
struct webcam_listener {
	/* It has another one from now on, or none. */
	void (*changed)(void *context, const char *serial);
	void *context;
	struct list place; /* private */
};

void webcam_book_subscribe(struct webcam_book *book, struct webcam_listener *listener);
/* Also where it was not subscribed, but zeroed. */
void webcam_book_unsubscribe(struct webcam_listener *listener);

/* Whether a camera can be called so; why not, for people. */
bool webcam_url_is_good(const char *url, const char **reason);

/* Whether what comes of it is H.264, by RTSP; else it is JPEGs. */
bool webcam_url_has_film(const char *url);

/* url: NULL takes it away. Waits for the disk, and for nobody else. Errors, after which it is as
 * before: STORE (with problem), MEMORY, ARGUMENT (too many; with problem). */
int webcam_book_set(struct webcam_book *book, const char *serial, const char *url,
		    struct problem *problem) __attribute__((warn_unused_result));

#endif
