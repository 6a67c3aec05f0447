/* SPDX-License-Identifier: MIT */
#ifndef GCODE_METADATA_H
#define GCODE_METADATA_H

#include "base/problem.h"
#include "gcode/archive.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the comments of a G-code file say of it, as PrusaSlicer, OrcaSlicer, Cura, AnkerMake Studio
 * and eufyMake Studio write them (protocol.md 8), and their kin. Pure: the caller reads the file,
 * or has it from a socket, and feeds pieces of any size; memory is the same for all files.
 */

/* In bytes with the NUL; longer texts are cut. */
#define GCODE_TEXT_MAX       128
#define GCODE_THUMBNAILS_MAX 8

/* Base64 of a thumbnail, in bytes of the file with its line starts: of more, none is kept. */
#define GCODE_THUMBNAIL_TEXT_MAX (INT64_C(2) << 20)

enum gcode_picture {
	GCODE_PICTURE_PNG,
	GCODE_PICTURE_JPG,
	GCODE_PICTURE_QOI, /* known, and not decoded: nothing that shows pictures reads it */
};

/* offset and length: where its lines are in the file; of a .gz, in the unpacked file, of which a
 * tar is not unpacked any further. */
struct gcode_thumbnail {
	enum gcode_picture picture;
	uint32_t width;
	uint32_t height;
	int64_t offset;
	int64_t length;
	int64_t size; /* of the picture, in bytes */
};

/* A number that the file does not give is NAN, a text "". Numbers first, all of them double. */
struct gcode_metadata {
	double estimated_time_s;
	double filament_mm;
	double filament_g;
	double layer_count;
	double layer_height_mm;
	double first_layer_height_mm;
	double object_height_mm;
	double nozzle_diameter_mm;
	double nozzle_c; /* after the first layer */
	double bed_c;
	double first_layer_nozzle_c;
	double first_layer_bed_c;

	char slicer[GCODE_TEXT_MAX]; /* "PrusaSlicer", "OrcaSlicer", "Cura", "AnkerMake Studio"… */
	char slicer_version[GCODE_TEXT_MAX];
	char machine[GCODE_TEXT_MAX];
	char filament_type[GCODE_TEXT_MAX]; /* "PLA", or "PLA;PETG" of several */
	char filament_name[GCODE_TEXT_MAX]; /* likewise */

	bool tells_time;        /* ";TIME:" stands before the first G28, as the printer wants it */
	bool tells_layers;      /* likewise ";LAYER_COUNT:" */
	bool compressed;        /* it is a .gz */
	bool archived;          /* it is a tar, as the vendor's .acode is, maybe in a .gz */
	int64_t size;           /* bytes that were fed */
	int64_t unpacked_size;  /* the same where it is no .gz */
	int64_t content_start;  /* of the G-code in the unpacked file: 0 where it is no tar */
	int64_t content_size;   /* unpacked_size where it is no tar */
	int64_t gcode_start;    /* where the first command begins, in the unpacked file */
	int64_t gcode_end;      /* behind the line of the last command */
	size_t thumbnail_count; /* in the order of the file */
	struct gcode_thumbnail thumbnails[GCODE_THUMBNAILS_MAX];
};

/* How many of the numbers at the front of struct gcode_metadata there are. */
#define GCODE_NUMBERS 12

/* Of a line so much is looked at: a line of the settings can be longer, what is wanted is not. */
#define GCODE_LINE_MAX 512

/* The front of its G-code, by which is judged what it is. */
#define GCODE_FRONT_MAX 512

/* A line that is neither empty nor a comment, without its end. Where it is longer than
 * GCODE_LINE_MAX, or holds a NUL, `line` is not the whole of it. `number` counts from 1. */
typedef void gcode_line(void *context, int64_t number, const char *line, bool whole);

/* Private but for on_line and its context, which the caller may set after gcode_reader_init. */
struct gcode_reader {
	gcode_line *on_line;
	void *context;
	struct gcode_metadata metadata;
	uint8_t ranks[GCODE_NUMBERS]; /* how good each number is: a better one takes its place */
	uint8_t slicer_rank;
	int64_t layers_counted;
	double height_reached_mm;
	bool homed; /* a G28 was seen */
	int64_t lines;
	int64_t line_start;       /* in the unpacked file */
	int64_t content_position; /* likewise, of what comes next */
	bool held;                /* its first byte, which may be that of a .gz */
	size_t line_length;
	size_t front_length;
	bool in_thumbnail;
	int64_t thumbnail_digits;  /* base64 characters so far */
	int64_t thumbnail_padding; /* of them '=' */
	int64_t thumbnail_declared;
	struct gcode_thumbnail thumbnail;
	struct gcode_unpacker *unpacker; /* of a .gz */
	struct gcode_archive archive;
	char line[GCODE_LINE_MAX + 1];
	unsigned char front[GCODE_FRONT_MAX];
};

void gcode_reader_init(struct gcode_reader *reader);

/*
 * Takes the next piece. An error says in words what is wrong with the file; no more may be fed
 * then. Errors: ARGUMENT (a binary G-code file, a 3MF, an STL, a picture…, a damaged .gz or tar),
 * TOO_LARGE (a .gz that unpacks to more than makes sense), MEMORY (only of a .gz).
 */
int gcode_reader_feed(struct gcode_reader *reader, const void *data, size_t length,
		      struct problem *problem) __attribute__((warn_unused_result));

/* The file is at its end. Errors: those of feed; ARGUMENT also where no command is in it. */
int gcode_reader_end(struct gcode_reader *reader, struct gcode_metadata *metadata,
		     struct problem *problem) __attribute__((warn_unused_result));

/* After an error as well. Twice does no harm. */
void gcode_reader_finish(struct gcode_reader *reader);

/*
 * The picture itself: `text` is what the file has at [offset, offset + length), and is overwritten.
 * thumbnail->size bytes suffice for `out`. Errors: ARGUMENT (no base64, no picture of its kind, or
 * QOI), BUFFER.
 */
int gcode_thumbnail_decode(const struct gcode_thumbnail *thumbnail, char *text, size_t length,
			   uint8_t *out, size_t capacity, size_t *size)
	__attribute__((warn_unused_result));

/* "image/png"; NULL for a picture that is not decoded. */
const char *gcode_picture_type(enum gcode_picture picture);

#endif
