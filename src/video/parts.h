/* SPDX-License-Identifier: MIT */
#ifndef VIDEO_PARTS_H
#define VIDEO_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Takes apart what cameras send as multipart/x-mixed-replace: JPEGs one after the other, each with
 * headers before it and a boundary behind it (RFC 2046 5.1, as mjpg-streamer, ESP32-CAM and others
 * do it). Pure; what comes from the network is taken for anything at all.
 */
#define PARTS_BOUNDARY_MAX 70                /* characters, as RFC 2046 has it */
#define PARTS_PICTURE_MAX  ((size_t)8 << 20) /* bytes of a JPEG */
#define PARTS_LINE_MAX     1024
#define PARTS_LINES_MAX    32 /* headers of a part, and lines that are none before a boundary */

/* Valid during the call; begins as a JPEG does. */
typedef void parts_on_picture(void *context, const uint8_t *jpeg, size_t length);

enum parts_state {
	PARTS_BETWEEN, /* what is no boundary is passed over */
	PARTS_HEADERS,
	PARTS_COUNTED, /* a body whose length was said */
	PARTS_SOUGHT,  /* a body that ends with the next boundary */
};

struct parts_reader {
	parts_on_picture *on_picture;
	void *context;
	char boundary[PARTS_BOUNDARY_MAX + 1]; /* without dashes before it */
	size_t boundary_length;
	enum parts_state state;
	char line[PARTS_LINE_MAX];
	size_t line_length;
	size_t lines;  /* of these headers, or passed over */
	bool is_jpeg;  /* the part, as far as it says */
	size_t wanted; /* bytes of its body; 0: not said */
	uint8_t *body;
	size_t length;
	size_t capacity;
	uint64_t skipped; /* parts that are no JPEG */
};

/*
 * content_type: of the answer. Errors: ARGUMENT (it is no multipart/x-mixed-replace, or has no
 * boundary, or one that is too long).
 */
int parts_init(struct parts_reader *reader, const char *content_type, parts_on_picture *on_picture,
	       void *context) __attribute__((warn_unused_result));

/* The next piece. Errors, after which nothing more is read: ARGUMENT (it is none of these: a line
 * or a picture is too long, no boundary comes), MEMORY. */
int parts_feed(struct parts_reader *reader, const uint8_t *data, size_t length)
	__attribute__((warn_unused_result));

/* Whether these are the bytes of a JPEG, as far as their first and last ones tell. */
bool parts_is_jpeg(const uint8_t *data, size_t length);

void parts_finish(struct parts_reader *reader);

#endif
