/* SPDX-License-Identifier: MIT */
#include "video/mp4.h"

#include "base/bytes.h"

#include <flagship/error.h>

#include <stdio.h>
#include <string.h>

#define TYPE_LENGTH    4
#define PROFILE_AT     1 /* in a sequence parameter set: profile, constraints, level */
#define PROFILE_SIZE   3
#define TRACK_ID       1
#define UNITY          0x00010000 /* 1 as 16.16 */
#define UNITY_WEIGHT   0x40000000 /* 1 as 2.30, in the corner of a matrix */
#define RESOLUTION     0x00480000 /* 72 dots an inch, which means nothing */
#define COLOUR_DEPTH   0x0018
#define NO_TABLE       0xffff
#define LANGUAGE       0x55c4 /* "und" */
#define SET_TYPE       0xe1   /* one set follows, below three bits of 1 */
#define LENGTH_SIZE    0xff   /* lengths of NAL units have four bytes, below six bits of 1 */
#define NAME_SIZE      32     /* of the compressor */

#define TRACK_ENABLED  0x000007 /* in the film and in its preview, too */
#define DATA_IS_INSIDE 0x000001
#define BASE_IS_MOOF   0x020000
#define RUN_OFFSET     0x000001
#define RUN_DURATION   0x000100
#define RUN_SIZE       0x000200
#define RUN_FLAGS      0x000400
#define KEY_FLAGS      0x02000000 /* depends on no other */
#define OTHER_FLAGS    0x01010000 /* depends on others, and is no place to begin */

/* Counts beyond its end and writes nothing there. */
struct boxes {
	uint8_t *out;
	size_t capacity;
	size_t length;
};

static void put(struct boxes *boxes, const void *data, size_t length)
{
	if (boxes->length + length <= boxes->capacity && length > 0) {
		memcpy(boxes->out + boxes->length, data, length);
	}
	boxes->length += length;
}

static void put_u8(struct boxes *boxes, uint8_t value)
{
	put(boxes, &value, sizeof(value));
}

static void put_u16(struct boxes *boxes, uint16_t value)
{
	uint8_t bytes[sizeof(value)];

	bytes_write_u16be(bytes, value);
	put(boxes, bytes, sizeof(bytes));
}

static void put_u32(struct boxes *boxes, uint32_t value)
{
	uint8_t bytes[sizeof(value)];

	bytes_write_u32be(bytes, value);
	put(boxes, bytes, sizeof(bytes));
}

static void put_zeros(struct boxes *boxes, size_t count)
{
	while (count-- > 0) {
		put_u8(boxes, 0);
	}
}

/* Returns where it begins. */
static size_t begin(struct boxes *boxes, const char type[TYPE_LENGTH])
{
	size_t at = boxes->length;

	put_u32(boxes, 0);
	put(boxes, type, TYPE_LENGTH);
	return at;
}

static size_t begin_full(struct boxes *boxes, const char type[TYPE_LENGTH], uint8_t version,
			 uint32_t flags)
{
	const unsigned int version_shift = 24;
	size_t at = begin(boxes, type);

	put_u32(boxes, (uint32_t)version << version_shift | flags);
	return at;
}

static void patch_u32(struct boxes *boxes, size_t at, uint32_t value)
{
	if (at + sizeof(value) <= boxes->capacity) {
		bytes_write_u32be(boxes->out + at, value);
	}
}

static void end(struct boxes *boxes, size_t at)
{
	patch_u32(boxes, at, (uint32_t)(boxes->length - at));
}

static int finish(const struct boxes *boxes, size_t *length)
{
	*length = boxes->length <= boxes->capacity ? boxes->length : 0;
	return *length > 0 ? 0 : FLAGSHIP_ERROR_BUFFER;
}

/* --- the head --- */

static void put_matrix(struct boxes *boxes)
{
	static const uint32_t matrix[] = {UNITY, 0, 0, 0, UNITY, 0, 0, 0, UNITY_WEIGHT};

	for (size_t i = 0; i < sizeof(matrix) / sizeof(matrix[0]); i++) {
		put_u32(boxes, matrix[i]);
	}
}

static void put_file_type(struct boxes *boxes)
{
	size_t at = begin(boxes, "ftyp");

	put(boxes, "iso5", TYPE_LENGTH);
	put_u32(boxes, 0);
	put(boxes, "iso5iso6avc1mp41", 4 * TYPE_LENGTH);
	end(boxes, at);
}

static void put_movie_header(struct boxes *boxes)
{
	const size_t reserved = 10;
	const size_t predefined = 24;
	size_t at = begin_full(boxes, "mvhd", 0, 0);

	put_u32(boxes, 0); /* made and changed: not said */
	put_u32(boxes, 0);
	put_u32(boxes, MP4_TIMESCALE);
	put_u32(boxes, 0); /* duration: that of the fragments */
	put_u32(boxes, UNITY);
	put_u16(boxes, UNITY >> 8); /* volume, 8.8 */
	put_zeros(boxes, reserved);
	put_matrix(boxes);
	put_zeros(boxes, predefined);
	put_u32(boxes, TRACK_ID + 1); /* the next one's */
	end(boxes, at);
}

static void put_track_header(struct boxes *boxes, const struct h264_parameters *parameters)
{
	const size_t reserved = 8;
	const unsigned int fraction = 16;
	size_t at = begin_full(boxes, "tkhd", 0, TRACK_ENABLED);

	put_u32(boxes, 0);
	put_u32(boxes, 0);
	put_u32(boxes, TRACK_ID);
	put_u32(boxes, 0);
	put_u32(boxes, 0); /* duration */
	put_zeros(boxes, reserved);
	put_zeros(boxes, 4 * sizeof(uint16_t)); /* layer, group, volume */
	put_matrix(boxes);
	put_u32(boxes, parameters->width << fraction);
	put_u32(boxes, parameters->height << fraction);
	end(boxes, at);
}

static void put_set(struct boxes *boxes, const uint8_t *set, size_t length)
{
	put_u16(boxes, (uint16_t)length);
	put(boxes, set, length);
}

static void put_configuration(struct boxes *boxes, const struct h264_parameters *parameters)
{
	size_t at = begin(boxes, "avcC");

	put_u8(boxes, 1); /* version */
	put(boxes, parameters->sequence + PROFILE_AT, PROFILE_SIZE);
	put_u8(boxes, LENGTH_SIZE);
	put_u8(boxes, SET_TYPE);
	put_set(boxes, parameters->sequence, parameters->sequence_length);
	put_u8(boxes, 1); /* picture parameter sets */
	put_set(boxes, parameters->picture, parameters->picture_length);
	end(boxes, at);
}

static void put_sample_entry(struct boxes *boxes, const struct h264_parameters *parameters)
{
	const size_t reserved = 6;
	const size_t predefined = 16;
	size_t at = begin(boxes, "avc1");

	put_zeros(boxes, reserved);
	put_u16(boxes, 1); /* where its data is */
	put_zeros(boxes, predefined);
	put_u16(boxes, (uint16_t)parameters->width);
	put_u16(boxes, (uint16_t)parameters->height);
	put_u32(boxes, RESOLUTION);
	put_u32(boxes, RESOLUTION);
	put_u32(boxes, 0);
	put_u16(boxes, 1); /* picture a sample */
	put_zeros(boxes, NAME_SIZE);
	put_u16(boxes, COLOUR_DEPTH);
	put_u16(boxes, NO_TABLE);
	put_configuration(boxes, parameters);
	end(boxes, at);
}

/* A table without a row; all samples are in fragments. */
static void put_empty(struct boxes *boxes, const char type[TYPE_LENGTH], size_t zeros)
{
	size_t at = begin_full(boxes, type, 0, 0);

	put_zeros(boxes, zeros);
	end(boxes, at);
}

static void put_sample_table(struct boxes *boxes, const struct h264_parameters *parameters)
{
	size_t at = begin(boxes, "stbl");
	size_t description = begin_full(boxes, "stsd", 0, 0);

	put_u32(boxes, 1);
	put_sample_entry(boxes, parameters);
	end(boxes, description);
	put_empty(boxes, "stts", sizeof(uint32_t));
	put_empty(boxes, "stsc", sizeof(uint32_t));
	put_empty(boxes, "stsz", 2 * sizeof(uint32_t));
	put_empty(boxes, "stco", sizeof(uint32_t));
	end(boxes, at);
}

static void put_media_information(struct boxes *boxes, const struct h264_parameters *parameters)
{
	size_t at = begin(boxes, "minf");
	size_t video = begin_full(boxes, "vmhd", 0, 1);

	put_zeros(boxes, 4 * sizeof(uint16_t)); /* mode, colour */
	end(boxes, video);
	size_t data = begin(boxes, "dinf");
	size_t references = begin_full(boxes, "dref", 0, 0);
	put_u32(boxes, 1);
	size_t here = begin_full(boxes, "url ", 0, DATA_IS_INSIDE);
	end(boxes, here);
	end(boxes, references);
	end(boxes, data);
	put_sample_table(boxes, parameters);
	end(boxes, at);
}

static void put_media(struct boxes *boxes, const struct h264_parameters *parameters)
{
	static const char name[] = "camera";
	size_t at = begin(boxes, "mdia");
	size_t header = begin_full(boxes, "mdhd", 0, 0);

	put_u32(boxes, 0);
	put_u32(boxes, 0);
	put_u32(boxes, MP4_TIMESCALE);
	put_u32(boxes, 0);
	put_u16(boxes, LANGUAGE);
	put_u16(boxes, 0);
	end(boxes, header);
	size_t handler = begin_full(boxes, "hdlr", 0, 0);
	put_u32(boxes, 0);
	put(boxes, "vide", TYPE_LENGTH);
	put_zeros(boxes, 3 * sizeof(uint32_t));
	put(boxes, name, sizeof(name));
	end(boxes, handler);
	put_media_information(boxes, parameters);
	end(boxes, at);
}

static void put_extension(struct boxes *boxes)
{
	size_t at = begin(boxes, "mvex");
	size_t track = begin_full(boxes, "trex", 0, 0);

	put_u32(boxes, TRACK_ID);
	put_u32(boxes, 1); /* the sample description */
	put_zeros(boxes, 3 * sizeof(uint32_t));
	end(boxes, track);
	end(boxes, at);
}

int mp4_write_head(const struct h264_parameters *parameters, uint8_t *out, size_t capacity,
		   size_t *length)
{
	struct boxes boxes = {.out = out, .capacity = capacity};

	*length = 0;
	if (parameters->sequence_length < PROFILE_AT + PROFILE_SIZE ||
	    parameters->picture_length == 0) {
		return FLAGSHIP_ERROR_ARGUMENT;
	}
	put_file_type(&boxes);
	size_t movie = begin(&boxes, "moov");
	put_movie_header(&boxes);
	size_t track = begin(&boxes, "trak");
	put_track_header(&boxes, parameters);
	put_media(&boxes, parameters);
	end(&boxes, track);
	put_extension(&boxes);
	end(&boxes, movie);
	return finish(&boxes, length);
}

void mp4_codec(const struct h264_parameters *parameters, char out[MP4_CODEC_SIZE])
{
	const uint8_t *profile = parameters->sequence + PROFILE_AT;

	snprintf(out, MP4_CODEC_SIZE, "avc1.%02X%02X%02X", profile[0], profile[1], profile[2]);
}

/* --- a fragment --- */

static bool is_kept(const struct h264_nal *nal)
{
	return nal->type != H264_SEQUENCE && nal->type != H264_PICTURE &&
	       nal->type != H264_DELIMITER;
}

/* Of what mp4_write_fragment keeps. */
static int measure(const struct mp4_picture *picture, size_t *size)
{
	struct h264_nal nal;
	size_t at = 0;
	size_t count = 0;
	bool has_slice = false;

	*size = 0;
	while (h264_next_nal(picture->data, picture->length, &at, &nal)) {
		if (is_kept(&nal)) {
			*size += sizeof(uint32_t) + nal.length;
			count++;
		}
		has_slice = has_slice || (nal.type >= H264_SLICE && nal.type <= H264_SLICE_KEY);
	}
	return has_slice && count <= MP4_NALS_MAX ? 0 : FLAGSHIP_ERROR_ARGUMENT;
}

/* Returns where the offset of the data stands, which is known last. */
static size_t put_run(struct boxes *boxes, const struct mp4_picture *picture, size_t size)
{
	size_t at = begin_full(boxes, "trun", 0, RUN_OFFSET | RUN_DURATION | RUN_SIZE | RUN_FLAGS);

	put_u32(boxes, 1);
	size_t offset = boxes->length;
	put_u32(boxes, 0);
	put_u32(boxes, picture->duration);
	put_u32(boxes, (uint32_t)size);
	put_u32(boxes, picture->key ? KEY_FLAGS : OTHER_FLAGS);
	end(boxes, at);
	return offset;
}

static void put_movie_fragment(struct boxes *boxes, const struct mp4_picture *picture, size_t size)
{
	const unsigned int half = 32;
	const size_t data_header = 8;
	size_t at = begin(boxes, "moof");
	size_t header = begin_full(boxes, "mfhd", 0, 0);

	put_u32(boxes, picture->sequence);
	end(boxes, header);
	size_t track = begin(boxes, "traf");
	size_t track_header = begin_full(boxes, "tfhd", 0, BASE_IS_MOOF);
	put_u32(boxes, TRACK_ID);
	end(boxes, track_header);
	size_t time = begin_full(boxes, "tfdt", 1, 0);
	put_u32(boxes, (uint32_t)(picture->time >> half));
	put_u32(boxes, (uint32_t)picture->time);
	end(boxes, time);
	size_t offset = put_run(boxes, picture, size);
	end(boxes, track);
	end(boxes, at);
	patch_u32(boxes, offset, (uint32_t)(boxes->length - at + data_header));
}

int mp4_write_fragment(const struct mp4_picture *picture, uint8_t *out, size_t capacity,
		       size_t *length)
{
	struct boxes boxes = {.out = out, .capacity = capacity};
	struct h264_nal nal;
	size_t nal_at = 0;
	size_t size;

	*length = 0;
	int error = measure(picture, &size);
	if (error) {
		return error;
	}
	put_movie_fragment(&boxes, picture, size);
	size_t data = begin(&boxes, "mdat");
	while (h264_next_nal(picture->data, picture->length, &nal_at, &nal)) {
		if (is_kept(&nal)) {
			put_u32(&boxes, (uint32_t)nal.length);
			put(&boxes, nal.data, nal.length);
		}
	}
	end(&boxes, data);
	return finish(&boxes, length);
}
