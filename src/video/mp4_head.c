/* SPDX-License-Identifier: MIT */
#include "video/mp4.h"

#include "video/boxes.h"

#include <flagship/error.h>

#include <string.h>

#define PROFILE_SIZE   3
#define UNITY          0x00010000 /* 1 as 16.16 */
#define UNITY_WEIGHT   0x40000000 /* 1 as 2.30, in the corner of a matrix */
#define RESOLUTION     0x00480000 /* 72 dots an inch, which means nothing */
#define COLOUR_DEPTH   0x0018
#define NO_TABLE       0xffff
#define LANGUAGE       0x55c4   /* "und" */
#define SET_TYPE       0xe1     /* one set follows, below three bits of 1 */
#define LENGTH_SIZE    0xff     /* lengths of NAL units have four bytes, below six bits of 1 */
#define NAME_SIZE      32       /* of the compressor */
#define TRACK_ENABLED  0x000007 /* in the film and in its preview, too */
#define DATA_IS_INSIDE 0x000001
#define BOX_HEADER     8
#define DATA_HEADER    16 /* of a box whose size has 64 bits */

/* What a head is about. */
struct track {
	const struct h264_parameters *parameters;
	const struct mp4_film *film; /* NULL: all samples are in fragments */
};

static uint32_t duration_of(const struct track *track)
{
	return track->film ? track->film->count * (MP4_TIMESCALE / track->film->rate) : 0;
}

/* --- the head --- */

static void put_matrix(struct boxes *boxes)
{
	static const uint32_t matrix[] = {UNITY, 0, 0, 0, UNITY, 0, 0, 0, UNITY_WEIGHT};

	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++) {
		boxes_put_u32(boxes, matrix[i]);
	}
}

/* The first of the brands, of four letters each, is the one that counts. */
static void put_file_type(struct boxes *boxes, const char *brands)
{
	size_t at = boxes_begin(boxes, "ftyp");

	boxes_put(boxes, brands, BOXES_TYPE_LENGTH);
	boxes_put_u32(boxes, 0);
	boxes_put(boxes, brands, strlen(brands));
	boxes_end(boxes, at);
}

static void put_movie_header(struct boxes *boxes, const struct track *track)
{
	const size_t reserved = 10;
	const size_t predefined = 24;
	size_t at = boxes_begin_full(boxes, "mvhd", 0, 0);

	boxes_put_u32(boxes, 0); /* made and changed: not said */
	boxes_put_u32(boxes, 0);
	boxes_put_u32(boxes, MP4_TIMESCALE);
	boxes_put_u32(boxes, duration_of(track));
	boxes_put_u32(boxes, UNITY);
	boxes_put_u16(boxes, UNITY >> 8); /* volume, 8.8 */
	boxes_put_zeros(boxes, reserved);
	put_matrix(boxes);
	boxes_put_zeros(boxes, predefined);
	boxes_put_u32(boxes, MP4_TRACK_ID + 1); /* the next one's */
	boxes_end(boxes, at);
}

static void put_track_header(struct boxes *boxes, const struct track *track)
{
	const size_t reserved = 8;
	const unsigned int fraction = 16;
	size_t at = boxes_begin_full(boxes, "tkhd", 0, TRACK_ENABLED);

	boxes_put_u32(boxes, 0);
	boxes_put_u32(boxes, 0);
	boxes_put_u32(boxes, MP4_TRACK_ID);
	boxes_put_u32(boxes, 0);
	boxes_put_u32(boxes, duration_of(track));
	boxes_put_zeros(boxes, reserved);
	boxes_put_zeros(boxes, 4 * sizeof(uint16_t)); /* layer, group, volume */
	put_matrix(boxes);
	boxes_put_u32(boxes, track->parameters->width << fraction);
	boxes_put_u32(boxes, track->parameters->height << fraction);
	boxes_end(boxes, at);
}

static void put_set(struct boxes *boxes, const uint8_t *set, size_t length)
{
	boxes_put_u16(boxes, (uint16_t)length);
	boxes_put(boxes, set, length);
}

static void put_configuration(struct boxes *boxes, const struct h264_parameters *parameters)
{
	size_t at = boxes_begin(boxes, "avcC");

	boxes_put_u8(boxes, 1); /* version */
	boxes_put(boxes, parameters->sequence + MP4_PROFILE_AT, PROFILE_SIZE);
	boxes_put_u8(boxes, LENGTH_SIZE);
	boxes_put_u8(boxes, SET_TYPE);
	put_set(boxes, parameters->sequence, parameters->sequence_length);
	boxes_put_u8(boxes, 1); /* picture parameter sets */
	put_set(boxes, parameters->picture, parameters->picture_length);
	boxes_end(boxes, at);
}

static void put_sample_entry(struct boxes *boxes, const struct track *track)
{
	const struct h264_parameters *parameters = track->parameters;
	const size_t reserved = 6;
	const size_t predefined = 16;
	size_t at = boxes_begin(boxes, track->film && track->film->changes ? "avc3" : "avc1");

	boxes_put_zeros(boxes, reserved);
	boxes_put_u16(boxes, 1); /* where its data is */
	boxes_put_zeros(boxes, predefined);
	boxes_put_u16(boxes, (uint16_t)parameters->width);
	boxes_put_u16(boxes, (uint16_t)parameters->height);
	boxes_put_u32(boxes, RESOLUTION);
	boxes_put_u32(boxes, RESOLUTION);
	boxes_put_u32(boxes, 0);
	boxes_put_u16(boxes, 1); /* picture a sample */
	boxes_put_zeros(boxes, NAME_SIZE);
	boxes_put_u16(boxes, COLOUR_DEPTH);
	boxes_put_u16(boxes, NO_TABLE);
	put_configuration(boxes, parameters);
	boxes_end(boxes, at);
}

/* A table without a row. */
static void put_empty(struct boxes *boxes, const char type[BOXES_TYPE_LENGTH], size_t zeros)
{
	size_t at = boxes_begin_full(boxes, type, 0, 0);

	boxes_put_zeros(boxes, zeros);
	boxes_end(boxes, at);
}

static void put_no_samples(struct boxes *boxes)
{
	put_empty(boxes, "stts", sizeof(uint32_t));
	put_empty(boxes, "stsc", sizeof(uint32_t));
	put_empty(boxes, "stsz", 2 * sizeof(uint32_t));
	put_empty(boxes, "stco", sizeof(uint32_t));
}

/* All are key pictures, which is what is meant where no box tells which are; and in one chunk. */
static void put_samples(struct boxes *boxes, const struct mp4_film *film)
{
	size_t times = boxes_begin_full(boxes, "stts", 0, 0);

	boxes_put_u32(boxes, 1);
	boxes_put_u32(boxes, film->count);
	boxes_put_u32(boxes, MP4_TIMESCALE / film->rate);
	boxes_end(boxes, times);
	size_t chunks = boxes_begin_full(boxes, "stsc", 0, 0);
	boxes_put_u32(boxes, 1);
	boxes_put_u32(boxes, 1); /* the first one */
	boxes_put_u32(boxes, film->count);
	boxes_put_u32(boxes, 1); /* the sample description */
	boxes_end(boxes, chunks);
	size_t sizes = boxes_begin_full(boxes, "stsz", 0, 0);
	boxes_put_u32(boxes, 0); /* each has its own */
	boxes_put_u32(boxes, film->count);
	for (uint32_t i = 0; i < film->count; i++) {
		boxes_put_u32(boxes, film->sizes[i]);
	}
	boxes_end(boxes, sizes);
	size_t places = boxes_begin_full(boxes, "stco", 0, 0);
	boxes_put_u32(boxes, 1);
	boxes_put_u32(boxes, MP4_FRONT_SIZE);
	boxes_end(boxes, places);
}

static void put_sample_table(struct boxes *boxes, const struct track *track)
{
	size_t at = boxes_begin(boxes, "stbl");
	size_t description = boxes_begin_full(boxes, "stsd", 0, 0);

	boxes_put_u32(boxes, 1);
	put_sample_entry(boxes, track);
	boxes_end(boxes, description);
	if (track->film) {
		put_samples(boxes, track->film);
	} else {
		put_no_samples(boxes);
	}
	boxes_end(boxes, at);
}

static void put_media_information(struct boxes *boxes, const struct track *track)
{
	size_t at = boxes_begin(boxes, "minf");
	size_t video = boxes_begin_full(boxes, "vmhd", 0, 1);

	boxes_put_zeros(boxes, 4 * sizeof(uint16_t)); /* mode, colour */
	boxes_end(boxes, video);
	size_t data = boxes_begin(boxes, "dinf");
	size_t references = boxes_begin_full(boxes, "dref", 0, 0);
	boxes_put_u32(boxes, 1);
	size_t here = boxes_begin_full(boxes, "url ", 0, DATA_IS_INSIDE);
	boxes_end(boxes, here);
	boxes_end(boxes, references);
	boxes_end(boxes, data);
	put_sample_table(boxes, track);
	boxes_end(boxes, at);
}

static void put_media(struct boxes *boxes, const struct track *track)
{
	static const char name[] = "camera";
	size_t at = boxes_begin(boxes, "mdia");
	size_t header = boxes_begin_full(boxes, "mdhd", 0, 0);

	boxes_put_u32(boxes, 0);
	boxes_put_u32(boxes, 0);
	boxes_put_u32(boxes, MP4_TIMESCALE);
	boxes_put_u32(boxes, duration_of(track));
	boxes_put_u16(boxes, LANGUAGE);
	boxes_put_u16(boxes, 0);
	boxes_end(boxes, header);
	size_t handler = boxes_begin_full(boxes, "hdlr", 0, 0);
	boxes_put_u32(boxes, 0);
	boxes_put(boxes, "vide", BOXES_TYPE_LENGTH);
	boxes_put_zeros(boxes, 3 * sizeof(uint32_t));
	boxes_put(boxes, name, sizeof(name));
	boxes_end(boxes, handler);
	put_media_information(boxes, track);
	boxes_end(boxes, at);
}

static void put_extension(struct boxes *boxes)
{
	size_t at = boxes_begin(boxes, "mvex");
	size_t track = boxes_begin_full(boxes, "trex", 0, 0);

	boxes_put_u32(boxes, MP4_TRACK_ID);
	boxes_put_u32(boxes, 1); /* the sample description */
	boxes_put_zeros(boxes, 3 * sizeof(uint32_t));
	boxes_end(boxes, track);
	boxes_end(boxes, at);
}

static void put_movie(struct boxes *boxes, const struct track *track)
{
	size_t movie = boxes_begin(boxes, "moov");

	put_movie_header(boxes, track);
	size_t at = boxes_begin(boxes, "trak");
	put_track_header(boxes, track);
	put_media(boxes, track);
	boxes_end(boxes, at);
	if (!track->film) {
		put_extension(boxes);
	}
	boxes_end(boxes, movie);
}

static bool are_whole(const struct h264_parameters *parameters)
{
	return parameters->sequence_length >= MP4_PROFILE_AT + PROFILE_SIZE &&
	       parameters->picture_length > 0;
}

int mp4_write_head(const struct h264_parameters *parameters, uint8_t *out, size_t capacity,
		   size_t *length)
{
	struct boxes boxes = {.out = out, .capacity = capacity};

	*length = 0;
	if (!are_whole(parameters)) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	put_file_type(&boxes, "iso5iso6avc1mp41");
	put_movie(&boxes, &(struct track){.parameters = parameters});
	return boxes_finish(&boxes, length);
}

/* What is left up to the head of the data is free. */
static void put_data_header(struct boxes *boxes, uint64_t size)
{
	const unsigned int half = 32;
	size_t at = boxes_begin(boxes, "free");

	if (at + BOX_HEADER + DATA_HEADER > MP4_FRONT_SIZE) {
		return; /* shows in the length */
	}
	boxes_put_zeros(boxes, MP4_FRONT_SIZE - DATA_HEADER - boxes->length);
	boxes_end(boxes, at);
	boxes_put_u32(boxes, 1); /* the size has 64 bits, and stands behind the type */
	boxes_put(boxes, "mdat", BOXES_TYPE_LENGTH);
	boxes_put_u32(boxes, (uint32_t)(size >> half));
	boxes_put_u32(boxes, (uint32_t)size);
}

int mp4_write_front(const struct mp4_film *film, uint8_t *out)
{
	struct boxes boxes = {.out = out, .capacity = MP4_FRONT_SIZE};
	uint64_t size = DATA_HEADER;

	if (!are_whole(film->parameters) || film->count == 0 || film->count > MP4_SAMPLES_MAX ||
	    film->rate == 0 || film->rate > MP4_TIMESCALE) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	for (uint32_t i = 0; i < film->count; i++) {
		size += film->sizes[i];
	}
	put_file_type(&boxes, "isomiso2avc1mp41");
	put_movie(&boxes, &(struct track){.parameters = film->parameters, .film = film});
	put_data_header(&boxes, size);
	return boxes.length == MP4_FRONT_SIZE ? 0 : FLAGSHIP_ERROR_BUFFER;
}
