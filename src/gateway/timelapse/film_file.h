/* SPDX-License-Identifier: MIT */
#ifndef GATEWAY_TIMELAPSE_FILM_FILE_H
#define GATEWAY_TIMELAPSE_FILM_FILE_H

#include "video/h264.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A film on the disk: BASE.mp4 with room in front and samples behind it (video/mp4.h), BASE.sizes
 * with the length of each, of four bytes, most significant first. A sample is written before its
 * length: whatever is cut off in the middle, what has a length is there. All of it waits for the
 * disk. 0 or an errno.
 */
#define FILM_RATE     30                  /* pictures a second */
#define FILM_FREE_MIN (INT64_C(64) << 20) /* is left on the disk, for whatever else is there */

struct film_extent {
	uint32_t frames;
	int64_t bytes;  /* of the samples */
	int64_t beside; /* of the other files, as of the last time they were measured */
	uint32_t width; /* of the first picture; 0: not known yet */
	uint32_t height;
};

/* How far it goes. ENOENT: there is none. */
int film_measure(const char *base, struct film_extent *extent);
/* Bytes of its other files. */
int64_t film_measure_beside(const char *base);
/* False where there is certainly no picture, nor a length to one. */
bool film_has_pictures(const char *base);

/* One more sample behind what there is. ENOSPC: no more than FILM_FREE_MIN is left. */
int film_append(const char *base, const struct film_extent *extent, const uint8_t *sample,
		size_t length);

/* Makes it a film that players read; what follows a damaged sample is dropped. Again is fine.
 * ENODATA: there is no picture in it. What the disk does not give is no damage: nothing is
 * changed then. */
int film_complete(const char *base, struct film_extent *extent);

/* The last picture as a decoder takes it, to be freed. */
int film_read_last(const char *base, uint8_t **unit, size_t *length);

/* All that there is of it, its note last: it is removed again where that was broken off. */
int film_remove(const char *base);

/* BASE and then `ending`; false where that is too long. */
bool film_path(const char *base, const char *ending, char out[PATH_MAX]);

#endif
