/* SPDX-License-Identifier: MIT */
#ifndef VENDOR_IMPORT_PLACES_H
#define VENDOR_IMPORT_PLACES_H

#include <stddef.h>

/* Where the vendor's programs and ankerctl keep logins: on Linux, on macOS, and in Wine. */

struct places_handlers {
	/* A place that was looked at, for people, and how much was found there. */
	void (*on_place)(void *context, const char *place, size_t found);
	/* A file or folder that is there; each once, though several places lead to it. */
	void (*on_found)(void *context, const char *path);
};

/* Looks everywhere. Returns 0, or FLAGSHIP_ERROR_MEMORY. */
int places_look(const struct places_handlers *handlers, void *context);

/* The same for one Wine prefix, or the copy of one: the folder with drive_c in it. */
int places_look_in_prefix(const char *prefix, const struct places_handlers *handlers,
			  void *context);

#endif
